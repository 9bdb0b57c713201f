"""`manage.py restore`: a backup comes back whole, and nothing is lost when it doesn't."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hedra_studio.instance import only_instance
from tests.project.running import PROJECT, environment, manage
from upkeep.backup.archive import unpack

pytestmark = [pytest.mark.slow, pytest.mark.any_database]


class Folder:
    """A studio's data folder, and the commands on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.env = environment(path)

    def fill(self) -> None:
        env = self.env | {"DJANGO_SETTINGS_MODULE": "hedra_studio.settings"}
        subprocess.run([sys.executable, "-m", "tests.upkeep.a_studio"], cwd=PROJECT, env=env, check=True)

    def restore(self, backup: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return manage("restore", str(backup), *options, env=self.env)

    def takes(self) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.path / "studio.sqlite3")) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute("SELECT * FROM generations_generation ORDER BY id")]

    def execute(self, sql: str, *values: object) -> None:
        with closing(sqlite3.connect(self.path / "studio.sqlite3")) as database, database:
            database.execute(sql, values)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = Folder(tmp_path_factory.mktemp("original") / "data")
    folder.fill()
    return folder


@pytest.fixture(scope="module")
def backup(original: Folder) -> Path:
    target = original.path.parent / "backup.tar"
    made = manage("backup", str(target), env=original.env)
    assert made.returncode == 0, made.stderr
    return target


@pytest.fixture
def folder(tmp_path: Path, original: Folder) -> Folder:
    """A studio like the original, to be replaced."""
    shutil.copytree(original.path, tmp_path / "data", symlinks=True)
    return Folder(tmp_path / "data")


def test_into_an_empty_folder_it_comes_back_whole(tmp_path: Path, original: Folder, backup: Path) -> None:
    fresh = Folder(tmp_path / "data")
    restored = fresh.restore(backup)
    assert restored.returncode == 0, restored.stderr
    assert restored.stdout.startswith("Restored 3 takes and 0 inputs, as they were ")
    assert (fresh.path / "media" / "takes" / "1.mp4").read_bytes() == b"clip"
    key = fresh.path / "secret_key"
    assert key.read_text() == (original.path / "secret_key").read_text()
    assert key.stat().st_mode & 0o777 == 0o600
    assert [take["remote_id"] for take in fresh.takes()] == [take["remote_id"] for take in original.takes()]
    assert not list(fresh.path.glob("re*-*")), "nothing is left of the work"


def test_what_hoox_may_have_been_asked_for_since_is_not_ordered_again(
    tmp_path: Path, original: Folder, backup: Path
) -> None:
    fresh = Folder(tmp_path / "data")
    assert fresh.restore(backup).returncode == 0
    finished, at_hedra, at_hoox = fresh.takes()
    assert finished == original.takes()[0]
    assert at_hedra == original.takes()[1], "its reserved id keeps it from being ordered twice"
    assert (at_hoox["status"], at_hoox["error_code"], at_hoox["next_attempt_at"]) == (
        "unclear",
        "UNCLEAR",
        None,
    )
    with tarfile.open(backup) as tar:
        made = json.load(tar.extractfile("manifest.json"))["made"]  # type: ignore[arg-type]
    assert datetime.fromisoformat(at_hoox["sent_at"] + "+00:00") == datetime.fromisoformat(made)


def test_a_studio_that_is_there_is_not_touched_unless_asked(folder: Folder, backup: Path) -> None:
    refused = folder.restore(backup)
    assert refused.returncode == 1
    assert "With --replace, what it has is moved aside first." in refused.stderr
    assert [take["status"] for take in folder.takes()] == ["complete", "preparing", "preparing"]


def test_what_is_replaced_is_moved_aside(folder: Folder, backup: Path) -> None:
    folder.execute("UPDATE generations_generation SET prompt = 'Later'")
    (folder.path / "media" / "takes" / "1.mp4").write_bytes(b"later")
    (folder.path / "media" / "takes" / "2.mp4").write_bytes(b"new")
    restored = folder.restore(backup, "--replace")
    assert restored.returncode == 0, restored.stderr
    assert {take["prompt"] for take in folder.takes()} == {"A fox in the snow"}
    assert (folder.path / "media" / "takes" / "1.mp4").read_bytes() == b"clip"
    assert not (folder.path / "media" / "takes" / "2.mp4").exists()
    [aside] = folder.path.glob("replaced-*")
    assert str(aside) in restored.stdout
    assert (aside / "media" / "takes" / "1.mp4").read_bytes() == b"later"
    assert (aside / "media" / "takes" / "2.mp4").read_bytes() == b"new"
    with closing(sqlite3.connect(aside / "studio.sqlite3")) as database:
        assert database.execute("SELECT DISTINCT prompt FROM generations_generation").fetchall() == [
            ("Later",)
        ]


def test_a_damaged_backup_changes_nothing(folder: Folder, backup: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(backup.read_bytes().replace(b"clip", b"CLIP"))
    (folder.path / "studio.lock").touch()
    (folder.path / "tmp").mkdir(exist_ok=True)
    before = sorted(path.name for path in folder.path.iterdir())
    refused = folder.restore(damaged, "--replace")
    assert refused.returncode == 1
    assert "media/takes/1.mp4 is not as it was. Nothing was changed." in refused.stderr
    assert sorted(path.name for path in folder.path.iterdir()) == before
    assert (folder.path / "media" / "takes" / "1.mp4").read_bytes() == b"clip"


def test_while_a_studio_runs_it_is_refused(folder: Folder, backup: Path) -> None:
    with only_instance(folder.path):
        refused = folder.restore(backup, "--replace")
    assert (refused.returncode, refused.stderr) == (
        2,
        f"A studio (process {os.getpid()}) already runs on {folder.path}\n",
    )


def test_while_a_worker_runs_elsewhere_it_is_refused(folder: Folder, backup: Path) -> None:
    seen = (datetime.now(UTC) + timedelta(seconds=60)).strftime("%Y-%m-%d %H:%M:%S")
    folder.execute(
        "INSERT INTO generations_worker (host, pid, version, started, seen_at) VALUES ('b', 7, '1', ?, ?)",
        seen,
        seen,
    )
    refused = folder.restore(backup, "--replace")
    assert refused.returncode == 1
    assert "A worker was seen a moment ago (process 7 on b)" in refused.stderr


def test_what_is_no_file_is_said(folder: Folder, tmp_path: Path) -> None:
    assert "There is no file" in folder.restore(tmp_path / "nowhere.tar").stderr


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"database": "oracle"}, "Set DATABASE_URL to one of the same kind"),
        ({"migrations": ["catalog.0099_later"], "version": "9.0"}, "of a newer studio (9.0)"),
        ({"migrations": ["catalog.0001_initial"]}, "of an early version"),
    ],
)
def test_a_backup_that_does_not_fit_is_refused(
    backup: Path, tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    from dataclasses import replace

    from django.core.management.base import CommandError
    from django.db import connection

    (tmp_path / "unpacked").mkdir()
    manifest = replace(unpack(backup, tmp_path / "unpacked"), database=connection.vendor)
    manifest.require_fit()
    with pytest.raises(CommandError) as refused:
        replace(manifest, **change).require_fit()
    assert words in str(refused.value)
