"""A folder of this machine as Django's storage, with what a bare folder does not promise."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from hedra_studio.files import Movable


class DiskStorage(FileSystemStorage):
    """What is saved appears whole and in one step, and once `save` has returned it outlives a loss of power.

    A file that lies on the same disk is moved and takes no more room; others are copied first."""

    def _save(self, name: str, content: File[Any]) -> str:
        folder = Path(self.path(name)).parent
        folder.mkdir(parents=True, exist_ok=True)
        with _on_this_disk(content, folder) as path, path.open("rb") as file:
            os.fsync(file.fileno())
            saved: str = super()._save(name, Movable(file, str(path)))  # type: ignore[misc]
        _settle(folder, Path(self.location))
        return saved


@contextmanager
def _on_this_disk(content: File[Any], folder: Path) -> Iterator[Path]:
    """The content as a file from which a move to `folder` is one step."""
    if (given := _path(content)) and _is_on_one_disk(given, folder):
        yield given
        return
    with TemporaryDirectory(dir=folder, prefix=".") as beside:
        copy = Path(beside) / "copy"
        with copy.open("wb") as file:
            file.writelines(content.chunks())
        yield copy


def _path(content: File[Any]) -> Path | None:
    path = getattr(content, "temporary_file_path", None)
    return Path(path()) if path else None


def _is_on_one_disk(given: Path, folder: Path) -> bool:
    return given.stat().st_dev == folder.stat().st_dev


def _settle(folder: Path, root: Path) -> None:
    """A new name is safe only when the folder that holds it is, and the folder that holds that."""
    for each in (folder, *folder.parents):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if each == root or root not in each.parents:
            return
