"""From a broken wire or a refusing answer to one of our errors, with words for people."""

import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationValueError,
    NewConnectionError,
    ReadTimeoutError,
)

from clients.errors import (
    AlreadyExists,
    Invalid,
    MissingCredits,
    Moderated,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    Unauthorized,
    Unavailable,
    Unclear,
    Unreachable,
)
from clients.parsing import Json, Row, Unreadable, loads
from clients.redaction import clean

LONGEST_PAUSE_S = 3600.0
"""A longer Retry-After is taken as this: a mistaken date must not park a take for a year."""

NEVER_SENT = (
    NewConnectionError,
    ConnectTimeoutError,
    socket.gaierror,
    ConnectionRefusedError,
    ssl.SSLCertVerificationError,
    requests.exceptions.ProxyError,
)
BAD_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    LocationValueError,
    UnicodeError,
)

PLAN_CODES = frozenset({"PLAN_REQUIRED", "INVALID_PLAN", "PLAN_RESOLUTION_FAILED"})
KEY_CODE, RATE_CODE = "INVALID_API_KEY", "RATE_LIMIT_EXCEEDED"
DECIDING_CODES: dict[str, type[Rejected]] = {
    "MISSING_CREDITS": MissingCredits,
    "INSUFFICIENT_CREDITS": MissingCredits,
    "ALREADY_EXISTS": AlreadyExists,
    "ALREADY_IN_PROGRESS": AlreadyExists,
    "MODERATION_FAILED": Moderated,
    KEY_CODE: Unauthorized,
    **dict.fromkeys(PLAN_CODES, Unauthorized),
}
"""Codes that say more than the status they come with."""

CLASS_BY_STATUS: dict[int, type[Rejected]] = {
    400: Invalid,
    401: Unauthorized,
    402: MissingCredits,
    403: Unauthorized,
    404: NotFound,
    409: AlreadyExists,
    413: Invalid,
    415: Invalid,
    422: Invalid,
}

CODE = re.compile(r"[A-Z][A-Z_]{3,40}")
PLAN_HINT = "Check the plan; the API needs a paid one."


@dataclass(frozen=True)
class Call:
    """One request, as messages need it."""

    method: str
    path: str
    """Without the query."""
    service: str
    purpose: str
    """What it was for, as in "could not <purpose>"."""
    paid: bool = False
    """Whether acting on it costs credits."""
    asks: bool = False
    """A question, although it is a POST: it changes nothing and can be put again."""
    takes_ids: bool = True
    """Whether it may carry ids that we reserve, so that an earlier try can be in its way."""

    @property
    def writes(self) -> bool:
        return self.method != "GET" and not self.asks

    def detail(self, what: str) -> str:
        return f"{self.method} {self.path}: {what}"


@dataclass(frozen=True)
class Refusal:
    """What an error body says, whatever its shape."""

    text: str = ""
    code: str = ""
    fields: tuple[tuple[str, str], ...] = ()


# --- The wire ---------------------------------------------------------------------------------


def from_broken_wire(call: Call, error: Exception, secret: str = "") -> ServiceError:
    """No answer came. What was never sent cannot have acted; a write that was sent may have."""
    causes = list(chain(error))
    detail = call.detail(clean(" < ".join(type(cause).__name__ for cause in causes), secret))
    if isinstance(error, InvalidIPAddress):
        return Rejected(
            "The link leads into a private network and was not opened. Nothing was charged.", detail=detail
        )
    if any(isinstance(cause, BAD_ADDRESS) for cause in causes):
        return Rejected(
            f"{call.service}'s address cannot be used, so nothing was sent. Check it in the settings.",
            detail=detail,
        )
    if never_sent(causes):
        return Unreachable(
            f"{call.service} could not be reached, so nothing was sent or charged."
            " Check the internet connection, then try again.",
            detail=detail,
        )
    slow = any(isinstance(cause, ReadTimeoutError | requests.ReadTimeout) for cause in causes)
    return unanswered(call, "did not answer in time" if slow else "broke off the connection", detail)


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and all that hides in it: requests and urllib3 wrap by argument, reason and cause."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]


