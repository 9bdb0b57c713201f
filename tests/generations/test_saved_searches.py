"""All filters on one sheet, and searches under a name."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account
from generations.gallery import saved
from generations.models import Collection, SavedSearch
from tests.factories import make_model, make_take

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account(owner: User) -> Account:
    return Account.objects.current()


def test_the_sheet_offers_what_was_used(client: Client, owner: User, stranger: User) -> None:
    make_take(owner, ai_model=make_model(name="Veo 3"), maker="Google", service="hedra", aspect_ratio="9:16")
    make_take(
        stranger, ai_model=make_model(name="Sora 2"), maker="OpenAI", service="hoox", aspect_ratio="21:9"
    )
    Collection.objects.create(owner=owner, name="Best of")
    Collection.objects.create(owner=stranger, name="Secret plans")
    sheet = client.get(
        "/gallery/filters/?maker=Google&q=fox", headers={"HX-Request": "true"}
    ).content.decode()
    for words in (
        "Veo 3",
        '<option value="Google" selected>',
        ">Hedra<",
        "9:16",
        "Best of",
        'name="q" value="fox"',
    ):
        assert words in sheet
    for words in ("Sora 2", "OpenAI", ">Hoox<", "21:9", "Secret plans", "<html"):
        assert words not in sheet
    assert "<html" in client.get("/gallery/filters/").content.decode()


@pytest.mark.parametrize("rows", [1, 8])
def test_queries_of_the_sheet(
    client: Client, owner: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(rows):
        make_take(owner, maker=f"Maker {n}", aspect_ratio=f"{n}:9", ai_model=make_model())
    with django_assert_num_queries(8):  # owner, four columns, models, collections, searches
        client.get("/gallery/filters/", headers={"HX-Request": "true"})


def test_a_search_is_saved_found_renamed_and_deleted(client: Client, owner: User) -> None:
    make_take(owner)
    answer = client.post(
        "/gallery/searches/", {"asked": "q=fox&kind=video&x=1&day=2026-11-03", "search_name": " Foxes "}
    )
    search = SavedSearch.objects.get(owner=owner)
    assert (search.name, answer.url) == ("Foxes", "/gallery/?q=fox&kind=video")
    assert "Foxes" in client.get("/gallery/filters/").content.decode()
    client.post(f"/gallery/searches/{search.pk}/name/", {"search_name": "Red foxes"})
    search.refresh_from_db()
    assert search.name == "Red foxes"
    client.post(f"/gallery/searches/{search.pk}/delete/")
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize(
    ("name", "asked", "why"),
    [
        ("", "q=fox", "Give it a name."),
        ("x" * 61, "q=fox", "too long"),
        ("\0 ", "q=fox", "Give it a name."),
        ("Foxes", "q=fox", "already"),
        ("All", "", "Nothing is filtered here."),
        ("All", "kind=hologram", "Nothing is filtered here."),
    ],
)
def test_what_cannot_be_saved_says_why_and_keeps_the_filters(
    client: Client, owner: User, name: str, asked: str, why: str
) -> None:
    SavedSearch.objects.create(owner=owner, name="Foxes", query="q=fox")
    answer = client.post("/gallery/searches/", {"asked": asked, "search_name": name})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert SavedSearch.objects.count() == 1


def test_there_are_some_dozens_at_most(client: Client, owner: User) -> None:
    SavedSearch.objects.bulk_create(
        SavedSearch(owner=owner, name=f"Search {n}", query="q=fox") for n in range(saved.MOST)
    )
    answer = client.post("/gallery/searches/", {"asked": "q=fox", "search_name": "One more"})
    assert "Delete one first" in answer.content.decode()


@pytest.mark.parametrize("what", ["name", "delete"])
def test_a_strangers_search_is_absent(client: Client, stranger: User, what: str) -> None:
    theirs = SavedSearch.objects.create(owner=stranger, name="Foxes", query="q=fox")
    answer = client.post(f"/gallery/searches/{theirs.pk}/{what}/", {"search_name": "Mine"})
    assert answer.status_code == 404
    assert SavedSearch.objects.get().name == "Foxes"
