"""Filters, orders, days and stacks of the gallery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from catalog.models import AIModel
from generations.collections import collect
from generations.gallery.filters import ORDER, GalleryFilters
from generations.gallery.neighbours import Neighbours
from generations.gallery.options import Options
from generations.gallery.page import PAGE_SIZE, GalleryPage
from generations.models import Collected, Collection, Generation, Status
from tests.factories import make_model, make_take

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 11, 3, 12, tzinfo=UTC)


def prompts(owner: User, **query: str) -> list[str]:
    return [take.prompt for take in GalleryPage(owner, GalleryFilters(query)).takes]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"maker": "xAI"}, {"maker": "xAI"}),
        ({"service": "hoox"}, {"service": "hoox"}),
        ({"state": "ready"}, {"status": Status.COMPLETE}),
        ({"state": "failed"}, {"status": Status.UNCLEAR}),
        ({"rating": "3"}, {"rating": 3}),
        ({"rating": "1"}, {"rating": 5}),
        ({"verdict": "kept"}, {"verdict": "keep"}),
        ({"verdict": "rejected"}, {"verdict": "reject"}),
        ({"ratio": "21:9"}, {"aspect_ratio": "21:9"}),
        ({"length": "10"}, {"duration_ms": 8000}),
        ({"length": "more"}, {"duration_ms": 31_000}),
        ({"cost": "0"}, {"charged": Decimal(0)}),
        ({"cost": "more"}, {"charged": Decimal(201)}),
        ({"unseen": "1"}, {"unseen": True}),
        ({"recovered": "1"}, {"recovered": True}),
        ({"since": "2026-11-03", "until": "2026-11-03"}, {"created": DAY}),
        ({"until": "2026-11-03"}, {"created": DAY.replace(hour=23, minute=59)}),
    ],
)
def test_a_filter_shows_what_fits(owner: User, query: dict[str, str], fields: dict[str, Any]) -> None:
    make_take(owner, prompt="Wanted", **fields)
    other = {
        "status": Status.PROCESSING,
        "verdict": "reject" if query.get("verdict") != "rejected" else "keep",
    }
    make_take(owner, prompt="Other", **other)
    assert prompts(owner, **query) == ["Wanted"]
    assert prompts(owner, q="wanted", **query) == ["Wanted"]


def test_takes_that_nobody_judged(owner: User) -> None:
    make_take(owner, prompt="Judged", verdict="keep")
    make_take(owner, prompt="Open")
    assert prompts(owner, verdict="unjudged") == ["Open"]


def test_a_collection_of_ones_own(owner: User, stranger: User) -> None:
    mine, theirs = (Collection.objects.create(owner=who, name="Best") for who in (owner, stranger))
    take = make_take(owner, prompt="In it")
    make_take(owner, prompt="Not in it")
    for collection in (mine, theirs):
        Collected.objects.create(collection=collection, take=take, position=1)
    assert prompts(owner, collection=str(mine.pk)) == ["In it"]
    assert prompts(owner, collection=str(theirs.pk)) == []


def test_a_strangers_collection_is_not_named(client: Client, owner: User, stranger: User) -> None:
    make_take(owner)
    theirs = Collection.objects.create(owner=stranger, name="Secret plans")
    assert "Secret plans" not in client.get(f"/gallery/?collection={theirs.pk}").content.decode()


def offered(owner: User, name: str, **query: str) -> list[str]:
    selects = Options(owner, GalleryFilters(query)).selects
    return [label for select in selects if select.name == name for _, label in select.options]


def test_the_models_that_were_used_are_offered_beside_takes_without_one(owner: User) -> None:
    make_take(owner, ai_model=None)
    make_take(owner, ai_model=make_model(name="Grok"))
    assert offered(owner, "model") == ["Grok"]


def test_what_is_chosen_is_offered_however_many_others_are(
    owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generations.gallery.options.MOST", 1)
    for name in "AB":
        make_take(owner, ai_model=make_model(name=name), maker=name)
        Collection.objects.create(owner=owner, name=name)
    model, collection = AIModel.objects.get(name="B"), Collection.objects.get(name="B")
    theirs = Collection.objects.create(owner=stranger, name="Secret plans")
    assert offered(owner, "model", model=str(model.pk)) == ["A", "B"]
    assert offered(owner, "maker", maker="B") == ["A", "B"]
    assert offered(owner, "collection", collection=str(collection.pk)) == ["A", "B"]
    assert "Secret plans" not in offered(owner, "collection", collection=str(theirs.pk))


@given(st.dictionaries(st.sampled_from(ORDER), st.text(max_size=12)))
def test_odd_values_count_as_not_asked(query: dict[str, str]) -> None:
    filters = GalleryFilters({name: f"{value}\0?" for name, value in query.items() if name != "q"})
    assert filters.asked.keys() <= {"maker", "service", "ratio"}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"maker": "xAI"}, "xAI"),
        ({"rating": "4"}, "4 stars or more"),
        ({"cost": "50"}, "10–50 credits"),
        ({"since": "2026-11-03"}, "From 3 Nov 2026"),
        ({"state": "ready"}, "Ready"),
        ({"unseen": "1"}, "Not seen yet"),
    ],
)
def test_what_is_filtered_is_said_and_can_be_taken_off(
    client: Client, owner: User, query: dict[str, str], words: str
) -> None:
    make_take(owner)
    filters = GalleryFilters({"q": "fox", **query})
    (chip,) = filters.removable
    assert (chip.label, chip.url) == (words, "/gallery/?q=fox")
    assert words in client.get(filters.url()).content.decode()


# Orders


def walk(owner: User, query: dict[str, str]) -> list[int]:
    filters, cursor, seen = GalleryFilters(query), "", list[int]()
    while True:
        page = GalleryPage(owner, filters, cursor)
        seen += [take.pk for take in page.takes]
        if not page.next_url:
            return seen
        cursor = filters.sorting.cursor_of(page.takes[-1])


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("oldest", lambda take: (-take.created.timestamp(), -take.pk)),
        ("cost", lambda take: (-1 if take.charged is None else take.charged, take.created, take.pk)),
        (
            "length",
            lambda take: (-1 if take.duration_ms is None else take.duration_ms, take.created, take.pk),
        ),
        ("rating", lambda take: (take.rating, take.created, take.pk)),
    ],
)
def test_pages_in_every_order_show_every_take_once(owner: User, sort: str, key: Any) -> None:
    now = timezone.now()
    takes = [
        make_take(
            owner,
            created=now - timedelta(seconds=n // 3),
            charged=None if n % 7 == 0 else Decimal(n % 4) / 2,
            duration_ms=None if n % 5 == 0 else 1000 * (n % 3),
            rating=n % 6,
        )
        for n in range(2 * PAGE_SIZE + 5)
    ]
    assert walk(owner, {"sort": sort}) == [take.pk for take in sorted(takes, key=key, reverse=True)]


@pytest.mark.parametrize("sort", ["", "cost"])
@pytest.mark.parametrize("number", ["0--" + "9" * 20, "0-" + "9" * 20, "-" + "9" * 20 + "-1"])
def test_a_cursor_of_numbers_that_no_row_has_is_none(
    client: Client, owner: User, sort: str, number: str
) -> None:
    make_take(owner)
    cursor = f"5_{number}" if sort else number
    assert client.get(f"/gallery/?sort={sort}&before={cursor}").status_code == 200


@pytest.mark.parametrize("cursor", ["x_1-2", "NaN_1-2", "1e99_1-2", "1-2", "_1-2", "5_x", "9" * 40 + "_1-2"])
def test_a_cursor_of_another_order_begins_at_the_top(owner: User, cursor: str) -> None:
    make_take(owner)
    assert len(GalleryPage(owner, GalleryFilters({"sort": "cost"}), cursor).takes) == 1


def test_a_jump_goes_to_the_end_of_a_day(client: Client, owner: User) -> None:
    for days, prompt in enumerate(["Day after", "That evening", "Day before"]):
        make_take(owner, prompt=prompt, created=DAY.replace(hour=23) + timedelta(days=1 - days))
    assert prompts(owner, day="2026-11-03") == ["That evening", "Day before"]
    assert prompts(owner, day="2026-11-03", q="day") == ["Day before"]
    assert prompts(owner, day="2026-11-03", sort="oldest") == ["That evening", "Day after"]
    page = client.get("/gallery/?day=2026-11-03").content.decode()
    assert "Back from 3 Nov 2026" in page
    assert 'name="newest"' not in page


# Counts


def test_the_count_says_how_many_fit(client: Client, owner: User) -> None:
    for _ in range(3):
        make_take(owner, favorite=True)
    make_take(owner)
    assert "3 takes" in client.get("/gallery/?favorite=1").content.decode()
    assert "4 takes" in client.get("/gallery/?q=fox").content.decode()
    assert "3 takes" not in client.get("/gallery/?q=fox&favorite=1").content.decode()


def test_counting_ends_after_a_thousand(owner: User, client: Client) -> None:
    first = make_take(owner)
    Generation.objects.bulk_create(
        Generation(owner=owner, account=first.account, status=Status.COMPLETE, next_attempt_at=None)
        for _ in range(1001)
    )
    page = client.get("/gallery/").content.decode()
    assert "1,000+ takes" in page
    assert '<span id="count-takes" class="rail-count">1,000+<' in page


# Stacks


def test_takes_of_a_shot_are_one_stack(
    client: Client, owner: User, stranger: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shot = uuid4()
    first, *_ = [make_take(owner, shot=shot, position=n, prompt=f"Number {n}") for n in range(4)]
    make_take(owner, prompt="Alone")
    make_take(stranger, shot=shot, position=0)
    assert prompts(owner, stacked="1") == ["Alone", "Number 0"]
    with django_assert_num_queries(7):  # one more than without stacks
        page = client.get("/gallery/?stacked=1").content.decode()
    assert page.count("take-stack") == 1
    assert f'href="/gallery/?shot={shot}&amp;stacked=1" title="All 4 takes of this shot"' in page
    assert "2 shots" in page
    assert 'href="/gallery/?stacked=1"' in client.get(f"/gallery/?shot={shot}&stacked=1").content.decode()
    first.delete_softly()
    assert prompts(owner, stacked="1") == ["Alone", "Number 1"]
    assert len(prompts(owner, shot=str(shot), stacked="1")) == 3
    assert prompts(owner, stacked="1", q="number") == ["Number 1"]


def test_a_stack_shows_what_the_filters_find_in_it(owner: User) -> None:
    shot = uuid4()
    takes = [make_take(owner, shot=shot, position=n, prompt=f"Number {n}") for n in range(4)]
    third, last = takes[2:]
    third.judge(rating=5)
    last.judge(rating=5)
    assert prompts(owner, stacked="1", rating="5") == ["Number 2"]
    assert prompts(owner, stacked="1", q='"number 3"') == ["Number 3"]
    assert prompts(owner, stacked="1", q='"number 3"', rating="5") == ["Number 3"]
    collect(owner, "Fox film", Generation.objects.filter(pk__in=[takes[1].pk, last.pk]))
    collection = str(Collection.objects.get().pk)
    assert prompts(owner, stacked="1") == ["Number 2"]
    assert prompts(owner, stacked="1", collection=collection) == ["Number 3"]
    assert prompts(owner, stacked="1", collection=collection, q="number") == ["Number 3"]
    assert prompts(owner, stacked="1", collection=collection, rating="5") == ["Number 3"]
    for take in takes[1:]:
        take.delete_softly()
    assert prompts(owner, stacked="1", state="trash") == ["Number 2"]
    assert prompts(owner, stacked="1", state="trash", verdict="unjudged", q='"number 1"') == ["Number 1"]
    assert prompts(owner, stacked="1", state="trash", q="number", rating="5") == ["Number 2"]


def test_a_stack_shows_the_best_of_its_shot(client: Client, owner: User) -> None:
    """What is kept before what is not judged, that before what is rejected; the better rated of these."""
    shot = uuid4()
    takes = [make_take(owner, shot=shot, position=n, prompt=f"Number {n}") for n in range(4)]

    def face() -> list[str]:
        return prompts(owner, stacked="1")

    takes[0].judge(verdict="reject")
    assert face() == ["Number 1"]
    takes[3].judge(rating=3)
    assert face() == ["Number 3"]
    takes[2].judge(verdict="keep")
    assert face() == ["Number 2"]
    takes[1].favorite = True
    takes[1].save(update_fields=["favorite"])
    assert face() == ["Number 1"]
    takes[2].judge(rating=1)
    assert face() == ["Number 2"]
    assert client.get("/gallery/?stacked=1").content.decode().count("<article") == 1
    assert prompts(owner, stacked="1", verdict="rejected") == ["Number 0"]
    for take in takes:
        take.judge(verdict="reject", rating=0)
    takes[1].favorite = False
    takes[1].save(update_fields=["favorite"])
    assert face() == ["Number 0"]


def test_a_take_leads_on_in_the_order_of_its_list(owner: User) -> None:
    cheap, dear, middle = (make_take(owner, prompt="A fox", charged=charged) for charged in (1, 9, 5))
    make_take(owner, prompt="A wolf", charged=7)
    here = Neighbours(owner, Generation.objects.get(pk=middle.pk), "sort=cost&q=fox")
    assert here.previous_url.startswith(dear.get_absolute_url())
    assert here.next_url.startswith(cheap.get_absolute_url())
