"""A streaming reader for the one multipart form the contract has: a part named ``file``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message

from sandbox.wire import CHUNK, Body, HttpError, Request, invalid, problem

MAX_HEADERS = 16 * 1024


def file_part(request: Request) -> Iterator[bytes]:
    """The bytes of the part ``file`` as they arrive. Raises HttpError 422 without one, 400 when broken."""
    header = Message()
    header["Content-Type"] = request.header("Content-Type")
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str):
        raise invalid(problem("missing", ("body", "file"), "Field required"))
    return _Parts(request.body, b"\r\n--" + boundary.encode("latin-1")).named("file")


class _Parts:
    """Holds at most one chunk plus a boundary's length."""

    def __init__(self, body: Body, delimiter: bytes) -> None:
        self._body = body
        self._delimiter = delimiter
        self._held = b"\r\n"

    def named(self, name: str) -> Iterator[bytes]:
        for _ in self._until_delimiter():
            pass
        while (headers := self._headers()) is not None:
            content = self._until_delimiter()
            if re.search(rb'form-data;.*\bname="?' + name.encode() + rb'"?(;|\s|$)', headers):
                yield from content
                return
            for _ in content:
                pass
        raise invalid(problem("missing", ("body", name), "Field required"))

    def _fill(self) -> None:
        data = self._body.read(CHUNK)
        if not data:
            raise HttpError(400, "There was an error parsing the body")
        self._held += data

    def _until_delimiter(self) -> Iterator[bytes]:
        keep = len(self._delimiter)
        while (at := self._held.find(self._delimiter)) < 0:
            if len(self._held) > keep:
                yield self._held[:-keep]
                self._held = self._held[-keep:]
            self._fill()
        if at:
            yield self._held[:at]
        self._held = self._held[at + keep :]

    def _headers(self) -> bytes | None:
        """The next part's headers; None after the last one."""
        while len(self._held) < 2:
            self._fill()
        if self._held.startswith(b"--"):
            return None
        while (end := self._held.find(b"\r\n\r\n")) < 0:
            if len(self._held) > MAX_HEADERS:
                raise HttpError(400, "There was an error parsing the body")
            self._fill()
        headers, self._held = self._held[:end], self._held[end + 4 :]
        return headers
