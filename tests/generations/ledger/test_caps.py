"""Caps: what counts against them, and that nothing beyond them is ordered, by whichever button."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account, AIModel
from generations import caps
from generations.models import Cap, FailedTry, Generation, Status
from generations.placing import place, place_all
from tests.factories import make_model, make_take
from tests.generations.controls import controls
from tests.generations.shots import checked, errors, shot

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
YESTERDAY = TODAY - timedelta(seconds=1)
PASSES = "This would pass today's cap of 100 credits: 70 are spent or under way. Nothing was ordered."


@pytest.fixture
def account(owner: User) -> Account:
    return Account.objects.current()


@pytest.fixture
def model(account: Account) -> AIModel:
    """A shot on it costs 35."""
    return make_model(account)


@pytest.fixture
def cap(account: Account) -> Cap:
    return Cap.objects.create(account=account, daily=100)


UNKNOWN: dict[str, Any] = {"charged": None}


@pytest.mark.parametrize(
    ("take", "counts"),
    [
        ({"sent_at": TODAY}, 35),
        ({"sent_at": YESTERDAY}, 0),
        ({"sent_at": TODAY, "charged": Decimal("7.25"), "deleted_at": NOW}, Decimal("7.25")),
        (UNKNOWN | {"status": Status.PREPARING}, 60),
        (UNKNOWN | {"status": Status.PREPARING, "deleted_at": NOW}, 0),
        (UNKNOWN | {"status": Status.PROCESSING, "sent_at": TODAY, "deleted_at": NOW}, 60),
        (UNKNOWN | {"status": Status.PROCESSING, "sent_at": YESTERDAY}, 0),
        (UNKNOWN | {"status": Status.UNCLEAR, "sent_at": TODAY, "next_attempt_at": None}, 60),
        (UNKNOWN | {"status": Status.ERROR, "sent_at": TODAY}, 60),
        (UNKNOWN | {"status": Status.ERROR}, 0),
        ({"status": Status.ERROR, "sent_at": TODAY, "charged": Decimal(0)}, 0),
        (UNKNOWN | {"status": Status.PREPARING, "quoted": None}, 0),
    ],
)
def test_what_counts_as_spent_today(
    owner: User, account: Account, take: dict[str, Any], counts: Decimal
) -> None:
    make_take(owner, account=account, **{"quoted": Decimal(60), "charged": Decimal(35)} | take)
    assert caps.used_since(account, TODAY) == counts


def test_what_is_given_back_can_be_spent_again(owner: User, account: Account) -> None:
    take = make_take(owner, account=account, sent_at=NOW)
    Generation.objects.filter(pk=take.pk).update(charged=0)
    assert caps.used_since(account, TODAY) == 0


def test_what_an_earlier_day_gives_back_makes_no_room_today(owner: User, account: Account) -> None:
    take = make_take(owner, account=account, sent_at=YESTERDAY)
    make_take(owner, account=account, sent_at=NOW)
    Generation.objects.filter(pk=take.pk).update(charged=0)
    assert caps.used_since(account, TODAY) == 35
    assert caps.used_since(account, YESTERDAY) == 35


def test_a_retry_counts_on_top_of_what_the_card_has_cost(owner: User, account: Account) -> None:
    take = make_take(owner, account=account, sent_at=NOW, charged=None, status=Status.PROCESSING)
    order = take.remote_id
    failed = FailedTry.objects.create(generation=take, account=account, remote_id=order, retried_at=NOW)
    failed.settle(Decimal(12))
    assert caps.used_since(account, TODAY) == 35 + 12


def test_another_account_has_caps_of_its_own(owner: User, account: Account, cap: Cap) -> None:
    other = Account.objects.create(fingerprint="other")
    make_take(owner, account=other, sent_at=NOW)
    assert caps.limits(other) == []
    assert [(limit.period, limit.used) for limit in caps.limits(account)] == [("today", 0)]


def test_the_amount_is_one_question_that_finds_its_rows(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1) as asked:
        caps.used_since(account, TODAY)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked.captured_queries[0]['sql']}")
            plan = str(cursor.fetchall())
        assert "take_uncharged" in plan
        assert "entry_of_account" in plan
        assert "SCAN" not in plan.replace("SCAN CONSTANT", "")


def test_the_order_that_would_pass_the_cap_is_refused(owner: User, model: AIModel, cap: Cap) -> None:
    forms = [checked(owner, model, prompt=f"A fox {number}") for number in range(3)]
    assert [len(place(form)) for form in forms] == [1, 1, 0]
    assert errors(forms[2]) == PASSES
    assert Generation.objects.count() == 2


def test_a_cap_in_the_way_is_told_before_the_press(
    client: Client, owner: User, model: AIModel, cap: Cap
) -> None:
    """And with the price that follows a refusal, which would wipe it from the page."""
    shot = {"model": model.form_key, "prompt": "A fox", "variations": "4"}
    told = client.post("/create/price/", shot, headers={"HX-Request": "true"}).content.decode()
    assert "This would pass today&#x27;s cap of 100 credits: 0 are spent or under way." in told
    assert "Nothing was ordered" not in told
    fits = client.post("/create/price/", shot | {"variations": "2"}, headers={"HX-Request": "true"})
    assert "cap" not in fits.content.decode()


def test_a_cap_that_is_just_reached_is_not_passed(owner: User, model: AIModel, cap: Cap) -> None:
    Cap.objects.update(daily=35)
    assert place(checked(owner, model))


def test_variations_and_models_count_together(owner: User, model: AIModel, cap: Cap) -> None:
    assert place(checked(owner, model, variations="4")) == []
    forms = [checked(owner, model, prompt=prompt, variations="2") for prompt in ("A fox", "A whale")]
    assert place_all(forms) == []
    assert not Generation.objects.exists()


def test_the_month_holds_too(owner: User, model: AIModel, cap: Cap) -> None:
    Cap.objects.update(daily=None, monthly=35)
    make_take(owner, account=model.account, sent_at=TODAY.replace(day=1))
    form = checked(owner, model)
    assert place(form) == []
    assert "this month's cap of 35 credits: 35 are spent" in errors(form)


def test_a_price_that_nobody_knows_fits_under_no_cap(owner: User, account: Account, cap: Cap) -> None:
    form = checked(owner, make_model(account, pricing=None))
    assert place(form) == []
    expected = "Its price is not known beforehand, so today's cap can't hold it. Nothing was ordered."
    assert errors(form) == expected


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_form_says_so_calmly_and_keeps_everything(
    client: Client, owner: User, model: AIModel, cap: Cap, headers: dict[str, str]
) -> None:
    make_take(owner, account=model.account, sent_at=NOW, charged=Decimal(70))
    answer = client.post("/create/", shot(model, prompt="A lynx at dawn"), headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert PASSES.replace("'", "&#x27;") in page
    assert 'class="price-short"' in page
    assert '<p class="error-text" role="alert">' not in page
    assert controls(page)["prompt"] == ["A lynx at dawn"]
    assert Generation.objects.count() == 1


def test_a_retry_is_an_order(client: Client, owner: User, model: AIModel, cap: Cap) -> None:
    body = {"type": "video", "generated_video_inputs": {"duration_ms": 5000, "resolution": "720p"}}
    fields = {"account": model.account, "ai_model": model, "body": body}
    failed = make_take(owner, status=Status.ERROR, error_code="INTERNAL", charged=Decimal(0), **fields)
    make_take(owner, account=model.account, sent_at=NOW, charged=Decimal(70))
    answer = client.post(reverse("take_retry", args=[failed.pk]), follow=True)
    assert PASSES.replace("'", "&#x27;") in answer.content.decode()
    failed.refresh_from_db()
    assert failed.status == Status.ERROR

    Cap.objects.update(daily=105)
    client.post(reverse("take_retry", args=[failed.pk]))
    failed.refresh_from_db()
    assert failed.status == Status.PREPARING


def test_what_is_only_fetched_again_passes_no_cap(client: Client, owner: User, account: Account) -> None:
    Cap.objects.create(account=account, daily=0)
    paid = make_take(owner, account=account, status=Status.ERROR, error_code="RESULT_UNREADABLE")
    client.post(reverse("take_retry", args=[paid.pk]))
    paid.refresh_from_db()
    assert paid.status == Status.DOWNLOADING
