"""`manage.py backup`: what it writes, and when it doesn't."""

from __future__ import annotations

import io
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from pytest_django.fixtures import Settings

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="with PostgreSQL see test_backup_postgresql"),
]


@pytest.fixture(autouse=True)
def stored(settings: Settings, tmp_path: Path) -> str:
    """A data folder with one clip."""
    settings.DATA_DIR = tmp_path / "data"
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "data" / "tmp"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True)
    (settings.DATA_DIR / "secret_key").write_text("k" * 50)
    return default_storage.save("takes/2026/11/1.mp4", ContentFile(b"clip"))


def backup(target: Path) -> str:
    out = io.StringIO()
    call_command("backup", str(target), stdout=out)
    return out.getvalue()


def test_database_media_and_secret_key_are_in_one_file_for_its_owner(tmp_path: Path) -> None:
    target = tmp_path / "backup.tar"
    text = backup(target)
    assert text.startswith("Backed up 0 takes and 0 inputs: 3 files, ")
    assert target.stat().st_mode & 0o777 == 0o600
    with tarfile.open(target) as tar:
        names = tar.getnames()
        tar.extract("database.sqlite3", tmp_path, filter="data")
    assert names == [
        "database.sqlite3",
        "secret_key",
        "media/takes/2026/11/1.mp4",
        "SHA256SUMS",
        "manifest.json",
    ]
    with closing(sqlite3.connect(tmp_path / "database.sqlite3")) as database:
        assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 10


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "backup.tar"
    target.write_text("last week's")
    with pytest.raises(CommandError, match="exists already"):
        backup(target)
    assert target.read_text() == "last week's"


def test_it_does_not_go_into_the_media_that_it_holds(settings: Settings) -> None:
    with pytest.raises(CommandError, match="outside of the media"):
        backup(Path(settings.MEDIA_ROOT) / "backup.tar")


def test_one_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("upkeep.management.commands.backup.os.fsync", full)
    with pytest.raises(CommandError, match="No space left"):
        backup(tmp_path / "backup.tar")
    assert not list(tmp_path.glob("*backup.tar*"))
    assert not list((tmp_path / "data" / "tmp").iterdir())


def test_a_place_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="could not be written"):
        backup(tmp_path / "nowhere" / "backup.tar")


def test_a_damaged_database_is_not_kept_as_if_it_were_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged.sqlite3"
    damaged.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    monkeypatch.setattr("upkeep.backup.databases.path", lambda: damaged)
    with pytest.raises(CommandError, match="database"):
        backup(tmp_path / "backup.tar")
    assert not list(tmp_path.glob("*backup.tar*"))


def test_media_in_an_object_store_is_said_not_to_be_in_it(tmp_path: Path, settings: Settings) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": memory}
    assert "NOT in this file" in backup(tmp_path / "backup.tar")
