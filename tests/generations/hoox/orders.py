"""What the tests of takes at Hoox share: an order as the form would store it, and the sandbox's books."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from threading import Event
from time import monotonic
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from catalog.mirror import details
from catalog.models import Account, AIModel, CallBudget, Rest
from generations import tasks
from generations.models import Asset, Generation, Input, Status
from generations.models.status import schedule
from generations.orders import hoox
from sandbox.server import Handle

PATIENCE_S = 60
START = {"method": "POST", "path": "/asset/start"}
LOOK = {"method": "GET", "path": "/asset/status/*"}
IMAGE, VIDEO = "z-image-turbo", "grok-imagine-video"
Held = Iterable[tuple[str, int, Asset]]


class HooxStudio:
    """Orders takes at an account, steps the worker in this thread, reads the sandbox's ledger."""

    def __init__(self, sandbox: Handle, account: Account, key: str, owner: User) -> None:
        self.sandbox, self.account, self.key, self.owner = sandbox, account, key, owner

    def model(self, slug: str) -> AIModel:
        """With all that only its own answer tells."""
        model = AIModel.objects.get(account=self.account, slug=slug)
        details._keep(self.account, model.pk, self.account.hoox().model(slug))
        return AIModel.objects.get(pk=model.pk)

    def order(self, slug: str = IMAGE, held: Held = (), **values: Any) -> Generation:
        """A take as the form stores it, untouched by any worker."""
        model = self.model(slug)
        asked = {"prompt": "A fox in the snow", **values}
        take = Generation.objects.create(
            owner=self.owner,
            account=self.account,
            ai_model=model,
            model_name=model.name,
            type=model.type,
            prompt=asked["prompt"],
            shot=uuid4(),
            body=hoox.body(model, asked),
            **schedule(Status.PREPARING),  # type: ignore[arg-type]
        )
        for role, position, asset in held:
            Input.objects.create(generation=take, asset=asset, role=role, position=position)
        return take

    def step(self) -> None:
        """Everything is due now, nobody rests, and a minute's requests are there again."""
        CallBudget.objects.all().delete()
        Rest.objects.all().delete()
        Generation.objects.running().update(next_attempt_at=timezone.now())
        tasks.drain()

    def work_until(self, reached: Callable[[], bool]) -> None:
        end, pause = monotonic() + PATIENCE_S, Event()
        while not reached():
            assert monotonic() < end, list(Generation.objects.values("status", "note", "error_code"))
            self.step()
            pause.wait(0.05)

    def work_until_idle(self) -> None:
        self.work_until(lambda: not Generation.objects.running().exists())

    def hear(self) -> None:
        """Wait for news to arrive, and do what the web process has asked of the worker."""
        end, pause = monotonic() + PATIENCE_S, Event()
        while not HUEY.pending_count():
            assert monotonic() < end
            pause.wait(0.05)
        self.run_tasks()

    def run_tasks(self) -> None:
        while task := HUEY.dequeue():
            HUEY.execute(task)

    def orders(self) -> list[dict[str, Any]]:
        """What the sandbox received, oldest first."""
        return [entry["body"] for entry in self.sandbox.requests(self.key, "hoox")]

    def charges(self) -> dict[str, Decimal]:
        """What each asset has cost in the end."""
        sums: dict[str, Decimal] = {}
        for entry in self.sandbox.ledger(self.key, "hoox")["entries"]:
            sign = -1 if entry["kind"] == "refund" else 1
            known = sums.get(entry["generation_id"], Decimal(0))
            sums[entry["generation_id"]] = known + sign * entry["credits"]
        return sums

    def assert_paid_once(self, *takes: Generation) -> None:
        """The sandbox's ledger is the judge: one asset for each take, at the charge that we show."""
        assert self.charges() == {take.service_id: take.charged for take in takes}
