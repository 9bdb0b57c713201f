"""The service's own history: past generations are adopted as takes, again and again without duplicates.

The first walk to the end brings in the past of the account: imported. What a later walk finds had no row here
although the account was known to its end, and counts as rescued ("recovered"): an order whose row is gone, or
one made elsewhere since. So does a take, or an earlier try of it, that was given up and ran after all."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
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
from .models import By, FailedTry, Generation, Status
from .models.status import may_step, schedule
from .models.words import types_of
from .past import walk

log = logging.getLogger(__name__)

KINDS = {"image": "image", "audio": "audio", "video": "video", "voice": "audio"}
"""By what the service calls a result; the history also holds an agent's words and 3D models."""


def import_for_owner(account: Account, *, thorough: bool = False) -> int:
    """Import what is new to the person whose studio this is: the only one, or the first administrator."""
    users = get_user_model().objects.filter(is_active=True)
    owner = users.order_by("-is_superuser", "pk").first()
    if owner is None:
        return 0
    with about(**account.log_facts):
        try:
            return import_history(account, owner, thorough=thorough)
        except ServiceError as error:
            log.info("history: %s", error.detail or error)
            return 0


def import_history(account: Account, owner: User, *, thorough: bool = True) -> int:
    """Adopt every generation of this account that has no row yet; the number adopted. Raises ServiceError.

    Without `thorough` it ends at the first page on which everything is known and settled. Not so after a
    walk that brought something in was cut off: what lies behind it is not known then."""
    thorough = thorough or account.history_open or account.history_at is None
    models, adopted = _models(account), 0
    here = Generation.objects.filter(account=account).order_by("created").values_list("created", flat=True)
    moving.adopt_models(account)
    for step in walk(account.client(), lambda: list(here.all())):
        items = [item for item in step.new if is_uuid(item.id)]
        _take_over(account, items)
        new = _adopt(account, owner, items, models)
        settled = _settle(account, items)
        adopted += new
        if step.newest_first and not (thorough or new or settled):
            break
    account.close_history(whole=thorough or bool(adopted))
    return adopted


def _models(account: Account) -> dict[str, AIModel]:
    """By all that requests call them."""
    models = AIModel.objects.filter(account=account)
    return {key: model for model in models for key in (model.slug, model.remote_id) if key}


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
    known, denied = _known(account, items)
    wanted = [item for item in items if item.type in KINDS and uuid.UUID(item.id) not in known]
    rows = [_row(account, owner, item, models) for item in wanted]
    for row in rows:
        row.recovered = account.history_at is not None or row.remote_id in denied
    if rows:
        account.open_history()
    return len(Generation.objects.bulk_create(rows, ignore_conflicts=True))


def _known(account: Account, items: Sequence[RemoteGeneration]) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Which of these are on a card already, as what it is now or as a try of it that failed; and which were
    taken for such a try and did not fail."""
    answered = {uuid.UUID(item.id): item for item in items}
    takes = Generation.objects.filter(account=account, remote_id__in=answered).values_list(
        "remote_id", flat=True
    )
    known, denied = set(takes), set[uuid.UUID]()
    for failed in FailedTry.objects.filter(account=account, remote_id__in=answered):
        if answered[failed.remote_id].status == "error":
            known.add(failed.remote_id)
        else:  # it was given up too early
            failed.disown()
            denied.add(failed.remote_id)
    return known, denied


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
        maker=model.maker if model else "",
        service=account.service,
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
    if may_step(row.status, Status.QUEUED, By.RESCUE) and uncertain and alive:
        fields |= {"submitted_at": timezone.now(), "error_code": "", "error_message": "", "finished_at": None}
        fields |= {"deleted_at": None, "status": Status.QUEUED, **schedule(Status.QUEUED)}
        fields |= {"lease_owner": None, "lease_until": None, "recovered": True}
    return fields
