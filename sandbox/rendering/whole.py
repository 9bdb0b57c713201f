"""Files that appear only when they are whole."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from pathlib import Path


class Stopped(Exception):
    """The file was given up because the sandbox ends."""


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A partial file beside ``path`` that takes its place on success and vanishes on failure."""
    partial = path.with_name(f".{uuid.uuid4().hex}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
