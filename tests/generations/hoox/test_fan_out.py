"""One shot for models of two services: sums and caps of each, never one of both."""

from __future__ import annotations

import re
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import AIModel, AskedPrice
from catalog.prices.asking import ask_due
from generations.fan_out import FanOut
from generations.forms import ShotForm
from generations.models import Generation
from tests.generations.hoox.orders import VIDEO, HooxStudio
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def form(studio: Studio, at_hoox: HooxStudio) -> dict[str, object]:
    """A shot that goes to a model of each service."""
    ours, theirs = AIModel.objects.current().get(name="Grok Video T2V"), at_hoox.model(VIDEO)
    return {
        "shot": str(uuid4()),
        "model": ours.pk,
        "prompt": "A fox in the snow",
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "duration_ms": "5000",
        "several": ["", str(ours.pk), str(theirs.pk)],
    }


def listed(client: Client, form: dict[str, object]) -> str:
    return client.post("/create/several/", form, headers=HTMX).content.decode()


def priced(client: Client, at_hoox: HooxStudio, form: dict[str, object]) -> str:
    """The list once the service has told what it was asked for."""
    assert "every 1s" in listed(client, form)
    while ask_due(at_hoox.account):
        pass
    page = listed(client, form)
    assert "every 1s" not in page
    return page


def test_each_service_has_a_total_and_nothing_is_added(
    client: Client, at_hoox: HooxStudio, form: dict[str, object]
) -> None:
    page = priced(client, at_hoox, form)
    rows = re.findall(r"<p class=\"num\">.*?</p>", page)
    sums = [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in rows]
    assert len(sums) == 2
    assert sums[0].startswith("Hedra: 35 credits of at most 100")
    assert re.match(r"Hoox: [\d.]+ credits of at most 100", sums[1])
    assert "they are never added, and the cap holds for each service" in page
    assert re.search(r"Order 2 takes · Hedra 35 · Hoox [\d.]+ credits", page)


def test_the_cap_holds_at_each_service(client: Client, at_hoox: HooxStudio, form: dict[str, object]) -> None:
    seen = re.findall(r'name="seen_total" value="([^"]*)"', priced(client, at_hoox, form))[0]
    under = client.post("/create/several/order/", form | {"cap": "34", "seen_total": seen}, headers=HTMX)
    assert under.status_code == 422
    assert "35 credits at Hedra are more than your cap of 34." in under.content.decode()
    assert not Generation.objects.exists()


def test_one_press_orders_at_both(client: Client, at_hoox: HooxStudio, form: dict[str, object]) -> None:
    seen = re.findall(r'name="seen_total" value="([^"]*)"', priced(client, at_hoox, form))[0]
    assert client.post("/create/several/order/", form | {"seen_total": seen}, headers=HTMX).status_code == 200
    takes = Generation.objects.filter(fan_out=form["shot"])
    assert {take.account.service for take in takes} == {"hedra", "hoox"}
    assert {(str(take.ai_model_id), take.quoted) for take in takes} == priced_in(seen)


def priced_in(token: str) -> set[tuple[str, Decimal]]:
    pairs = (pair.split(":") for pair in token.split(","))
    return {(key, Decimal(credits)) for key, credits in pairs}


def test_a_price_on_its_way_can_not_be_included_yet(client: Client, form: dict[str, object]) -> None:
    page = listed(client, form)
    assert "Asking for the price" in page
    assert re.search(r"Order 1 take · 35 credits", page)


def test_a_price_that_changes_during_the_press_is_not_paid(
    client: Client, at_hoox: HooxStudio, form: dict[str, object], owner: User
) -> None:
    """The worker writes a new price between the look at the total and the order."""
    priced(client, at_hoox, form)
    model = at_hoox.model(VIDEO)
    fan = FanOut(ShotForm.shown(form, owner=owner, model=model), [model], [model.form_key], cap=100)
    seen = fan.token
    AskedPrice.objects.update(credits=Decimal(99))
    assert not fan.order(uuid4(), seen)
    assert fan.problems == ["The price is now 99 credits. Nothing was ordered; press again to accept it."]
    assert not Generation.objects.exists()
