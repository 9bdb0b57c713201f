"""Requests the sandbox makes of its own accord: to this machine only, wherever an answer would lead."""

from __future__ import annotations

from http.client import HTTPMessage
from ipaddress import ip_address
from typing import IO, Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener


def is_nearby(url: str) -> bool:
    """Whether the address is this machine, without asking anybody for the name."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """None makes the redirect an error."""


_opener = build_opener(ProxyHandler({}), _NoRedirect)


def fetched(request: Request | str, timeout: float) -> Any:
    """The answer, to be closed. Raises URLError, also for an address that is not this machine."""
    if not is_nearby(request.full_url if isinstance(request, Request) else request):
        raise URLError("not this machine")
    return _opener.open(request, timeout=timeout)
