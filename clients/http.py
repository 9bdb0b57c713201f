"""The one way to call a service: key, timeouts, retries of reads, and our errors for every failure."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError as TransportError
from urllib3.exceptions import MaxRetryError
from urllib3.response import BaseHTTPResponse
from urllib3.util.retry import Retry

from clients.addresses import is_loopback
from clients.clock import ahead_s
from clients.errors import ServiceError, Unauthorized
from clients.failures import PLAN_HINT, Call, from_answer, from_broken_wire, unreadable
from clients.gate import Gate
from clients.pace import pieces
from clients.parsing import Json, Unreadable, loads
from clients.redaction import hide_queries_in_logs, without_secret

T = TypeVar("T")
Reader = Callable[[Json], T]
"""From JSON to the answer's type; raises Unreadable."""
Params = Mapping[str, str | int]

READ_RETRIES = 2
RETRIED_STATUSES = frozenset({500, 502, 503, 504})
"""Not 429: a service that asks for a pause asks it of everybody, and only the gate reaches them all."""
FIRST_BACKOFF_S = 0.3
BACKOFF_JITTER_S = 0.3
LARGEST_ANSWER_BYTES = 32 * 1024 * 1024
"""The largest catalog seen is under 1 MB; a bigger answer is a fault and must not fill the memory."""
USER_AGENT = "hedra-studio"

WIRE_FAILURES = (requests.RequestException, TransportError, OSError, ValueError)
"""All that sending can raise; ValueError because odd host names escape requests as UnicodeError."""


