"""Log lines that never hold a key or a signed link, and not the same trouble again and again."""

import logging
import re
from collections.abc import Iterable
from time import monotonic
from typing import Any

# A query may carry a signature, and a key may stand in a header's or a service's words.
_QUERY = re.compile(r"(https?://[^\s?\"'<>]+)\?[^\s\"'<>]+")
_KEY = re.compile(r"\bsk_[A-Za-z0-9_\-]{6,}")
# Addresses of ours that are secrets themselves: shared inputs, and where services send news.
_OURS = re.compile(r"(/(?:shared|hooks/[a-z]+)/)[^\s\"'<>,]+")
# A password in the address of a database or a queue.
_PASSWORD = re.compile(r"(\b[a-z][a-z0-9+]*://[^\s:/@]*:)[^\s/@]+@")
_HEADER = re.compile(r"(?i)(x-api-key|authorization)(['\"]?\s*[:=]\s*['\"]?)(?:bearer\s+)?[^\s'\",}]+")


def discreet(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without queries of links, passwords, keys and authorisation headers."""
    for secret in secrets:
        text = text.replace(secret, "[key]")
    text = _QUERY.sub(r"\1?[…]", text)
    text = _OURS.sub(r"\1[…]", text)
    text = _PASSWORD.sub(r"\1[key]@", text)
    text = _HEADER.sub(r"\1\2[key]", text)
    return _KEY.sub("[key]", text)


class DiscreetFormatter(logging.Formatter):
    """Cleans the finished line, tracebacks included: an exception's text is where such things hide."""

    def __init__(self, *args: Any, secrets: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._secrets = tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record), self._secrets)


class Seldom(logging.Filter):
    """The same trouble at most once a minute: while a server is away, each thread meets it each second."""

    PAUSE_S = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[object, ...], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.exc_info:
            return True
        trouble, now = (record.name, record.getMessage(), record.exc_info[0]), monotonic()
        self._told = {key: at for key, at in self._told.items() if now - at < self.PAUSE_S}
        return self._told.setdefault(trouble, now) == now
