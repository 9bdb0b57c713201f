"""/healthz and /readyz: what a supervisor, a proxy or a monitor asks."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.db import Error, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from pytest_django.fixtures import Settings

from hedra_studio import health

CountQueries = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    health._storage_keeps_files.cache_clear()
    health._migrated.clear()


def test_a_process_that_lives_says_so_without_the_database() -> None:
    answer = Client().get("/healthz")  # pytest-django refuses any query here
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_a_studio_that_can_serve_is_ready(media_root: Path) -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert not [path for path in media_root.rglob("*") if path.is_file()]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_answers_are_never_cached_and_need_no_sign_in(path: str, settings: Settings) -> None:
    settings.SOLO = False
    answer = Client().get(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client().post(path).status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_name_that_is_not_ours_is_refused(path: str) -> None:
    assert Client(headers={"host": "evil.example"}).get(path).status_code == 400


@pytest.mark.django_db
def test_asked_often_it_neither_writes_nor_looks_at_migrations_again(
    django_assert_num_queries: CountQueries, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hedra_studio.health.time.monotonic", lambda: 1.0)
    assert Client().get("/readyz").status_code == 200
    (media_root / "checks").rmdir()
    with django_assert_num_queries(1):
        assert Client().get("/readyz").status_code == 200
    assert not (media_root / "checks").exists()


@pytest.mark.django_db
def test_without_its_database_it_is_not_ready() -> None:
    def away(*_: object) -> None:
        raise OperationalError("server at db.internal closed the connection")

    with connection.execute_wrapper(away):
        answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"database\n")


@pytest.mark.django_db
def test_a_database_of_an_older_studio_is_not_ready() -> None:
    latest = MigrationRecorder(connection).migration_qs.get(app="sessions")
    MigrationRecorder(connection).record_unapplied(latest.app, latest.name)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"migrations\n")


@pytest.mark.django_db
def test_a_storage_that_takes_nothing_is_not_ready(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings.MEDIA_ROOT = tmp_path / "file"
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"storage\n")


@pytest.mark.django_db
def test_every_part_that_fails_is_named(tmp_path: Path, settings: Settings) -> None:
    def away(*_: object) -> None:
        raise Error

    (tmp_path / "file").write_text("not a folder")
    settings.MEDIA_ROOT = tmp_path / "file"
    with connection.execute_wrapper(away):
        assert Client().get("/readyz").content == b"database\nstorage\n"