def never_sent(causes: Iterable[BaseException]) -> bool:
    """Whether the connection failed before a byte of the request went out."""
    return any(isinstance(cause, NEVER_SENT) for cause in causes)


def unanswered(call: Call, what: str, detail: str, retry_after: float | None = None) -> Unavailable:
    """Sent, and no usable answer."""
    if call.paid:
        return Unclear(
            f"{call.service} {what} before it confirmed the request. It may have started and been charged:"
            " look it up before sending it again.",
            detail=detail,
            retry_after=retry_after,
        )
    message = f"{call.service} {what}: could not {call.purpose}. This cost nothing; try again in a moment."
    if call.writes:
        return Unclear(message, detail=detail, retry_after=retry_after)
    return Unavailable(message, detail=detail, retry_after=retry_after)


def unreadable(call: Call, reason: str) -> Unavailable:
    """A 2xx answer that says nothing we understand."""
    return unanswered(
        call, "answered in a form that cannot be read", call.detail(f"unreadable answer, {reason}")
    )


# --- The answer -------------------------------------------------------------------------------


def from_answer(
    call: Call,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    key_hint: str,
    secret: str = "",
    plan_hint: str = PLAN_HINT,
) -> ServiceError:
    """The error for an answer that is not 2xx."""
    refusal = read_refusal(body, secret)
    detail = call.detail(f"{status} {refusal.code} {refusal.text}".strip())
    pause = retry_after_s(headers.get("Retry-After"))
    decided = DECIDING_CODES.get(refusal.code)
    if decided is None and (status in (425, 429) or refusal.code == RATE_CODE):
        pause = until_reset_s(headers) if pause is None else pause
        return RateLimited(rate_limit_message(call, pause), detail=detail, retry_after=pause)
    if decided is None and (status == 408 or status >= 500):
        return unanswered(call, f"has trouble right now (error {status})", detail, pause)
    kind = decided or class_of(call, status)
    message = refusal_message(kind, call, status, refusal, key_hint, plan_hint)
    told = {"detail": detail, "code": refusal.code, "said": refusal.text}
    if issubclass(kind, Invalid):
        return kind(message, status=status, fields=refusal.fields, **told)
    return kind(message, status=status, **told)


def class_of(call: Call, status: int) -> type[Rejected]:
    """A conflict means "already accepted" only where something could be accepted before."""
    if status == 409 and not (call.writes and call.takes_ids):
        return Rejected
    return CLASS_BY_STATUS.get(status, Rejected)


def rate_limit_message(call: Call, pause: float | None) -> str:
    when = f"in {max(1, round(pause))} s" if pause is not None else "in a moment"
    return f"{call.service} takes no more requests right now. Nothing was charged; try again {when}."


def refusal_message(
    kind: type[Rejected], call: Call, status: int, refusal: Refusal, key_hint: str, plan_hint: str
) -> str:
    """What happened, whether it cost anything, what to do; in our words alone."""
    name = call.service
    if 300 <= status < 400:
        return f"{name} answers from another address. Nothing was sent. Check the address in the settings."
    if refusal.code == KEY_CODE or (status == 401 and refusal.code not in PLAN_CODES):
        return f"{name} does not accept the API key. Nothing was charged. {key_hint}"
    if status == 413:
        return f"The file is too large for {name}. Nothing was charged. Use a smaller one."
    sentences: dict[type[Rejected], str] = {
        Unauthorized: f"{name} does not allow this with the present key or plan. Nothing was charged."
        f" {plan_hint}",
        MissingCredits: f"The balance at {name} is too low. Nothing was started or charged."
        " Top up the credits, or choose a cheaper shot.",
        NotFound: f"{name} does not know this item. Nothing was charged.",
        AlreadyExists: f"{name} has accepted this request before; it was not started a second time.",
        Moderated: f"{name}'s content rules refused this. Nothing was started."
        " Change the prompt or the inputs.",
        Invalid: f"{name} refused the request. Nothing was charged. Change it and try again.",
    }
    return sentences.get(kind, f"{name} refused the request ({status}). Nothing was started.")


