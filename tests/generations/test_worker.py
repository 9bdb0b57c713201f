"""What the worker is told to do, and how it keeps what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from catalog.models import Account
from generations import leases, tasks, trash, worker
from generations.models import LOCAL, Generation, Status
from tests.factories import make_take
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queue(owner: User) -> Iterator[None]:
    Account.objects.current()
    HUEY.flush()
    yield
    HUEY.flush()


def queued() -> list[str]:
    return [task.name for task in HUEY.pending()]


def test_the_sweep_finds_what_is_due(owner: User) -> None:
    make_take(owner, status=Status.PREPARING)
    make_take(owner, status=Status.DOWNLOADING)
    make_take(owner, status=Status.PROCESSING)  # the looks are not the queue's
    tasks.sweep()
    assert queued() == ["advance", "advance"]


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.COMPLETE},
        {"status": Status.ERROR},
        {"status": Status.QUEUED, "next_attempt_at": timedelta(hours=1)},
        {"status": Status.QUEUED, "lease_owner": "x", "lease_until": timedelta(seconds=9)},
    ],
    ids=["complete", "error", "later", "held"],
)
def test_the_sweep_leaves_the_rest_alone(owner: User, fields: dict[str, Any]) -> None:
    """Times count from now."""
    now = timezone.now()
    make_take(owner, **{name: now + it if isinstance(it, timedelta) else it for name, it in fields.items()})
    tasks.sweep()
    assert queued() == []


def test_the_sweep_waits_while_the_queue_has_work(owner: User) -> None:
    make_take(owner, status=Status.PREPARING)
    tasks.sweep()
    tasks.sweep()
    assert queued() == ["advance"]


@pytest.mark.parametrize("name", ["next_attempt_at", "lease_until"])
def test_a_clock_that_was_set_back_does_not_park_a_take(owner: User, name: str) -> None:
    """Its row speaks of a time that no pause and no lease reaches: a clock that ran ahead wrote it."""
    make_take(owner, status=Status.PREPARING, lease_owner="x")
    Generation.objects.update(**{name: timezone.now() + timedelta(hours=5)})
    tasks.sweep()
    assert queued() == ["advance"]


def test_a_queue_that_is_away_does_not_hold_an_order_up(
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    """Its take is stored: once the queue is back, the sweep finds it."""

    def away(*_: object, **__: object) -> None:
        raise ConnectionError("no queue")

    take = make_take(owner, status=Status.PREPARING)
    monkeypatch.setattr(HUEY, "enqueue", away)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.wake([take.pk])
    monkeypatch.undo()
    tasks.sweep()
    assert [task.args for task in HUEY.pending()] == [(take.pk,)]


def test_a_long_history_leaves_room_for_new_takes(owner: User) -> None:
    for _ in range(5):
        make_take(owner, status=Status.DOWNLOADING, imported=True)
    tasks.sweep()
    assert len(queued()) == tasks.IMPORTS_AT_ONCE
    HUEY.flush()
    Generation.objects.filter(imported=True).claim(Account.objects.current(), tasks.IMPORTS_AT_ONCE)
    new = make_take(owner, status=Status.PREPARING)
    tasks.sweep()
    assert [task.args for task in HUEY.pending()] == [(new.pk,)]


def test_a_take_of_another_key_waits_for_it(owner: User) -> None:
    other = Account.objects.create(service="hedra", fingerprint="another")
    make_take(owner, account=other, status=Status.PREPARING)
    tasks.sweep()
    assert queued() == []


def test_looking_for_work_reads_no_finished_takes(owner: User) -> None:
    """A million finished takes must not slow the sweep of each second down."""
    account = Account.objects.current()
    for query in (
        Generation.objects.due(account).in_status(LOCAL),
        Generation.objects.filter(imported=True).held(),
        Generation.objects.filter(lease_owner__in=["x"]),
        Generation.objects.owned_by(owner).running(),
    ):
        plan = query.explain()
        if connection.vendor == "sqlite":
            assert "USING INDEX take_" in plan, plan


def test_a_doubled_message_does_no_harm(studio: Studio, owner: User) -> None:
    failing = make_take(owner, status=Status.PREPARING, body={"type": "video"}, charged=None)
    tasks.advance.call_local(failing.pk)
    before = Generation.objects.get(pk=failing.pk).updated
    tasks.advance.call_local(failing.pk)
    assert Generation.objects.get(pk=failing.pk).updated == before
    assert len(studio.submissions()) == 1


def test_a_lease_is_renewed_while_the_work_lasts_and_not_after(owner: User) -> None:
    make_take(owner, status=Status.PREPARING)
    [held] = Generation.objects.claim(Account.objects.current(), 1)
    with leases.holding([held]):
        Generation.objects.update(lease_until=timezone.now())
        assert leases.renew() == 1
        held.refresh_from_db()
        assert held.lease_until
        assert held.lease_until > timezone.now() + timedelta(seconds=10)
    assert leases.renew() == 0


def test_a_dead_workers_row_comes_back(owner: User) -> None:
    make_take(owner, status=Status.PREPARING)
    account = Account.objects.current()
    [held] = Generation.objects.claim(account, 1)
    assert Generation.objects.claim(account, 1) == []
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    [again] = Generation.objects.claim(account, 1)
    assert again.pk == held.pk
    assert again.lease_owner != held.lease_owner


def test_an_error_does_not_end_the_worker(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise RuntimeError("the database is away")

    worker._guarded(broken, "sweep")
    assert "sweep failed" in caplog.text


def test_one_step_from_the_command_line(studio: Studio, owner: User) -> None:
    failing = make_take(owner, status=Status.PREPARING, body={"type": "video"}, charged=None)
    call_command("run_worker", once=True)
    failing.refresh_from_db()
    assert (failing.status, failing.error_code) == (Status.ERROR, "INVALID_ARGUMENT")
    assert failing.error_message
    assert failing.charged == 0


def test_a_bug_of_ours_makes_the_take_wait_and_say_so(
    studio: Studio, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(take: Generation) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("generations.lifecycle.prepare", bug)
    take = make_take(owner, status=Status.PREPARING)
    tasks.drain()
    take.refresh_from_db()
    assert take.status == Status.PREPARING
    assert "trouble of its own" in take.note
    assert take.next_attempt_at > timezone.now()


def test_the_trash_is_emptied_after_thirty_days(owner: User) -> None:
    take = make_take(owner)
    take.result.save("takes/1.mp4", ContentFile(b"clip"))
    Generation.objects.update(deleted_at=timezone.now() - timedelta(days=29))
    assert trash.empty_trash() == 0
    Generation.objects.update(deleted_at=timezone.now() - timedelta(days=31))
    file = take.result
    assert trash.empty_trash() == 1
    assert not file.storage.exists(file.name)
    assert Generation.objects.filter(remote_id=take.remote_id).exists()
