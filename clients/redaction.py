"""Keeping secrets out of messages and logs: keys, and the queries of signed links."""

import logging
import re
from urllib.parse import urlsplit

LONGEST_TEXT = 300
SHORTEST_SECRET = 8
"""A shorter key is a word (the sandbox's is "sandbox"), and hiding it would garble sentences."""

KEY = re.compile(r"\b(?:sk|hx)_\w+")
QUERY = re.compile(r"\?[^\s\"'<>)\]]+")
BLANK = re.compile(r"[\s\x00-\x1f\x7f]+")


def clean(text: str, secret: str = "") -> str:
    """One short line of a foreign text, without keys and link queries."""
    if len(secret) >= SHORTEST_SECRET:
        text = text.replace(secret, "[key]")
    text = QUERY.sub("?[…]", KEY.sub("[key]", text))
    text = BLANK.sub(" ", text).strip()
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def without_secret(body: bytes, secret: str) -> bytes:
    """An answer that does not echo our key: what is parsed from it may be stored and shown."""
    return body.replace(secret.encode(), b"[key]") if len(secret) >= SHORTEST_SECRET else body


def bare_link(url: str) -> str:
    """Host and path of a link, for the log."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"[:LONGEST_TEXT]
    except ValueError:
        return "an unreadable link"


class HideQueries(logging.Filter):
    """urllib3 logs whole paths with their query; a signed link's query is a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = QUERY.sub("?[…]", record.getMessage()), None
        return True


def hide_queries_in_logs() -> None:
    """Cover the two loggers of urllib3 that print links."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if not any(isinstance(present, HideQueries) for present in logger.filters):
            logger.addFilter(HideQueries())
