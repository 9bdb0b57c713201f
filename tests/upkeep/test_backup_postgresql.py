"""Backup and restore of a studio on PostgreSQL, with the server's own programs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from tests.project.running import PROJECT, environment, manage

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a PostgreSQL: TEST_DATABASE_URL"),
    pytest.mark.skipif(not shutil.which("pg_dump"), reason="needs PostgreSQL's own programs"),
]


def server() -> str:
    """The address of the server that the tests use, up to the name of a database."""
    found = connection.settings_dict
    login = f"{found['USER']}:{found['PASSWORD']}".rstrip(":")
    return f"postgres://{login}@{found['HOST']}:{found['PORT']}/"


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty database."""
    name = f"backup_{uuid4().hex}"
    with psycopg.connect(server() + "postgres", autocommit=True) as there:
        there.execute(f'CREATE DATABASE "{name}"')
        yield server() + name
        there.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def statuses(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as there:
        return there.execute("SELECT status FROM generations_generation ORDER BY id").fetchall()


def fill(env: dict[str, str]) -> None:
    env = env | {"DJANGO_SETTINGS_MODULE": "hedra_studio.settings"}
    subprocess.run([sys.executable, "-m", "tests.upkeep.a_studio"], cwd=PROJECT, env=env, check=True)


@pytest.fixture
def one() -> Iterator[str]:
    with database() as url:
        yield url


@pytest.fixture
def other() -> Iterator[str]:
    with database() as url:
        yield url


def test_it_comes_back_whole_and_what_was_there_is_kept(one: str, other: str, tmp_path: Path) -> None:
    first, backup = environment(tmp_path / "first", DATABASE_URL=one), tmp_path / "backup.tar"
    fill(first)
    made = manage("backup", str(backup), env=first)
    assert made.returncode == 0, made.stderr

    second = environment(tmp_path / "second", DATABASE_URL=other)
    restored = manage("restore", str(backup), env=second)
    assert restored.returncode == 0, restored.stderr
    assert statuses(other) == [("complete",), ("preparing",), ("unclear",)]
    assert (tmp_path / "second" / "media" / "takes" / "1.mp4").read_bytes() == b"clip"

    refused = manage("restore", str(backup), env=second)
    assert (refused.returncode, "--replace" in refused.stderr) == (1, True)
    with psycopg.connect(other) as there:
        there.execute("UPDATE generations_generation SET status = 'error'")
        there.execute("CREATE TABLE of_a_newer_studio (id int)")
    again = manage("restore", str(backup), "--replace", env=second)
    assert again.returncode == 0, again.stderr
    assert statuses(other) == [("complete",), ("preparing",), ("unclear",)]
    [aside] = (tmp_path / "second").glob("replaced-*")
    assert (aside / "database.pgdump").stat().st_size
    with psycopg.connect(other) as there:
        assert there.execute("SELECT to_regclass('of_a_newer_studio')").fetchone() == (None,)


def test_a_dump_that_the_server_refuses_changes_nothing(one: str, tmp_path: Path) -> None:
    """The studio's rows are as they were: all of it is one transaction."""
    env, backup = environment(tmp_path / "data", DATABASE_URL=one), tmp_path / "backup.tar"
    fill(env)
    assert manage("backup", str(backup), env=env).returncode == 0
    with psycopg.connect(one) as there:
        there.execute("CREATE ROLE nobody_in_particular LOGIN")
        there.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO nobody_in_particular")
        there.execute("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO nobody_in_particular")
    limited = one.replace("//postgres@", "//nobody_in_particular@")
    try:
        refused = manage("restore", str(backup), "--replace", env=env | {"DATABASE_URL": limited})
        assert refused.returncode == 1, refused.stdout
        assert "PostgreSQL did not take the dump" in refused.stderr
        assert statuses(one) == [("complete",), ("preparing",), ("preparing",)]
    finally:
        with psycopg.connect(one) as there:
            there.execute("DROP OWNED BY nobody_in_particular")
            there.execute("DROP ROLE nobody_in_particular")
