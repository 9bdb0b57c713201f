"""From the form to the charge at the second service."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import AskedPrice, CallBudget
from catalog.models.asked_price import FRESH_FOR
from catalog.prices.asking import ask_due
from generations.fields import SETTING
from generations.forms import ShotForm
from generations.models import Generation, Status
from generations.placing import place
from tests.factories import make_asset
from tests.generations.hoox.orders import IMAGE, VIDEO, HooxStudio

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


def press(at_hoox: HooxStudio, slug: str, **changes: Any) -> list[Generation]:
    """As people do: the price is on the button before they press."""
    model = at_hoox.model(slug)
    first = ShotForm.shown(changes, owner=at_hoox.owner, model=model)
    values = {name: first[name].value() for name in first.fields if first[name].value() is not None}
    data = {**values, "prompt": "A fox in the snow", "shot": str(uuid4()), **changes}
    assert ShotForm(data, None, owner=at_hoox.owner, model=model).price_is_coming
    while ask_due(at_hoox.account) is not None:
        CallBudget.objects.all().delete()
    form = ShotForm(data, None, owner=at_hoox.owner, model=model)
    assert form.is_valid(), form.errors
    return place(form)


@pytest.mark.parametrize(
    ("slug", "values", "asked"),
    [
        (IMAGE, {"aspect_ratio": "1:1"}, {"aspect_ratio": "1:1"}),
        (VIDEO, {"duration_ms": "2000", "resolution": "480p"}, {"duration": 2, "resolution": "480p"}),
        ("gpt-image-2", {f"{SETTING}quality": "high"}, {"model_settings": {"quality": "high"}}),
    ],
)
def test_what_the_button_said_is_charged(
    at_hoox: HooxStudio, slug: str, values: dict[str, str], asked: dict[str, Any]
) -> None:
    press(at_hoox, slug, variations="2", **values)
    at_hoox.work_until_idle()
    takes = list(Generation.objects.order_by("position"))
    assert [take.status for take in takes] == [Status.COMPLETE] * 2, takes[0].error_message
    assert takes[0].quoted is not None
    assert [take.charged for take in takes] == [take.quoted for take in takes]
    assert [body["generation_count"] for body in at_hoox.orders()] == [1, 1]
    assert all(asked.items() <= body.items() for body in at_hoox.orders())
    at_hoox.assert_paid_once(*takes)


def test_a_price_that_is_asked_for_anew_is_not_paid(at_hoox: HooxStudio) -> None:
    [take] = press(at_hoox, IMAGE)
    shown = ShotForm.shown({}, owner=at_hoox.owner, model=take.ai_model)
    values = {name: shown[name].value() for name in shown.fields} | {"prompt": "Another"}
    AskedPrice.objects.update(answered_at=timezone.now() - 2 * FRESH_FOR)

    form = ShotForm(values | {"seen_price": ""}, owner=at_hoox.owner, model=take.ai_model)

    assert not form.is_valid()
    assert "press again in a moment" in str(form.errors)
    assert Generation.objects.count() == 1


def test_a_retry_at_a_price_of_long_ago_says_that_it_is_not_known(at_hoox: HooxStudio) -> None:
    [take] = press(at_hoox, IMAGE)
    Generation.objects.update(status=Status.ERROR, error_code="INTERNAL")
    card = Generation.objects.get(pk=take.pk)
    assert card.retry_price.credits == take.quoted
    AskedPrice.objects.update(answered_at=timezone.now() - 2 * FRESH_FOR)
    assert Generation.objects.get(pk=take.pk).retry_words == "Retry · price unknown"


@pytest.mark.parametrize("rows", [1, 6])
def test_cards_that_failed_share_one_look_for_their_prices(
    at_hoox: HooxStudio, client: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        at_hoox.order()
    Generation.objects.update(status=Status.ERROR, error_code="INTERNAL", next_attempt_at=None)
    client.get("/gallery/")  # makes the other service's account
    with django_assert_num_queries(10):
        client.get("/gallery/")


def test_without_an_address_an_input_is_refused_before_anything_is_stored(
    at_hoox: HooxStudio, owner: User, settings: Settings
) -> None:
    settings.LOCAL_URL = ""
    model = at_hoox.model(VIDEO)
    values = {"shot": str(uuid4()), "model": model.form_key, "prompt": "A fox", "variations": "1"}
    picture = {"reference_image": str(make_asset(owner).pk)}

    form = ShotForm(values | picture, owner=owner, model=model)

    assert not form.is_valid()
    assert "Set PUBLIC_URL" in str(form.errors)
    assert not Generation.objects.exists()
    assert "PUBLIC_URL" not in str(ShotForm(values, owner=owner, model=model).errors)
