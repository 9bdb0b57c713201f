"""Bring a finished result here: fresh link, resumable stream, hash and check; the vault keeps it."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

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

from . import failures, room, vault
from .history import is_uuid
from .media import probe
from .models import Generation
from .orders import hoox
from .vault import Arrived

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
    """Download, check and keep the result of a take that is complete at the service. Raises NoRoom."""
    room.refuse()
    client, ready = _asked(take)
    part = _part(take)
    with room.guarded():
        arrived = (
            _sample(client, take, ready, part) if take.makes_a_voice else _result(client, take, ready, part)
        )
        if take.is_error:
            return None
        vault.keep(take, arrived, ready.facts)
    part.unlink(missing_ok=True)
    if take.makes_a_voice:
        voices.sync(take.account)
    take.account.refresh_balance(max_age_s=2)
    return None


def is_there(take: Generation) -> bool:
    """Whether the service still has the result. Raises ServiceError when that can't be told."""
    try:
        _, ready = _asked(take)
    except Unavailable as error:
        if isinstance(error.__cause__, NotFound):
            return False
        raise
    return bool(ready.url)


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


def _result(client: Client, take: Generation, ready: Ready, part: Path) -> Arrived | None:
    """What arrived; None for a take that failed because it can't be used here."""
    try:
        sha256 = _stream(client, take, ready.url or "", part)
    except LinkExpired as error:  # asking again brings a fresh link; it never makes the take again
        raise Unavailable(str(error), detail=error.detail) from error
    except TooLarge as error:
        part.unlink(missing_ok=True)
        take.fail(failures.RESULT_UNREADABLE, str(error))
        return None
    found = _check(take, part, sha256)
    return Arrived(part, sha256, found) if found else None


def _sample(client: Client, take: Generation, ready: Ready, part: Path) -> Arrived | None:
    """The voice's own sound, if there is one that can be had: the voice speaks without it, too."""
    try:
        if ready.url:
            sha256 = _stream(client, take, ready.url, part)
            return Arrived(part, sha256, probe.probe(part))
    except (ServiceError, probe.BadMedia) as error:
        log.info("no sample of the voice: %s", error)
    part.unlink(missing_ok=True)
    return None


def _stream(client: Client, take: Generation, url: str, part: Path) -> str:
    """Go on with the part file where it ends, or start over when the server doesn't do ranges.

    The hash of all of it, taken on the way. Once this returns, the file outlives a loss of power."""
    have = part.stat().st_size if part.exists() else 0
    with client.download(url, offset=have) as download, part.open("r+b" if have else "w+b") as file:
        room.refuse((download.total or 0) - download.offset)
        digest = _begin(file, download.offset)
        for chunk in _while_held(take, download.chunks()):
            file.write(chunk)
            digest.update(chunk)
        file.flush()
        os.fsync(file.fileno())
    if download.total is not None and part.stat().st_size != download.total:
        part.unlink()
        raise Unavailable("The file did not arrive whole; it is being fetched again.")
    return digest.hexdigest()


def _begin(file: BufferedRandom, offset: int) -> hashlib._Hash:
    """Hash what is kept and stand behind it.

    Not in append mode: a process that slept past its lease, and wakes beside its successor, then writes the
    same bytes to the same place."""
    file.truncate(offset)
    digest = hashlib.file_digest(file, "sha256")
    file.seek(offset)
    return digest


def _while_held(take: Generation, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks, as long as the row is ours. Raises LeaseLost."""
    looked = time.monotonic()
    for chunk in chunks:
        if time.monotonic() - looked > LOOK_S:
            take.write(updated=take.updated)
            looked = time.monotonic()
        yield chunk


def _check(take: Generation, part: Path, sha256: str) -> probe.Probe | None:
    """What arrived; None when the same bytes came twice and can't be used: fetching them again won't help."""
    try:
        return probe.probe(part, any_size=True)
    except probe.BadMedia as error:
        part.unlink(missing_ok=True)
        if sha256 == take.sha256:
            take.fail(
                failures.RESULT_UNREADABLE, f"The service's file can't be used here. {error}", sha256=""
            )
            return None
        take.write(sha256=sha256, updated=take.updated)
        message = "The file arrived damaged; it is being fetched again."
        raise Unavailable(message, detail=f"{error}") from error
