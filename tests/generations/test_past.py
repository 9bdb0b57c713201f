"""The walk through the service's history finds everything once, whatever paging and order do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from catalog.models import Account
from clients.answers import GenerationPage
from clients.hedra import HedraClient
from generations import past
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db

FURNISHED = 12
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def usual(studio: Studio) -> Iterator[None]:
    """The sandbox is shared by the tests of a run."""
    yield
    studio.sandbox.settings(paging="ignored", order="newest")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the walk asks."""
    asked: list[dict[str, Any]] = []
    whole = HedraClient.list_generations

    def noted(client: HedraClient, **query: Any) -> GenerationPage:
        asked.append(query)
        return whole(client, **query)

    monkeypatch.setattr(HedraClient, "list_generations", noted)
    return asked


def lengthen(studio: Studio, count: int, created: datetime = NOON, apart: timedelta = SECOND) -> None:
    studio.sandbox.lengthen_history(count, created, apart, studio.key)


def walked() -> list[str]:
    steps = past.walk(Account.objects.current().client())
    return [item.id for step in steps for item in step.new]


@pytest.mark.parametrize("order", ["newest", "unstable"])
@pytest.mark.parametrize("paging", ["flat", "ignored"])
def test_everything_is_found_once(
    studio: Studio, paging: str, order: str, asked: list[dict[str, Any]]
) -> None:
    studio.sandbox.settings(paging=paging, order=order)
    lengthen(studio, 430)
    found = walked()
    assert len(found) == len(set(found)) == 430 + FURNISHED
    assert len(asked) < 30


@pytest.mark.parametrize("lost", [0, 150])
def test_what_is_known_spares_questions_where_nothing_is_in_order(
    studio: Studio, asked: list[dict[str, Any]], lost: int
) -> None:
    studio.sandbox.settings(order="unstable")
    lengthen(studio, 700)
    known = [NOON - number * SECOND for number in reversed(range(700 - lost))]
    found = [
        item.id for step in past.walk(Account.objects.current().client(), lambda: known) for item in step.new
    ]
    assert len(set(found)) == 700 + FURNISHED
    assert len(asked) < (16 if not lost else 22)


def test_a_short_history_is_asked_for_once(studio: Studio, asked: list[dict[str, Any]]) -> None:
    assert len(walked()) == FURNISHED
    assert len(asked) == 1


@pytest.mark.parametrize("order", ["newest", "unstable"])
@pytest.mark.parametrize("apart", [timedelta(0), timedelta(microseconds=1), timedelta(milliseconds=1)])
def test_many_of_one_moment_neither_end_the_walk_nor_hold_it(
    studio: Studio, apart: timedelta, order: str, asked: list[dict[str, Any]]
) -> None:
    """Ninety share an instant, or lie close together, and older ones follow."""
    studio.sandbox.settings(order=order)
    lengthen(studio, 60)
    lengthen(studio, 90, NOON - 2 * timedelta(hours=1), apart)
    lengthen(studio, 60, NOON - timedelta(days=1))
    assert len(set(walked())) == 60 + 90 + 60 + FURNISHED
    assert len(asked) < 40


def test_more_of_one_instant_than_a_page_are_found_where_offsets_count(studio: Studio) -> None:
    studio.sandbox.settings(paging="flat")
    lengthen(studio, 230, apart=timedelta(0))
    lengthen(studio, 60, NOON - timedelta(days=1))
    assert len(set(walked())) == 230 + 60 + FURNISHED


@pytest.mark.parametrize("order", ["newest", "unstable"])
def test_more_of_one_instant_than_a_page_do_not_hide_what_is_older(
    studio: Studio, order: str, asked: list[dict[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """Where offsets are ignored, nobody can see more than a page of an instant; it is said."""
    studio.sandbox.settings(order=order)
    lengthen(studio, 230, apart=timedelta(0))
    lengthen(studio, 60, NOON - timedelta(days=1))
    found = set(walked())
    assert len(found) >= 100 + 60 + FURNISHED
    assert len(asked) < 20
    assert "generations of one instant" in caplog.text


def test_moments_told_more_and_less_exactly_do_not_turn_the_walk_round(
    studio: Studio, asked: list[dict[str, Any]]
) -> None:
    """A page of one whole second behind a page that tells microseconds."""
    lengthen(studio, 99, NOON + timedelta(milliseconds=900), timedelta(microseconds=7))
    lengthen(studio, 150, NOON, timedelta(0))
    lengthen(studio, 60, NOON - timedelta(days=1))
    assert len(set(walked())) >= 99 + 100 + 60 + FURNISHED
    assert len(asked) < 20


def test_a_page_that_the_service_caps_is_not_taken_for_the_last(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio.sandbox.settings(paging="flat")
    whole = HedraClient.list_generations

    def capped(client: HedraClient, *, limit: int = 100, **query: Any) -> GenerationPage:
        return whole(client, limit=min(limit, 5), **query)

    monkeypatch.setattr(HedraClient, "list_generations", capped)
    assert len(walked()) == FURNISHED


def test_a_service_that_tells_whole_seconds_only_loses_nothing(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it knows is more exact than what it tells: a bound of the told second would leave rows out."""
    lengthen(studio, 250, apart=timedelta(milliseconds=130))
    whole = HedraClient.list_generations

    def told_in_seconds(client: HedraClient, **query: Any) -> GenerationPage:
        page = whole(client, **query)
        for item in page.items:
            assert item.created_at
            object.__setattr__(item, "created_at", item.created_at.replace(microsecond=0))
        return page

    monkeypatch.setattr(HedraClient, "list_generations", told_in_seconds)
    assert len(set(walked())) == 250 + FURNISHED


@pytest.mark.parametrize("bound", ["created_before", "created_after"])
def test_a_bound_that_is_ignored_ends_the_walk(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, owner: User, bound: str
) -> None:
    studio.sandbox.settings(order="unstable")
    lengthen(studio, 230)
    whole, asked = HedraClient.list_generations, list[int]()

    def without(client: HedraClient, **query: Any) -> GenerationPage:
        asked.append(1)
        assert len(asked) < 200
        return whole(client, **query | {bound: None})

    monkeypatch.setattr(HedraClient, "list_generations", without)
    assert len(set(walked())) >= 100
