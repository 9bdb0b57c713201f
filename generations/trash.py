"""Deleted takes: hidden at once, their files removed after 30 days, their ids kept for ever.

The ids stay because the service's history would otherwise bring the take back at the next import."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.utils import timezone

from .models import Generation
from .models.status import TRASH_FOR as KEEP

log = logging.getLogger(__name__)

_MOMENT = timedelta(seconds=1)
ABANDONED_S = 8 * 24 * 3600
FILES = ("result", "poster", "preview", "sprite")


def forget_parts() -> None:
    """Remove unfinished downloads that nothing has come back to for longer than a download may take."""
    for part in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.part"):
        if time.time() - part.stat().st_mtime > ABANDONED_S:
            part.unlink(missing_ok=True)


def end_now(owner: User) -> int:
    """Let the time of all that this person has in the trash be over: it can't be restored any more. The
    number of takes; their files go with the next emptying."""
    over = timezone.now() - KEEP - _MOMENT
    return Generation.objects.in_trash_of(owner).update(deleted_at=over, updated=timezone.now())


def empty_trash(owner: User | None = None, most: int | None = None) -> int:
    """Remove the files of takes deleted more than 30 days ago, of one person or of all; the number of takes
    emptied, `most` at once."""
    old = Generation.objects.filter(deleted_at__lt=timezone.now() - KEEP).exclude(**dict.fromkeys(FILES, ""))
    old = old.filter(owner=owner) if owner else old
    return sum(_empty(take) for take in old[:most].iterator())


def _empty(take: Generation) -> bool:
    """The row first, and only if it is as it was read: nobody has restored it, nor given it another file."""
    names = {name: str(getattr(take, name).name or "") for name in FILES}
    row = Generation.objects.filter(pk=take.pk, deleted_at=take.deleted_at, **names)
    if not row.update(**dict.fromkeys(FILES, "")):
        return False
    stuck = {name: file for name, file in names.items() if file and not _is_removed(file)}
    if stuck:  # named again, the next emptying finds them
        Generation.objects.filter(pk=take.pk, **dict.fromkeys(FILES, "")).update(**stuck)
    return True


def _is_removed(file: str) -> bool:
    """One file that stays must not keep all the others."""
    try:
        default_storage.delete(file)
    except OSError as error:
        log.warning("%s stays in the storage: %s", file, error)
        return False
    return True
