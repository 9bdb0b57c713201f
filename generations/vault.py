"""The vault: a result is moved into our storage with its poster; only then its row counts as complete.

What a complete row names is never touched: a file that replaces it gets a name of its own, and the old one is
removed when the row names the new one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from . import pictures, reuse, room
from .media import probe, renditions, waveform
from .models import Asset, Generation, Status, found_whole
from .storing import holds, put, put_anew, remove

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrived:
    """A whole result on this machine's disk, checked."""

    path: Path
    sha256: str
    found: probe.Probe


def keep(take: Generation, arrived: Arrived | None, facts: dict[str, Any]) -> None:
    """Store what arrived, then mark the row with it and with `facts`; a voice may come without a file."""
    before = take.stored_names
    columns = _filed(take, arrived) if arrived else {}
    take.enter(
        Status.COMPLETE,
        **facts,
        **columns,
        progress=1,
        unseen=take.unseen or _is_news(take),
        eta_at=None,
        finished_at=take.finished_at or timezone.now(),
    )
    if columns and before:
        remove(*before - take.stored_names)
        _mend_inputs(take)
    if columns and arrived and arrived.found.kind == "video":
        pictures.want(take.pk)


def _is_news(take: Generation) -> bool:
    """Nobody can have seen it: not a take of the account's past, nor one that was here before it was lost."""
    return take.verified_at is None and (take.recovered or not take.imported)


def _mend_inputs(take: Generation) -> None:
    """An input that was made of the result shares its bytes on the disk, and so its damage."""
    for asset in Asset.objects.filter(owner=take.owner_id, sha256=take.sha256):
        if not holds(str(asset.file.name), take.sha256):
            remove(asset.file.name)
            reuse.share(take.result, str(asset.file.name))


def _filed(take: Generation, arrived: Arrived) -> dict[str, Any]:
    """The columns of a stored result. It is moved after its poster: until then all can be tried again."""
    found = arrived.found
    base = f"takes/{take.created:%Y/%m}/{take.pk}-{take.remote_id}-{arrived.sha256[:16]}"
    poster = dict(_poster(arrived, base))
    return {
        "poster": "",
        "preview": "",
        "sprite": "",
        **poster,
        "result": _store(f"{base}.{found.extension.lstrip('.')}", arrived),
        "content_type": found.content_type,
        "size": found.size,
        "sha256": arrived.sha256,
        "width": found.width,
        "height": found.height,
        "duration_ms": found.duration_ms,
        **found_whole(),
    }


def _store(name: str, arrived: Arrived) -> str:
    """A try that was cut off before the row was written may have stored these very bytes already."""
    return name if holds(name, arrived.sha256) else put_anew(name, arrived.path)


def _poster(arrived: Arrived, base: str) -> Iterator[tuple[str, str]]:
    """What a card shows; a result that plays is kept even if this can't be drawn. The rest comes later."""
    path, found = arrived.path, arrived.found
    poster = path.with_suffix(".webp")
    try:
        if found.is_oversized:
            return
        if found.kind == "audio":
            waveform.picture(path, poster)
        else:
            renditions.poster(path, found.kind, poster)
        yield "poster", put(f"{base}-poster.webp", poster)
    except Exception as error:  # whatever is wrong with a picture of it, the result is kept
        if room.is_refusal(error):
            raise
        room.refuse()  # the encoder hides why it failed
        log.exception("no poster for %s", base)
    finally:
        poster.unlink(missing_ok=True)
