"""What is asked before an order: whether the same is wanted again, and whether so much may be spent."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Account, AIModel
from generations import buying
from generations.models import Generation, Purse, Status
from generations.placing import place
from tests.factories import make_asset, make_model
from tests.generations.shots import checked

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(owner: User) -> AIModel:
    model, now = make_model(), timezone.now()
    Account.objects.update(balance=Decimal(5000), balance_at=now, balance_tried_at=now)
    return model


@pytest.fixture
def made(owner: User, model: AIModel) -> Generation:
    """A take that was ordered a moment ago."""
    [take] = place(checked(owner, model))
    return take


# The same again


def test_the_very_same_order_is_asked_about(owner: User, model: AIModel, made: Generation) -> None:
    form = checked(owner, model)
    assert place(form) == []
    assert form.question.same == made
    assert not form.errors
    assert list(Generation.objects.all()) == [made]


def test_yes_runs_it_again(owner: User, model: AIModel, made: Generation) -> None:
    assert len(place(checked(owner, model, again="1"))) == 1
    assert Generation.objects.count() == 2


@pytest.mark.parametrize(
    "changes", [{"prompt": "A fox in the rain"}, {"duration_ms": "6000"}, {"aspect_ratio": "1:1"}]
)
def test_another_order_is_not(owner: User, model: AIModel, made: Generation, changes: dict[str, str]) -> None:
    assert place(checked(owner, model, **changes))


def test_other_variations_of_the_same_are(owner: User, model: AIModel, made: Generation) -> None:
    form = checked(owner, model, variations="4")
    assert place(form) == []
    assert form.question.same == made


def test_another_image_makes_another_order(owner: User, model: AIModel) -> None:
    model = make_model(requires_start_frame=True)
    first, second = (str(make_asset(owner).pk) for _ in range(2))
    assert place(checked(owner, model, start_frame=first))
    assert place(checked(owner, model, start_frame=second))
    assert place(checked(owner, model, start_frame=first)) == []


@pytest.mark.parametrize(
    "since",
    [
        {"status": Status.ERROR},
        {"deleted_at": timezone.now()},
        {"created": timezone.now() - timedelta(minutes=61)},
    ],
    ids=["failed", "deleted", "an hour ago"],
)
def test_what_does_not_count(owner: User, model: AIModel, made: Generation, since: dict[str, Any]) -> None:
    Generation.objects.update(**since)
    assert place(checked(owner, model))


def test_what_others_made_does_not_count(
    owner: User, stranger: User, model: AIModel, made: Generation
) -> None:
    assert place(checked(stranger, model))


# Asked once above an amount


@pytest.fixture
def careful(owner: User) -> Purse:
    """The owner is asked above 100 credits."""
    return Purse.objects.create(owner=owner, ask_over=100)


@pytest.mark.parametrize(
    ("total", "sure", "asks"),
    [("100", "", False), ("101", "", True), ("100.5", "", True), ("101", "101", False), ("140", "101", True)],
)
def test_when_a_price_is_asked_about(owner: User, careful: Purse, total: str, sure: str, asks: bool) -> None:
    assert buying.needs_asking(owner, Decimal(total), sure) is asks


def test_nobody_is_asked_who_chose_no_amount(owner: User) -> None:
    assert not buying.needs_asking(owner, Decimal(100_000), "")
    Purse.objects.create(owner=owner, ask_over=None)
    assert not buying.needs_asking(owner, Decimal(100_000), "")


def test_zero_asks_before_every_price(owner: User) -> None:
    Purse.objects.create(owner=owner, ask_over=0)
    assert buying.needs_asking(owner, Decimal(1), "")


def test_an_order_above_the_amount_waits_for_a_yes(owner: User, model: AIModel, careful: Purse) -> None:
    form = checked(owner, model, variations="4")
    assert place(form) == []
    assert (form.question.over, form.question.same) == (100, None)
    assert not Generation.objects.exists()
    assert len(place(checked(owner, model, variations="4", sure="140"))) == 4


def test_a_yes_to_another_price_is_none(owner: User, model: AIModel, careful: Purse) -> None:
    form = checked(owner, model, variations="8", sure="140")
    assert place(form) == []
    assert form.question.over == 100


def test_both_are_asked_at_once(owner: User, model: AIModel, careful: Purse) -> None:
    place(checked(owner, model, variations="4", sure="140"))
    form = checked(owner, model, variations="4")
    assert place(form) == []
    assert form.question.same
    assert form.question.over == 100
    assert place(checked(owner, model, variations="4", sure="140", again="1"))


def test_the_same_form_sent_twice_is_not_asked_about(owner: User, model: AIModel, made: Generation) -> None:
    assert place(checked(owner, model, shot=str(made.shot))) == [made]
