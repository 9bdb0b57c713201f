"""Whatever happens to takes, in any order: the ledger says what the cards say, and what the service took."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import given
from hypothesis import settings as with_settings
from hypothesis import strategies as some

from catalog.models import Account
from generations import failures, history
from generations.models import By, Entry, FailedTry, Generation, LeaseLost, Status, StepRefused
from tests.factories import make_model, make_take
from tests.generations.ledger.books import assert_booked, spent, spent_at
from tests.generations.orders import ORDER, Press
from tests.sandboxed import Studio

CREDITS = [None, Decimal(0), Decimal("0.10"), Decimal("7.25"), Decimal(35)]
Step = Callable[[Generation, Decimal | None], object]


def learn(take: Generation, credits: Decimal | None) -> None:
    if credits is not None:
        take.write(charged=credits)


def fail(take: Generation, credits: Decimal | None) -> None:
    take.fail("INTERNAL", "", **({} if credits is None else {"charged": credits}))
    take.release()


def give_up(take: Generation, _: Decimal | None) -> None:
    take.fail(failures.UNREACHABLE, "")
    take.release()


def order_again(take: Generation, _: Decimal | None) -> None:
    """As Hedra's submit does when the order is not known there: under the same id."""
    take.write(charged=None, charged_before=take.charged_before + (take.charged or 0))


def settle(take: Generation, credits: Decimal | None) -> None:
    for failed in FailedTry.objects.filter(generation=take):
        failed.settle(credits or Decimal(0))


def disown(take: Generation, _: Decimal | None) -> None:
    for failed in FailedTry.objects.filter(generation=take)[:1]:
        failed.disown()
        make_take(take.owner, imported=True, quoted=None, remote_id=failed.remote_id, charged=failed.charged)


STEPS: list[Step] = [
    learn,
    fail,
    give_up,
    order_again,
    settle,
    disown,
    lambda take, _: take.retry(),
    lambda take, _: take.never_ran(),
    lambda take, _: take.turn_up(uuid4().hex, By.NEWS),
    lambda take, _: take.enter(Status.UNCLEAR),
    lambda take, _: take.enter(Status.SUBMITTING, sent_at=take.created),
    lambda take, _: take.delete_softly(),
]


@pytest.mark.django_db
@given(story=some.lists(some.tuples(some.sampled_from(STEPS), some.sampled_from(CREDITS)), max_size=14))
@with_settings(max_examples=40)
def test_any_story_of_a_card_adds_up(owner: User, story: list[tuple[Step, Decimal | None]]) -> None:
    body = {"type": "video", "generated_video_inputs": {"duration_ms": 5000, "resolution": "720p"}}
    with transaction.atomic():
        fields = {"ai_model": make_model(), "body": body, "status": Status.PREPARING, "charged": None}
        live(make_take(owner, **fields).pk, story)
        transaction.set_rollback(True)


def live(pk: int, story: list[tuple[Step, Decimal | None]]) -> None:
    before = list(Entry.objects.values())
    for step, credits in story:
        Generation.objects.filter(pk=pk).update(lease_owner="a worker")
        with suppress(LeaseLost, StepRefused):
            step(Generation.objects.get(pk=pk), credits)
        assert_booked()
        after = list(Entry.objects.order_by("pk").values())
        assert after[: len(before)] == before
        before = after


@pytest.mark.django_db(transaction=True)
def test_the_ledger_is_the_services_own(studio: Studio, press: Press, owner: User) -> None:
    """Ready, failed and refunded, refused, retried, lost on the way, and made elsewhere."""
    studio.sandbox.fault("fail", code="GENERATION_FAILED", match=ORDER)
    [failing] = press()
    studio.work_until_idle()
    studio.sandbox.fault("refuse_item", index=0)
    press(prompt="A whale")
    studio.work_until_idle()
    studio.sandbox.fault("cut_after", match=ORDER)
    press(prompt="A crane")
    failing.refresh_from_db()
    assert failing.retry()
    studio.work_until_idle()
    assert spent(failing) == 35
    history.import_history(Account.objects.current(), owner)
    assert spent_at(Account.objects.current()) == studio.sandbox.ledger(studio.key)["used"]
    assert_booked()
