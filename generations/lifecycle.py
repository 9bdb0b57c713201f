"""Life of a take: one function per status that still has work to do.

Every step is safe to repeat: what it is about to do is stored before it is done, so a process killed
anywhere costs time, never a clip or a credit. Steps hold the row's lease, never a transaction across HTTP."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.utils import timezone

from catalog.models import Account
from clients.answers import GenerationState, RemoteGeneration, Submission
from clients.errors import (
    AlreadyExists,
    MissingCredits,
    Moderated,
    NotFound,
    Rejected,
    ServiceError,
    Unauthorized,
    Unavailable,
)
from clients.hedra import HedraClient

from . import download, failures
from .history import is_uuid
from .models import REMOTE, Generation, Input, LeaseLost, Status, Upload

log = logging.getLogger(__name__)

EXISTS = ("ALREADY_EXISTS", "ALREADY_IN_PROGRESS")
POLL_AT_ONCE = 50  # ids in one list call: well below the page size of 100

_REFUSALS: list[tuple[type[Rejected], str]] = [
    (Moderated, "MODERATION_FAILED"),
    (MissingCredits, "MISSING_CREDITS"),
    (Unauthorized, "UNAUTHORIZED"),
    (NotFound, "NOT_FOUND"),
    (Rejected, "INVALID_ARGUMENT"),
]

_OURS = {
    Status.PREPARING: failures.UPLOAD_FAILED,
    Status.SUBMITTING: failures.UNREACHABLE,
    Status.DOWNLOADING: failures.RESULT_UNREADABLE,
}

ID_FIELDS = {
    Input.Role.START_FRAME: "start_keyframe_id",
    Input.Role.END_FRAME: "end_keyframe_id",
    Input.Role.AUDIO: "audio_id",
}


NO_NEWS = "The service doesn't answer at the moment. The take goes on there; the studio keeps asking."
UNKNOWN_THERE = "The service doesn't know this take at the moment; the studio keeps asking for it."
_NOTES = {
    Status.SUBMITTING: "The answer to this order got lost. The studio looks it up and never orders twice.",
    Status.DOWNLOADING: "Finished and safe at the service, but not fetched yet. The studio keeps trying.",
}


def advance(take: Generation) -> None:
    """Take a claimed row through its local steps until it has to wait for something."""
    steps: dict[str, Callable[[Generation], float | None]] = {
        Status.PREPARING: prepare,
        Status.SUBMITTING: submit,
        Status.DOWNLOADING: download.fetch,
    }
    try:
        pause_s: float | None = None
        while pause_s is None and take.status in steps:
            pause_s = _attempt(take, steps[Status(take.status)])
        take.release(next_look_s(take) if pause_s is None else pause_s)
    except LeaseLost:
        log.warning("take %s: another worker took over", take.pk)


def _attempt(take: Generation, step: Callable[[Generation], float | None]) -> float | None:
    """Run one step; the pause before its next try, or None when the take has moved on."""
    take.write(attempts=take.attempts + 1, updated=take.updated)
    try:
        pause_s = step(take)
    except LeaseLost:
        raise
    except Unavailable as error:
        log.info("take %s: %s waits: %s", take.pk, take.status, error.detail or error)
        return _wait(take, error)
    except ServiceError as error:
        log.warning("take %s: %s refused: %s", take.pk, take.status, error.detail or error)
        return _refused(take, error)
    except Exception as error:  # a full disk, a bug of ours: the worker lives on, the take waits and says so
        log.exception("take %s: %s broke", take.pk, take.status)
        broke = "The studio had trouble of its own with this take; it keeps trying."
        return _wait(take, Unavailable(broke, detail=repr(error)))
    return pause_s if pause_s is None else _wait(take, None, pause_s)


def _wait(take: Generation, error: ServiceError | None, pause_s: float = 0) -> float | None:
    """Try again after a pause, until there is no hope left.

    The note speaks of this take: the error's own words ask people to try again what we go on trying."""
    if take.is_hopeless:
        code = failures.UNREACHABLE if _may_be_paid(take) else _OURS[Status(take.status)]
        take.fail(code, str(error or take.note), **({} if take.sent_at else {"charged": 0}))
        return None
    if error:
        spoken = take.sent_at and not isinstance(error, Unauthorized)
        ours = _NOTES.get(Status(take.status)) if spoken else None
        take.write(note=ours or str(error)[:300])
    ceiling_s = 600 if take.status == Status.DOWNLOADING else 60  # a link that fails for hours may for days
    return getattr(error, "retry_after", None) or pause_s or backoff_s(take.attempts, ceiling_s)


