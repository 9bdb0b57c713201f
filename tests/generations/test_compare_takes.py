"""Takes side by side: which ones, and what differs."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account
from generations import comparing
from generations.comparing import Comparison
from generations.models import Status
from tests.factories import make_take

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture(autouse=True)
def account(owner: User) -> Account:
    return Account.objects.current()


def rows_of(page: str) -> dict[str, list[str]]:
    """The table: by setting, what each take has."""
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    found = {}
    for row in table.split("</tr>")[:-1]:
        label = re.search(r'<th scope="row">([^<]*)', row)
        assert label
        found[label[1]] = [
            re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)
        ]
    return found


def test_only_what_differs_is_listed(client: Client, owner: User) -> None:
    one = make_take(owner, model_name="Kling V3", resolution="720p", aspect_ratio="16:9")
    two = make_take(owner, model_name="Veo 3", resolution="720p", aspect_ratio="16:9", charged=90)
    page = client.get(f"/gallery/compare/?take={two.pk}&take={one.pk}").content.decode()
    assert rows_of(page) == {"Model": ["Veo 3", "Kling V3"], "Cost": ["90 cr", "35 cr"]}


def test_takes_alike_are_said_to_be(client: Client, owner: User) -> None:
    pks = [make_take(owner).pk for _ in range(4)]
    page = client.get("/gallery/compare/", {"take": pks}).content.decode()
    assert "Compare 4 takes" in page
    assert "Nothing: they were asked for alike" in page


def test_the_words_that_differ_are_marked(owner: User) -> None:
    prompts = ["A red fox in the snow", "A grey fox in the snow", "A red fox in snow"]
    comparison = Comparison([make_take(owner, prompt=prompt) for prompt in prompts])
    marked = [[piece.text.strip() for piece in pieces if piece.differs] for pieces in comparison.prompts]
    assert marked == [["red", "the"], ["grey", "the"], ["red"]]
    assert ["".join(piece.text for piece in pieces) for pieces in comparison.prompts] == prompts


def test_long_prompts_are_marked_whole(owner: User) -> None:
    """Held against each other word by word, they would take seconds."""
    prompts = [" ".join(str(uuid4()) for _ in range(3000)) for _ in range(2)]
    comparison = Comparison([make_take(owner, prompt=prompt) for prompt in prompts])
    assert [[piece.differs for piece in pieces] for pieces in comparison.prompts] == [[True], [True]]


def test_two_prompts_are_held_against_each_other_once(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    held = list[Any]()

    def match(*args: Any, **how: Any) -> Any:
        held.append(args)
        return SequenceMatcher(*args, **how)

    monkeypatch.setattr(comparing, "SequenceMatcher", match)
    takes = [make_take(owner, prompt=f"Fox number {n} in snow") for n in range(4)]
    [first, *_] = Comparison(takes).prompts
    assert [piece.text for piece in first if piece.differs] == ["0"]
    assert len(held) == 6


def test_what_cannot_be_shown_says_why(client: Client, owner: User) -> None:
    failed = make_take(owner, status=Status.ERROR, error_code="MODERATION_FAILED")
    running = make_take(owner, status=Status.PROCESSING)
    page = client.get(f"/gallery/compare/?take={failed.pk}&take={running.pk}").content.decode()
    assert "Blocked by moderation" in page
    assert "Making" in page


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "Choose two to four takes"), (1, "nothing to be held against"), (5, "5 takes are too many")],
)
def test_too_few_or_too_many_are_told(client: Client, owner: User, count: int, words: str) -> None:
    pks = [make_take(owner).pk for _ in range(count)]
    assert words in client.get("/gallery/compare/", {"take": pks}).content.decode()


def test_the_same_take_twice_is_one(client: Client, owner: User) -> None:
    take = make_take(owner)
    page = client.get("/gallery/compare/", {"take": [take.pk, take.pk]}).content.decode()
    assert "nothing to be held against" in page


@pytest.mark.parametrize("other", ["a stranger's", "none", "nonsense", "\0", "9" * 30])
def test_what_is_not_ones_own_is_not_there(client: Client, owner: User, stranger: User, other: str) -> None:
    pks = {"a stranger's": make_take(stranger, prompt="Private").pk, "none": 9_999_999}
    response = client.get("/gallery/compare/", {"take": [make_take(owner).pk, pks.get(other, other)]})
    assert response.status_code == 404
    assert "Private" not in response.content.decode()


@pytest.mark.parametrize("count", [2, 4])
def test_queries_of_a_comparison(
    client: Client, owner: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Owner, takes, their inputs; accounts and counts for the rail."""
    pks = [make_take(owner).pk for _ in range(count)]
    with django_assert_num_queries(5):
        client.get("/gallery/compare/", {"take": pks})
