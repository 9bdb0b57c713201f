"""What the create page asks before an order, and where people choose when it asks."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import AIModel
from generations.models import Generation, Purse, Status
from tests.generations.shots import shot
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
WAYS = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])


def press(client: Client, headers: dict[str, str] | None = None, **changes: Any) -> Any:
    """Press Generate on a shot of 35 credits, under an id of its own."""
    model = AIModel.objects.current().get(name="Grok Video T2V")
    return client.post("/create/", shot(model, **changes), headers=headers or {})


@WAYS
def test_the_same_again_is_offered_as_it_is(studio: Studio, client: Client, headers: dict[str, str]) -> None:
    press(client)
    Generation.objects.update(
        created=timezone.now() - timedelta(minutes=4), status=Status.COMPLETE, next_attempt_at=None
    )
    response = press(client, headers)
    page = " ".join(response.content.decode().replace("\xa0", " ").split())
    assert response.status_code == 422
    assert "You made this" in page
    assert "4 minutes ago" in page
    take = Generation.objects.get()
    assert page.index(f'href="{take.get_absolute_url()}" data-answer') < page.index("Run again · 35 credits")
    assert "A fox in the snow</textarea>" in page
    assert press(client, headers, again="1").status_code in (200, 302)
    assert Generation.objects.count() == 2


def test_one_on_its_way_is_said_to_be_ordered(studio: Studio, client: Client) -> None:
    press(client)
    page = press(client).content.decode()
    assert "You ordered this" in page
    assert "just now" in page
    assert "It is not ready yet." in page


@WAYS
def test_a_price_above_the_amount_is_asked_about_once(
    studio: Studio, client: Client, owner: User, headers: dict[str, str]
) -> None:
    Purse.objects.create(owner=owner, ask_over=100)
    asked = press(client, headers, variations="4")
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "This costs 140 credits, more than the 100 you chose. Order it?" in page
    assert 'name="sure" value="140"' in page
    assert not Generation.objects.exists()
    assert press(client, headers, variations="4", sure="140").status_code in (200, 302)


def test_a_question_stays_while_its_order_is_the_same(studio: Studio, client: Client, owner: User) -> None:
    """Leaving the words for the answer's button draws the price anew."""
    Purse.objects.create(owner=owner, ask_over=10)
    press(client, sure="35")
    asked = hidden(press(client), "asked")
    assert asked

    def price(**changes: Any) -> str:
        model = AIModel.objects.current().get(name="Grok Video T2V")
        return client.post("/create/price/", shot(model, **changes), headers=HTMX).content.decode()

    assert "Run again · 35 credits" in price(asked=asked, sure="35")
    assert "Order it · 35 credits" in price(asked=asked, again="1")
    for changes in ({"prompt": "A whale"}, {"variations": "2"}, {"resolution": "480p"}):
        assert 'class="question' not in price(asked=asked, **changes)
    assert 'class="question' not in price()


def hidden(response: Any, name: str) -> str:
    [found] = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', response.content.decode())
    return str(found)


def test_a_price_that_has_changed_since_is_asked_about_again(
    studio: Studio, client: Client, owner: User
) -> None:
    Purse.objects.create(owner=owner, ask_over=100)
    page = press(client, variations="8", sure="140").content.decode()
    assert "This costs 280 credits" in page


def test_what_is_said_of_an_order_stays_when_a_take_ends(studio: Studio, client: Client) -> None:
    """Else the price is asked for anew then, and tells what would be left now."""
    follows = "counted from:body"
    assert follows in client.get("/create/").content.decode()
    refused = press(client, HTMX, seen_price="1")
    assert "Nothing was ordered" in refused.content.decode()
    assert follows not in refused.content.decode()
    assert follows in press(client, HTMX).content.decode()
    model = AIModel.objects.current().get(name="Grok Video T2V")
    for _ in range(2):
        asked = client.post("/create/draft-take/", shot(model, seen_draft="18"), headers=HTMX)
    assert "You ordered this" in asked.content.decode()
    assert follows not in asked.content.decode()


def test_short_of_credits_nothing_else_is_asked(studio: Studio, client: Client, owner: User) -> None:
    Purse.objects.create(owner=owner, ask_over=10)
    studio.sandbox.settings(key=studio.key, balance=20)
    page = press(client).content.decode()
    assert "Needs 15 more credits" in page
    assert "Order it?" not in page


# The amount


def test_the_page_says_when_it_asks(studio: Studio, client: Client, owner: User) -> None:
    assert "Never asks before spending" in client.get("/create/").content.decode()
    Purse.objects.create(owner=owner, ask_over=1200)
    page = client.get("/create/").content.decode()
    assert 'Asks before spending more than <span class="num">1,200</span> credits' in page
    assert 'value="1200"' in page


@pytest.mark.parametrize(("given", "kept"), [("200", 200), ("0", 0), ("", None), (" 200 ", 200)])
def test_the_amount_is_kept(client: Client, owner: User, given: str, kept: int | None) -> None:
    Purse.objects.create(owner=owner, ask_over=7, fan_out_cap=50)
    response = client.post("/create/spending/", {"ask_over": given}, headers=HTMX)
    assert response.status_code == 200
    assert "Saved" in response.content.decode()
    purse = Purse.objects.get()
    assert (purse.ask_over, purse.fan_out_cap) == (kept, 50)


def test_without_script_a_page_of_its_own_says_that_it_is_kept(client: Client) -> None:
    response = client.post("/create/spending/", {"ask_over": "200"}, follow=True)
    assert response.redirect_chain == [("/create/spending/", 302)]
    page = response.content.decode()
    assert "Saved. It holds from the next press on." in page
    assert 'value="200"' in page


@pytest.mark.parametrize("given", ["-1", "1.5", "many", "1000001", "9" * 400, "\0"])
@WAYS
def test_no_amount_is_refused_and_stays_as_it_was_typed(
    client: Client, owner: User, given: str, headers: dict[str, str]
) -> None:
    Purse.objects.create(owner=owner, ask_over=7)
    response = client.post("/create/spending/", {"ask_over": given}, headers=headers)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Write a whole number of credits up to 1,000,000, or nothing for never." in page
    assert ("<html" in page) is not bool(headers)
    assert Purse.objects.get().ask_over == 7


def test_everybody_has_an_amount_of_their_own(client: Client, owner: User, stranger: User) -> None:
    Purse.objects.create(owner=stranger, ask_over=7)
    client.post("/create/spending/", {"ask_over": "200"})
    assert dict(Purse.objects.values_list("owner__username", "ask_over")) == {"owner": 200, "stranger": 7}
