"""Putting what was unpacked into its places, and what was there aside."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection

from . import databases
from .archive import DATABASES, MEDIA, SECRET_KEY


def put(folder: Path, database: Path, sql: str, aside: Path | None, media: Path | None) -> None:
    """The database is checked, and changed by `sql`, before anything else is touched. SQLite's file comes
    into its place last of all, so that no studio is ever there without the files that its rows name."""
    if aside:
        aside.mkdir(mode=0o700)
    if connection.vendor == "sqlite":
        databases.prepare_sqlite(database, sql)
        _leave_sqlite(aside)
    else:
        if aside:
            databases.copy(aside / DATABASES["postgresql"])
        databases.restore_postgresql(database, sql)
    if media:
        _place_media(folder / MEDIA, media, aside)
    _place_key(folder / SECRET_KEY, aside)
    if connection.vendor == "sqlite":
        shutil.move(database, databases.path())


def _leave_sqlite(aside: Path | None) -> None:
    """Also what SQLite keeps beside it, which would destroy another database. Without a place to leave it at,
    there is no table in it."""
    file = databases.path()
    for path in (file, *(Path(f"{file}-{end}") for end in ("wal", "shm"))):
        if path.exists() and aside:
            shutil.move(path, aside / path.name)
        path.unlink(missing_ok=True)


def _place_media(unpacked: Path, media: Path, aside: Path | None) -> None:
    if aside:
        _move_all(media, aside / MEDIA)
    _move_all(unpacked, media)


def _place_key(unpacked: Path, aside: Path | None) -> None:
    if not unpacked.exists():  # the one in use was given by SECRET_KEY
        return
    key = Path(settings.DATA_DIR) / SECRET_KEY
    if aside and key.exists():
        shutil.move(key, aside / key.name)
    unpacked.chmod(0o600)
    unpacked.replace(key)


def _move_all(source: Path, target: Path) -> None:
    """What is in the folder and not the folder: that may be a disk of its own."""
    target.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.iterdir()) if source.exists() else []:
        shutil.move(path, target / path.name)
