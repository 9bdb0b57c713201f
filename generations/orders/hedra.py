"""Takes made at Hedra: inputs are uploaded once per account, ids are reserved, lost answers are looked up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.utils import timezone

from catalog.models import Account
from clients.answers import GenerationState, RemoteGeneration, Submission
from clients.errors import AlreadyExists, NotFound, Rejected, Unauthorized, Unavailable
from clients.hedra import HedraClient
from generations import requests
from generations.history import is_uuid
from generations.models import Generation, Status, Upload
from generations.models.status import schedule
from generations.pauses import backoff_s, eta_field

log = logging.getLogger(__name__)

EXISTS = ("ALREADY_EXISTS", "ALREADY_IN_PROGRESS")
LOOKS_AT_ONCE = 50  # ids in one list call: well below the page size of 100


# preparing


def prepare(take: Generation) -> float | None:
    """Bring the inputs to the service, each once per account; the first take of a press does it for all."""
    follows = take.follows_a_preparing_take()
    missing = [upload for upload in Upload.objects.of_take(take) if not upload.uploaded_at]
    if missing and follows:  # its own time begins when the first one's is over, however long that takes
        deadline = schedule(Status.PREPARING)["deadline_at"]
        take.write(attempts=0, deadline_at=deadline, updated=take.updated)
        return 1
    for upload in missing:
        _send(take.account.client(), upload)
    take.enter(Status.SUBMITTING)
    return None


def _send(client: HedraClient, upload: Upload) -> None:
    """Create the asset under its reserved id and fill it. One cut half-way starts again under a new id."""
    asset = upload.asset
    try:
        created = client.create_asset(asset.name, asset.kind, reserved_asset_id=str(upload.remote_id))
    except AlreadyExists:
        # A record whose bytes we never saw accepted: it may be empty, and there is no call to find out.
        if not upload.renew():
            return
        created = client.create_asset(asset.name, asset.kind, reserved_asset_id=str(upload.remote_id))
    with asset.file.open("rb") as file:
        client.upload_asset(created, cast(BinaryIO, file), asset.name, asset.content_type)
    upload.accept(created.id)


# submitting


def submit(take: Generation) -> float | None:
    """Place the paid order. Once a request may have arrived, it is looked up and never resent blindly."""
    if take.sent_at and not _is_known_missing(take):
        return None if take.status != Status.SUBMITTING else backoff_s(take.attempts, ceiling_s=5)
    uploads = Upload.objects.of_take(take)
    if not all(upload.uploaded_at for upload in uploads):  # given up by the retry of another take
        take.enter(Status.PREPARING)
        return None
    return _order(take, request_body(take, uploads))


def _is_known_missing(take: Generation) -> bool:
    """Look an order up whose answer got lost. Found: the take goes on from there. Not found is believed only
    when it was the answer for a while: status may lag behind an order that went through. A clock that was
    set back since begins anew."""
    try:
        state = take.account.client().status(str(take.remote_id))
    except NotFound:
        now = timezone.now()
        since = min(take.missing_since or now, now)
        take.write(missing_since=since, updated=take.updated)
        return now >= since + timedelta(seconds=settings.LOOK_UP_FOR_S)
    except Rejected as error:  # of the question, not of the order
        raise Unavailable(str(error), detail=error.detail) from error
    take.enter(Status.QUEUED, submitted_at=timezone.now(), progress=state.progress or 0)
    return False


def _order(take: Generation, body: dict[str, Any]) -> float | None:
    before = take.sent_at
    take.write(sent_at=timezone.now(), missing_since=None, body=body, updated=take.updated)
    try:
        answer = take.account.client().submit(body)
    except AlreadyExists as error:  # an earlier try arrived: the next look finds it
        raise Unavailable(str(error), detail=error.detail) from error
    except (Rejected, Unavailable) as error:
        if not error.may_have_acted:
            take.write(sent_at=before, updated=take.updated)
        raise
    refusal = answer.items[0].error if answer.generation_id is None else None
    if refusal is None:
        _accept(take, answer)
    elif before or refusal.code in EXISTS:  # an earlier try may have arrived
        raise Unavailable("The order was refused, but an earlier try may be under way.", detail=str(refusal))
    else:
        log.info("refused in the answer: %s", refusal)
        take.fail(refusal.code, "", said=refusal.message, charged=0)
    return None


def _accept(take: Generation, answer: Submission) -> None:
    """A second order is a second bill only now: one that is never accepted leaves the first as it is."""
    take.enter(
        Status.QUEUED,
        submitted_at=timezone.now(),
        charged=None,
        charged_before=take.charged_before + (take.charged or 0),
        **_ids(take, answer.generation_id),
        **eta_field(answer.eta_s),
    )
    take.account.refresh_balance(max_age_s=2)


def _ids(take: Generation, answered: str | None) -> dict[str, Any]:
    """The id to poll by: the one we reserved, unless the service answers another that no take has yet."""
    if not answered or answered == str(take.remote_id):
        return {}
    log.error("reserved %s, the service answered %s", take.remote_id, answered)
    if not is_uuid(answered):
        return {}
    taken = Generation.objects.filter(account=take.account, remote_id=answered).exists()
    return {} if taken else {"remote_id": answered}


def request_body(take: Generation, uploads: Iterable[Upload]) -> dict[str, Any]:
    """The body of POST /generations: what was asked, plus the ids we reserve and those of the inputs."""
    ids = {"generation_id": str(take.remote_id)}
    if take.remote_asset_id:
        ids["reserved_asset_id"] = str(take.remote_asset_id)
    sent = {upload.asset_id: str(upload.remote_id) for upload in uploads}
    held = [(item.role, item.position, sent[item.asset_id]) for item in take.input_set.all()]
    return {**take.body, **requests.input_ids(take.type, held), **ids}


# queued, processing, finalizing


def look(
    account: Account, takes: Sequence[Generation]
) -> Callable[[Generation], RemoteGeneration | GenerationState]:
    """All takes in one call, and one by one those that did not come back."""
    client = account.client()
    found = _listed(client, takes)
    return lambda take: found.get(str(take.remote_id)) or client.status(str(take.remote_id))


def _listed(client: HedraClient, takes: Sequence[Generation]) -> dict[str, RemoteGeneration]:
    try:
        page = client.list_generations(ids=[str(take.remote_id) for take in takes])
    except Unauthorized:
        raise
    except Rejected as error:  # the list doesn't take our ids: one by one, then
        log.info("poll: %s", error.detail or error)
        return {}
    return {item.id: item for item in page.items}


def next_look_s(take: Generation) -> float:
    """An eighth of what is left, or of how late it is; of its age, where no end is known. 1 to 10 seconds."""
    now = timezone.now()
    apart = now - (take.eta_at or take.submitted_at or now)
    return min(10.0, max(1.0, abs(apart.total_seconds()) / 8))
