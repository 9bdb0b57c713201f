"""The sign of life that a worker gives, and what it does with its takes when it has to stop."""

from __future__ import annotations

import threading
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Account
from generations import leases, lifecycle, tasks
from generations.models import Generation, LeaseLost, Status, Worker
from generations.worker import SignOfLife
from tests.factories import make_take

pytestmark = pytest.mark.django_db
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test's end is the end of the process."""
    monkeypatch.setattr(leases, "_giving_back", threading.Event())


def held(owner: User, **fields: object) -> Generation:
    make_take(owner, **{"status": Status.PREPARING} | fields)
    [take] = Generation.objects.claim(Account.objects.current(), 1)
    return take


def test_a_worker_that_lives_is_seen() -> None:
    sign = SignOfLife()
    sign.beat()
    [worker] = Worker.objects.alive()
    assert worker.version == settings.VERSION
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    assert not Worker.objects.alive()
    sign.beat()
    assert Worker.objects.alive().get() == worker


def test_a_worker_that_stopped_is_not_waited_for() -> None:
    sign = SignOfLife()
    sign.give()
    sign.end()
    sign.give()  # its thread may come a moment late
    assert not Worker.objects.exists()


def test_one_that_never_gave_a_sign_can_end() -> None:
    other = Worker.objects.enlist()
    SignOfLife().end()
    assert Worker.objects.get() == other


def test_a_worker_that_was_killed_is_forgotten_after_a_day() -> None:
    killed = Worker.objects.enlist()
    Worker.objects.update(seen_at=timezone.now() - timedelta(hours=23))
    Worker.objects.enlist()
    assert killed in Worker.objects.all()
    Worker.objects.update(seen_at=timezone.now() - timedelta(hours=25))
    assert Worker.objects.enlist() == Worker.objects.get()


def test_one_that_slept_so_long_that_it_was_forgotten_is_seen_again() -> None:
    sign = SignOfLife()
    sign.give()
    Worker.objects.all().delete()
    sign.give()
    assert Worker.objects.alive().count() == 1


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert project["version"] == settings.VERSION


def test_a_take_given_back_is_free_at_once_and_nobody_else_writes_to_it(owner: User) -> None:
    take = held(owner)
    with leases.holding([take]):
        assert leases.give_back(0) == 1
        with pytest.raises(LeaseLost):
            take.write(note="too late")
        assert leases.renew() == 0
    [again] = Generation.objects.claim(Account.objects.current(), 1)
    assert again.pk == take.pk


def test_what_ends_within_the_grace_is_waited_for(owner: User) -> None:
    take, began, may_end = held(owner), threading.Event(), threading.Event()

    def step() -> None:
        with leases.holding([take]):
            began.set()
            may_end.wait(10)

    thread = threading.Thread(target=step)
    thread.start()
    began.wait(10)
    threading.Timer(0.05, may_end.set).start()
    assert leases.give_back(10) == 0
    thread.join()
    take.refresh_from_db()
    assert take.lease_owner, "the step itself gives it back"


def test_no_step_is_begun_after_that(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(take: Generation) -> float:
        raise AssertionError("a step was begun")

    monkeypatch.setattr("generations.lifecycle.prepare", never)
    take = held(owner)
    leases.give_back(0)
    lifecycle.advance(take)
    take.refresh_from_db()
    assert (take.status, take.lease_owner) == (Status.PREPARING, None)
    assert take.next_attempt_at
    assert take.next_attempt_at <= timezone.now()


def test_no_take_is_looked_at_after_that(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    take = make_take(owner, status=Status.PROCESSING)
    leases.give_back(0)
    tasks.poll()
    take.refresh_from_db()
    assert (take.lease_owner, take.attempts) == (None, 0)
