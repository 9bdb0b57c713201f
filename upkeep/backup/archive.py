"""The tar file: written and read as a stream, with constant memory, however many files there are."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from django.core.management.base import CommandError

from .manifest import Manifest

MEGABYTE = 1024 * 1024
MEDIA, SECRET_KEY, SUMS, MANIFEST = "media", "secret_key", "SHA256SUMS", "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
FIXED = {SECRET_KEY, SUMS, MANIFEST, *DATABASES.values()}
DAMAGED = "This backup is damaged, or not whole: {}. Nothing was changed."


class Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.sha256.update(piece)
        return piece


class Writer:
    """Adds files, then the list of their sums (as `sha256sum -c` reads it), then the manifest."""

    def __init__(self, file: BinaryIO, sums: Path) -> None:
        self._tar = tarfile.open(  # noqa: SIM115 - closed by finish; a broken one is thrown away
            fileobj=file, mode="w|", format=tarfile.PAX_FORMAT, bufsize=MEGABYTE
        )
        self._sums = sums
        self.files = self.size = 0

    def add(self, name: str, path: Path) -> None:
        with path.open("rb") as file, self._sums.open("a") as sums:
            status, hashed = os.fstat(file.fileno()), Hashed(file)
            self._add(name, status.st_size, int(status.st_mtime), hashed)
            sums.write(f"{hashed.sha256.hexdigest()}  {name}\n")
            self.files, self.size = self.files + 1, self.size + status.st_size

    def add_folder(self, name: str, folder: Path) -> None:
        """All files below; one that is removed meanwhile is left out."""
        for path in files_below(folder):
            try:
                self.add(f"{name}/{path.relative_to(folder).as_posix()}", path)
            except FileNotFoundError:
                continue

    def finish(self, manifest: Manifest) -> Manifest:
        """The manifest as it was written."""
        with self._sums.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            self._add(SUMS, self._sums.stat().st_size, 0, file)
        whole = replace(manifest, files=self.files, size=self.size, sums=digest)
        text = whole.written()
        self._add(MANIFEST, len(text), 0, io.BytesIO(text))
        self._tar.close()
        return whole

    def _add(self, name: str, size: int, mtime: int, file: object) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = size, mtime, 0o600
        self._tar.addfile(member, cast(BinaryIO, file))
        forget_members(self._tar)


def forget_members(tar: tarfile.TarFile) -> None:
    """It keeps one of each file, for going back; nobody goes back in a stream."""
    cast(Any, tar).members.clear()


def files_below(folder: Path) -> Iterator[Path]:
    """Also where a folder in it is a link to another disk."""
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders.sort()
        for name in sorted(names):
            yield Path(parent, name)


def unpack(backup: Path, folder: Path) -> Manifest:
    """Everything in the backup, into an empty folder, each compared with its sum. Raises CommandError."""
    found = folder / "found"
    try:
        with tarfile.open(backup, "r|") as tar, found.open("w") as sums:
            while member := tar.next():
                forget_members(tar)
                digest = _extract(tar, member, folder)
                if member.name not in (SUMS, MANIFEST):
                    sums.write(f"{digest}  {member.name}\n")
    except (tarfile.TarError, FileExistsError, EOFError) as error:
        raise CommandError(DAMAGED.format(error)) from None
    return _verified(folder, found)


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> str:
    """The SHA-256 of what was written. Nothing but plain files in their own places comes out of a backup."""
    target = folder / _checked(member)
    target.parent.mkdir(parents=True, exist_ok=True)
    source = Hashed(cast(BinaryIO, tar.extractfile(member)))
    with target.open("xb") as file:
        shutil.copyfileobj(source, file, MEGABYTE)
    return source.sha256.hexdigest()


def _checked(member: tarfile.TarInfo) -> str:
    path = PurePosixPath(member.name)
    inside = path.parts[0] == MEDIA and len(path.parts) > 1 and ".." not in path.parts
    if not (member.isreg() and str(path) == member.name and (member.name in FIXED or inside)):
        raise CommandError(f"This is no backup of a studio: it holds {member.name!r}. Nothing was changed.")
    return member.name


def _verified(folder: Path, found: Path) -> Manifest:
    """What was found against what was written down."""
    if not (folder / MANIFEST).exists():
        raise CommandError(DAMAGED.format("it ends too early"))
    manifest, told = Manifest.read((folder / MANIFEST).read_bytes()), folder / SUMS
    if not told.exists() or _sha256(told) != manifest.sums:
        raise CommandError(DAMAGED.format("the list of its files is not the one that was written"))
    with told.open() as told_lines, found.open() as found_lines:
        for line in told_lines:
            if line != found_lines.readline():
                raise CommandError(DAMAGED.format(f"{line.split('  ', 1)[-1].strip()} is not as it was"))
        if found_lines.read(1):
            raise CommandError(DAMAGED.format("it holds files that are not in its list"))
    return manifest


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
