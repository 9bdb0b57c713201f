"""A studio whose service is the sandbox, over real HTTP, with an account of its own for each test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from copy import copy
from decimal import Decimal
from threading import Event
from time import monotonic
from typing import Any

from django.utils import timezone

from catalog.mirror.sync import sync
from catalog.models import Account, AIModel, Rest
from generations import tasks
from generations.models import RUNNING, Generation
from sandbox.server import Handle

PATIENCE_S = 60


_FIRST: dict[str, tuple[Account, list[AIModel]]] = {}
"""An account of each service with its models, as the first sync of this run has left them."""


def fill_catalog(account: Account) -> None:
    """The service's models for a new account: asked for once, and copied for each test after that."""
    if account.service not in _FIRST:
        report = sync(account)
        assert not report.error, report.error
        _FIRST[account.service] = account, list(AIModel.objects.filter(account=account))
    first, models = _FIRST[account.service]
    if first is account:
        return
    now = timezone.now()
    copies = [copy(model) for model in models]
    for model in copies:
        model.pk, model._state = None, copy(AIModel()._state)
        model.account, model.first_seen, model.last_seen = account, now, now
    AIModel.objects.bulk_create(copies)
    account.synced_at = account.sync_tried_at = now
    account.sync_report, account.revision = first.sync_report, first.revision
    account.save()


class Studio:
    """Steps the worker in this thread and reads the sandbox's own books."""

    def __init__(self, sandbox: Handle, key: str) -> None:
        self.sandbox, self.key = sandbox, key

    def sync(self) -> None:
        report = sync(Account.objects.current())
        assert not report.error, report.error

    def hurry(self) -> None:
        """Make every running take due now, whatever pause it was given, and let nobody rest."""
        Rest.objects.all().delete()
        Generation.objects.filter(status__in=RUNNING).update(next_attempt_at=timezone.now())

    def work_until(self, reached: Callable[[], bool]) -> None:
        end, pause = monotonic() + PATIENCE_S, Event()
        while not reached():
            assert monotonic() < end, list(Generation.objects.values("status", "note", "error_code"))
            self.hurry()
            tasks.drain()
            pause.wait(0.05)

    def work_until_idle(self) -> None:
        self.work_until(lambda: not Generation.objects.running().exists())

    def submissions(self) -> list[dict[str, Any]]:
        """The orders that the sandbox received, oldest first."""
        return [entry["body"] for entry in self.sandbox.requests(self.key)]

    def charges(self) -> dict[str, list[Decimal]]:
        """What the ledger holds for each of our takes, refunds as negative amounts."""
        ours = {str(take.remote_id) for take in Generation.objects.filter(imported=False)}
        amounts: dict[str, list[Decimal]] = defaultdict(list)
        for entry in self.sandbox.ledger(self.key)["entries"]:
            if entry["generation_id"] in ours:
                sign = -1 if entry["kind"] == "refund" else 1
                amounts[entry["generation_id"]].append(sign * abs(Decimal(entry["credits"])))
        return dict(amounts)
