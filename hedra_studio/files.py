"""Stored media: how they get into the storage, and how they are served: with byte ranges, without which
browsers can neither seek nor resume."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath
from typing import IO, Any, BinaryIO, Protocol, cast
from urllib.parse import quote

from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header

log = logging.getLogger(__name__)

CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Movable(File):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A finished file on this machine: a storage on the same disk moves it to its place, others read it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


class Sendable(Protocol):
    """Bytes of which any part can be had."""

    @property
    def name(self) -> str: ...

    @property
    def tag(self) -> str:
        """Of exactly these bytes: others have another."""

    @property
    def size(self) -> int: ...

    def part(self, first: int, last: int) -> Iterator[bytes]:
        """From the first to the last byte, a chunk at a time. Raises OSError before the first of them."""


class Kept:
    """A file as it lies in the storage. Of a bucket just the part is asked for; a disk is read from there
    on."""

    def __init__(self, file: FieldFile) -> None:
        self._file = file
        self._fetched = getattr(file.storage, "part", None)

    @property
    def name(self) -> str:
        return self._file.name or ""

    @property
    def tag(self) -> str:
        """Names never change content."""
        return self.name

    @cached_property
    def size(self) -> int:
        return self._file.size

    def part(self, first: int, last: int) -> Iterator[bytes]:
        if self._fetched:
            return cast(Iterator[bytes], self._fetched(self.name, first, last))
        return _part(self._file.storage.open(self.name, "rb"), first, last)

    def opened(self) -> BinaryIO:
        """To look into it here and there, without fetching the whole. Whoever opens it closes it."""
        if self._fetched:
            return cast(BinaryIO, io.BufferedReader(_Parts(self), CHUNK))
        return cast(BinaryIO, self._file.storage.open(self.name, "rb"))


class _Parts(io.RawIOBase):
    """A file that is fetched where it is read."""

    def __init__(self, kept: Kept) -> None:
        self._kept, self._at = kept, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._kept.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._kept.size - self._at)
        if wanted <= 0:
            return 0
        found = b"".join(self._kept.part(self._at, self._at + wanted - 1))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def serve(
    request: HttpRequest,
    sent: FieldFile | Sendable,
    content_type: str,
    download_as: str = "",
    keep_s: int = 3600,
) -> HttpResponseBase:
    """The file, the part that a Range header asks for, 304, or 416; 503 while the storage doesn't answer.
    Its tag is the ETag. Browsers keep it for `keep_s`.

    From a bucket, too, it comes through here: no signed link leaves the studio, and the store need not be
    where browsers reach it. Raises Http404 when the file has gone from the storage."""
    file = Kept(sent) if isinstance(sent, FieldFile) else sent
    etag = f'"{quote(file.tag)}"'
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    try:
        response = get_conditional_response(request, etag=etag) or _answer(file, file.size, wanted)
    except FileNotFoundError as error:
        raise Http404("The file is not in the storage.") from error
    except OSError as error:
        log.warning("%s can't be served: %s", file.name, error)
        return HttpResponse("The storage doesn't answer. Try again in a minute.", status=503)
    response["Content-Type"] = content_type
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    name = download_as or PurePosixPath(file.name).name
    response["Content-Disposition"] = content_disposition_header(bool(download_as), name) or "inline"
    patch_cache_control(response, private=True, max_age=keep_s)
    return response


def _answer(file: Sendable, size: int, wanted: str) -> HttpResponseBase:
    match = _RANGE.fullmatch(wanted.strip())
    if not match or match.groups() == ("", ""):  # several ranges at once may be answered with the whole
        return _streamed(file, 0, size - 1, status=200)
    first, last = _bounds(*match.groups(), size=size)
    if first > last:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    response = _streamed(file, first, last, status=206)
    response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return response


def _streamed(file: Sendable, first: int, last: int, status: int) -> HttpResponseBase:
    response = StreamingHttpResponse(file.part(first, last), status=status)
    response["Content-Length"] = str(last - first + 1)
    return response


def _bounds(start: str, end: str, *, size: int) -> tuple[int, int]:
    """First and last byte; first > last when nothing of the file is asked for."""
    if not start:  # "bytes=-500": the last 500
        return max(0, size - int(end)), size - 1
    return int(start), min(int(end) if end else size - 1, size - 1)


def _part(file: IO[Any], first: int, last: int) -> Iterator[bytes]:
    with file:
        file.seek(first)
        left = last - first + 1
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