def read_refusal(body: bytes, secret: str = "") -> Refusal:
    """Read an error body in the order in which its shapes have been met:
    detail (list) → details (list) → detail (text) → message → messages[0] → error.message → error
    → the text itself.

    `input` and `ctx` echo what was sent and are never read.
    """
    try:
        answer = loads(body)
    except Unreadable:
        return Refusal(text=plain_text(body, secret))
    if not isinstance(answer, dict):
        return Refusal(text=clean(answer, secret) if isinstance(answer, str) else "")
    lists = [tuple(field_errors(answer.get(name), secret)) for name in ("detail", "details")]
    fields = next(filter(None, lists), ())
    text = "; ".join(f"{where}: {what}" if where else what for where, what in fields)
    return Refusal(text=clean(text or said_in(answer), secret), code=code_in(answer), fields=fields)


def field_errors(detail: Json, secret: str) -> Iterator[tuple[str, str]]:
    """(where, what) of a validation answer; `body` at the front of each place is noise."""
    for row in Row({"rows": detail}).rows("rows"):
        places = [place for place in row.texts("loc") or [row.text("field") or ""] if place != "body"]
        what = row.text("msg", "message")
        if what:
            yield clean(".".join(places), secret), clean(what, secret)


def said_in(answer: dict[str, Json]) -> str:
    """The sentence of an error body that is an object."""
    row = Row(answer)
    messages = row.texts("messages") or []
    candidates = [
        row.text("detail"),
        row.row("detail").text("message", "msg"),
        row.text("message"),
        *messages[:1],
    ]
    candidates += [row.row("error").text("message"), row.text("error")]
    return next((text for text in candidates if text), "")


def code_in(answer: dict[str, Json]) -> str:
    """The error code, wherever the body keeps it; it looks LIKE_THIS."""
    row = Row(answer)
    for part in (row, row.row("error"), row.row("detail"), *row.rows("details")):
        code = code_of(part)
        if code:
            return code
    error = row.text("error") or ""
    # A service that only has a sentence may begin it with the code: "MODERATION_FAILED: the content …".
    first_word = said_in(answer).partition(":")[0]
    return next((word for word in (error, first_word) if CODE.fullmatch(word)), "")


def code_of(part: Row) -> str:
    """A field of its own may hold it in small letters; a `type` in small letters is some other word."""
    names = [(part.text("code") or "").upper(), (part.text("error_code") or "").upper(), part.text("type")]
    return next((name for name in names if name and CODE.fullmatch(name)), "")


def plain_text(body: bytes, secret: str) -> str:
    """The words of a gateway's page."""
    text = body[:4096].decode("utf-8", "replace")
    return clean(re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL), secret)


def retry_after_s(value: str | None) -> float | None:
    """Seconds to wait, from seconds or an HTTP date; None when there is nothing readable."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = seconds_until(value)
    return min(max(seconds, 0.0), LONGEST_PAUSE_S) if seconds == seconds else None


def seconds_until(date: str) -> float:
    """NaN for a date that cannot be read."""
    moment = http_date(date)
    return (moment - datetime.now(UTC)).total_seconds() if moment else float("nan")


def until_reset_s(headers: Mapping[str, str]) -> float | None:
    """Seconds until the service counts requests anew; None when it says nothing that can be true.

    X-RateLimit-Reset is unix time, compared with the service's own clock: ours may be wrong.
    """
    try:
        reset = float(headers.get("X-RateLimit-Reset", ""))
    except ValueError:
        return None
    now = http_date(headers.get("Date", "")) or datetime.now(UTC)
    seconds = reset - now.timestamp()
    return seconds if 0 < seconds <= LONGEST_PAUSE_S else None


def http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
