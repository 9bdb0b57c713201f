"""The takes before and after one, in the list that it was opened from."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import Account
from generations.models import Generation
from tests.factories import make_take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account(owner: User) -> Account:
    return Account.objects.current()


@pytest.fixture
def takes(owner: User) -> list[Generation]:
    """The newest first; two pairs were made at the same moment."""
    now = timezone.now()
    ages = [0, 1, 1, 2, 2]
    made = [make_take(owner, created=now - timedelta(hours=age), favorite=not age % 2) for age in ages]
    return sorted(made, key=lambda take: (take.created, take.pk), reverse=True)


def beside(client: Client, url: str) -> dict[str, str]:
    """Where the page's links lead, by what they are to it."""
    page = client.get(url).content.decode()
    return {rel: unescape(href) for rel, href in re.findall(r'rel="(prev|next)" href="([^"]*)"', page)}


def test_walking_goes_through_all_and_back(client: Client, takes: list[Generation]) -> None:
    url, seen = takes[0].get_absolute_url(), [takes[0].get_absolute_url()]
    assert "prev" not in beside(client, url)
    while found := beside(client, url).get("next"):
        assert beside(client, found)["prev"] == url
        url = found
        seen.append(url)
    assert seen == [take.get_absolute_url() for take in takes]


def test_the_filters_of_the_list_travel_along(client: Client, takes: list[Generation]) -> None:
    favorites = [take for take in takes if take.favorite]
    gallery = client.get("/gallery/?favorite=1").content.decode()
    first = f"{favorites[0].get_absolute_url()}?in=favorite%3D1"
    assert f'href="{first}"' in gallery
    assert beside(client, first)["next"] == f"{favorites[1].get_absolute_url()}?in=favorite%3D1"
    assert 'class="back" href="/gallery/?favorite=1"' in client.get(first).content.decode()


def test_a_take_that_has_left_the_list_keeps_its_place(client: Client, takes: list[Generation]) -> None:
    """Its heart was taken off while it was open."""
    other = next(take for take in takes if not take.favorite)
    newer = [take for take in takes[: takes.index(other)] if take.favorite]
    found = beside(client, f"{other.get_absolute_url()}?in=favorite%3D1")
    assert found["prev"] == f"{newer[-1].get_absolute_url()}?in=favorite%3D1"


def test_neither_strangers_nor_deleted_takes_stand_beside_one(
    client: Client, owner: User, stranger: User
) -> None:
    take = make_take(owner)
    make_take(stranger)
    make_take(owner, deleted_at=timezone.now())
    assert beside(client, take.get_absolute_url()) == {}


@pytest.mark.parametrize("query", ["%00", "q=%2500", "&" * 3000, "kind=nonsense", "%FF=%FF", "model=9999"])
def test_any_list_is_a_safe_one(client: Client, owner: User, query: str) -> None:
    take = make_take(owner)
    assert client.get(take.get_absolute_url(), {"in": query}).status_code == 200
