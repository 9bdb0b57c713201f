"""What has to be there before pages and workers start, brought up to date by whoever comes first."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import Error, connection
from huey import PostgresHuey
from huey.contrib.djhuey import HUEY

from hedra_studio.collected import collect_if_changed
from hedra_studio.health import applied, out_of_reach, unapplied
from hedra_studio.logs import discreet
from hedra_studio.refused import Refused

LOCK = 0x4865647261
"""Ours among the advisory locks of a database."""


@contextmanager
def refusing() -> Iterator[None]:
    """Where the database can't do what is asked, Refused says so."""
    try:
        yield
    except Error as error:
        raise Refused(f"The database can't be used: {_line(error)}") from error


def servers() -> bool:
    """Database, queue and bucket; whether there was something to migrate. Raises Refused, and the database's
    errors."""
    with _alone():
        migrated = migrate_if_needed()
        reach_queue()
    reach_media()
    return migrated


def migrate_if_needed() -> bool:
    """Whether there was something to do; Django's own command takes most of a second even when not. Raises
    Refused."""
    if lacking := out_of_reach(applied()):
        raise Refused(
            "The database is of an early version that this one can't bring up to date: it lacks"
            f" {', '.join(lacking[:3])}. Start the last version that has these once, then this one."
        )
    if unapplied():
        call_command("migrate", interactive=False, verbosity=0)
        return True
    return False


def reach_queue() -> None:
    """Make the tables of a queue that has some, and see that it answers. Raises Refused."""
    try:
        if isinstance(HUEY, PostgresHuey):
            HUEY.storage.initialize_schema()
        HUEY.pending_count()
    except Exception as error:  # each kind of queue has errors of its own
        raise Refused(f"The queue can't be used: {_line(error)}") from error


def reach_media() -> None:
    """A bucket that is not there would look like one without any of our files. Raises Refused."""
    try:
        if reach := getattr(default_storage, "reach", None):
            reach()
    except OSError as error:
        raise Refused(f"The bucket can't be used: {_line(error)}") from error


def static_files() -> None:
    if not settings.DEBUG:
        collect_if_changed(settings.DATA_DIR / "static.stamp")


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time, of all machines on this database. SQLite's belongs to one studio anyway."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _line(error: Exception) -> str:
    return discreet(" ".join(str(error).split()))
