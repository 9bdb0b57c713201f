"""Files into the storage and out of it, whichever storage it is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage

from hedra_studio.files import Movable

CHUNK = 1024 * 1024


def put(name: str, path: Path) -> str:
    """Move the file into the storage; the name that it has there.

    Names hold the content's hash: what is there already is the same file, so it must appear whole."""
    return name if default_storage.exists(name) else put_anew(name, path)


def put_anew(name: str, path: Path) -> str:
    """The same, beside what has the name already, or over it where the storage does that in one step."""
    with path.open("rb") as file:
        return default_storage.save(name, Movable(file, str(path)))


def sha256_of_stored(name: str) -> str:
    """Read piece by piece. Raises FileNotFoundError and whatever else the storage does."""
    digest = hashlib.sha256()
    with default_storage.open(name) as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def holds(name: str, sha256: str) -> bool:
    """Whether the storage has exactly these bytes under the name."""
    return bool(name) and default_storage.exists(name) and sha256_of_stored(name) == sha256


def remove(*names: Any) -> None:
    """Those that are there."""
    for name in filter(None, names):
        default_storage.delete(str(name))
