from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from generations.models import Worker
from generations.orders import unclear
from hedra_studio.instance import only_instance
from upkeep.backup import databases, placing
from upkeep.backup.archive import DATABASES, files_below, unpack
from upkeep.management.commands.backup import media_folder


class Command(BaseCommand):
    help = (
        "Put a backup in place, while the studio is stopped. It is unpacked and checked as a whole before"
        " anything is touched. Takes that were about to be ordered at Hoox when it was made come back as"
        " unclear: they may have been ordered since, and Hoox can't be asked."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `backup` has written")
        parser.add_argument(
            "--replace", action="store_true", help="where a studio is already: move what it has aside"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        backup = options["file"].absolute()
        if not backup.is_file():
            raise CommandError(f"There is no file {backup}.")
        with only_instance(settings.DATA_DIR):
            require_no_worker()
            require_room(replace=options["replace"])
            try:
                with TemporaryDirectory(dir=settings.DATA_DIR, prefix="restoring-") as folder:
                    aside = self.restore(backup, Path(folder))
            except OSError as error:
                raise CommandError(f"The backup could not be restored: {error}") from None
        if aside:
            self.stdout.write(f"What was here before is in {aside}")

    def restore(self, backup: Path, folder: Path) -> Path | None:
        """Where what was here before is now; None when there was nothing."""
        manifest = unpack(backup, folder)
        manifest.require_fit()
        aside = aside_folder() if is_occupied() else None
        database = folder / DATABASES[manifest.database]
        doubts = unclear.doubts_sql(manifest.made_at, connection.vendor)
        connections.close_all()
        placing.put(folder, database, doubts, aside, media_folder())
        self.stdout.write(
            f"Restored {manifest.takes} takes and {manifest.assets} inputs, as they were"
            f" {manifest.made_at:%d %b %Y, %H:%M} UTC. Start the studio."
        )
        return aside


def require_no_worker() -> None:
    """The lock tells of a studio on this folder; workers and pages may also run elsewhere."""
    try:
        seen = Worker.objects.alive().first() if databases.is_filled() else None
    except DatabaseError:  # of an older studio, or damaged
        return
    if seen:
        raise CommandError(
            f"A worker was seen a moment ago ({seen}). Stop it; if it was killed, wait half a minute."
        )


def require_room(*, replace: bool) -> None:
    if is_occupied() and not replace:
        raise CommandError(
            f"There is a studio in {settings.DATA_DIR} already. Nothing was changed."
            " With --replace, what it has is moved aside first."
        )


def is_occupied() -> bool:
    media = media_folder()
    return databases.is_filled() or bool(media and any(files_below(media)))


def aside_folder() -> Path:
    now: datetime = timezone.now()
    return Path(settings.DATA_DIR) / f"replaced-{now:%Y%m%d-%H%M%S}"
