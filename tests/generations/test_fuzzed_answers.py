"""Malformed answers to whole takes, over HTTP: worker and pages live, each take's failure has its words,
and nothing of the answer reaches a page raw."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape

from catalog.mirror.sync import sync
from catalog.models import Account, AIModel
from clients import http
from generations import tasks
from generations.history import import_for_owner
from generations.models import Generation, Status
from tests.factories import remove_takes
from tests.fuzzing import AGAIN, SCRIPT, SEED, THROUGH_TAKES, Bent, bent
from tests.generations.orders import LISTING, LOOK_UP, ORDER, Press
from tests.sandboxed import Studio

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

CREDITS = {"method": "GET", "path": "/billing/credits"}
CALLS = {"submit": ORDER, "list": LISTING, "status": LOOK_UP, "credits": CREDITS}
SYNCS = max(4, THROUGH_TAKES // 10)
LOOKS = 3


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "FIRST_BACKOFF_S", 0)
    monkeypatch.setattr(http, "BACKOFF_JITTER_S", 0)


class Service:
    """What the service's stand-in would say, and saying something else."""

    def __init__(self, studio: Studio) -> None:
        self._studio, self._wire = studio, requests.Session()
        self._wire.headers["X-API-Key"] = studio.key

    def ask(self, path: str, **params: Any) -> Any:
        return self._wire.get(self._studio.sandbox.api_url + path, params=params).json()

    def say(self, match: dict[str, str], answer: Bent, *, after: bool = False) -> None:
        """So often that tries which the client repeats by itself meet it, too."""
        kind = "answer_after" if after else "answer"
        self._studio.sandbox.fault(kind, match=match, status=answer.status, body=answer.text, times=LOOKS)

    def truth(self, name: str, take: Generation) -> Any:
        """The answer to this call about the take, as it should be."""
        order = str(take.remote_id)
        item = {"id": order, "asset_id": str(take.remote_asset_id), "status": "queued"}
        ordered = {"type": "image", "progress": 0, "eta_sec": 1, **item, "batch_results": [item]}
        asked: dict[str, Callable[[], Any]] = {
            "submit": lambda: ordered,
            "list": lambda: self.ask("/generations", ids=order),
            "status": lambda: self.ask(f"/generations/{order}/status"),
            "credits": lambda: self.ask("/billing/credits"),
        }
        return asked[name]()


def test_takes_outlive_whatever_the_service_answers(studio: Studio, press: Press, client: Client) -> None:
    dice, ends, service = random.Random(SEED), Counter[str](), Service(studio)
    studio.sandbox.settings(key=studio.key, balance=1_000_000)
    for number in range(THROUGH_TAKES):
        Account.objects.current().refresh_balance(max_age_s=0)  # an odd one can refuse the press
        [take] = press("Flux Dev T2I")
        name = list(CALLS)[number % len(CALLS)]
        if name != "submit":
            studio.work_until(lambda take=take: Generation.objects.get(pk=take.pk).submitted_at is not None)
        answer = bent(service.truth(name, take), dice)
        service.say(CALLS[name], answer, after=name == "submit" and dice.random() < 0.5)
        if name == "status":  # asked only for what the list leaves out
            service.say(LISTING, Bent(200, '{"data": [], "page_info": {}}'))
        if name == "credits":
            Account.objects.current().refresh_balance(max_age_s=0)
        work(studio)
        take.refresh_from_db()
        ends[f"{take.status} {take.error_code}".strip()[:40]] += 1
        assert_pages_tell(client, take, f"{AGAIN}: take {number}, {name}, {answer!r:.2000}")
        remove_takes(Generation.objects.all())  # the next one is looked at alone
    print(f"{THROUGH_TAKES} malformed answers to takes: {dict(ends)}; {AGAIN}")  # noqa: T201 - for make fuzz


def work(studio: Studio) -> None:
    for _ in range(LOOKS):
        studio.hurry()
        tasks.drain()
    studio.sandbox.clear_faults()


def assert_pages_tell(client: Client, take: Generation, what: str) -> None:
    """The gallery and the take's page answer, with the failure's words, and nothing raw."""
    for path in ("/gallery/", take.get_absolute_url()):
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 200, what
        assert SCRIPT not in page, what
        if take.status == Status.ERROR:
            assert escape(take.failure.title) in page, what
        else:
            assert take.is_complete or take.next_attempt_at, what
    assert take.status != Status.ERROR or escape(take.charge_words) in page, what


def test_catalogs_and_histories_of_any_kind_leave_the_pages_alive(
    studio: Studio, owner: User, client: Client
) -> None:
    dice, service = random.Random(SEED), Service(studio)
    models, past = service.ask("/models")[:6], service.ask("/generations", limit=5)
    for number in range(SYNCS):
        odd, old = bent(models, dice), bent(past, dice)
        service.say({"method": "GET", "path": "/models"}, odd)
        service.say(LISTING, old)
        sync(Account.objects.current())
        import_for_owner(Account.objects.current())
        studio.sandbox.clear_faults()
        for path in ("/catalog/", "/create/", "/gallery/"):
            answer = client.get(path)
            assert answer.status_code == 200, f"{AGAIN}: {number}, {path}, {odd!r:.1000}, {old!r:.1000}"
            assert SCRIPT not in answer.content.decode()
    assert AIModel.objects.exists()
