"""Pictures that can wait: the hover preview and the sprite of a video, made once the take can be seen.

What is wanted is only remembered by this process. If it dies, `find` brings it back: takes kept within a day
that have no preview. One that can't be decoded is tried once by each process, and not after that day."""

from __future__ import annotations

import logging
import tempfile
import time
from collections import deque
from datetime import timedelta
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils import timezone

from hedra_studio.logs import about

from . import reuse, room
from .media import renditions
from .models import Generation, GenerationQuerySet, Status
from .storing import put, remove

log = logging.getLogger(__name__)

FOUND_FOR = timedelta(days=1)
AMONG_NEWEST = 5000
"""A look for what was forgotten reads no more rows than these."""
WAITS_S = 60.0
"""Results on their way come first, but not for ever."""

_wanted: deque[tuple[int, float]] = deque()
_failed: set[int] = set()


def want(pk: int) -> None:
    _wanted.append((pk, time.monotonic()))


def find() -> None:
    """Want those again that a stopped process has left."""
    newest = Generation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    recent = _lacking().filter(pk__gt=newest - AMONG_NEWEST, verified_at__gt=timezone.now() - FOUND_FOR)
    known = _failed | {pk for pk, _ in _wanted}
    for pk in recent.order_by("pk").values_list("pk", flat=True):
        if pk not in known:
            want(pk)


def make_wanted(*, at_once: bool = False) -> None:
    """All that are wanted, one after the other, while no result is being fetched."""
    while _wanted and (at_once or not _must_wait()):
        pk, _ = _wanted.popleft()
        take = _lacking().filter(pk=pk).select_related("account").first()
        if take and not take.is_oversized:
            with about(**take.log_facts):
                _make(take)


def forget() -> None:
    """As in a process that has just begun."""
    _wanted.clear()
    _failed.clear()


def _lacking() -> GenerationQuerySet:
    return Generation.objects.stored().filter(preview="", content_type__startswith="video/")


def _must_wait() -> bool:
    _, since = _wanted[0]
    fetched = Generation.objects.held().in_status([Status.DOWNLOADING])
    return time.monotonic() - since < WAITS_S and fetched.exists()


def _make(take: Generation) -> None:
    try:
        room.refuse()
        with reuse.on_disk(take.result) as path, tempfile.TemporaryDirectory(dir=_folder()) as folder:
            _keep(take, path, Path(folder))
    except room.NoRoom as error:  # `find` comes back to it
        log.info("no preview yet: %s", error)
    except Exception:  # whatever is wrong with a picture of it, the take is complete
        _failed.add(take.pk)
        log.exception("no preview or sprite")


def _keep(take: Generation, path: Path, folder: Path) -> None:
    """Store both, then name them on the row, unless that names another result by now."""
    renditions.preview(path, folder / "preview.mp4")
    renditions.sprite(path, folder / "sprite.webp")
    base = PurePosixPath(str(take.result.name)).with_suffix("")
    names = {
        "preview": put(f"{base}-preview.mp4", folder / "preview.mp4"),
        "sprite": put(f"{base}-sprite.webp", folder / "sprite.webp"),
    }
    if _lacking().filter(pk=take.pk, result=take.result).update(**names):
        return
    # The same result has the same pictures, so that another process may just have named these very files.
    if not Generation.objects.filter(pk=take.pk, result=take.result).exists():
        remove(*names.values())


def _folder() -> Path:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