def _may_be_paid(take: Generation) -> bool:
    return bool(take.sent_at) and take.status != Status.DOWNLOADING


def _refused(take: Generation, error: ServiceError) -> float | None:
    """A refusal ends a take that nothing was paid for. What is paid, or may be, goes on being looked for."""
    if take.status == Status.DOWNLOADING:
        return _wait(take, error)
    if take.sent_at:
        take.fail(failures.UNREACHABLE, str(error))
    else:
        take.fail(code_of(error), str(error), charged=0)
    return None


def code_of(error: ServiceError) -> str:
    """The API's code for a refusal."""
    if not isinstance(error, Rejected):
        return "UNKNOWN"
    by_class = next(code for kind, code in _REFUSALS if isinstance(error, kind))
    return error.code or ("PERMISSION_DENIED" if error.status == 403 else by_class)


def backoff_s(attempts: int, ceiling_s: float = 60) -> float:
    """A growing pause with jitter: about 1, 2, 4 … seconds."""
    return float(min(ceiling_s, 2 ** max(0, attempts - 1)) * random.uniform(0.75, 1.25))  # noqa: S311 - jitter


def next_look_s(take: Generation) -> float:
    """When to ask the service again: an eighth of what is left, between 1 and 10 seconds."""
    if take.status not in REMOTE or not take.eta_at:
        return 1 if take.status in REMOTE else 0
    return min(10.0, max(1.0, (take.eta_at - timezone.now()).total_seconds() / 8))


# preparing


def prepare(take: Generation) -> float | None:
    """Bring the inputs to the service, each once per account; the first variation does it for all of them."""
    follows = take.follows_a_preparing_variation()
    missing = [upload for upload in Upload.objects.of_take(take) if not upload.uploaded_at]
    if missing and follows:
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
    when it was the answer for a while: status may lag behind an order that went through."""
    try:
        state = take.account.client().status(str(take.remote_id))
    except NotFound:
        since = take.missing_since or timezone.now()
        take.write(missing_since=since, updated=take.updated)
        return timezone.now() >= since + timedelta(seconds=settings.LOOK_UP_FOR_S)
    except Rejected as error:  # of the question, not of the order
        raise Unavailable(str(error), detail=error.detail) from error
    take.enter(Status.QUEUED, submitted_at=timezone.now(), progress=state.progress or 0)
    return False


def _order(take: Generation, body: dict[str, Any]) -> float | None:
    before, spent = take.sent_at, take.charged_before + (take.charged or 0)
    now = timezone.now()
    take.write(
        sent_at=now, missing_since=None, body=body, charged=None, charged_before=spent, updated=take.updated
    )
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
        log.info("take %s: refused in the answer: %s", take.pk, refusal)
        take.fail(refusal.code, "", charged=0)
    return None


def _accept(take: Generation, answer: Submission) -> None:
    take.enter(
        Status.QUEUED, submitted_at=timezone.now(), **_ids(take, answer.generation_id), **_eta(answer.eta_s)
    )
    take.account.refresh_balance(max_age_s=2)


def _ids(take: Generation, answered: str | None) -> dict[str, Any]:
    """The id to poll by: the one we reserved, unless the service answers another that no take has yet."""
    if not answered or answered == str(take.remote_id):
        return {}
    log.error("take %s: reserved %s, the service answered %s", take.pk, take.remote_id, answered)
    if not is_uuid(answered):
        return {}
    taken = Generation.objects.filter(account=take.account, remote_id=answered).exists()
    return {} if taken else {"remote_id": answered}


def _eta(eta_s: float | None) -> dict[str, Any]:
    return {} if eta_s is None else {"eta_at": timezone.now() + timedelta(seconds=eta_s)}


def request_body(take: Generation, uploads: Iterable[Upload]) -> dict[str, Any]:
    """The body of POST /generations: what was asked, plus the ids we reserve and those of the inputs."""
    ids = {"generation_id": str(take.remote_id)}
    if take.remote_asset_id:
        ids["reserved_asset_id"] = str(take.remote_asset_id)
    sent = {upload.asset_id: str(upload.remote_id) for upload in uploads}
    for item in take.input_set.all():
        ids[ID_FIELDS[Input.Role(item.role)]] = sent[item.asset_id]
    return {**take.body, **ids}


# queued, processing, finalizing


def poll(account: Account, takes: Sequence[Generation]) -> None:
    """Ask for all these claimed takes in one call, and one by one for those that did not come back."""
    found: dict[str, RemoteGeneration] = {}
    client = None
    try:
        client = account.client()
        page = client.list_generations(ids=[str(take.remote_id) for take in takes])
        found = {item.id: item for item in page.items}
    except ServiceError as error:
        log.info("poll: %s", error.detail or error)
        if client is None or not isinstance(error, Rejected) or isinstance(error, Unauthorized):
            _release_all(takes, partial(_put_off, error=error))
            return  # otherwise the list doesn't take our ids: one by one, then
    _release_all(takes, lambda take: _see(client, take, found.get(str(take.remote_id))))


def _release_all(takes: Iterable[Generation], step: Callable[[Generation], float]) -> None:
    """One take's trouble must not keep the others of the batch waiting."""
    for take in takes:
        try:
            take.release(_guarded(take, step))
        except LeaseLost:
            log.warning("take %s: another worker took over", take.pk)


