"""`make chaos` in a minute, each kind of fault once: on SQLite, or on PostgreSQL by TEST_DATABASE_URL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
STORM = ["--seed", "5", "--takes", "8", "--faults", "30", "--seconds", "90"]


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of a database of its own; "" for SQLite."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    if not server:
        yield ""
        return
    name = f"chaos_{uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE {name}")
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.slow
def test_nothing_is_lost_or_paid_twice_in_a_short_storm(database: str) -> None:
    command = [sys.executable, "-m", "tests.chaos", *STORM, "--database", database]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
