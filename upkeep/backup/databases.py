"""The database as one file, as it was at one moment, and back. While it is copied, others go on writing."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, cast

from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.backends.postgresql.client import DatabaseClient

PATIENCE_S = 20
ONE_TRANSACTION = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
EMPTY_SCHEMA = "DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n"


def path() -> Path:
    """Where SQLite's file is."""
    return Path(connection.settings_dict["NAME"])


def is_filled() -> bool:
    """Whether there is anything in it; one that can't be read surely holds something."""
    if connection.vendor == "sqlite" and not path().exists():
        return False
    try:
        return bool(connection.introspection.table_names())
    except DatabaseError:
        return True


def copy(to: Path) -> None:
    """Raises CommandError when it can't be copied, or is damaged: a copy of that would only seem to help."""
    if connection.vendor == "sqlite":
        _copy_sqlite(to)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={to}")


def _copy_sqlite(to: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(path(), timeout=PATIENCE_S)) as source,
            closing(sqlite3.connect(to)) as new,
        ):
            source.backup(new)  # in one read transaction, which in WAL mode keeps no writer waiting
            new.execute("PRAGMA journal_mode=DELETE")  # so that one file is all of it
            require_whole(new)
    except sqlite3.Error as error:
        raise CommandError(f"The database can't be copied: {error}") from None


def require_whole(database: sqlite3.Connection) -> None:
    trouble = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if trouble != "ok":
        raise CommandError(f"The database is damaged: {trouble}")


def prepare_sqlite(file: Path, sql: str) -> None:
    """Check an unpacked database and change it before anybody works with it."""
    with closing(sqlite3.connect(file)) as database:
        require_whole(database)
        database.executescript(sql)


def restore_postgresql(dump: Path, sql: str) -> None:
    """Replace all that is in the database by the dump, changed by `sql`, in one transaction."""
    reading = subprocess.Popen(
        [_found("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(dump)], stdout=subprocess.PIPE
    )
    command, env = _connected("psql", ONE_TRANSACTION)
    writing = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    into, out = cast(IO[bytes], writing.stdin), cast(IO[bytes], reading.stdout)
    try:
        into.write(EMPTY_SCHEMA.encode())
        shutil.copyfileobj(out, into)
        if reading.wait():
            writing.kill()  # without the end of its input it has kept nothing
            raise CommandError("pg_restore could not read the dump. Nothing was changed.")
        into.write(sql.encode())
    except BrokenPipeError:
        reading.kill()
    _close(into)
    if writing.wait():
        raise CommandError("PostgreSQL did not take the dump; the lines above say why. Nothing was changed.")


def _close(pipe: IO[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the reader has ended, and said why
        pipe.close()


def _run(program: str, *options: str) -> None:
    command, env = _connected(program, options)
    if subprocess.run(command, env=env, check=False).returncode:
        raise CommandError(f"{program} failed; the lines above say why.")


def _connected(program: str, options: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """A command of PostgreSQL's with the address of our database; the password goes in the environment."""
    (_, *address), env = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    return [_found(program), *options, *address], {**os.environ, **(env or {})}


def _found(program: str) -> str:
    found = shutil.which(program)
    if not found:
        raise CommandError(
            f"{program} is not here. Install PostgreSQL's own programs, of the server's version or newer"
            " (on Debian and Ubuntu: apt install postgresql-client)."
        )
    return found
