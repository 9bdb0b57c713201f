"""What can be spent: what claims credits, for how long, and what is checked at the very moment of storing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalog.models import Account, AIModel
from generations import buying
from generations.models import Generation, Status
from generations.placing import place, place_all
from tests.factories import make_model, make_take
from tests.generations.shots import checked, errors
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db

NOW = timezone.now()
BEFORE, AFTER = NOW - timedelta(seconds=5), NOW + timedelta(seconds=5)


@pytest.fixture
def account(owner: User) -> Account:
    """An account of 1,000 credits, read a moment ago."""
    account = Account.objects.current()
    Account.objects.update(balance=Decimal(1000), balance_at=NOW, balance_tried_at=AFTER)
    account.refresh_from_db()
    return account


@pytest.fixture
def model(account: Account) -> AIModel:
    return make_model(account)


@pytest.mark.parametrize(
    ("take", "claims"),
    [
        ({"status": Status.PREPARING}, 60),
        ({"status": Status.SUBMITTING, "sent_at": BEFORE}, 60),
        ({"status": Status.PREPARING, "deleted_at": NOW}, 0),
        ({"status": Status.PREPARING, "next_attempt_at": None}, 0),
        ({"status": Status.QUEUED, "submitted_at": BEFORE}, 0),
        ({"status": Status.QUEUED, "submitted_at": AFTER}, 60),
        ({"status": Status.COMPLETE, "submitted_at": AFTER}, 60),
        ({"status": Status.COMPLETE, "submitted_at": AFTER, "charged": Decimal(40)}, 40),
        ({"status": Status.ERROR, "submitted_at": AFTER, "charged": Decimal(0)}, 0),
        ({"status": Status.PREPARING, "quoted": None}, 0),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, dict) else str(value),
)
def test_what_claims_credits(owner: User, account: Account, take: dict[str, Any], claims: int) -> None:
    make_take(owner, account=account, **{"quoted": Decimal(60), "charged": None} | take)
    assert buying.claimed(account) == claims
    assert buying.left(account) == 1000 - claims


def test_takes_of_another_account_claim_nothing_here(owner: User, account: Account) -> None:
    other = Account.objects.create(fingerprint="other")
    make_take(owner, account=other, status=Status.PREPARING, charged=None)
    assert buying.claimed(account) == 0


def test_claims_are_found_without_reading_finished_takes(account: Account) -> None:
    """Every page tells the balance; a million takes must not slow it down."""
    for takes in buying.claims(account):
        plan = takes.explain()
        if connection.vendor == "sqlite":
            assert "USING INDEX take_" in plan, plan


def test_what_is_unknown_stays_unknown(owner: User, account: Account) -> None:
    Account.objects.update(balance=None, balance_at=None)
    account.refresh_from_db()
    make_take(owner, account=account, status=Status.PREPARING, charged=None)
    assert buying.left(account) is None


def test_credits_spent_since_the_form_was_checked_are_missing(owner: User, model: AIModel) -> None:
    """Both forms were checked while there were credits for one of them."""
    Account.objects.update(balance=Decimal(50))
    first, second = checked(owner, model), checked(owner, model, prompt="A whale")
    assert len(place(first)) == 1
    assert place(second) == []
    assert errors(second) == "Needs 20 more credits. Nothing was ordered."
    assert (second.missing, second.balance) == (20, 15)
    assert Generation.objects.count() == 1


def test_several_shots_are_paid_together_or_not_at_all(owner: User, model: AIModel) -> None:
    Account.objects.update(balance=Decimal(69))
    forms = [checked(owner, model, prompt=prompt) for prompt in ("A fox", "A whale")]
    assert place_all(forms) == []
    assert [errors(form) for form in forms] == ["Needs 1 more credit. Nothing was ordered."] * 2
    assert not Generation.objects.exists()


def test_an_unknown_price_stops_nobody(owner: User, account: Account) -> None:
    Account.objects.update(balance=Decimal(0))
    assert place(checked(owner, make_model(account, pricing=None)))


def test_the_rail_and_the_form_tell_the_same_balance(studio: Studio, client: Client, owner: User) -> None:
    """From the press on, and still when the service has taken what it costs."""
    client.get("/create/")
    place(checked(owner, AIModel.objects.current().get(name="Grok Video T2V")))
    for _ in range(2):
        page = client.get("/create/").content.decode()
        assert '<p class="balance-value num">12,445</p>' in page
        assert "Leaves 12,410 credits" in page
        studio.work_until_idle()
