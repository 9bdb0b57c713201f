"""Links' other end: results, uploads and voice previews by signed GET, and the presigned PUT."""

from __future__ import annotations

import re
from pathlib import Path

from sandbox.assets import Assets
from sandbox.generations import Generations, made
from sandbox.links import Links
from sandbox.rendering.clip import write_thumbnail
from sandbox.settings import Settings
from sandbox.voices import Voices
from sandbox.wire import HttpError, Request, Response
from sandbox.workshop import Workshop

CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
}
SEEN_AS = {
    "clips": ("video",),
    "images": ("image",),
    "sounds": ("audio", "voice"),
    "posters": ("video", "image"),
    "thumbnails": ("video", "image"),
    "previews": ("video",),
}
"""Which results there is such a file of."""
LOGOS = Path(__file__).with_name("logos")
STORAGE_ERROR = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{}</Code><Message>{}</Message></Error>'


class Files:
    def __init__(
        self,
        links: Links,
        settings: Settings,
        assets: Assets,
        generations: Generations,
        workshop: Workshop,
        voices: Voices,
    ) -> None:
        self._links = links
        self._settings = settings
        self._assets = assets
        self._generations = generations
        self._workshop = workshop
        self._voices = voices

    def result(self, request: Request, kind: str, generation_id: str) -> Response:
        self._check(request)
        row = self._generations.find(generation_id)
        if row is None or self._generations.moment(row).status != "complete":
            raise HttpError(404, "Not Found")
        if made(row) not in SEEN_AS[kind]:
            raise HttpError(404, "Not Found")
        make = {
            "posters": self._workshop.poster,
            "thumbnails": self._workshop.thumbnail,
            "previews": self._workshop.preview,
        }.get(kind, self._workshop.result)
        path = make(row)
        return served(request, path, CONTENT_TYPES[path.suffix])

    def upload(self, request: Request, asset_id: str) -> Response:
        self._check(request)
        row = self._assets.row(asset_id)
        if not row["uploaded"]:
            raise HttpError(404, "Not Found")
        return served(request, self._assets.path(asset_id), row["content_type"])

    def upload_thumbnail(self, request: Request, asset_id: str) -> Response:
        self._check(request)
        row = self._assets.row(asset_id)
        if row["type"] != "image" or not row["uploaded"]:
            raise HttpError(404, "Not Found")
        path = self._assets.path(f"{asset_id}.thumb.jpg")
        if not path.exists():
            write_thumbnail(self._assets.path(asset_id), path)
        return served(request, path, "image/jpeg")

    def voice(self, request: Request, voice_id: str) -> Response:
        self._check(request)
        return served(request, self._voices.preview(voice_id), "audio/wav")

    def logo(self, request: Request, name: str) -> Response:
        """Open to everybody, as the service's static files are."""
        path = LOGOS / f"{name}.svg"
        if not path.is_file():
            raise HttpError(404, "Not Found")
        return served(request, path, "image/svg+xml")

    def receive(self, request: Request, asset_id: str) -> Response:
        """The presigned PUT: no key, but a length, and answers as object storage gives them."""
        try:
            self._links.check(request)
            if request.body.length is None:
                raise HttpError(411, "You must provide the Content-Length HTTP header.")
            row = self._assets.row(asset_id)
            self._assets.receive(row, request.body.chunks(), int(self._settings.max_upload_bytes))
        except HttpError as error:
            code = {403: "AccessDenied", 404: "NoSuchKey", 411: "MissingContentLength"}.get(
                error.status, "BadRequest"
            )
            text = STORAGE_ERROR.format(code, error.detail)
            return Response(error.status, text.encode(), "application/xml")
        return Response(content_type="application/xml")

    def _check(self, request: Request) -> None:
        if any(fault.kind == "expired" for fault in request.faults):
            raise HttpError(403, "The link has expired")
        self._links.check(request)


def served(request: Request, path: Path, content_type: str) -> Response:
    """A file or the range asked for: 200, 206 or 416."""
    size = path.stat().st_size
    etag = f'"{path.name}-{size}"'
    response = Response(content_type=content_type, file=path, length=size)
    response.headers = {"Accept-Ranges": "bytes", "ETag": etag, "Cache-Control": "private, max-age=3600"}
    if request.last("download"):
        response.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
    wanted = request.header("Range")
    if wanted and request.header("If-Range") in ("", etag):
        _limit(response, wanted, size)
    return response


def _limit(response: Response, wanted: str, size: int) -> None:
    """Several ranges or a form we do not know: the whole file, as the standard allows."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted.strip())
    if not found or found.groups() == ("", ""):
        return
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        response.status, response.file, response.body = 416, None, b""
        response.headers["Content-Range"] = f"bytes */{size}"
        return
    response.status, response.start, response.length = 206, start, end - start + 1
    response.headers["Content-Range"] = f"bytes {start}-{end}/{size}"
