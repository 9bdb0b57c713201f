"""Deleted takes: hidden at once, their files removed after 30 days, their ids kept for ever.

The ids stay because the service's history would otherwise bring the take back at the next import."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from .models import Generation

KEEP = timedelta(days=30)
ABANDONED_S = 8 * 24 * 3600
FILES = ("result", "poster", "preview", "sprite")


def forget_parts() -> None:
    """Remove unfinished downloads that nothing has come back to for longer than a download may take."""
    for part in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.part"):
        if time.time() - part.stat().st_mtime > ABANDONED_S:
            part.unlink(missing_ok=True)


def empty_trash() -> int:
    """Remove the files of takes deleted more than 30 days ago; the number of takes emptied."""
    old = Generation.objects.filter(deleted_at__lt=timezone.now() - KEEP).exclude(**dict.fromkeys(FILES, ""))
    emptied = 0
    for take in old.iterator():
        # The row first, and only if nobody has restored it meanwhile.
        row = Generation.objects.filter(pk=take.pk, deleted_at=take.deleted_at)
        if not row.update(**dict.fromkeys(FILES, "")):
            continue
        emptied += 1
        for name in FILES:
            if file := getattr(take, name):
                default_storage.delete(file.name)
    return emptied
