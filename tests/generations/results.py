"""Takes that are ready at a service whose answers a test writes, and their way home."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.utils import timezone

from generations import leases, lifecycle
from generations.models import Generation, Status
from tests.clients.server import json_answer
from tests.factories import make_take


def finished(owner: User, type: str) -> Generation:
    """A take that is ready at the service, not here."""
    return make_take(
        owner, type=type, status=Status.DOWNLOADING, charged=None, next_attempt_at=timezone.now()
    )


def fetched(take: Generation) -> Generation:
    """The take after one turn of a worker; what it left to do is due later."""
    Generation.objects.filter(pk=take.pk).update(next_attempt_at=timezone.now())
    (claimed,) = Generation.objects.filter(pk=take.pk).claim(take.account, 1)
    with leases.holding([claimed]):
        lifecycle.advance(claimed)
    take.refresh_from_db()
    return take


def listed(take: Generation, asset: dict[str, Any] | None = None, **fields: Any) -> Any:
    """The answer of the list, with what it says of the result."""
    row = {
        "id": str(take.remote_id),
        "type": take.media_kind,
        "input": {"type": take.type},
        "status": "complete",
        "progress": 1,
        "credit_cost": 5,
        "created_at": "2026-11-20T09:00:00Z",
        "asset": asset,
    }
    return json_answer({"page_info": {"limit": 100, "offset": 0}, "data": [row | fields]})


def asset_of(type: str, inner: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "type": type,
        "name": "x",
        "created_at": "2026-11-20T09:00:00Z",
        "asset": {"type": inner, **fields},
    }
