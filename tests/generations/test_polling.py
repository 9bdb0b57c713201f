"""How often the service is asked about running takes, and what an outage does to them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django.fixtures import Settings

from catalog.models import Account, Rest
from clients.errors import RateLimited
from generations import tasks
from generations.models import Generation, Status
from generations.orders import hedra
from tests.clients.server import Handler, ScriptedServer
from tests.factories import make_take

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 1, 12, 3, tzinfo=timezone.now().tzinfo)
BALANCE = {"remaining": 1000, "expiring": 0, "used": 0}


class Clock:
    """Stands still until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(timezone, "now", lambda: START + timedelta(seconds=self.seconds))
        monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda seconds: None)


class Hedra:
    """The service on a real socket: every take runs there, but for some that its list leaves out."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server, self.calls = server, Counter[str]()
        self.away, self.unlisted = False, set[str]()
        server.will(*[self.answer] * 5000)

    def answer(self, handler: Handler) -> None:
        seen = self.server.seen[-1]
        what = seen.path.rpartition("/")[2]
        self.calls["order" if seen.method == "POST" else what] += 1
        status, body = (503, {}) if self.away else (200, self.said(what, seen.query, seen.path))
        handler.send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def said(self, what: str, query: dict[str, list[str]], path: str) -> Any:
        if what == "credits":
            return BALANCE
        asked = query["ids"][0].split(",") if "ids" in query else [path.split("/")[-2]]
        assert len(asked) <= 50
        rows = [{"id": each, "asset_id": each, "type": "video", "status": "processing"} for each in asked]
        rows = [row | {"progress": 0.5, "created_at": "2026-11-01T12:00:00Z"} for row in rows]
        listed = [row | {"input": {"type": "video"}} for row in rows if row["id"] not in self.unlisted]
        return rows[0] if what == "status" else {"page_info": {"limit": 100, "offset": 0}, "data": listed}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def service(settings: Settings, clock: Clock, owner: User) -> Iterator[Hedra]:
    HUEY.flush()
    with ScriptedServer() as server:
        settings.HEDRA_URL = server.url + "/web-app/public"
        Account.objects.current()
        yield Hedra(server)
    HUEY.flush()


def run(owner: User, count: int, **fields: Any) -> list[Generation]:
    """Takes that run at the service and are due for a look."""
    now = timezone.now()
    times = {"next_attempt_at": now, "deadline_at": now + timedelta(minutes=1), "submitted_at": now}
    return [make_take(owner, status=Status.PROCESSING, **times | fields) for _ in range(count)]


def test_fifty_at_a_time_and_the_missing_ones_alone(owner: User, service: Hedra) -> None:
    takes = run(owner, 200)
    service.unlisted = {str(take.remote_id) for take in takes[:3]}
    tasks.poll()
    assert service.calls == {"generations": 4, "status": 3}
    tasks.poll()
    assert service.calls.total() == 7, "nothing is due yet"


def test_what_is_due_soon_comes_along(owner: User, service: Hedra, clock: Clock) -> None:
    for tenths in range(5):
        run(owner, 10, next_attempt_at=START + timedelta(seconds=tenths / 10))
    tasks.poll()
    assert service.calls == {"generations": 1}


def test_two_hundred_takes_cost_four_calls_a_second_at_most(
    owner: User, service: Hedra, clock: Clock
) -> None:
    """Whatever their expected ends and however their looks have drifted apart."""
    for number in range(200):
        [take] = run(owner, 1, next_attempt_at=START + timedelta(seconds=number % 40 / 40))
        eta_at = START + timedelta(seconds=number - 60) if number % 3 else None
        Generation.objects.filter(pk=take.pk).update(eta_at=eta_at)
    for _ in range(40):
        tasks.poll()
        clock.seconds += 0.25
    assert 0 < service.calls["generations"] <= 4 * 10
    assert set(service.calls) == {"generations"}


@pytest.mark.parametrize(
    ("eta_s", "age_s", "pause_s"),
    [(80, 5, 10), (40, 5, 5), (4, 60, 1), (-4, 60, 1), (-48, 60, 6), (-900, 960, 10), (None, 4, 1),
     (None, 40, 5), (None, 3600, 10), (None, None, 1)],
)  # fmt: skip
def test_when_a_take_is_looked_at_again(
    owner: User, service: Hedra, eta_s: float | None, age_s: float | None, pause_s: float
) -> None:
    now = timezone.now()
    take = Generation(
        eta_at=None if eta_s is None else now + timedelta(seconds=eta_s),
        submitted_at=None if age_s is None else now - timedelta(seconds=age_s),
    )
    assert hedra.next_look_s(take) == pytest.approx(pause_s)


def test_two_workers_share_the_looks(owner: User, service: Hedra, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one comes while the first waits for its answer."""
    run(owner, 100)
    look, others = hedra.look, [tasks.poll]

    def while_asking(*args: Any) -> Any:
        if others:
            others.pop()()
        return look(*args)

    monkeypatch.setattr(hedra, "look", while_asking)
    tasks.poll()
    assert service.calls == {"generations": 2}


def test_an_outage_is_met_with_few_calls_and_costs_no_take(owner: User, service: Hedra, clock: Clock) -> None:
    """Ten minutes without an answer, for takes that would have been given up after one."""
    run(owner, 200)
    service.away = True
    while clock.seconds < 600:
        tasks.poll()
        tasks.sweep()
        clock.seconds += 1
    assert service.calls["generations"] <= 12, "three calls, each tried three times, and one under way"
    assert service.calls["credits"] < 35

    service.away = False
    while Rest.objects.get().is_on:
        tasks.poll()
        clock.seconds += 1
    service.calls.clear()
    for _ in range(20):
        tasks.poll()
        clock.seconds += 0.25
    assert service.calls["generations"] <= 20, "no more than four a second"
    assert Generation.objects.filter(status=Status.PROCESSING, note="").count() == 200
    assert not Generation.objects.filter(deadline_at__lt=timezone.now()).exists()


def test_nothing_is_ordered_while_the_service_rests(owner: User, service: Hedra, clock: Clock) -> None:
    Rest.objects.failed(Account.objects.current().pk, RateLimited("slow down", retry_after=30))
    ordering = [make_take(owner, status=Status.SUBMITTING, next_attempt_at=START) for _ in range(10)]
    tasks.sweep()
    assert HUEY.pending_count() == 0
    tasks.advance.call_local(ordering[0].pk)  # a message of before
    take = Generation.objects.get(pk=ordering[0].pk)
    assert (take.status, take.attempts, take.sent_at) == (Status.SUBMITTING, 0, None)
    assert take.next_attempt_at > START + timedelta(seconds=30)
    assert not service.calls

    clock.seconds = 31
    tasks.poll()
    tasks.sweep()
    assert service.calls == {"credits": 1}
    assert HUEY.pending_count() == tasks.AT_FIRST
