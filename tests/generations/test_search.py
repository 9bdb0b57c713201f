"""The same words find the same takes, in SQLite and in PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from generations.gallery.filters import GalleryFilters
from generations.gallery.page import PAGE_SIZE, GalleryPage
from generations.gallery.search import Search
from generations.models import Generation, Status, TakeIndex
from generations.models.searched import words_in
from generations.models.take_index import install, place_of
from tests.factories import make_take, remove_takes

pytestmark = pytest.mark.django_db

PROMPTS = [
    "A fox in the snow",
    "Two foxes, running",
    "Snow on a fox",
    "A sci-fi street at night",
    "Café olé, crème brûlée",
    "Лиса в снегу",
    "雪の中の狐",
    "Version 2.5 of 4k footage",
]


def found(owner: User, q: str, **query: str) -> list[str]:
    page = GalleryPage(owner, GalleryFilters({"q": q, **query}))
    every = Generation.objects.filter(owner=owner)
    drawer = (
        every.exclude(deleted_at=None) if query.get("state") == "trash" else every.filter(deleted_at=None)
    )
    other_way = {take.pk for take in page.filters.apply(drawer)}
    assert {take.pk for take in page.takes} == other_way
    return sorted(take.prompt for take in page.takes)


@pytest.mark.parametrize(
    ("q", "places"),
    [
        ("fox", [0, 1, 2]),
        ("FOX snow", [0, 2]),
        ("foxes", [1]),
        ("ox", []),
        ('"fox"', [0, 2]),
        ('"in the snow"', [0]),
        ('"fox snow"', []),
        ("fox -snow", [1]),
        ('fox -"in the snow"', [1, 2]),
        ("sci-fi", [3]),
        ("sci-f", [3]),
        ("fi-sci", []),
        ("cafe creme", [4]),
        ("CAFÉ", [4]),
        ("лиса", [5]),
        ("Лис", [5]),
        ("狐", [6]),
        ("雪の", [6]),
        ("2.5", [7]),
        ("4k", [7]),
        ("grok", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("-fox", [3, 4, 5, 6, 7]),
        ("-fox -sci", [4, 5, 6, 7]),
        ("snow grok -foxes", [0, 2]),
    ],
)
def test_words_find_takes(owner: User, q: str, places: list[int]) -> None:
    for prompt in PROMPTS:
        make_take(owner, prompt=prompt)
    assert found(owner, q) == sorted(PROMPTS[place] for place in places)


@pytest.mark.parametrize(
    "q", ['"', '""', "-", "--", '-"', "*", "OR", "AND NOT", "NEAR(", "a:b", "=1", "!", "' --", "()"]
)
def test_odd_searches_are_searches(owner: User, q: str) -> None:
    make_take(owner, prompt="Or and not near a b 1")
    assert found(owner, q) == ["Or and not near a b 1"]


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_no_search_is_an_error(owner: User, q: str) -> None:
    GalleryPage(owner, GalleryFilters({"q": q})).takes  # noqa: B018 - the query is what is tried


def test_others_are_not_searched(owner: User, stranger: User) -> None:
    make_take(stranger, prompt="A fox")
    assert found(owner, "fox") == []
    assert found(owner, f"={stranger.pk} fox") == []


def test_found_takes_come_newest_first_page_by_page(owner: User) -> None:
    """By time and not by number, as history comes in late."""
    now = timezone.now()
    takes = [make_take(owner, created=now - timedelta(minutes=n * 7 % 50)) for n in range(50)]
    wanted = [take.pk for take in sorted(takes, key=lambda take: take.created, reverse=True)]
    assert walk(owner, {"q": "fox"}) == wanted
    assert walk(owner, {"q": "fox", "sort": "oldest"}) == wanted[::-1]


def walk(owner: User, query: dict[str, str]) -> list[int]:
    filters, cursor, seen = GalleryFilters(query), "", list[int]()
    while True:
        page = GalleryPage(owner, filters, cursor)
        seen += [take.pk for take in page.takes]
        if not page.next_url:
            return seen
        cursor = filters.sorting.cursor_of(page.takes[-1])


def test_a_search_goes_with_filters_and_orders(owner: User) -> None:
    make_take(owner, prompt="A red fox", favorite=True, charged=5)
    make_take(owner, prompt="A grey fox", favorite=True, charged=9)
    make_take(owner, prompt="A fox")
    assert found(owner, "fox", favorite="1") == ["A grey fox", "A red fox"]
    page = GalleryPage(owner, GalleryFilters({"q": "fox", "favorite": "1", "sort": "cost"}))
    assert [take.prompt for take in page.takes] == ["A grey fox", "A red fox"]


def test_the_trash_is_searched_by_itself(owner: User) -> None:
    make_take(owner, prompt="A fox", deleted_at=timezone.now())
    make_take(owner, prompt="Fox two, gone", deleted_at=timezone.now())
    make_take(owner, prompt="A fox here")
    assert found(owner, "fox") == ["A fox here"]
    assert found(owner, "fox -gone", state="trash") == ["A fox"]
    assert found(owner, '"fox two"', state="trash") == ["Fox two, gone"]


def test_what_changes_is_found_by_its_new_words(owner: User) -> None:
    take = make_take(owner, prompt="A fox")
    Generation.objects.filter(pk=take.pk).update(prompt="A wolf")
    assert (found(owner, "fox"), found(owner, "wolf")) == ([], ["A wolf"])
    take.refresh_from_db()
    take.model_name = "Kling"
    take.save(update_fields=["model_name"])
    assert found(owner, "kling") == ["A wolf"]
    take.delete_softly()
    assert found(owner, "wolf") == []
    Generation.objects.get().restore()
    assert found(owner, "wolf") == ["A wolf"]
    remove_takes(Generation.objects.filter(pk=take.pk))
    assert found(owner, "wolf") == []


def test_takes_made_together_are_found(owner: User) -> None:
    account = make_take(owner).account
    rows = [
        Generation(owner=owner, account=account, prompt=f"Owl {n}", status=Status.COMPLETE) for n in range(3)
    ]
    Generation.objects.bulk_create(rows)
    assert found(owner, "owl") == ["Owl 0", "Owl 1", "Owl 2"]


def test_words_beyond_reason_are_left_out() -> None:
    assert words_in("x" * 100) == ["x" * 60]
    assert len(Search(" ".join(f"w{n}" for n in range(90))).items) == 16


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_a_table_made_anew_gets_its_index_back(owner: User) -> None:
    """As SQLite's migrations do, which drops its triggers."""
    make_take(owner, prompt="A fox")
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER take_index_changed")
    Generation.objects.update(prompt="A wolf")
    assert found(owner, "wolf") == []
    install("default")
    assert found(owner, "wolf") == ["A wolf"]
    assert TakeIndex.objects.count() == 1
    Generation.objects.update(prompt="An owl")
    assert found(owner, "owl") == ["An owl"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the index is SQLite's")
@given(created=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
@settings(max_examples=50)
def test_a_take_stands_where_a_cursor_looks_for_it(owner: User, created: datetime) -> None:
    """A whole second, and one that ends within half a thousandth, are among the moments."""
    for moment in (created, created.replace(microsecond=0), created.replace(microsecond=999_500)):
        take = make_take(owner, created=moment)
        assert TakeIndex.objects.get(take=take.pk).place == place_of(moment, take.pk)


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_an_index_kept_in_another_way_is_made_anew(owner: User) -> None:
    make_take(owner, prompt="A fox")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE take_index SET rowid = rowid + 1")
        cursor.execute("DROP TRIGGER take_index_gone")
        cursor.execute(
            "CREATE TRIGGER take_index_gone AFTER DELETE ON generations_generation BEGIN SELECT 1; END"
        )
    install("default")
    take = Generation.objects.get()
    assert TakeIndex.objects.get().place == place_of(take.created, take.pk)


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_many_words_that_begin_the_same(owner: User) -> None:
    for n in range(PAGE_SIZE // 2):
        make_take(owner, prompt=" ".join(f"anim{n}x{m}" for m in range(10)))
    assert len(found(owner, "anim")) == PAGE_SIZE // 2
    assert len(found(owner, '"anim1x2 anim1x3"')) == 1
