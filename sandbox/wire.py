"""Requests and answers as the rest of the sandbox sees them, free of sockets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from email.message import Message
from pathlib import Path
from typing import Any, BinaryIO

CHUNK = 256 * 1024

Json = dict[str, Any]
Problem = dict[str, Any]


class HttpError(Exception):
    """Ends the handling of a request with this status and ``{"detail": …}``."""

    def __init__(self, status: int, detail: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})

    def body(self) -> Json:
        return {"detail": self.detail}

    def response(self) -> Response:
        answer = Response.of(self.body(), self.status)
        answer.headers.update(self.headers)
        return answer


class CutWire(Exception):
    """The connection is to be reset without an answer."""


def invalid(*problems: Problem) -> HttpError:
    """The 422 answer in FastAPI's shape."""
    return HttpError(422, list(problems))


def problem(type: str, loc: tuple[str | int, ...], msg: str, input: object = None) -> Problem:
    return {"type": type, "loc": list(loc), "msg": msg, "input": input}


class Body:
    """The request's body, read from the socket at most once and never held whole."""

    def __init__(self, stream: BinaryIO, length: int | None, chunked: bool = False) -> None:
        self.length = length
        self.chunked = chunked
        self._stream = stream
        self._left = length or 0
        self._ended = not chunked and not length

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; empty at the end. Raises ConnectionError when the sender stops early."""
        if self._ended:
            return b""
        if self.chunked and self._left == 0 and not self._next_chunk():
            return b""
        data = self._stream.read(min(size, self._left))
        if not data:
            raise ConnectionError("the request body ended early")
        self._left -= len(data)
        self._after_read()
        return data

    def _after_read(self) -> None:
        if self._left:
            return
        if self.chunked:
            self._stream.readline()
        else:
            self._ended = True

    def _next_chunk(self) -> bool:
        try:
            self._left = int(self._stream.readline().split(b";")[0], 16)
        except ValueError as error:
            raise ConnectionError("broken chunk in the request body") from error
        if self._left == 0:
            self._ended = True
            self._stream.readline()
        return self._left > 0

    def chunks(self) -> Iterator[bytes]:
        while data := self.read(CHUNK):
            yield data

    def drain(self) -> None:
        """Read to the end so that the connection can carry another request."""
        for _ in self.chunks():
            pass


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: Message
    body: Body
    client: str
    base_url: str
    faults: list[Any] = field(default_factory=list)
    _text: bytes | None = None

    def last(self, name: str) -> str | None:
        """A scalar parameter keeps only its last value, as FastAPI reads it."""
        values = self.query.get(name)
        return values[-1] if values else None

    def header(self, name: str) -> str:
        return str(self.headers.get(name) or "")

    def json(self, limit: int = 4 * 1024 * 1024) -> Any:
        """The parsed body; raises HttpError 422 as FastAPI does for broken JSON."""
        if self._text is None:
            self._text = self._read(limit)
        if not self._text:
            raise invalid(problem("missing", ("body",), "Field required"))
        try:
            return json.loads(self._text)
        except (ValueError, RecursionError) as error:
            position = getattr(error, "pos", 0)
            raise invalid(problem("json_invalid", ("body", position), "JSON decode error", {})) from error

    def _read(self, limit: int) -> bytes:
        text = bytearray()
        for data in self.body.chunks():
            text += data
            if len(text) > limit:
                raise HttpError(413, "Request body too large")
        return bytes(text)


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    file: Path | None = None
    start: int = 0
    length: int = 0
    truncate: bool = False

    @classmethod
    def of(cls, data: object, status: int = 200) -> Response:
        return cls(status, json.dumps(data, default=number).encode())

    @property
    def size(self) -> int:
        return self.length if self.file else len(self.body)


def number(value: object) -> int | float:
    """How JSON shows an exact amount."""
    if not isinstance(value, Decimal):
        raise TypeError(f"{type(value).__name__} is nothing that JSON knows")
    return int(value) if value == int(value) else float(value)
