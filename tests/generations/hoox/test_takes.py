"""From the order to a stored result at the second service, over real HTTP, with faults on the way."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import CallBudget
from catalog.models.budget import BURST, SharedBudget
from clients.answers import Started
from generations import tasks
from generations.models import REMOTE, By, Generation, LeaseLost, Status
from generations.orders import hoox
from tests.factories import make_take
from tests.generations.hoox.orders import IMAGE, LOOK, START, VIDEO, HooxStudio
from tests.generations.orders import Press, assert_paid_once
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_picture_from_text(at_hoox: HooxStudio) -> None:
    take = at_hoox.order(aspect_ratio="9:16")
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.error_message
    assert take.result.size > 100
    assert take.poster.size > 100
    assert (take.charged, take.media_kind) == (Decimal("0.1"), "image")
    at_hoox.assert_paid_once(take)


def test_a_clip_from_text(at_hoox: HooxStudio) -> None:
    take = at_hoox.order(VIDEO, duration_ms=1000, resolution="480p", aspect_ratio="1:1")
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.error_message
    assert (take.width, take.height, take.duration_ms) == (480, 480, pytest.approx(1000, abs=100))
    at_hoox.assert_paid_once(take)


def test_the_order_says_what_was_asked_and_nothing_else(at_hoox: HooxStudio) -> None:
    settings = {"generateAudio": "false", "made_up": "true"}
    take = at_hoox.order(
        "veo-3.1", duration_ms=6000, resolution="1080p", aspect_ratio="16:9", settings=settings
    )
    at_hoox.work_until(lambda: bool(at_hoox.orders()))
    [body] = at_hoox.orders()
    take.refresh_from_db()
    assert body == take.body
    assert body.pop("webhook_url").startswith("http://127.0.0.1:9/hooks/hoox/")
    assert body == {
        "type": "video",
        "model": "veo-3.1",
        "prompt": "A fox in the snow",
        "duration": 6,
        "resolution": "1080p",
        "aspect_ratio": "16:9",
        "model_settings": {"generateAudio": False},
        "generation_count": 1,
        "file_name": f"hedra-studio-{take.remote_id}",
    }


def test_both_services_are_worked_for(
    studio: Studio, press: Press, at_hoox: HooxStudio, settings: Any
) -> None:
    [theirs], ours = press(), at_hoox.order()
    at_hoox.work_until_idle()
    theirs.refresh_from_db()
    ours.refresh_from_db()
    assert (theirs.status, ours.status) == (Status.COMPLETE, Status.COMPLETE)
    at_hoox.assert_paid_once(ours)
    assert [body["generation_id"] for body in studio.submissions()] == [str(theirs.remote_id)]
    assert studio.charges()[str(theirs.remote_id)] == [theirs.charged]


def test_a_message_finds_the_take_wherever_it_is_made(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    tasks.sweep()
    at_hoox.run_tasks()
    take.refresh_from_db()
    assert take.status in REMOTE


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "empty_wallet"}, "MISSING_CREDITS"),
        ({"kind": "refuse"}, "MODERATION_FAILED"),
        ({"kind": "answer", "status": 400}, "INVALID_ARGUMENT"),
        ({"kind": "answer", "status": 401}, "UNAUTHORIZED"),
        ({"kind": "answer", "status": 403}, "PERMISSION_DENIED"),
        ({"kind": "answer", "status": 404}, "NOT_FOUND"),
        ({"kind": "answer", "status": 409}, "INVALID_ARGUMENT"),
    ],
    ids=str,
)
def test_a_refused_order_costs_nothing_and_says_why(
    at_hoox: HooxStudio, fault: dict[str, Any], code: str
) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault(match=START, service="hoox", **fault)
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.error_code, take.charged) == (Status.ERROR, code, 0)
    assert take.charge_words == "Nothing was charged."
    assert take.error_message
    assert at_hoox.charges() == {}


def test_an_empty_purse_is_said_calmly(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault("empty_wallet", service="hoox")
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.failure.calm
    assert "Hoox" in take.failure.title


@pytest.mark.parametrize("fault", [{"status": 429, "retry_after": 0.1}, {"status": 429}], ids=str)
def test_an_order_that_was_not_taken_is_sent_again(at_hoox: HooxStudio, fault: dict[str, Any]) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault("answer", match=START, service="hoox", **fault)
    at_hoox.step()
    take.refresh_from_db()
    assert (take.status, take.sent_at) == (Status.SUBMITTING, None)
    assert take.note
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    at_hoox.assert_paid_once(take)


def test_an_order_waits_for_room_in_the_budget(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    budget = SharedBudget(at_hoox.account.pk)
    CallBudget.objects.all().delete()
    for _ in range(BURST):
        budget.spend()
    tasks.drain()
    take.refresh_from_db()
    assert (take.status, take.sent_at, at_hoox.orders()) == (Status.SUBMITTING, None, [])
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE


def test_a_take_that_fails_there_is_given_back(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault("fail", service="hoox", code="INTERNAL")
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.error_code, take.charged) == (Status.ERROR, "GENERATION_FAILED", 0)
    assert take.charge_words == "Hoox says that it refunds failed takes."
    assert at_hoox.charges() == {take.service_id: 0}


def test_a_retry_is_a_new_order_on_the_same_card(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault("fail", service="hoox", code="INTERNAL")
    at_hoox.work_until_idle()
    failed = Generation.objects.get(pk=take.pk)
    assert failed.retry()
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.total_charged) == (Status.COMPLETE, Decimal("0.1"))
    assert take.service_id != failed.service_id
    names = [body["file_name"] for body in at_hoox.orders()]
    assert len(set(names)) == 2


def test_a_lost_look_only_costs_time(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.work_until(lambda: Generation.objects.get(pk=take.pk).status in REMOTE)
    at_hoox.sandbox.fault("answer", status=503, match=LOOK, times=2)
    at_hoox.sandbox.fault("answer", status=404, match=LOOK, times=2)
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.note) == (Status.COMPLETE, "")
    at_hoox.assert_paid_once(take)


def test_a_link_that_has_expired_is_asked_for_anew(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault("expired", match={"method": "GET", "path": "/media/posters/*"})
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    assert len(at_hoox.orders()) == 1


def test_too_many_looks_are_no_trouble_of_the_takes(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.work_until(lambda: Generation.objects.get(pk=take.pk).status in REMOTE)
    at_hoox.sandbox.fault("answer", status=429, retry_after=30, match=LOOK)
    at_hoox.step()
    take.refresh_from_db()
    assert take.note == ""
    assert take.next_attempt_at > timezone.now() + timedelta(seconds=25)


def test_looks_beyond_the_budget_wait_for_their_turn(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.work_until(lambda: Generation.objects.get(pk=take.pk).status in REMOTE)
    budget = SharedBudget(at_hoox.account.pk)
    CallBudget.objects.all().delete()
    for _ in range(BURST):
        budget.spend()
    Generation.objects.update(next_attempt_at=timezone.now())
    tasks.drain()
    take.refresh_from_db()
    assert take.note == ""
    assert take.next_attempt_at > timezone.now() + timedelta(seconds=hoox.SOONEST_S - 2)


def test_a_take_given_up_is_only_looked_at_again(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.work_until(lambda: Generation.objects.get(pk=take.pk).status in REMOTE)
    at_hoox.sandbox.fault("answer", status=200, body={"status": "generating"}, match=LOOK, times=2)
    at_hoox.step()
    Generation.objects.update(deadline_at=take.created)
    at_hoox.step()
    stalled = Generation.objects.get(pk=take.pk)
    assert (stalled.status, stalled.error_code) == (Status.ERROR, "STALLED")
    assert stalled.retry_words == "Retry"
    assert stalled.retry()
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    at_hoox.assert_paid_once(take)


def test_the_more_takes_run_the_rarer_each_is_looked_at(at_hoox: HooxStudio, owner: User) -> None:
    takes = [
        make_take(owner, account=at_hoox.account, status=Status.PROCESSING, service_id=f"asset-{number}")
        for number in range(2)
    ]
    assert hoox.next_look_s(takes[0]) == hoox.SOONEST_S
    for number in range(2, 20):
        make_take(owner, account=at_hoox.account, status=Status.QUEUED, service_id=f"asset-{number}")
    pause_s = hoox.next_look_s(takes[0])
    assert 20 * 60 / pause_s <= hoox.LOOKS_A_MINUTE
    for number in range(20, 60):
        make_take(owner, account=at_hoox.account, status=Status.QUEUED, service_id=f"asset-{number}")
    assert hoox.next_look_s(takes[0]) == hoox.LATEST_S


# Orders whose answer is lost

LOST = [
    {"kind": "cut"},
    {"kind": "cut_after"},
    {"kind": "answer", "status": 500},
    {"kind": "answer_after", "status": 503},
    {"kind": "answer_after", "status": 201, "body": {"surprise": True}},
    {"kind": "answer_after", "status": 201, "body": "no json"},
]


@pytest.mark.parametrize("fault", LOST, ids=str)
def test_a_lost_answer_makes_an_order_unclear_and_it_is_never_sent_again(
    at_hoox: HooxStudio, client: Client, fault: dict[str, Any]
) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault(match=START, service="hoox", **fault)
    for _ in range(4):
        Generation.objects.exclude(status=Status.UNCLEAR).update(next_attempt_at=timezone.now())
        at_hoox.step()
    take.refresh_from_db()
    assert (take.status, take.next_attempt_at, take.is_running) == (Status.UNCLEAR, None, False)
    assert len(at_hoox.orders()) == 1
    assert len(at_hoox.charges()) <= 1
    assert not take.retry()
    card = client.get("/gallery/?state=failed").content.decode()
    assert "Hoox&#x27;s answer got lost" in card
    assert "Whether it was charged is not known yet." in card


def test_a_process_that_ended_before_the_answer_leaves_an_unclear_order(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    [held] = Generation.objects.claim(at_hoox.account, 1)
    held.enter(Status.SUBMITTING, sent_at=timezone.now())
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    at_hoox.step()
    take.refresh_from_db()
    assert (take.status, at_hoox.orders()) == (Status.UNCLEAR, [])


def test_an_answer_about_another_take_is_none(at_hoox: HooxStudio) -> None:
    first, second = at_hoox.order(), at_hoox.order()
    Generation.objects.filter(pk=second.pk).update(next_attempt_at=None)
    at_hoox.work_until(lambda: Generation.objects.get(pk=first.pk).status == Status.COMPLETE)
    Generation.objects.filter(pk=second.pk).update(next_attempt_at=timezone.now())
    at_hoox.sandbox.fault("repeat_answer", service="hoox")
    at_hoox.work_until_idle()
    second.refresh_from_db()
    assert (second.status, second.service_id) == (Status.UNCLEAR, "")


def test_an_answer_that_comes_to_a_worker_too_late_is_kept(at_hoox: HooxStudio) -> None:
    """It slept past its lease, and another one took the order for lost."""
    take = at_hoox.order()
    [late] = Generation.objects.claim(at_hoox.account, 1)
    late.enter(Status.SUBMITTING, sent_at=timezone.now())
    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    at_hoox.step()
    with pytest.raises(LeaseLost):
        hoox._accept(late, Started(["6912f0a1b2c3"], Decimal("0.1")))
    take.refresh_from_db()
    assert (take.status, take.service_id, take.error_code) == (Status.QUEUED, "6912f0a1b2c3", "")
    assert take.next_attempt_at


def test_news_of_an_older_order_says_nothing_of_the_present_one(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault("cut", match=START, service="hoox")
    at_hoox.work_until_idle()
    older = Generation.objects.get(pk=take.pk)
    Generation.objects.filter(pk=take.pk).update(remote_id=uuid.uuid4())
    assert not older.turn_up("6912f0a1b2c3", By.NEWS)
    assert not older.never_ran()


def test_orders_at_hedra_are_none_of_this(studio: Studio, press: Press) -> None:
    """The steps are shared; a lost answer there is looked up, as ever."""
    [take] = press()
    studio.sandbox.fault("cut_after", match={"method": "POST", "path": "/generations"})
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    assert_paid_once(studio, take)


def test_the_model_of_a_picture_is_its_slug(at_hoox: HooxStudio) -> None:
    body = hoox.body(at_hoox.model(IMAGE), {"prompt": "A fox", "duration_ms": None, "resolution": ""})
    assert body == {"type": "image", "model": IMAGE, "prompt": "A fox", "generation_count": 1}
