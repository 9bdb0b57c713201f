import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from upkeep.backup import databases
from upkeep.backup.archive import DATABASES, MEDIA, SECRET_KEY, Writer
from upkeep.backup.manifest import Manifest


class Command(BaseCommand):
    help = (
        "Copy database and media into one tar file, while the studio runs. The key that signs sessions and"
        " links goes with it (services call back by such links), so the file is made readable by you alone:"
        " keep it so. Your keys at the services are in .env and not in the backup. Media in an object store"
        " is not in it either: keep copies of that with the store's own means."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the tar file to write; it must not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        target = options["file"].absolute()
        require_place(target)
        try:
            with arriving(target) as file, TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
                manifest = write(file, Path(folder))
        except OSError as error:
            raise CommandError(f"The backup could not be written: {error}") from None
        self.stdout.write(
            f"Backed up {manifest.takes} takes and {manifest.assets} inputs:"
            f" {manifest.files} files, {filesizeformat(manifest.size)}, in {target}"
        )
        if media_folder() is None:
            self.stdout.write("The media is in an object store and NOT in this file.")


def require_place(target: Path) -> None:
    if target.exists():
        raise CommandError(f"{target} exists already. Nothing was written; choose another name.")
    media = media_folder()
    if media and target.is_relative_to(media.resolve()):
        raise CommandError("Choose a place outside of the media: the backup would hold itself.")


def media_folder() -> Path | None:
    """Where the media is; None when it is in an object store."""
    storage = storages["default"]
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


@contextmanager
def arriving(target: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is whole and on the disk."""
    handle, aside = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.name}-"
    )  # mkstemp makes it mode 600
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        require_place(target)
        Path(aside).rename(target)
    finally:
        Path(aside).unlink(missing_ok=True)


def write(file: BinaryIO, folder: Path) -> Manifest:
    """The database first: see the package."""
    manifest = Manifest.of_now()
    archive = Writer(file, sums=folder / "sums")
    database = folder / DATABASES[manifest.database]
    databases.copy(database)
    archive.add(database.name, database)
    database.unlink()
    key, media = Path(settings.DATA_DIR) / SECRET_KEY, media_folder()
    if key.exists():
        archive.add(SECRET_KEY, key)
    if media:
        archive.add_folder(MEDIA, media)
    return archive.finish(manifest)
