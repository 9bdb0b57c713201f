"""Bring a finished clip to our own storage: fresh link, resumable stream, check, poster, preview."""

from __future__ import annotations

import hashlib
import logging
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from clients.answers import RemoteGeneration
from clients.errors import LinkExpired, NotFound, Rejected, TooLarge, Unauthorized, Unavailable
from clients.hedra import HedraClient

from . import failures
from .media import probe, renditions
from .models import Generation, Status

log = logging.getLogger(__name__)

LOOK_S = 2.0


def fetch(take: Generation) -> float | None:
    """Download, check and keep the result of a take that is complete at the service."""
    client = take.account.client()
    url, charge = _fresh_link(client, take)
    part = _part(take)
    try:
        _stream(client, take, url, part)
    except LinkExpired as error:  # asking again brings a fresh link; it never makes the clip again
        raise Unavailable(str(error), detail=error.detail) from error
    except TooLarge as error:
        part.unlink(missing_ok=True)
        take.fail(failures.RESULT_UNREADABLE, str(error))
        return None
    found = _check(take, part)
    if found:
        _keep(take, part, found, charge)
        take.account.refresh_balance(max_age_s=2)
    return None


def _fresh_link(client: HedraClient, take: Generation) -> tuple[str, dict[str, Any]]:
    """A link that has just been made, and the charge when this answer carries it.

    The URL may lag the status, and an answer of the list may leave it out, so three places are asked."""
    remote = _listed(client, take)
    charge = {"charged": remote.credit_cost} if remote and remote.credit_cost is not None else {}
    if remote and remote.media_url:
        return remote.media_url, charge
    try:
        state = client.status(str(take.remote_id))
    except NotFound as error:
        raise Unavailable("The service doesn't show the finished clip yet.", detail=error.detail) from error
    url = state.media_url or _asset_link(client, state.asset_id, take)
    if not url:
        raise Unavailable("The service says it is ready but gives no link yet.")
    return url, charge


def _listed(client: HedraClient, take: Generation) -> RemoteGeneration | None:
    try:
        items = client.list_generations(ids=[str(take.remote_id)]).items
    except Unauthorized:
        raise
    except Rejected:  # the list doesn't take our ids
        return None
    return next((item for item in items if item.id == str(take.remote_id)), None)


def _asset_link(client: HedraClient, asset_id: str | None, take: Generation) -> str | None:
    if not asset_id:
        return None
    kind = take.media_kind
    return next(
        (asset.media_url for asset in client.list_assets(kind, ids=[asset_id]) if asset.id == asset_id), None
    )


def _part(take: Generation) -> Path:
    """Where the unfinished download waits. With the remote id in it, a retry never resumes another clip."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{take.pk}-{take.remote_id}.part"


def _stream(client: HedraClient, take: Generation, url: str, part: Path) -> None:
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
        raise Unavailable("The clip did not arrive whole; it is being fetched again.")


def _check(take: Generation, part: Path) -> probe.Probe | None:
    """What arrived; None when the same bytes came twice and can't be used: fetching them again won't help."""
    try:
        return probe.probe(part)
    except probe.BadMedia as error:
        digest = _sha256(part)
        part.unlink(missing_ok=True)
        if digest == take.sha256:
            take.fail(
                failures.RESULT_UNREADABLE, f"The service's file can't be used here. {error}", sha256=""
            )
            return None
        take.write(sha256=digest, updated=take.updated)
        message = "The clip arrived damaged; it is being fetched again."
        raise Unavailable(message, detail=f"{error}") from error


def _keep(take: Generation, part: Path, found: probe.Probe, charge: dict[str, Any]) -> None:
    """Store the clip with its poster and hover preview, then mark the row; only the row makes it count."""
    base = f"takes/{take.created:%Y/%m}/{take.pk}-{take.remote_id}"
    files = {"result": _store(f"{base}.{found.extension.lstrip('.')}", part)}
    files |= _renditions(part, found.kind, base)
    digest = _sha256(part)
    take.enter(
        Status.COMPLETE,
        **files,
        **charge,
        content_type=found.content_type,
        size=found.size,
        sha256=digest,
        width=found.width,
        height=found.height,
        duration_ms=found.duration_ms,
        progress=1,
        eta_at=None,
        finished_at=timezone.now(),
    )
    part.unlink(missing_ok=True)


def _renditions(part: Path, kind: str, base: str) -> dict[str, str]:
    """Poster and preview; a clip that plays is kept even if one of these can't be drawn."""
    made: dict[str, str] = {}
    poster, preview = part.with_suffix(".webp"), part.with_suffix(".mp4")
    try:
        if kind in ("image", "video"):
            renditions.poster(part, kind, poster)
            made["poster"] = _store(f"{base}-poster.webp", poster)
        if kind == "video":
            renditions.preview(part, preview)
            made["preview"] = _store(f"{base}-preview.mp4", preview)
    except Exception:  # whatever is wrong with a picture of it, the clip is kept
        log.exception("no poster or preview for %s", base)
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
