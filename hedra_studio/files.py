"""Stored media: how they get into the storage, and how they are served: with byte ranges, without which
browsers can neither seek nor resume."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any
from urllib.parse import quote

from django.core.files import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control

CHUNK = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Movable(File):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A finished file on this machine: a storage on the same disk moves it to its place, others read it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def serve(
    request: HttpRequest, file: FieldFile, content_type: str, download_as: str = ""
) -> HttpResponseBase:
    """The file, the part that a Range header asks for, 304, or 416. Names never change content: the ETag."""
    etag = f'"{quote(file.name or "")}"'
    size = file.size
    wanted = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    response = _answer(file, size, wanted)
    response["Content-Type"] = content_type
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    if download_as:
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(download_as)}"
    patch_cache_control(response, private=True, max_age=3600)
    return get_conditional_response(request, etag=etag, response=response) or response  # type: ignore[arg-type]


def _answer(file: FieldFile, size: int, wanted: str) -> HttpResponseBase:
    match = _RANGE.fullmatch(wanted.strip())
    if not match or match.groups() == ("", ""):  # several ranges at once may be answered with the whole
        return FileResponse(file.open("rb"))
    first, last = _bounds(*match.groups(), size=size)
    if first > last:
        response: HttpResponseBase = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
        return response
    response = StreamingHttpResponse(_part(file.open("rb"), first, last), status=206)
    response["Content-Range"] = f"bytes {first}-{last}/{size}"
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
