"""Taking in what people upload: content decides, names don't; the same file is kept once, and tells nothing
of where and when it was made."""

from __future__ import annotations

import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.utils import timezone

from . import room
from .media.preparer import sha256_of
from .media.preparing import Prepared, prepare
from .media.probe import BadMedia
from .models import Asset
from .receiving import Unkept
from .storing import put

__all__ = ["BadMedia", "base_of", "clean_name", "forget_cut", "keep", "keep_crop", "sha256_of", "store"]

MEGABYTE = 1024 * 1024
MAX_BYTES = {"image": 30 * MEGABYTE, "audio": 100 * MEGABYTE, "video": 1024 * MEGABYTE}
ABANDONED_S = 24 * 3600
UNKEPT = "This file was not kept; all else is. Choose it again when there is room."


def store(owner: User, file: object, kind: str) -> Asset:
    """Check and keep an uploaded file of the wanted kind. Raises BadMedia with a sentence for people."""
    if not isinstance(file, UploadedFile):
        raise BadMedia("No file arrived. Choose it again.")
    if isinstance(file, Unkept):
        raise BadMedia(f"The studio's disk is too full. {UNKEPT}")
    if (file.size or 0) > MAX_BYTES[kind]:
        most = MAX_BYTES[kind] // MEGABYTE
        raise BadMedia(f"This file is larger than the {most} MB that {_a(kind)} may have.")
    name = clean_name(file.name)
    with _room_for(file.size or 0), _folder() as folder:
        ready = prepare(_on_disk(file, folder), Path(folder), name)
        if ready.found.kind != kind:
            raise BadMedia(f"This is {_a(ready.found.kind)}; {_a(kind)} goes here.")
        return _known(owner, ready) or _keep(owner, ready, name)


def keep(owner: User, path: Path, name: str) -> Asset:
    """Keep a file that the studio has made itself, as if uploaded; it is moved away. Raises BadMedia."""
    with _room_for(0), _folder() as folder:
        ready = prepare(path, Path(folder))
        return _known(owner, ready) or _keep(owner, ready, name)


def keep_crop(asset: Asset, path: Path, ratio: str, at: float) -> Asset:
    """The picture at `path`, which is the asset's, cut to the ratio: an asset of its own. Raises BadMedia."""
    stem, dot, suffix = asset.name.rpartition(".")
    shape = ratio.replace(":", "x")
    with _room_for(0), _folder() as folder:
        ready = prepare(path, Path(folder), ratio=ratio, at=at)
        name = f"{stem[:100]} {shape}{dot}{suffix}" if dot else f"{asset.name[:100]} {shape}"
        return _known(asset.owner, ready) or _keep(asset.owner, ready, name, cropped_from=asset)


def forget_cut() -> int:
    """Remove what uploads that ended with their process have left; how many there were."""
    parts = Path(settings.FILE_UPLOAD_TEMP_DIR).glob("tmp*")
    old = [part for part in parts if time.time() - part.stat().st_mtime > ABANDONED_S]
    for part in old:
        shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
    return len(old)


@contextmanager
def _room_for(size: int) -> Iterator[None]:
    """So many bytes may be written; a disk that takes no more becomes BadMedia, said beside the form."""
    try:
        room.refuse(size)
        with room.guarded():
            yield
    except room.NoRoom as error:
        raise BadMedia(f"{error.shortage.title}. {UNKEPT}") from error


def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR)


def _a(kind: str) -> str:
    return f"a{'n' if kind[0] in 'aeiou' else ''} {kind}{' file' if kind == 'audio' else ''}"


def clean_name(name: str | None) -> str:
    """A name to show and to send: no folders, no control characters, at most 120 characters, never empty."""
    unescaped = (name or "").replace("%22", '"').replace("%0D", "").replace("%0A", " ")  # as browsers escape
    last = unescaped.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C").strip(
        ". "
    )
    stem, dot, suffix = plain.rpartition(".")
    return (f"{stem[:110]}{dot}{suffix[:9]}" if dot else plain[:120]) or "upload"


def base_of(owner_pk: int, digest: str) -> str:
    """The stored name of these bytes, without a suffix."""
    return f"assets/{owner_pk}/{digest[:2]}/{digest}"


def _known(owner: User, ready: Prepared) -> Asset | None:
    """The asset of these bytes, as they came or as they are kept, in the library again."""
    mine = Asset.objects.owned_by(owner)
    for digest in (ready.given, ready.sha256):
        asset = mine.filter(sha256=digest).first()
        if asset and (digest == ready.sha256 or default_storage.exists(str(asset.file.name))):
            return _put_back(asset, ready)
    return None


def _put_back(asset: Asset, ready: Prepared) -> Asset:
    """What of its files has gone from the storage comes back with the same bytes."""
    names = [str(file.name) for file in (asset.file, asset.thumbnail) if file.name]
    if not all(map(default_storage.exists, names)):
        asset.file = put(names[0], ready.file)
        asset.thumbnail = _save_thumbnail(base_of(asset.owner_id, asset.sha256), ready)
    asset.used, asset.hidden_at, asset.peaks = timezone.now(), None, asset.peaks or ready.peaks
    asset.save(update_fields=["file", "thumbnail", "used", "hidden_at", "peaks"])
    return asset


def _keep(owner: User, ready: Prepared, name: str, **facts: Any) -> Asset:
    base, found = base_of(owner.pk, ready.sha256), ready.found
    asset, _ = Asset.objects.get_or_create(
        owner=owner,
        sha256=ready.sha256,
        defaults={
            "kind": found.kind,
            "name": name,
            "file": put(f"{base}.{found.extension.lstrip('.')}", ready.file),
            "thumbnail": _save_thumbnail(base, ready),
            "size": found.size,
            "content_type": found.content_type,
            "width": found.width,
            "height": found.height,
            "duration_ms": found.duration_ms,
            "peaks": ready.peaks,
            **facts,
        },
    )
    return asset


def _save_thumbnail(base: str, ready: Prepared) -> str:
    return put(f"{base}-thumbnail.webp", ready.thumbnail) if ready.thumbnail else ""


def _on_disk(file: UploadedFile[Any], folder: str) -> Path:
    """The upload as a path; small ones that Django kept in memory are written out first."""
    if isinstance(file, TemporaryUploadedFile):
        return Path(file.temporary_file_path())
    path = Path(folder) / "upload"
    with path.open("wb") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
    return path
