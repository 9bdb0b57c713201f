"""Log lines: what each is about, for people or for machines, never with a key or a signed link, and not the
same trouble again and again."""

import copy
import json
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, quote_plus

SHORTEST_SECRET = 8
"""A shorter one is a word (the sandbox's key is "sandbox"), and hiding it would garble every line."""

# A query may carry a signature, whether its host is named or not; a key may stand in a header's or a
# service's words.
_QUERY = re.compile(r"([^\s?\"'<>]*/[^\s?\"'<>]*)\?[^\s\"'<>]+")
_KEY = re.compile(r"\b(?:sk|hx)_[A-Za-z0-9_\-]{6,}")
# Addresses of ours that are secrets themselves: shared inputs, and where services send news.
_OURS = re.compile(r"(/(?:shared|hooks/[a-z]+)/)[^\s\"'<>,]+")
# A password in the address of a database or a queue.
_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+]*://[^\s:/@]*:)[^\s/@]+@")
_HEADER = re.compile(
    r"(?i)(x-api-key|authorization)(['\"]?\s*[:=,]\s*(?:b(?=['\"]))?['\"]?)(?:bearer\s+)?[^\s'\",}]+"
)

_about: ContextVar[Mapping[str, object]] = ContextVar("about", default=MappingProxyType({}))


@contextmanager
def about(**facts: object) -> Iterator[None]:
    """Each line that this thread logs meanwhile, whoever writes it, is about this: take, account, service."""
    token = _about.set({**_about.get(), **facts})
    try:
        yield
    finally:
        _about.reset(token)


class About(logging.Filter):
    """Puts what a line is about on its record, as `about` and, for people, as `subject`."""

    def filter(self, record: logging.LogRecord) -> bool:
        facts = _about.get()
        record.about = facts
        record.subject = f"take {facts['take']}: " if "take" in facts else ""
        return True


def discreet(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without queries of links, passwords, keys and authorisation headers."""
    for secret in secrets:
        text = text.replace(secret, "[key]")
    text = _QUERY.sub(r"\1?[…]", text)
    text = _OURS.sub(r"\1[…]", text)
    text = _PASSWORD.sub(r"\1[key]@", text)
    text = _HEADER.sub(r"\1\2[key]", text)
    return _KEY.sub("[key]", text)


def spellings(secrets: Iterable[str]) -> list[str]:
    """Each secret as it would stand in a repr, in JSON and in an address, too; longer ones first."""
    hidden = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
    ways = (str, lambda it: repr(it)[1:-1], lambda it: json.dumps(it)[1:-1], quote, quote_plus)
    return sorted({way(secret) for secret in hidden for way in ways}, key=len, reverse=True)


class DiscreetFormatter(logging.Formatter):
    """Cleans the finished line, tracebacks included: an exception's text is where such things hide."""

    def __init__(self, *args: Any, secrets: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, defaults={"subject": ""}, **kwargs)
        self._secrets = spellings(secrets)

    def clean(self, text: str) -> str:
        return discreet(text, self._secrets)

    def format(self, record: logging.LogRecord) -> str:
        return self.clean(super().format(_sayable(record)))


class JsonFormatter(DiscreetFormatter):
    """One JSON object on each line. Every value is cleaned before it is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        record = _sayable(record)
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.message,
            **getattr(record, "about", {}),
            "error": "\n".join(part for part in (trace, record.stack_info) if part),
        }
        return json.dumps({name: self._value(value) for name, value in said.items() if value != ""})

    def _value(self, value: object) -> object:
        return value if isinstance(value, int) else self.clean(str(value))


def _sayable(record: logging.LogRecord) -> logging.LogRecord:
    """A copy whose text is made. Where the arguments don't fit, `logging` would print them as they are."""
    record = copy.copy(record)
    try:
        said = record.getMessage()
    except Exception:
        said = f"{record.msg!r} with {record.args!r}"
    record.msg, record.args, record.message, record.exc_text = said, None, said, None
    return record


class Seldom(logging.Filter):
    """The same trouble at most once a minute: while a server is away, each thread meets it each second."""

    PAUSE_S = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[object, ...], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info:
            return True
        subject = getattr(record, "subject", "")
        trouble, now = (record.name, subject, record.getMessage(), record.exc_info[0]), monotonic()
        self._told = {key: at for key, at in self._told.items() if now - at < self.PAUSE_S}
        return self._told.setdefault(trouble, now) == now
