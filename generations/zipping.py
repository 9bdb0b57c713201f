"""Takes as one archive, written while it is sent: nothing of it is kept on the way.

What is stored is compressed already, so it goes in as it is."""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import PurePosixPath
from typing import Any, cast

from django.contrib.auth.models import User

from hedra_studio.files import Kept, Sendable

from .models import Generation
from .telling.sending import told
from .telling.story import facts_of, iso

log = logging.getLogger(__name__)

MOST_TAKES = 5000
"""In one archive: its list of contents is in memory until the end."""
AT_ONCE = 50
MISSING = "MISSING.txt"
_READABLE = 0o644 << 16


@dataclass
class Zipping:
    """An archive of these takes of one person, in this order."""

    owner: User
    pks: Sequence[int]
    clean: bool = False
    """Files as they came, instead of with their story in them."""
    numbered: bool = False
    """Whether names begin with the place in the order."""
    _missing: list[str] = field(default_factory=list)

    def stream(self) -> Iterator[bytes]:
        wire = _Wire()
        with zipfile.ZipFile(cast(Any, wire), "w") as archive:
            for place, take in enumerate(self._takes(), start=1):
                yield from self._written(archive, wire, take, f"{place:04}-" if self.numbered else "")
            if self._missing:
                archive.writestr(_entry(MISSING), "\n".join(self._missing) + "\n")
        yield wire.taken()

    def _takes(self) -> Iterator[Generation]:
        """Read a few at a time: no query stays open while a slow reader takes his time."""
        for first in range(0, len(self.pks), AT_ONCE):
            some = self.pks[first : first + AT_ONCE]
            mine = Generation.objects.owned_by(self.owner).select_related("account")
            found = mine.in_bulk(some)
            yield from (found[pk] for pk in some if pk in found)

    def _written(
        self, archive: zipfile.ZipFile, wire: _Wire, take: Generation, number: str
    ) -> Iterator[bytes]:
        name = f"{number}{take.file_name}"
        try:
            yield from _copied(archive, wire, take, name, self._sent(take))
        except (OSError, ValueError) as error:  # ValueError: the row names no file
            log.warning("take %s is not whole in an archive: %s", take.pk, error)
            self._missing.append(f"{name}: the file of take {take.pk} could not be read to its end.")
        archive.writestr(_entry(f"{number}{take.file_stem}.json", take), _facts(take, name))
        yield wire.taken()

    def _sent(self, take: Generation) -> Sendable:
        return Kept(take.result) if self.clean else told(take)


def _copied(
    archive: zipfile.ZipFile, wire: _Wire, take: Generation, name: str, sent: Sendable
) -> Iterator[bytes]:
    entry = _entry(name, take)
    entry.file_size = sent.size
    chunks: Iterable[bytes] = sent.part(0, sent.size - 1) if sent.size else ()
    with archive.open(entry, "w") as target:
        for chunk in chunks:
            target.write(chunk)
            yield wire.taken()


def _entry(name: str, take: Generation | None = None) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(PurePosixPath(name).name)
    if take and take.created.year >= 1980:  # the format knows no earlier time
        entry.date_time = take.created.astimezone(UTC).timetuple()[:6]
    entry.external_attr = _READABLE
    return entry


def _facts(take: Generation, name: str) -> str:
    """All that is worth knowing beside the file; the hash is of the file as it came, without our story."""
    facts: dict[str, Any] = {
        **facts_of(take),
        "file": name,
        "content_type": take.content_type,
        "width": take.width,
        "height": take.height,
        "duration_ms": take.duration_ms,
        "quoted_credits": _number(take.quoted),
        "charged_credits": _number(take.total_charged),
        "finished": iso(take.finished_at) if take.finished_at else None,
        "favorite": take.favorite,
        "rating": take.rating,
        "sha256": take.sha256,
    }
    return json.dumps(facts, ensure_ascii=False, indent=2, default=str)


def _number(credits: Any) -> float | None:
    return None if credits is None else float(credits)


class _Wire:
    """What the archive writes into, and the answer is taken from."""

    def __init__(self) -> None:
        self._chunks = list[bytes]()

    def write(self, chunk: bytes) -> int:
        self._chunks.append(bytes(chunk))
        return len(chunk)

    def flush(self) -> None:
        pass

    def taken(self) -> bytes:
        chunks, self._chunks = self._chunks, []
        return b"".join(chunks)
