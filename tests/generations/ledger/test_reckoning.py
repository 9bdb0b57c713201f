"""The ledger held against the balance: what it explains, what was spent elsewhere, when nobody can tell."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import Account, BalanceReading
from generations.models import Generation, Status
from generations.spending.periods import Period
from generations.spending.reckoning import TOO_EARLY, UNDER_WAY, Reckoning, reckon
from tests.factories import make_take
from tests.generations.orders import ORDER, Press
from tests.sandboxed import Studio

NOW = timezone.now()
MONTH = Period.of("30d")
BEGIN = MONTH.since or NOW


def days(number: float) -> datetime:
    return BEGIN + timedelta(days=number)


@pytest.fixture
def account(owner: User) -> Account:
    return Account.objects.current()


def read(account: Account, credits: int, at: datetime, until: datetime | None = None) -> None:
    BalanceReading.objects.create(account=account, credits=credits, at=at, until=until or at)


def take(owner: User, at: datetime, cost: int, **fields: Any) -> Generation:
    done = {"sent_at": at, "finished_at": at + timedelta(minutes=1), "charged": Decimal(cost)}
    return make_take(owner, **done | fields)


def words(account: Account, period: Period = MONTH) -> str:
    found = reckon(account, period)
    assert isinstance(found, Reckoning), found
    return found.words.partition(" the balance ")[2]


@pytest.mark.django_db
class TestWords:
    @pytest.mark.parametrize(
        ("ends", "said"),
        [
            (880, "fell by 120; takes of this studio explain 120: all of it."),
            (860, "fell by 140; takes of this studio explain 120; 20 were spent elsewhere."),
            (879, "fell by 121; takes of this studio explain 120; 1 was spent elsewhere."),
            (900, "fell by 100; takes of this studio explain 120; 20 came in, as by a top-up."),
            (1880, "rose by 880; takes of this studio explain 120; 1,000 came in, as by a top-up."),
            (1000, "stayed the same; takes of this studio explain 120; 120 came in, as by a top-up."),
        ],
    )
    def test_what_the_difference_says(self, owner: User, account: Account, ends: int, said: str) -> None:
        read(account, 1000, days(-3), days(1))
        take(owner, days(2), 35)
        take(owner, days(3), 85)
        read(account, ends, days(4))
        assert words(account) == said

    def test_nothing_happened(self, account: Account) -> None:
        read(account, 1000, days(-3), days(4))
        assert words(account) == "stayed the same; no take of this studio was charged."

    def test_the_looks_are_named(self, account: Account) -> None:
        month = Period.of("2025-11")
        begin = month.since or NOW
        read(account, 1000, begin - timedelta(days=3), begin + timedelta(days=1))
        read(account, 900, begin + timedelta(days=1, hours=10), begin + timedelta(days=90))
        found = reckon(account, month)
        assert isinstance(found, Reckoning)
        assert found.words.startswith("From 1 Nov, 00:00 to 1 Dec, 00:00 the balance fell by 100; ")

    def test_only_what_lies_between_the_looks_counts(self, owner: User, account: Account) -> None:
        take(owner, days(-2), 500)
        read(account, 1000, days(-1), days(1))
        take(owner, days(2), 35)
        read(account, 965, days(3))
        take(owner, days(4), 700)
        assert words(account) == "fell by 35; takes of this studio explain 35: all of it."


@pytest.mark.django_db
class TestWhenNobodyCanTell:
    @pytest.fixture(autouse=True)
    def _looks(self, account: Account) -> None:
        read(account, 1000, days(1))
        read(account, 900, days(5))

    @pytest.mark.parametrize(
        "fields",
        [
            {"sent_at": days(4), "status": Status.PROCESSING, "charged": None, "finished_at": None},
            {"sent_at": days(4), "status": Status.UNCLEAR, "charged": None, "finished_at": None},
            {"sent_at": days(4), "status": Status.ERROR, "charged": None},
            {"sent_at": days(4), "finished_at": days(6)},
            {"sent_at": days(0.5), "finished_at": days(2)},
        ],
    )
    def test_a_take_that_may_or_may_not_be_in_a_balance(
        self, owner: User, account: Account, fields: dict[str, Any]
    ) -> None:
        take(owner, days(3), 35, **fields)
        assert reckon(account, MONTH) == UNDER_WAY

    @pytest.mark.parametrize(
        "fields",
        [
            {"sent_at": days(6), "status": Status.PROCESSING, "charged": None, "finished_at": None},
            {"sent_at": days(2), "status": Status.DOWNLOADING, "finished_at": None},
            {"sent_at": days(0.5), "finished_at": days(2), "imported": True},
        ],
    )
    def test_one_that_leaves_no_doubt(self, owner: User, account: Account, fields: dict[str, Any]) -> None:
        take(owner, days(3), 35, **fields)
        assert isinstance(reckon(account, MONTH), Reckoning)

    def test_one_look_is_none_to_compare_with(self, account: Account) -> None:
        BalanceReading.objects.filter(credits=900).delete()
        assert reckon(account, MONTH) == TOO_EARLY
        BalanceReading.objects.all().delete()
        assert reckon(account, MONTH) == TOO_EARLY

    def test_a_service_without_a_balance(self, hoox: Account) -> None:
        assert reckon(hoox, MONTH) == "Hoox tells no balance, so there is nothing to compare with."


@pytest.mark.django_db(transaction=True)
def test_the_page_says_it_of_a_real_service(studio: Studio, press: Press, client: Client) -> None:
    account = Account.objects.current()
    account.refresh_balance(max_age_s=0)
    before = account.credits_left or 0
    studio.sandbox.fault("fail", code="INTERNAL", match=ORDER)
    press()
    press(prompt="A whale")
    studio.work_until_idle()
    account.refresh_balance(max_age_s=0)
    explained = f"the balance fell by {before - (account.credits_left or 0)}; takes of this studio explain 35"
    assert f"{explained}: all of it." in client.get("/spend/").content.decode()

    studio.sandbox.settings(key=studio.key, balance=before - 35 - 20)
    account.refresh_balance(max_age_s=0)
    assert "explain 35; 20 were spent elsewhere." in client.get("/spend/").content.decode()
