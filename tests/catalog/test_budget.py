"""The budget of requests that all processes share."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from catalog.models import Account, CallBudget, SharedBudget
from catalog.models.budget import BURST, CALLS
from clients.errors import RateLimited

START = datetime(2026, 11, 1, tzinfo=timezone.now().tzinfo)


class Clock:
    """Stands still until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(timezone, "now", lambda: START + timedelta(seconds=self.seconds))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def allowed(budget: SharedBudget, calls: int = 1) -> int:
    done = 0
    for _ in range(calls):
        try:
            budget.spend()
            done += 1
        except RateLimited:
            break
    return done


def test_a_burst_then_an_even_pace(account: Account, clock: Clock) -> None:
    budget = SharedBudget(account.pk)
    assert allowed(budget, 1000) == BURST

    clock.seconds += 1
    assert allowed(budget, 1000) == (CALLS - BURST) // 60


def test_processes_share_it(account: Account, clock: Clock) -> None:
    one, other = SharedBudget(account.pk), SharedBudget(account.pk)

    assert allowed(one, 30) + allowed(other, 30) == BURST


def test_accounts_do_not(account: Account, clock: Clock) -> None:
    other = Account.objects.create(fingerprint="other")
    allowed(SharedBudget(account.pk), 1000)

    assert allowed(SharedBudget(other.pk), 1000) == BURST


def test_background_work_leaves_some_to_people(account: Account, clock: Clock) -> None:
    assert allowed(SharedBudget(account.pk, keep=10), 1000) == BURST - 10
    assert allowed(SharedBudget(account.pk), 1000) == 10


def test_the_refusal_says_when_there_is_room(account: Account, clock: Clock) -> None:
    budget = SharedBudget(account.pk)
    allowed(budget, 1000)

    with pytest.raises(RateLimited, match="Nothing was sent") as refused:
        budget.spend()
    assert refused.value.retry_after
    clock.seconds += refused.value.retry_after
    assert allowed(budget) == 1


def test_a_rest_that_the_service_asks_for_is_kept(account: Account, clock: Clock) -> None:
    budget = SharedBudget(account.pk)
    budget.pause(30)
    budget.pause(5)

    clock.seconds += 29
    assert allowed(budget) == 0
    clock.seconds += 1.1
    assert allowed(budget) == 1


def test_a_clock_that_is_set_back_does_not_make_it_last(account: Account, clock: Clock) -> None:
    SharedBudget(account.pk).pause(30)

    clock.seconds -= 18_000
    assert allowed(SharedBudget(account.pk)) == 1


@pytest.mark.django_db
@given(st.lists(st.tuples(st.floats(0, 90), st.integers(1, 150)), max_size=12))
@examples(max_examples=25)
def test_no_minute_ever_holds_more_than_the_service_takes(
    account: Account, clock: Clock, waves: list[Any]
) -> None:
    CallBudget.objects.all().delete()
    budget, sent = SharedBudget(account.pk), list[float]()
    for pause, calls in waves:
        clock.seconds += pause
        sent += [clock.seconds] * allowed(budget, calls)

    for moment in sent:
        assert sum(moment <= other < moment + 60 for other in sent) <= CALLS
