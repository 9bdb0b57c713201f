"""Where things are kept: database, media, queue."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import Error, connection
from huey.contrib.djhuey import HUEY

from hedra_studio.health import keeps_files, unapplied

from .finding import Finding, bad, ok, warn

MANY_MESSAGES = 1000
"""The sweep hands out a hundred at a time, and none while some are left."""


def database() -> Iterator[Finding]:
    try:
        lacking = unapplied()
    except Error as error:
        words = " ".join(str(error).split())
        yield bad("database", f"can't be used: {words}", "Is it running, and is DATABASE_URL right?")
        return
    yield from _whole_sqlite() if connection.vendor == "sqlite" else _postgresql()
    if lacking:
        says = f"lacks {len(lacking)} migration{'s' if len(lacking) > 1 else ''}: {', '.join(lacking)}"
        yield bad("database", says, "Start the studio, which applies them, or run `manage.py migrate`.")


def _whole_sqlite() -> Iterator[Finding]:
    """SQLite's own look at every page of the file."""
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        trouble = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
    if trouble != "ok":
        yield bad("database", f"SQLite: the file is damaged: {trouble}", "Stop the studio; restore a backup.")
    elif mode != "wal":
        says = f"SQLite, whole, but in {mode} mode: pages and worker get in each other's way"
        yield warn("database", says, "Keep the data folder on a local disk; network disks don't offer more.")
    else:
        yield ok("database", "SQLite, whole, in WAL mode")


def _postgresql() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        yield ok("database", f"PostgreSQL {cursor.fetchone()[0]}")


def storage() -> Iterator[Finding]:
    """A small file is written to the media, read back and removed."""
    do = "Is the disk full, or may the studio not write there? Finished takes stay at the service meanwhile."
    try:
        kept = keeps_files()
    except Exception as error:  # a storage elsewhere fails in its own library's ways
        yield bad("storage", f"takes no files: {error}", do)
        return
    yield (
        ok("storage", "takes files and gives them back")
        if kept
        else bad("storage", "gives back other bytes than it was given", do)
    )


def queue() -> Iterator[Finding]:
    count = HUEY.pending_count()
    if count > MANY_MESSAGES:
        do = "Is a worker running? Messages may be thrown away: what is due is found again."
        yield warn("queue", f"{count} messages wait", do)
    else:
        yield ok("queue", f"{count} messages wait")
