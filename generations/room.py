"""Room on this machine's disks, looked at before anything large is written.

So work waits and says so, instead of failing half-way or taking the last bytes from the database."""

from __future__ import annotations

import errno
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.template.defaultfilters import filesizeformat

log = logging.getLogger(__name__)

PAUSE_S = 20.0
"""After so long a time a take that waits for room looks again."""
REMEMBERED_S = 60.0
"""A refusal that no look can foresee (a quota, a right) keeps this process from trying anew for so long."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
LOCKED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
HELD = "Finished and safe at the service. It is fetched as soon as the studio's disk has room."


@dataclass(frozen=True)
class Shortage:
    """Why nothing large can be written at the moment, and what to do about it."""

    title: str
    advice: str


_SAFE = "Finished takes stay safe at the service and are fetched by themselves then; nothing is paid twice."
_LOCKED = Shortage(
    "The studio can't write to its disk",
    f"It is read-only, or the studio has no right to write there. Make its data folder writable. {_SAFE}",
)
ELSEWHERE = Shortage("Finished takes wait for room on the studio's disk", f"Free some space there. {_SAFE}")


class NoRoom(Exception):
    """Something was not written, for want of room or of the right to; it can be tried again later."""

    def __init__(self, shortage: Shortage) -> None:
        self.shortage = shortage
        super().__init__(f"{shortage.title}. {shortage.advice}")


_refused: tuple[float, Shortage] | None = None


def refuse(need: int = 0) -> None:
    """Raises NoRoom unless `need` more bytes fit and the reserve stays free."""
    if found := shortage(need):
        raise NoRoom(found)


@contextmanager
def guarded() -> Iterator[None]:
    """A disk's refusal to take more becomes NoRoom; one that no look foresees is remembered for a while."""
    global _refused
    try:
        yield
    except OSError as error:
        if not is_refusal(error):
            raise
        log.warning("the disk refuses: %s", error)
        found = shortage()
        if found is None:
            found = _LOCKED if error.errno in LOCKED else _full(None)
            _refused = time.monotonic() + REMEMBERED_S, found
        raise NoRoom(found) from error


def is_refusal(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in FULL | LOCKED


def shortage(need: int = 0) -> Shortage | None:
    """What keeps `need` bytes from being written, without writing any. A few microseconds."""
    if _refused and time.monotonic() < _refused[0]:
        return _refused[1]
    return next(filter(None, (_shortage_at(folder, need) for folder in _folders())), None)


def _shortage_at(folder: Path, need: int) -> Shortage | None:
    place = next(each for each in (folder, *folder.parents) if each.exists())
    disk = os.statvfs(place)
    if disk.f_flag & os.ST_RDONLY or not os.access(place, os.W_OK):
        return _LOCKED
    free = disk.f_bavail * disk.f_frsize
    is_out_of_names = disk.f_files and not disk.f_favail
    return _full(free) if is_out_of_names or free < settings.KEEP_FREE + need else None


def _full(free: int | None) -> Shortage:
    kept = f"the last {filesizeformat(settings.KEEP_FREE)} are left to the database"
    left = "" if free is None else f"{filesizeformat(free)} are free; {kept}. "
    return Shortage("The studio's disk is too full", f"{left}Free some space there. {_SAFE}")


def forget() -> None:
    """A refusal that is remembered: the next look counts alone."""
    global _refused
    _refused = None


def _folders() -> list[Path]:
    """Where downloads and uploads grow, and where they are kept, as far as that is on this machine."""
    try:
        kept = [Path(default_storage.path(""))]
    except NotImplementedError:
        kept = []
    return [Path(settings.FILE_UPLOAD_TEMP_DIR), *kept]
