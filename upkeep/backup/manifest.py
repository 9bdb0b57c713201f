"""What a backup says of itself."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from generations.models import Asset, Generation
from hedra_studio import health

FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    format: int
    version: str
    """Of the studio that made it."""
    made: str
    """When the database was copied, in ISO 8601."""
    database: str
    """sqlite or postgresql."""
    migrations: list[str]
    takes: int
    assets: int
    files: int = 0
    size: int = 0
    """Of all files together, in bytes."""
    sums: str = ""
    """SHA-256 of the list of all files, which holds the SHA-256 of each."""

    @classmethod
    def of_now(cls) -> Manifest:
        return cls(
            format=FORMAT,
            version=settings.VERSION,
            made=timezone.now().isoformat(timespec="seconds"),
            database=connection.vendor,
            migrations=health.applied(),
            takes=Generation.objects.count(),
            assets=Asset.objects.count(),
        )

    @classmethod
    def read(cls, text: bytes) -> Manifest:
        """Raises CommandError for what no studio of this version has written."""
        try:
            values = json.loads(text)
            if values["format"] != FORMAT:
                raise CommandError(
                    f"This backup has format {values['format']}, which this studio can't read."
                )
            return cls(**values)
        except (ValueError, TypeError, KeyError):
            raise CommandError("This is no backup of a studio: its manifest can't be read.") from None

    def written(self) -> bytes:
        return json.dumps(asdict(self), indent=2).encode()

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(self.made)

    def require_fit(self) -> None:
        """Raises CommandError when the studio that is set up here could not go on with it."""
        if self.database != connection.vendor:
            raise CommandError(
                f"This backup holds a {self.database} database, and the studio here has a {connection.vendor}"
                " one. Set DATABASE_URL to one of the same kind. Nothing was changed."
            )
        if newer := [name for name in self.migrations if name not in _known_migrations()]:
            raise CommandError(
                f"This backup is of a newer studio ({self.version}): this one ({settings.VERSION}) doesn't"
                f" know {', '.join(newer[:3])}. Bring the studio up to date first. Nothing was changed."
            )
        if lacking := health.out_of_reach(self.migrations):
            raise CommandError(
                "This backup is of an early version that this studio can't bring up to date: it lacks"
                f" {', '.join(lacking[:3])}. Restore it with a version that has these. Nothing was changed."
            )


def _known_migrations() -> set[str]:
    """Those that this studio has, and those that have become part of one of them."""
    here = MigrationLoader(None).disk_migrations
    parts = [part for migration in here.values() for part in migration.replaces]
    return {f"{app}.{name}" for app, name in [*here, *parts]}
