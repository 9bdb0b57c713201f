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

from .models import FailedTry, Generation, Status
from .models.status import PATIENCE

log = logging.getLogger(__name__)

PAGE = 100


def import_for_owner(account: Account) -> int:
    """Import to the person whose studio this is: the only one, or the first administrator. Never raises."""
    users = get_user_model().objects.filter(is_active=True)
    owner = users.order_by("-is_superuser", "pk").first()
    if owner is None:
        return 0
    try:
        return import_history(account, owner)
    except ServiceError as error:
        log.info("history: %s", error.detail or error)
        return 0


def import_history(account: Account, owner: User) -> int:
    """Adopt every generation of this account that has no row yet; the number adopted. Raises ServiceError."""
    models = {
        key: model
        for model in AIModel.objects.filter(account=account)
        for key in (model.slug, model.remote_id)
        if key
    }
    adopted = 0
    for items in pages(account):
        adopted += _adopt(account, owner, items, models)
        _settle(account, items)
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
        if oldest is None or len(page.items) + page.skipped < PAGE:
            return
        before = oldest + timedelta(microseconds=1)  # rows of the same instant may lie on both pages


def is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


def _adopt(
    account: Account, owner: User, items: Sequence[RemoteGeneration], models: dict[str, AIModel]
) -> int:
    known = _known(account, [item.id for item in items])
    rows = [_row(account, owner, item, models) for item in items if uuid.UUID(item.id) not in known]
    return len(Generation.objects.bulk_create(rows, ignore_conflicts=True))


def _known(account: Account, ids: Sequence[str]) -> set[uuid.UUID]:
    """Which of these are on a card already, as what it is now or as a try of it that failed."""
    mine = {"account": account, "remote_id__in": ids}
    takes = Generation.objects.filter(**mine).values_list("remote_id", flat=True)
    return {*takes, *FailedTry.objects.filter(**mine).values_list("remote_id", flat=True)}


def _row(account: Account, owner: User, item: RemoteGeneration, models: dict[str, AIModel]) -> Generation:
    asked = item.input.get("generated_video_inputs")
    inputs: Mapping[str, Any] = asked if isinstance(asked, dict) else item.input
    model = next((models[k] for k in _model_keys(item.input, inputs) if k in models), None)
    now = timezone.now()
    status = Status.DOWNLOADING if item.status == "complete" else Status(item.status)
    return Generation(
        owner=owner,
        account=account,
        ai_model=model,
        model_name=model.name if model else "Unknown model",
        imported=True,
        type=str(item.input.get("type") or item.type or "video"),
        prompt=_text(inputs, "text_prompt", "prompt", "text"),
        body=dict(item.input),
        aspect_ratio=_text(inputs, "aspect_ratio")[:20],
        resolution=_text(inputs, "resolution")[:40],
        remote_id=uuid.UUID(item.id),
        remote_asset_id=None,
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
        deadline_at=now + PATIENCE[status] if status in PATIENCE else None,
    )


def _model_keys(body: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[str]:
    found = [part.get(name) for part in (body, inputs) for name in ("model_slug", "ai_model_id")]
    return [key for key in found if isinstance(key, str)]


def _text(inputs: Mapping[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := inputs.get(name), str)), "")


def _settle(account: Account, items: Sequence[RemoteGeneration]) -> None:
    """Fill in what only the list tells: charges still unknown, and takes that ran after we gave them up."""
    answered = {uuid.UUID(item.id): item for item in items}
    given_up = Q(status=Status.ERROR, submitted_at=None)
    for row in Generation.objects.filter(Q(charged=None) | given_up, account=account, remote_id__in=answered):
        item, fields = answered[row.remote_id], dict[str, Any]()
        if item.credit_cost is not None:
            fields["charged"] = item.credit_cost
        if row.status == Status.ERROR and not row.submitted_at and item.status != "error":
            fields |= {
                "status": Status.QUEUED,
                "submitted_at": timezone.now(),
                "error_code": "",
                "error_message": "",
            }
        if fields:
            Generation.objects.filter(pk=row.pk, status=row.status).update(**fields, updated=timezone.now())
    for failed in FailedTry.objects.filter(charged=None, account=account, remote_id__in=answered):
        cost = answered[failed.remote_id].credit_cost
        if cost is not None:
            failed.settle(cost)
