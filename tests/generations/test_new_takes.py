"""New takes that belong on top of a page wait there until they are asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account
from generations.collections import collect
from generations.gallery.cursors import cursor_of
from generations.gallery.page import PAGE_SIZE
from generations.gallery.poll import Poll
from generations.models import Collection, Generation, Status
from tests.factories import make_take

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
FILTERED = [
    *("kind=video", "state=running", "state=ready", "favorite=1", "rating=3", "verdict=kept", "unseen=1"),
    *("recovered=1", "model=1", "maker=Google", "service=hedra", "ratio=16:9", "length=5", "cost=10"),
    *(
        "since=2026-11-01&until=2026-11-03",
        "stacked=1",
        "q=fox+-wolf+%22red+fox%22",
        "collection=1",
        f"shot={UUID(int=7)}",
        f"fan_out={UUID(int=7)}",
        "state=failed",
    ),
]


@pytest.fixture(autouse=True)
def account(owner: User) -> Account:
    return Account.objects.current()


def asked_by(client: Client, path: str = "/gallery/") -> dict[str, str]:
    """What the poll of this page sends."""
    part = client.get(path).content.decode().split('id="poll"')[1].split("</div>")[0]
    fields = [field.split('"') for field in part.split("<input ")[1:]]
    return {field[3]: field[5].replace("&amp;", "&") for field in fields}


@pytest.mark.parametrize("solo", [True, False], ids=["solo", "team"])
def test_nothing_new_is_204(
    client: Client, owner: User, solo: bool, settings: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.SOLO = solo
    client.force_login(owner)
    make_take(owner)
    asked = asked_by(client)
    with django_assert_num_queries(2):  # who asks; what is new and whether any service rests
        assert client.get("/gallery/updates/", asked, headers=HTMX).status_code == 204


def test_new_takes_are_told_once_and_put_on_top(client: Client, owner: User) -> None:
    old = make_take(owner)
    asked = asked_by(client)
    new = [make_take(owner) for _ in range(3)]
    told = client.get("/gallery/updates/", asked, headers=HTMX).content.decode()
    assert "3 new" in told
    assert f'id="take-{new[0].pk}"' not in told
    assert client.get("/gallery/updates/", asked | {"fresh": "3"}, headers=HTMX).status_code == 204
    page = client.get("/gallery/", asked | {"newer": asked["newest"]}, headers=HTMX).content.decode()
    places = [page.index(f'id="take-{take.pk}"') for take in reversed(new)]
    assert places == sorted(places)
    assert f'id="take-{old.pk}"' not in page
    assert 'hx-swap-oob="afterbegin:#takes"' in page
    again = page.split('name="newest" value="')[1].split('"')[0]
    assert client.get("/gallery/updates/", {"newest": again}, headers=HTMX).status_code == 204


def test_only_what_fits_the_page_is_new(client: Client, owner: User, stranger: User) -> None:
    make_take(owner, favorite=True)
    asked = asked_by(client, "/gallery/?favorite=1")
    make_take(owner)
    make_take(stranger, favorite=True)
    make_take(owner, favorite=True, created=timezone.now() - timedelta(days=1))
    assert client.get("/gallery/updates/", asked, headers=HTMX).status_code == 204
    make_take(owner, favorite=True)
    assert "1 new" in client.get("/gallery/updates/", asked, headers=HTMX).content.decode()


def test_more_than_a_page_of_new_ones_is_a_page_of_its_own(client: Client, owner: User) -> None:
    make_take(owner)
    asked = asked_by(client)
    for _ in range(PAGE_SIZE + 3):
        make_take(owner)
    told = client.get("/gallery/updates/", asked, headers=HTMX).content.decode()
    assert f"{PAGE_SIZE}+ new" in told
    assert "hx-get" not in told.split('id="new-takes"')[1].split("</div>")[0]


@pytest.mark.parametrize("query", FILTERED)
def test_every_filter_can_be_asked_for_news_again_and_again(client: Client, owner: User, query: str) -> None:
    """Again and again: PostgreSQL keeps the plan of what it is asked often."""
    make_take(owner, status=Status.PREPARING)
    take = make_take(owner, favorite=True)
    poll = {"seen": f"{take.pk}:{take.version}", "newest": cursor_of(take), "asked": query}
    answers = [client.get("/gallery/updates/", poll, headers=HTMX).status_code for _ in range(5)]
    assert answers == [204] * 5


@pytest.mark.parametrize("query", ["before=1-1", "sort=oldest", "day=2026-11-03", "state=trash"])
def test_pages_without_a_top_ask_for_nothing_new(client: Client, owner: User, query: str) -> None:
    make_take(owner)
    assert "newest" not in asked_by(client, f"/gallery/?{query}")


@pytest.mark.parametrize("newest", ["x", "1", "-", "9" * 50 + "-1", "\0"])
def test_an_odd_place_asks_for_nothing_new(owner: User, newest: str) -> None:
    make_take(owner)
    poll = Poll.of({"newest": newest, "fresh": "7"})
    poll.changed(owner)
    assert poll.newest == ""


@pytest.mark.parametrize("more", ["", "&q=fox", "&collection={collection}"])
def test_another_face_of_the_stack_on_top_is_no_new_take(client: Client, owner: User, more: str) -> None:
    """Its other takes were made a moment after the one that the page has on top."""
    first, second = (make_take(owner, shot=UUID(int=7), position=place, prompt="A fox") for place in range(2))
    collect(owner, "Foxes", Generation.objects.all())
    path = f"/gallery/?stacked=1{more.format(collection=Collection.objects.get().pk)}"
    asked = asked_by(client, path)
    first.judge(verdict="reject")
    newer = client.get("/gallery/updates/", asked, headers=HTMX).content.decode()
    assert "1 new" not in newer
    another = make_take(owner, prompt="A fox on top")
    collect(owner, "Foxes", Generation.objects.filter(pk=another.pk))
    newer = client.get("/gallery/updates/", asked, headers=HTMX).content.decode()
    assert "1 new" in newer
    shown = client.get(f"{path}&newer={asked['newest']}", headers=HTMX).content.decode()
    assert f'id="take-{another.pk}"' in shown
    assert f'id="take-{second.pk}"' not in shown
