"""The service's own history: past generations are adopted as takes, again and again without duplicates."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from catalog.models import Account, AIModel
from clients.answers import RemoteGeneration
from clients.errors import ServiceError
from hedra_studio.logs import about

from . import failures, moving
from .models import FailedTry, Generation, Status
from .models.status import schedule
from .models.words import types_of

log = logging.getLogger(__name__)

PAGE = 100
KINDS = {"image": "image", "audio": "audio", "video": "video", "voice": "audio"}
"""By what the service calls a result; the history also holds an agent's words and 3D models."""


def import_for_owner(account: Account) -> int:
    """Import what is new to the person whose studio this is: the only one, or the first administrator."""
    users = get_user_model().objects.filter(is_active=True)
    owner = users.order_by("-is_superuser", "pk").first()
    if owner is None:
        return 0
    with about(**account.log_facts):
        try:
            return import_history(account, owner, thorough=False)
        except ServiceError as error:
            log.info("history: %s", error.detail or error)
            return 0


def import_history(account: Account, owner: User, *, thorough: bool = True) -> int:
    """Adopt every generation of this account that has no row yet; the number adopted. Raises ServiceError.

    Without `thorough` it ends at the first page on which everything is known and settled."""
    models = {
        key: model
        for model in AIModel.objects.filter(account=account)
        for key in (model.slug, model.remote_id)
        if key
    }
    adopted = 0
    moving.adopt_models(account)
    for items in pages(account):
        _take_over(account, items)
        new = _adopt(account, owner, items, models)
        settled = _settle(account, items)
        adopted += new
        if not (thorough or new or settled):
            break
    return adopted


def pages(account: Account) -> Iterator[list[RemoteGeneration]]:
    """Walk back in time by a moving `created_before`: the service may ignore offsets silently.

    Ids already seen are dropped; a page that brings nothing new ends the walk."""
    client, seen, before = account.client(), set[str](), None
    while True:
        page = client.list_generations(limit=PAGE, created_before=before)
        fresh = [item for item in page.items if item.id not in seen and is_uuid(item.id)]
        if not fresh:
            return
        seen |= {item.id for item in fresh}
        yield fresh
        oldest = min((item.created_at for item in fresh if item.created_at), default=None)
        if oldest is None or len(page.items) + page.skipped < min(PAGE, page.limit or PAGE):
            return
        before = oldest + timedelta(microseconds=1)  # rows of the same instant may lie on both pages


def _take_over(account: Account, items: Sequence[RemoteGeneration]) -> None:
    """A new key of an account that we know by an older key: what was made with that one goes on with this."""
    ids = [item.id for item in items]
    older = Generation.objects.filter(remote_id__in=ids, account__service=account.service).exclude(
        account=account
    )
    for former in Account.objects.filter(pk__in=older.values("account")):
        moving.move(former, account)


def is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def _adopt(
    account: Account, owner: User, items: Sequence[RemoteGeneration], models: dict[str, AIModel]
) -> int:
    known = _known(account, items)
    wanted = [item for item in items if item.type in KINDS and uuid.UUID(item.id) not in known]
    rows = [_row(account, owner, item, models) for item in wanted]
    return len(Generation.objects.bulk_create(rows, ignore_conflicts=True))


def _known(account: Account, items: Sequence[RemoteGeneration]) -> set[uuid.UUID]:
    """Which of these are on a card already, as what it is now or as a try of it that failed."""
    answered = {uuid.UUID(item.id): item for item in items}
    takes = Generation.objects.filter(account=account, remote_id__in=answered).values_list(
        "remote_id", flat=True
    )
    known = set(takes)
    for failed in FailedTry.objects.filter(account=account, remote_id__in=answered):
        if answered[failed.remote_id].status == "error":
            known.add(failed.remote_id)
        else:  # it was given up too early
            failed.disown()
    return known


def _row(account: Account, owner: User, item: RemoteGeneration, models: dict[str, AIModel]) -> Generation:
    asked = item.input.get("generated_video_inputs")
    inputs: Mapping[str, Any] = asked if isinstance(asked, dict) else item.input
    model = next((models[k] for k in _model_keys(item.input, inputs) if k in models), None)
    now = timezone.now()
    status = Status.DOWNLOADING if item.status == "complete" else Status(item.status)
    asked_type, usual = item.input.get("type"), "voice_clone" if item.type == "voice" else item.type
    return Generation(
        owner=owner,
        account=account,
        ai_model=model,
        model_name=model.name if model else "Unknown model",
        imported=True,
        type=asked_type if asked_type in types_of(KINDS[item.type]) else usual,
        prompt=_text(inputs, "text_prompt", "prompt", "text"),
        body=dict(item.input),
        aspect_ratio=_text(inputs, "aspect_ratio")[:20],
        resolution=_text(inputs, "resolution", "target_resolution")[:40],
        remote_id=uuid.UUID(item.id),
        remote_asset_id=_asset_id(item),
        status=status,
        progress=item.progress or 0,
        eta_at=item.estimated_completion_at,
        error_code=item.error.code[:40] if item.error else "",
        charged=item.credit_cost,
        created=item.created_at or now,
        updated=now,
        sent_at=item.created_at or now,
        submitted_at=item.created_at or now,
        finished_at=now if status == Status.ERROR else None,
        **schedule(status),
    )


def _asset_id(item: RemoteGeneration) -> uuid.UUID | None:
    """What requests call the result by; known once there is one."""
    return uuid.UUID(item.asset.id) if item.asset and is_uuid(item.asset.id) else None


def _model_keys(body: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    found = [part.get(name) for part in (body, inputs) for name in ("model_slug", "ai_model_id")]
    return [key for key in found if isinstance(key, str)]


def _text(inputs: Mapping[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := inputs.get(name), str)), "")


def _settle(account: Account, items: Sequence[RemoteGeneration]) -> int:
    """Fill in what only the list tells: charges still unknown, and takes that ran after we gave them up.

    The number of rows changed."""
    answered = {uuid.UUID(item.id): item for item in items}
    mine = Q(account=account, remote_id__in=answered)
    given_up = Q(status=Status.ERROR) & (Q(submitted_at=None) | Q(error_code__in=failures.UNCERTAIN))
    changed = 0
    for row in Generation.objects.filter(mine, Q(charged=None) | given_up):
        fields = _late_news(row, answered[row.remote_id])
        same = Generation.objects.filter(pk=row.pk, status=row.status, remote_id=row.remote_id)
        changed += same.update(**fields, updated=timezone.now()) if fields else 0
    for failed in FailedTry.objects.filter(mine, charged=None):
        cost = answered[failed.remote_id].credit_cost
        if cost is not None:
            failed.settle(cost)
            changed += 1
    return changed


def _late_news(row: Generation, item: RemoteGeneration) -> dict[str, Any]:
    """What the list knows better than the row."""
    fields: dict[str, Any] = {}
    if row.charged is None and item.credit_cost is not None:
        fields["charged"] = item.credit_cost
    uncertain = not row.submitted_at or row.error_code in failures.UNCERTAIN
    # What people deleted, or what only hangs there, comes back when there is a clip to show.
    asleep = row.deleted_at or row.error_code == failures.STALLED
    alive = item.status == "complete" if asleep else item.status != "error"
    if row.status == Status.ERROR and uncertain and alive:
        fields |= {"submitted_at": timezone.now(), "error_code": "", "error_message": "", "finished_at": None}
        fields |= {"deleted_at": None, "status": Status.QUEUED, **schedule(Status.QUEUED)}
        fields |= {"lease_owner": None, "lease_until": None}
    return fields
