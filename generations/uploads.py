"""Taking in what people upload: content decides, names don't; the same bytes are kept once."""

from __future__ import annotations

import hashlib
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from .media import probe, renditions
from .media.probe import BadMedia
from .models import Asset

MEGABYTE = 1024 * 1024
MAX_BYTES = {"image": 30 * MEGABYTE, "audio": 100 * MEGABYTE, "video": 1024 * MEGABYTE}


def store(owner: User, file: object, kind: str) -> Asset:
    """Check and keep an uploaded file of the wanted kind. Raises BadMedia with a sentence for people."""
    if not isinstance(file, UploadedFile):
        raise BadMedia("No file arrived. Choose it again.")
    if (file.size or 0) > MAX_BYTES[kind]:
        raise BadMedia(
            f"This file is larger than the {MAX_BYTES[kind] // MEGABYTE} MB that an {kind} may have."
        )
    with _on_disk(file) as path:
        digest = sha256_of(path)
        if known := Asset.objects.owned_by(owner).filter(sha256=digest).first():
            found_kind = known.kind
        else:
            found = probe.probe(path, filename=clean_name(file.name))
            found_kind = found.kind
        if found_kind != kind:
            raise BadMedia(f"This is {_a(found_kind)}; {_a(kind)} goes here.")
        return _put_back(known, path) if known else _keep(owner, path, found, digest, clean_name(file.name))


def keep(owner: User, path: Path, name: str) -> Asset:
    """Keep a file that the studio has made itself as if it had been uploaded. Raises BadMedia."""
    digest = sha256_of(path)
    if known := Asset.objects.owned_by(owner).filter(sha256=digest).first():
        return _put_back(known, path)
    return _keep(owner, path, probe.probe(path), digest, name)


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


def _put_back(asset: Asset, path: Path) -> Asset:
    """The known asset; what of its files has gone from the storage is made anew from the same bytes."""
    names = [file.name for file in (asset.file, asset.thumbnail) if file.name]
    if not all(map(default_storage.exists, names)):
        asset.file = _save(names[0], path)
        asset.thumbnail = _thumbnail(path, asset.kind, base_of(asset.owner_id, asset.sha256))
        asset.save(update_fields=["file", "thumbnail"])
    return asset


def _keep(owner: User, path: Path, found: probe.Probe, digest: str, name: str) -> Asset:
    base = base_of(owner.pk, digest)
    asset, _ = Asset.objects.get_or_create(
        owner=owner,
        sha256=digest,
        defaults={
            "kind": found.kind,
            "name": name,
            "file": _save(f"{base}.{found.extension.lstrip('.')}", path),
            "thumbnail": _thumbnail(path, found.kind, base),
            "size": found.size,
            "content_type": found.content_type,
            "width": found.width,
            "height": found.height,
            "duration_ms": found.duration_ms,
        },
    )
    return asset


def _thumbnail(path: Path, kind: str, base: str) -> str:
    if kind == "audio":
        return ""
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, suffix=".webp") as out:
        renditions.thumbnail(path, kind, Path(out.name))
        return _save(f"{base}-thumbnail.webp", Path(out.name))


def _save(name: str, path: Path) -> str:
    """Names hold the content's hash: what is there already is the same file, so it must appear whole."""
    if default_storage.exists(name):
        return name
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR, delete=False) as copy:
        try:
            shutil.copyfile(path, copy.name)
            return default_storage.save(name, _Movable(copy))
        finally:
            Path(copy.name).unlink(missing_ok=True)


class _Movable(File):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A finished file that a local storage moves to its place in one step; others read it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


@contextmanager
def _on_disk(file: UploadedFile[Any]) -> Iterator[Path]:
    """The upload as a path; small ones that Django kept in memory are written out first."""
    if isinstance(file, TemporaryUploadedFile):
        yield Path(file.temporary_file_path())
        return
    with NamedTemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
