"""Collections: what is in them, their order, cover and name."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations import collections
from generations.collections import PAGE_SIZE, CollectionPage, Goal, NotKept, collect, listed, move
from generations.models import Collected, Collection, Generation, Status
from tests.factories import make_take

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def every(owner: User) -> Any:
    return Generation.objects.owned_by(owner).order_by("pk")


def make_collection(owner: User, count: int = 4, name: str = "Best of") -> tuple[Collection, list[int]]:
    takes = [make_take(owner, prompt=f"Take number {n}") for n in range(count)]
    collect(owner, name, Generation.objects.filter(pk__in=[take.pk for take in takes]).order_by("pk"))
    return Collection.objects.get(owner=owner, name=name), [take.pk for take in takes]


def order(collection: Collection) -> list[int]:
    return [place.take_id for place in collections.shown(collection)]


# Collecting


def test_a_name_makes_a_collection_and_each_take_is_in_it_once(owner: User) -> None:
    found, pks = make_collection(owner, 2)
    later = make_take(owner)
    assert collect(owner, " Best  of ", every(owner)) == 1
    assert collect(owner, "Best of", every(owner)) == 0
    assert order(found) == [*pks, later.pk]


def test_a_take_can_be_in_several(client: Client, owner: User) -> None:
    _, pks = make_collection(owner, 1)
    collect(owner, "Others", every(owner))
    page = client.get(f"/gallery/{pks[0]}/").content.decode()
    assert "Best of" in page
    assert "Others" in page


def test_takes_of_strangers_and_of_the_trash_are_left_out(owner: User, stranger: User) -> None:
    make_take(stranger)
    make_take(owner, deleted_at=timezone.now())
    assert collect(owner, "All", Generation.objects.all()) == 0
    assert Collection.objects.get(name="All").places.count() == 0


def test_a_part_of_a_list_can_be_collected(owner: User) -> None:
    _, pks = make_collection(owner, 3)
    assert collect(owner, "Two", every(owner)[:2]) == 2
    assert order(Collection.objects.get(name="Two")) == pks[:2]


def test_the_number_of_takes_and_collections_is_bounded(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "MOST_TAKES", 3)
    monkeypatch.setattr(collections, "MOST_COLLECTIONS", 1)
    for _ in range(5):
        make_take(owner)
    assert collect(owner, "All", every(owner)) == 3
    assert collect(owner, "All", every(owner)) == 0
    with pytest.raises(NotKept, match="There can be 1 collections"):
        collect(owner, "One more", every(owner))
    assert not Collection.objects.filter(name="One more").exists()


@pytest.mark.parametrize("name", ["", "  ", "\0"])
def test_without_a_name_nothing_is_collected(owner: User, name: str) -> None:
    make_take(owner)
    with pytest.raises(NotKept, match="a name"):
        collect(owner, name, every(owner))
    assert not Collection.objects.exists()


def test_a_name_that_another_tab_takes_at_the_same_moment(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, _ = make_collection(owner, 1)
    other, _ = make_collection(owner, 1, name="Other")
    monkeypatch.setattr(QuerySet, "exists", lambda self: False)
    with pytest.raises(NotKept, match="Choose another name"):
        collections.create(owner, taken.name)
    with pytest.raises(NotKept, match="The old name was kept"):
        collections.rename(other, taken.name)
    assert (other.name, Collection.objects.get(pk=other.pk).name) == ("Other", "Other")


def test_collecting_many_takes_few_queries(owner: User, django_assert_num_queries: Any) -> None:
    make_collection(owner, 1)
    for _ in range(20):
        make_take(owner)
    with django_assert_num_queries(8):
        assert collect(owner, "Best of", every(owner)) == 20


# Order


@pytest.mark.parametrize(
    ("taken", "goal", "expected"),
    [
        (3, {"before": 0}, [3, 0, 1, 2]),
        (0, {"after": 3}, [1, 2, 3, 0]),
        (0, {"before": 2}, [1, 0, 2, 3]),
        (2, {"after": 0}, [0, 2, 1, 3]),
        (1, {"after": 1}, [0, 1, 2, 3]),
    ],
)
def test_a_take_is_put_beside_another_and_stays_when_asked_again(
    owner: User, taken: int, goal: dict[str, int], expected: list[int]
) -> None:
    found, pks = make_collection(owner)
    wanted = Goal(**{name: pks[n] for name, n in goal.items()})
    for _ in range(2):
        move(found, pks[taken], wanted)
        assert order(found) == [pks[n] for n in expected]


@pytest.mark.parametrize(("place", "expected"), [(1, [3, 0, 1, 2]), (3, [0, 1, 3, 2]), (99, [0, 1, 2, 3])])
def test_a_take_is_put_at_a_place(owner: User, place: int, expected: list[int]) -> None:
    found, pks = make_collection(owner)
    for _ in range(2):
        move(found, pks[3], Goal(place=place))
        assert order(found) == [pks[n] for n in expected]


def test_moving_goes_on_when_the_gaps_are_used_up(owner: User) -> None:
    found, pks = make_collection(owner, 3)
    for n in range(40):
        move(found, pks[n % 2 + 1], Goal(before=pks[0] if n % 3 else pks[2 - n % 2]))
        move(found, pks[n % 2 + 1], Goal(after=pks[0]))
        assert order(found)[:2] == [pks[0], pks[n % 2 + 1]]
    assert sorted(order(found)) == pks


def test_a_moved_take_tells_by_words_what_cannot_be(client: Client, owner: User) -> None:
    found, pks = make_collection(owner, 2)
    url = f"/collections/{found.pk}/{pks[0]}/move/"
    for data in ({}, {"before": "x"}, {"before": "0"}, {"before": str(10**18)}, {"after": str(pks[0])}):
        assert client.post(url, data, headers=HTMX).status_code == 409
        assert "Nothing was moved" in client.post(url, data, follow=True).content.decode()
    assert order(found) == pks


def test_the_page_has_buttons_that_move_without_script(client: Client, owner: User) -> None:
    found, pks = make_collection(owner, 3)
    page = client.get(f"/collections/{found.pk}/").content.decode()
    assert f'name="before" value="{pks[0]}"' in page
    client.post(f"/collections/{found.pk}/{pks[1]}/move/", {"before": pks[0]})
    assert order(found) == [pks[1], pks[0], pks[2]]


def test_a_deleted_take_comes_back_to_its_place(client: Client, owner: User) -> None:
    found, pks = make_collection(owner, 3)
    client.post(f"/gallery/{pks[1]}/delete/")
    assert order(found) == [pks[0], pks[2]]
    client.post(f"/gallery/{pks[1]}/restore/")
    assert order(found) == pks


# Pages


def test_a_large_collection_comes_page_by_page(client: Client, owner: User) -> None:
    found, pks = make_collection(owner, PAGE_SIZE + 2)
    first = CollectionPage(found)
    assert [take.pk for take in first.takes] == pks[:PAGE_SIZE]
    second = CollectionPage(found, first.last)
    assert [take.pk for take in second.takes] == pks[PAGE_SIZE:]
    assert (second.previous, first.following) == (pks[PAGE_SIZE - 1], pks[PAGE_SIZE])
    page = client.get(f"/collections/{found.pk}/").content.decode()
    assert f'href="?after={first.last}"' in page
    for odd in ("x", "0", "9" * 40, "-1", str(pks[-1] + 1)):
        assert client.get(f"/collections/{found.pk}/?after={odd}").status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_a_page_takes_as_many_queries_for_any_number_of_takes(
    client: Client, owner: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found, _ = make_collection(owner, count)
    with django_assert_num_queries(7):
        client.get(f"/collections/{found.pk}/")


def test_a_deep_page_uses_the_index(owner: User) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan is SQLite's")
    found, _ = make_collection(owner, 3)
    plan = collections.shown(found).filter(position__gte=1024).explain()
    assert "collected_order" in plan
    assert "TEMP B-TREE" not in plan


def test_the_list_shows_name_count_and_cover_newest_first(client: Client, owner: User) -> None:
    older, pks = make_collection(owner, 2, "Older")
    newer, _ = make_collection(owner, 1, "Newer")
    Generation.objects.filter(pk=pks[1]).update(poster="takes/poster.webp")
    page = client.get("/collections/").content.decode()
    assert page.index("Newer") < page.index("Older")
    assert "2 takes" in page
    assert f"/gallery/{pks[1]}/poster" in page
    assert [row.pk for row in listed(owner)] == [newer.pk, older.pk]


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_takes_as_many_queries_for_any_number(
    client: Client, owner: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_take(owner, poster="takes/poster.webp")
    for n in range(count):
        collect(owner, f"Number {n}", every(owner))
    with django_assert_num_queries(5):
        client.get("/collections/")


def test_an_empty_list_says_what_collections_are_for(client: Client) -> None:
    assert "No collections yet" in client.get("/collections/").content.decode()


def test_older_collections_are_on_further_pages(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collections, "LISTED", 2)
    for n in range(3):
        collections.create(owner, f"Number {n}")
    page = client.get("/collections/").content.decode()
    assert "Number 0" not in page
    older = page.split('rel="next" href="')[1].split('"')[0]
    assert "Number 0" in client.get(f"/collections/{older}").content.decode()


# What can be done to one


def test_a_new_one_is_made_on_the_list(client: Client, owner: User) -> None:
    page = client.post("/collections/", {"name": "Trailer"}, follow=True).content.decode()
    assert "Nothing in it yet" in page
    again = client.post("/collections/", {"name": "Trailer"})
    assert again.status_code == 422
    assert "There is a collection named “Trailer” already" in again.content.decode()
    assert Collection.objects.get().owner == owner


def test_it_is_renamed_and_a_refusal_keeps_what_is_typed(client: Client, owner: User) -> None:
    found, _ = make_collection(owner, 1)
    collections.create(owner, "Taken")
    client.post(f"/collections/{found.pk}/name/", {"name": " Better\0 name "})
    found.refresh_from_db()
    assert found.name == "Better name"
    refused = client.post(f"/collections/{found.pk}/name/", {"name": "Taken"})
    assert refused.status_code == 422
    assert 'value="Taken"' in refused.content.decode()
    assert client.post(f"/collections/{found.pk}/name/", {"name": ""}).status_code == 422


def test_deleting_it_leaves_the_takes(client: Client, owner: User) -> None:
    found, pks = make_collection(owner, 2)
    page = client.post(f"/collections/{found.pk}/delete/", follow=True).content.decode()
    assert "Its takes are still in the gallery." in page
    assert not Collection.objects.exists()
    assert Generation.objects.owned_by(owner).filter(pk__in=pks).count() == 2


def test_cover_and_removal(client: Client, owner: User) -> None:
    found, pks = make_collection(owner, 2)
    client.post(f"/collections/{found.pk}/{pks[1]}/cover/")
    found.refresh_from_db()
    assert found.cover_id == pks[1]
    client.post(f"/collections/{found.pk}/{pks[1]}/remove/")
    found.refresh_from_db()
    assert found.cover_id is None
    assert order(found) == pks[:1]
    assert client.post(f"/collections/{found.pk}/{pks[1]}/remove/").status_code == 404


def test_a_take_is_added_on_its_page(client: Client, owner: User) -> None:
    take = make_take(owner)
    url = f"/gallery/{take.pk}/collect/"
    assert "Put into “Trailer”." in client.post(url, {"name": "Trailer"}, follow=True).content.decode()
    assert (
        "It is in “Trailer” already." in client.post(url, {"name": "Trailer"}, headers=HTMX).content.decode()
    )
    assert client.post(url, {"name": " "}, headers=HTMX).status_code == 422
    part = client.post(url, {"name": "Poster"}, headers=HTMX).content.decode()
    assert "Poster" in part
    assert "<html" not in part
    assert Collected.objects.count() == 2


def test_all_of_it_comes_as_an_archive(client: Client, owner: User) -> None:
    found, pks = make_collection(owner, 1)
    url = f"/collections/{found.pk}/zip/"
    assert "There is no file to download" in client.post(url, follow=True).content.decode()
    Generation.objects.filter(pk=pks[0]).update(result="takes/gone.mp4")
    response = client.post(url)
    assert response["Content-Disposition"] == 'attachment; filename="best-of.zip"'
    assert b"0001-take-number-0" in b"".join(response)


def test_running_takes_are_followed(client: Client, owner: User) -> None:
    take = make_take(owner, status=Status.PROCESSING)
    collect(owner, "Under way", every(owner))
    page = client.get(f"/collections/{Collection.objects.get().pk}/").content.decode()
    assert f'name="seen" value="{take.pk}:' in page
