"""The vault: a result is moved into our storage with its pictures; only then its row counts as complete.

What a complete row names is never touched: a file that replaces it gets a name of its own, and the old one is
removed when the row names the new one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from . import reuse, room
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
        unseen=True,
        eta_at=None,
        finished_at=take.finished_at or timezone.now(),
    )
    if columns and before:
        remove(*before - take.stored_names)
        _mend_inputs(take)


def _mend_inputs(take: Generation) -> None:
    """An input that was made of the result shares its bytes on the disk, and so its damage."""
    for asset in Asset.objects.filter(owner=take.owner_id, sha256=take.sha256):
        if not holds(str(asset.file.name), take.sha256):
            remove(asset.file.name)
            reuse.share(take.result, str(asset.file.name))


def _filed(take: Generation, arrived: Arrived) -> dict[str, Any]:
    """The columns of a stored result. It is moved after its pictures: until then all can be tried again."""
    found = arrived.found
    base = f"takes/{take.created:%Y/%m}/{take.pk}-{take.remote_id}-{arrived.sha256[:16]}"
    pictures = dict(_pictures(arrived, base))
    return {
        "poster": "",
        "preview": "",
        **pictures,
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


def _pictures(arrived: Arrived, base: str) -> Iterator[tuple[str, str]]:
    """Poster and preview; a result that plays is kept even if one of these can't be drawn."""
    path, found = arrived.path, arrived.found
    poster, preview = path.with_suffix(".webp"), path.with_suffix(".mp4")
    try:
        if found.is_oversized:
            return
        if found.kind == "audio":
            waveform.picture(path, poster)
        else:
            renditions.poster(path, found.kind, poster)
        yield "poster", put(f"{base}-poster.webp", poster)
        if found.kind == "video":
            renditions.preview(path, preview)
            yield "preview", put(f"{base}-preview.mp4", preview)
    except Exception as error:  # whatever is wrong with a picture of it, the result is kept
        if room.is_refusal(error):
            raise
        room.refuse()  # the encoder hides why it failed
        log.exception("no poster or preview for %s", base)
    finally:
        poster.unlink(missing_ok=True)
        preview.unlink(missing_ok=True)
