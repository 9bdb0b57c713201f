"""Taking files in from browsers: a full disk loses the file, not the form that it came with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from . import room
from .room import NoRoom


class Unkept(UploadedFile):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A file that arrived and could not be kept."""


class UploadHandler(TemporaryFileUploadHandler):
    """Django's, except that a disk that takes no more does not end the request.

    An `Unkept` file comes of it, and the view can say so beside all that was typed."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        self._is_lost = False
        with self._noticed():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if not self._is_lost:
            with self._noticed():
                super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        with self._noticed():
            if not self._is_lost:
                return super().file_complete(file_size)
        return Unkept(None, self.file_name, self.content_type, file_size)

    @contextmanager
    def _noticed(self) -> Iterator[None]:
        """What a lost file took of the disk is given back at once."""
        try:
            with room.guarded():
                yield
        except NoRoom:
            self._is_lost = True
            with suppress(OSError):  # closing it writes what was held back
                self.upload_interrupted()
