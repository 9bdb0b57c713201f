"""Stored results checked again: are they there, and are they what they were when they were stored?"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from clients.errors import ServiceError

from . import download, reuse
from .media import probe
from .models import Damage, Generation, found_whole
from .storing import sha256_of_stored

log = logging.getLogger(__name__)

PAGE = 200
UNREADABLE = "unreadable"
"""The storage could not be asked: that says nothing of the file, so nothing is written down."""


@dataclass(frozen=True)
class Verdict:
    """What was found of one take."""

    take: Generation
    found: str
    """A Damage, UNREADABLE, or "" for a whole file."""


def verify(*, after: int = 0, decode: bool = False) -> Iterator[Verdict]:
    """Look at every stored result, oldest take first, and note on its row what was found.

    Begins behind the take `after`. With `decode` each is also played to its end. Rows come in pages by key:
    neither memory nor a cursor grows with them, and a worker beside is never waited for."""
    while takes := list(
        Generation.objects.stored().filter(pk__gt=after).select_related("account").order_by("pk")[:PAGE]
    ):
        for take in takes:
            yield Verdict(take, _verified(take, decode=decode))
        after = takes[-1].pk


def _verified(take: Generation, *, decode: bool) -> str:
    found = _look(take, decode=decode)
    if found != UNREADABLE:
        note(take, found)
    return found


def note(take: Generation, damage: str) -> None:
    """Write down what was found, unless the row names another file by now. A change shows on the pages."""
    same = Generation.objects.stored().filter(pk=take.pk, result=take.result)
    fields: dict[str, Any] = {"damage": damage} if damage else found_whole()
    if damage != take.damage:
        fields["updated"] = timezone.now()
    same.update(**fields)


def _look(take: Generation, *, decode: bool) -> str:
    name = str(take.result.name)
    try:
        if default_storage.size(name) != take.size or sha256_of_stored(name) != take.sha256:
            return Damage.DAMAGED
        return Damage.DAMAGED if decode and not _plays(take) else ""
    except FileNotFoundError:
        return Damage.MISSING
    except Exception as error:  # each storage has errors of its own; none of them says that the file is bad
        log.warning("take %s: its file can't be read: %s", take.pk, error)
        return UNREADABLE


def _plays(take: Generation) -> bool:
    try:
        with reuse.on_disk(take.result) as path:
            probe.probe(path, any_size=True)
    except probe.BadMedia:
        return False
    return True


def fetch_again(take: Generation) -> str:
    """Have a lost result brought once more by a worker: never made again. What came of it, as a sentence."""
    try:
        is_there = download.is_there(take)
    except ServiceError as error:
        return f"It could not be asked for. {error}"
    if not is_there:
        Generation.objects.lost().filter(pk=take.pk).update(gone_at=timezone.now(), updated=timezone.now())
        return f"{take.account.service_label} does not have it any more; its record is kept."
    return "It is fetched again." if take.fetch_again() else "It is not lost any more."
