"""Whether the studio can do its work: what `/readyz` answers by and what the doctor tells more of."""

import time
from collections.abc import Collection
from functools import lru_cache
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

STORAGE_KEPT_S = 10
"""One answer about the storage serves so long, so that whoever asks often doesn't write often."""
_migrated: set[str] = set()


def failing() -> list[str]:
    """A word for each part that keeps the pages from being served; empty when they can be."""
    parts = [] if _storage_keeps_files(int(time.monotonic() // STORAGE_KEPT_S)) else ["storage"]
    if not database_answers():
        return ["database", *parts]
    return parts if is_migrated() else ["migrations", *parts]


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def is_migrated() -> bool:
    """Whether the database has what this code needs. A yes is kept: nothing takes it back while we run."""
    name = str(connection.settings_dict["NAME"])
    if name not in _migrated and not unapplied():
        _migrated.add(name)
    return name in _migrated


def unapplied() -> list[str]:
    """Migrations that the database lacks, such as "catalog.0002_prices". Raises django.db.Error."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [*out_of_reach(applied()), *(f"{migration.app_label}.{migration.name}" for migration, _ in plan)]


def applied() -> list[str]:
    """Those that the database has, by name. Raises django.db.Error."""
    names = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in names)


def out_of_reach(had: Collection[str]) -> list[str]:
    """Migrations that have become part of one since, and that are lacking where others of it were applied:
    nothing in this version would apply them."""
    here = MigrationLoader(None).disk_migrations.values()
    parts = [[f"{app}.{name}" for app, name in migration.replaces] for migration in here]
    begun = [names for names in parts if any(name in had for name in names)]
    return [name for names in begun for name in names if name not in had]


@lru_cache(maxsize=1)
def _storage_keeps_files(moment: int) -> bool:
    try:
        return keeps_files()
    except Exception:  # a storage elsewhere fails in its own library's ways
        return False


def keeps_files() -> bool:
    """Write a small file to the media, read it back, remove it. Raises what the storage raises."""
    written = uuid4().hex.encode()
    name = default_storage.save(f"checks/{uuid4().hex}", ContentFile(written))
    try:
        with default_storage.open(name) as file:
            return bool(file.read() == written)
    finally:
        default_storage.delete(name)
