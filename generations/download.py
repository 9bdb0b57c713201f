"""Bring a finished result to our own storage: fresh link, resumable stream, check, poster, preview."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.mirror import voices
from catalog.services import HOOX
from clients.answers import RemoteAsset, RemoteGeneration
from clients.errors import (
    LinkExpired,
    NotFound,
    Rejected,
    ServiceError,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from clients.hedra import HedraClient
from clients.hoox import HooxClient

from . import failures
from .history import is_uuid
from .media import probe, renditions, waveform
from .models import Generation, Status
from .orders import hoox

log = logging.getLogger(__name__)

LOOK_S = 2.0
Client = HedraClient | HooxClient


@dataclass(frozen=True)
class Ready:
    """What the service says of a finished take."""

    url: str | None
    """A link that has just been made; None of a voice without a sample."""
    facts: dict[str, Any]
    """Of the row, as far as this answer tells them: its charge, its result's id there."""


def fetch(take: Generation) -> float | None:
    """Download, check and keep the result of a take that is complete at the service."""
    client, ready = _asked(take)
    part = _part(take)
    found = _sample(client, take, ready, part) if take.makes_a_voice else _result(client, take, ready, part)
    if take.is_error:
        return None
    _keep(take, part, found, ready.facts)
    if take.makes_a_voice:
        voices.sync(take.account)
    take.account.refresh_balance(max_age_s=2)
    return None


def _asked(take: Generation) -> tuple[Client, Ready]:
    """Who fetches it, and what the service says of it now."""
    if take.account.service == HOOX:
        fetcher, url, facts = hoox.fresh_link(take)
        return fetcher, Ready(url, facts)
    client = take.account.client()
    return client, _ready(client, take)


def _ready(client: HedraClient, take: Generation) -> Ready:
    """A link that has just been made, and what else this answer carries.

    The URL may lag the status, and an answer of the list may leave it out, so three places are asked."""
    remote = _listed(client, take)
    facts = _facts(remote) if remote else {}
    asset = remote.asset if remote else None
    if url := _link_of(asset, take) or (remote.media_url if remote else None):
        return Ready(url, facts)
    try:
        state = client.status(str(take.remote_id))
    except NotFound as error:
        raise Unavailable("The service doesn't show the finished take yet.", detail=error.detail) from error
    url = state.media_url or _asset_link(client, state.asset_id, take)
    if not url and not take.makes_a_voice:
        raise Unavailable("The service says it is ready but gives no link yet.")
    return Ready(url, _asset_id(state.asset_id) | facts)


def _listed(client: HedraClient, take: Generation) -> RemoteGeneration | None:
    try:
        items = client.list_generations(ids=[str(take.remote_id)]).items
    except Unauthorized:
        raise
    except Rejected:  # the list doesn't take our ids
        return None
    return next((item for item in items if item.id == str(take.remote_id)), None)


def _facts(remote: RemoteGeneration) -> dict[str, Any]:
    charge = {"charged": remote.credit_cost} if remote.credit_cost is not None else {}
    return charge | _asset_id(remote.asset.id if remote.asset else None)


def _asset_id(answered: str | None) -> dict[str, Any]:
    """What requests call the result by, whatever id we had reserved for it."""
    return {"remote_asset_id": UUID(answered)} if answered and is_uuid(answered) else {}


def _asset_link(client: HedraClient, asset_id: str | None, take: Generation) -> str | None:
    if not asset_id:
        return None
    kind = "voice" if take.makes_a_voice else take.media_kind
    found = (asset for asset in client.list_assets(kind, ids=[asset_id]) if asset.id == asset_id)
    return _link_of(next(found, None), take)


def _link_of(asset: RemoteAsset | None, take: Generation) -> str | None:
    """The file of an asset; a voice has none, but perhaps a sample."""
    if asset is None:
        return None
    return asset.media_url or (asset.preview_url if take.makes_a_voice else None)


def _part(take: Generation) -> Path:
    """Where the unfinished download waits. With the remote id in it, a retry never resumes another clip."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{take.pk}-{take.remote_id}.part"


def _result(client: Client, take: Generation, ready: Ready, part: Path) -> probe.Probe | None:
    """What arrived; None for a take that failed because it can't be used here."""
    try:
        _stream(client, take, ready.url or "", part)
    except LinkExpired as error:  # asking again brings a fresh link; it never makes the take again
        raise Unavailable(str(error), detail=error.detail) from error
    except TooLarge as error:
        part.unlink(missing_ok=True)
        take.fail(failures.RESULT_UNREADABLE, str(error))
        return None
    return _check(take, part)


