"""Request bodies that read a file bit by bit, with their length known beforehand."""

import os
from collections.abc import Callable
from typing import BinaryIO

from clients.errors import ServiceError

Progress = Callable[[int], None]
"""Called with the number of bytes sent so far."""


class FileBody:
    """A file as a request body.

    `len` (what is left) gives requests the Content-Length and requests-toolbelt its end. There is no
    `tell` on purpose: requests would subtract it from `len`.
    """

    def __init__(self, file: BinaryIO, on_progress: Progress | None = None) -> None:
        self._file = file
        self._on_progress = on_progress
        file.seek(0, os.SEEK_END)
        self.size = self.len = file.tell()
        file.seek(0)

    def read(self, amount: int = -1) -> bytes:
        wanted = self.len if amount is None or amount < 0 else min(amount, self.len)
        piece = self._piece(wanted)
        self.len -= len(piece)
        if self._on_progress and piece:
            self._on_progress(self.size - self.len)
        return piece

    def _piece(self, wanted: int) -> bytes:
        """Raises our error, not OSError: urllib3 would take that for a broken connection."""
        try:
            piece = self._file.read(wanted)
        except (OSError, ValueError) as error:
            raise unreadable_file(type(error).__name__) from None
        if wanted and not piece:
            raise unreadable_file("the file became shorter")
        return piece


def unreadable_file(reason: str) -> ServiceError:
    return ServiceError(
        "The file changed or went away while it was being uploaded. Nothing was charged. Add it again.",
        detail=f"upload: {reason}",
    )
