"""Stored media: how they get into the storage, and how they are served: with byte ranges, without which
browsers can neither seek nor resume."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any
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


def serve(
    request: HttpRequest, file: FieldFile, content_type: str, download_as: str = "", keep_s: int = 3600
) -> HttpResponseBase:
    """The file, the part that a Range header asks for, 304, or 416; 503 while the storage doesn't answer.
    Names never change content: the ETag. Browsers keep it for `keep_s`.

    From a bucket, too, it comes through here: no signed link leaves the studio, and the store need not be
    where browsers reach it. Raises Http404 when the file has gone from the storage."""
    etag = f'"{quote(file.name or "")}"'
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
    name = download_as or PurePosixPath(file.name or "").name
    response["Content-Disposition"] = content_disposition_header(bool(download_as), name) or "inline"
    patch_cache_control(response, private=True, max_age=keep_s)
    return response


def _answer(file: FieldFile, size: int, wanted: str) -> HttpResponseBase:
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


def _streamed(file: FieldFile, first: int, last: int, status: int) -> HttpResponseBase:
    """Of a bucket just this part is asked for; a disk is read from there on."""
    fetched = getattr(file.storage, "part", None)
    content = fetched(file.name, first, last) if fetched else _part(file.open("rb"), first, last)
    response = StreamingHttpResponse(content, status=status)
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
