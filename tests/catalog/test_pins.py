"""Pins: each person's own, and pressed as often as one likes."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account, AIModel, Pin
from tests.catalog.factories import make_model

HTMX = {"HX-Request": "true"}


@pytest.fixture
def model(account: Account) -> AIModel:
    return make_model(account, "Veo 3 T2V")


def address(model: AIModel) -> str:
    return f"/catalog/models/{model.pk}/pin/"


def test_pinning_answers_with_the_button_as_it_is_now(client: Client, owner: User, model: AIModel) -> None:
    button = client.post(address(model), {"pinned": "1"}, headers=HTMX).content.decode()

    assert Pin.objects.filter(owner=owner, model=model).exists()
    assert "<html" not in button
    assert 'aria-pressed="true"' in button
    assert 'name="pinned" value="0"' in button
    assert "Veo 3 T2V" in button


def test_unpinning_takes_the_pin_off(client: Client, owner: User, model: AIModel) -> None:
    Pin.objects.create(owner=owner, model=model)

    button = client.post(address(model), {"pinned": "0"}, headers=HTMX).content.decode()

    assert not Pin.objects.exists()
    assert 'aria-pressed="false"' in button


@pytest.mark.parametrize(("wanted", "left"), [("1", 1), ("0", 0)])
def test_pressing_twice_is_pressing_once(client: Client, model: AIModel, wanted: str, left: int) -> None:
    for _ in range(2):
        assert client.post(address(model), {"pinned": wanted}, headers=HTMX).status_code == 200

    assert Pin.objects.count() == left


def test_pins_of_others_stay(client: Client, stranger: User, model: AIModel) -> None:
    Pin.objects.create(owner=stranger, model=model)

    client.post(address(model), {"pinned": "0"}, headers=HTMX)

    assert Pin.objects.get().owner == stranger


def test_without_script_people_come_back_to_their_page(client: Client, model: AIModel) -> None:
    response = client.post(address(model), {"pinned": "1", "next": "/catalog/?q=veo"})

    assert (response.status_code, response["Location"]) == (302, "/catalog/?q=veo")


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:1", ""])
def test_nobody_is_sent_elsewhere(client: Client, model: AIModel, target: str) -> None:
    response = client.post(address(model), {"pinned": "1", "next": target})

    assert response["Location"] == f"/catalog/models/{model.pk}/"


def test_an_unknown_model_is_not_found(client: Client, account: Account) -> None:
    assert client.post("/catalog/models/999999/pin/", {"pinned": "1"}).status_code == 404


def test_looking_changes_nothing(client: Client, model: AIModel) -> None:
    assert client.get(address(model)).status_code == 405


def test_a_name_is_text_in_the_button(client: Client, account: Account) -> None:
    model = make_model(account, "<b>Bold</b>")

    assert "<b>" not in client.post(address(model), {"pinned": "1"}, headers=HTMX).content.decode()


def test_queries_of_a_pin(
    client: Client, model: AIModel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Owner, model, whether there is a pin, and putting it in within a savepoint."""
    with django_assert_num_queries(6):
        client.post(address(model), {"pinned": "1"}, headers=HTMX)