def _guarded(take: Generation, step: Callable[[Generation], float]) -> float:
    try:
        return step(take)
    except LeaseLost:
        raise
    except Exception as error:
        log.exception("take %s: poll broke", take.pk)
        broke = "The studio had trouble of its own with this take; it keeps trying."
        return _put_off(take, Unavailable(broke, detail=repr(error)))


def _see(client: HedraClient, take: Generation, remote: RemoteGeneration | None) -> float:
    try:
        apply(take, remote or client.status(str(take.remote_id)))
    except ServiceError as error:
        return _put_off(take, error)
    if take.status in REMOTE and take.is_overdue:
        take.fail(failures.STALLED, "")
    return next_look_s(take)


def _put_off(take: Generation, error: ServiceError) -> float:
    """Keep waiting for a take that could not be looked at; only its deadline ends that."""
    take.write(attempts=take.attempts + 1, updated=take.updated)
    if take.is_hopeless:
        take.fail(failures.LOST if isinstance(error, NotFound) else failures.UNREACHABLE, str(error))
    elif isinstance(error, Unauthorized):
        take.write(note=str(error)[:300])
    elif not isinstance(error, NotFound) or take.attempts > 5:  # 404 right after a submit is normal
        take.write(note=UNKNOWN_THERE if isinstance(error, NotFound) else NO_NEWS)
    return getattr(error, "retry_after", None) or backoff_s(take.attempts, ceiling_s=15)


def apply(take: Generation, remote: RemoteGeneration | GenerationState) -> None:
    """Take over what the service says of this take."""
    seen = _seen(remote)
    if remote.status == "error":
        log.info("take %s: the service failed it: %s", take.pk, remote.error)
        take.fail(remote.error.code if remote.error else "UNKNOWN", "", **seen)
    elif remote.status == "complete":
        take.enter(Status.DOWNLOADING, **seen | {"progress": 1, "eta_at": None})
    elif remote.status != take.status:
        take.enter(Status(remote.status), **seen)
    elif seen.get("progress") != take.progress or take.note:
        take.write(note="", attempts=0, **seen)


def _seen(remote: RemoteGeneration | GenerationState) -> dict[str, Any]:
    """Progress, charge and expected end, as far as this kind of answer carries them."""
    seen: dict[str, Any] = {"progress": remote.progress or 0}
    if isinstance(remote, RemoteGeneration):
        if remote.credit_cost is not None:
            seen["charged"] = remote.credit_cost
        if remote.estimated_completion_at:
            seen["eta_at"] = remote.estimated_completion_at
        elif remote.eta_s is not None:
            seen |= _eta(remote.eta_s)
    return seen