def _sample(client: Client, take: Generation, ready: Ready, part: Path) -> probe.Probe | None:
    """The voice's own sound, if there is one that can be had: the voice speaks without it, too."""
    try:
        if ready.url:
            _stream(client, take, ready.url, part)
            return probe.probe(part)
    except (ServiceError, probe.BadMedia) as error:
        log.info("no sample of the voice: %s", error)
    part.unlink(missing_ok=True)
    return None


def _stream(client: Client, take: Generation, url: str, part: Path) -> None:
    """Append to the part file from where it ends; start over when the server doesn't do ranges.

    A process that slept past its lease must not write into what another one fetches: it looks now and then,
    and the length is checked in the end."""
    have, looked = part.stat().st_size if part.exists() else 0, time.monotonic()
    with client.download(url, offset=have) as download, part.open("ab" if download.offset else "wb") as file:
        for chunk in download.chunks():
            file.write(chunk)
            if time.monotonic() - looked > LOOK_S:
                take.write(updated=take.updated)
                looked = time.monotonic()
    if download.total is not None and part.stat().st_size != download.total:
        part.unlink()
        raise Unavailable("The file did not arrive whole; it is being fetched again.")


def _check(take: Generation, part: Path) -> probe.Probe | None:
    """What arrived; None when the same bytes came twice and can't be used: fetching them again won't help."""
    try:
        return probe.probe(part, any_size=True)
    except probe.BadMedia as error:
        digest = _sha256(part)
        part.unlink(missing_ok=True)
        if digest == take.sha256:
            take.fail(
                failures.RESULT_UNREADABLE, f"The service's file can't be used here. {error}", sha256=""
            )
            return None
        take.write(sha256=digest, updated=take.updated)
        message = "The file arrived damaged; it is being fetched again."
        raise Unavailable(message, detail=f"{error}") from error


def _keep(take: Generation, part: Path, found: probe.Probe | None, facts: dict[str, Any]) -> None:
    """Store the file with its poster and hover preview, then mark the row; only the row makes it count."""
    kept = _filed(take, part, found) if found else {}
    take.enter(
        Status.COMPLETE,
        **facts,
        **kept,
        progress=1,
        eta_at=None,
        finished_at=timezone.now(),
    )
    part.unlink(missing_ok=True)


def _filed(take: Generation, part: Path, found: probe.Probe) -> dict[str, Any]:
    """The columns of a stored result."""
    base = f"takes/{take.created:%Y/%m}/{take.pk}-{take.remote_id}"
    return {
        "result": _store(f"{base}.{found.extension.lstrip('.')}", part),
        **_renditions(part, found, base),
        "content_type": found.content_type,
        "size": found.size,
        "sha256": _sha256(part),
        "width": found.width,
        "height": found.height,
        "duration_ms": found.duration_ms,
    }


def _renditions(part: Path, found: probe.Probe, base: str) -> dict[str, str]:
    """Poster and preview; a result that plays is kept even if one of these can't be drawn."""
    made: dict[str, str] = {}
    poster, preview = part.with_suffix(".webp"), part.with_suffix(".mp4")
    try:
        if found.is_oversized:
            return made
        if found.kind == "audio":
            waveform.picture(part, poster)
        else:
            renditions.poster(part, found.kind, poster)
        made["poster"] = _store(f"{base}-poster.webp", poster)
        if found.kind == "video":
            renditions.preview(part, preview)
            made["preview"] = _store(f"{base}-preview.mp4", preview)
    except Exception:  # whatever is wrong with a picture of it, the result is kept
        log.exception("no poster or preview")
    finally:
        poster.unlink(missing_ok=True)
        preview.unlink(missing_ok=True)
    return made


def _store(name: str, path: Path) -> str:
    """Save under exactly this name, replacing what an interrupted earlier try may have left."""
    default_storage.delete(name)
    with path.open("rb") as file:
        return default_storage.save(name, File(file))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