class ReadRetry(Retry):
    """urllib3's retry, except that an answer which names a pause ends the tries: the caller keeps it."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        if _pool is not None and response is not None and "Retry-After" in response.headers:
            raise MaxRetryError(_pool, url or "")
        return super().increment(method, url, response, error, _pool, _stacktrace)


class KeyAuth(AuthBase):
    """Puts the key on a request. It keeps the key out of every header dictionary that a log could print."""

    def __init__(self, header: str, key: str, prefix: str = "") -> None:
        self._header = header
        self._key = key
        self._prefix = prefix

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if not self._key.isascii() or not self._key.isprintable() or " " in self._key:
            raise Unauthorized(
                "The API key holds blanks or characters that no key has. Nothing was sent. Copy it anew.",
                status=401,
            )
        request.headers[self._header] = self._prefix + self._key
        return request

    def __repr__(self) -> str:
        return "KeyAuth(…)"


@dataclass(frozen=True)
class Service:
    """Who is called, and how people speak of it."""

    name: str
    """The name in messages."""
    key_header: str
    """The header that carries the key."""
    key_hint: str
    """What to do about a refused key."""
    key_prefix: str = ""
    """What stands before the key in its header."""
    plan_hint: str = PLAN_HINT
    """What to do about a plan that is too small."""
    takes_ids: bool = True
    """Whether it lets us reserve the ids of what we make there."""


@dataclass(frozen=True)
class Connection:
    """Where a service is and how long to wait for it. Timeouts are in seconds."""

    base_url: str
    api_key: str = field(repr=False)
    connect_timeout: float = 5
    read_timeout: float = 30
    upload_timeout: float = 300
    """How long a server may think about a large upload."""
    read_retries: int = READ_RETRIES
    """How often a read is tried again."""

    @property
    def timeouts(self) -> tuple[float, float]:
        return self.connect_timeout, self.read_timeout


class Transport:
    """Sends calls to one service. Safe to share between threads."""

    def __init__(self, service: Service, connection: Connection, gate: Gate | None = None) -> None:
        """A gate that counts wants `connection.read_retries` 0: what urllib3 repeats passes it once."""
        hide_queries_in_logs()
        self.service = service
        self.connection = connection
        self._gate = gate
        self.clock_ahead_s: float | None = None
        """How far our clock was ahead of the service's when it last answered; None before that."""
        self._reads = self._session(
            ReadRetry(
                total=connection.read_retries,
                read=min(1, connection.read_retries),
                allowed_methods={"GET"},
                status_forcelist=RETRIED_STATUSES,
                backoff_factor=FIRST_BACKOFF_S,
                backoff_jitter=BACKOFF_JITTER_S,
                respect_retry_after_header=False,
                raise_on_status=False,
                redirect=False,
            )
        )
        self._writes = self._session(Retry(total=0, redirect=False))

    def __repr__(self) -> str:
        return f"Transport({self.service.name}, {self.connection.base_url})"

    def _session(self, retry: Retry) -> requests.Session:
        session = requests.Session()
        session.auth = KeyAuth(self.service.key_header, self.connection.api_key, self.service.key_prefix)
        session.headers["User-Agent"] = USER_AGENT
        # A proxy from the environment cannot reach this machine's own loopback.
        session.trust_env = not is_loopback(self.connection.base_url)
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retry))
        return session

    def get(self, path: str, purpose: str, read: Reader[T], params: Params | None = None) -> T:
        """Read JSON; tried again when the service is busy or the wire breaks."""
        call = Call("GET", path, self.service.name, purpose)
        body = self._send(self._reads, call, params=params, timeout=self.connection.timeouts)
        return understood(call, read, body)

    def post(
        self, path: str, purpose: str, read: Reader[T], body: Mapping[str, Any], *, paid: bool = False
    ) -> T:
        """Write JSON, once. `paid` says that acting on it costs credits."""
        call = Call("POST", path, self.service.name, purpose, paid=paid, takes_ids=self.service.takes_ids)
        return self._post(call, read, body)

    def ask(self, path: str, purpose: str, read: Reader[T], body: Mapping[str, Any]) -> T:
        """Put a question as JSON, once. It changes nothing, so a lost answer leaves nothing unclear."""
        return self._post(Call("POST", path, self.service.name, purpose, asks=True), read, body)

    def _post(self, call: Call, read: Reader[T], body: Mapping[str, Any]) -> T:
        sent = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = self._send(self._writes, call, data=sent, headers=headers, timeout=self.connection.timeouts)
        return understood(call, read, answer)

    def post_stream(self, path: str, purpose: str, body: Any, content_type: str) -> None:
        """Write a body that reads itself bit by bit; any 2xx means that it arrived."""
        call = Call("POST", path, self.service.name, purpose)
        # urllib3 also uses the connect timeout for each piece that is sent.
        timeout = (self.connection.read_timeout, self.connection.upload_timeout)
        self._send(self._writes, call, data=body, headers={"Content-Type": content_type}, timeout=timeout)

    def _send(self, session: requests.Session, call: Call, **options: Any) -> bytes:
        """The body of a 2xx answer. Raises ServiceError, outside any `except`: a chained cause would
        carry request headers and links into tracebacks."""
        told = self._gate.enter() if self._gate else None
        outcome = self._attempt(session, call, **options)
        if told:
            told(outcome if isinstance(outcome, ServiceError) else None)
        if isinstance(outcome, ServiceError):
            raise outcome
        return outcome

    def _attempt(self, session: requests.Session, call: Call, **options: Any) -> bytes | ServiceError:
        url = self.connection.base_url.rstrip("/") + call.path
        try:
            with session.request(call.method, url, stream=True, allow_redirects=False, **options) as response:
                body = read_answer(response, options["timeout"][1])
        except ServiceError as error:
            return error
        except WIRE_FAILURES as error:
            return from_broken_wire(call, error, self.connection.api_key)
        self.clock_ahead_s = ahead_s(response.headers, datetime.now(UTC))
        body = without_secret(body, self.connection.api_key)
        if 200 <= response.status_code < 300:
            return body
        return from_answer(
            call,
            response.status_code,
            response.headers,
            body,
            self.service.key_hint,
            self.connection.api_key,
            self.service.plan_hint,
        )


def understood(call: Call, read: Reader[T], body: bytes) -> T:
    """The body as what it should be; one that is not leaves a write unclear."""
    try:
        return read(loads(body))
    except Unreadable as error:
        reason = str(error)
    raise unreadable(call, reason)


def read_answer(response: requests.Response, window_s: float) -> bytes:
    """The whole body, as long as it is of a sane size and comes at a sane pace over each `window_s`."""
    body = bytearray()
    for chunk in pieces(response, 65536, window_s):
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            raise requests.exceptions.ContentDecodingError("answer too large")
    return bytes(body)


def path_part(name: str) -> str:
    """An id or name inside a path. Raises ValueError for one that would lead to another path."""
    if name in ("", ".", ".."):
        raise ValueError("not an id")
    return quote(name, safe="")
