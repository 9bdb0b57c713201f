"""The prompts of earlier shots: each once, latest first, searched, and walked page by page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import prompts
from generations.models import Generation
from generations.prompts import PromptPage
from tests.factories import make_take

pytestmark = pytest.mark.django_db


def order(owner: User, *words: str) -> list[Generation]:
    """Takes of these prompts, the first the oldest."""
    start = timezone.now() - timedelta(days=1)
    return [
        make_take(owner, prompt=text, created=start + timedelta(minutes=place))
        for place, text in enumerate(words)
    ]


def walk(owner: User, words: str = "") -> list[str]:
    """All pages one after the other."""
    found, cursor = [], ""
    while True:
        page = PromptPage(owner, words, cursor)
        found += [take.prompt for take in page.takes]
        cursor = page.next_cursor
        if not cursor:
            return found


def test_each_prompt_once_and_the_latest_first(owner: User) -> None:
    order(owner, "A fox", "A whale", "A fox", "", "A kite")
    assert walk(owner) == ["A kite", "A fox", "A whale"]


def test_only_ones_own_and_not_those_of_deleted_takes(owner: User, stranger: User) -> None:
    order(stranger, "Theirs")
    [take] = order(owner, "Deleted")
    take.delete_softly()
    assert walk(owner) == []


def test_pages_follow_without_gap_or_repetition(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "PAGE_SIZE", 3)
    order(owner, *(f"Prompt {n % 7}" for n in range(20)), "Prompt 0")
    assert walk(owner) == [f"Prompt {n}" for n in (0, 5, 4, 3, 2, 1, 6)]


def test_takes_of_one_moment_are_not_skipped(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "PAGE_SIZE", 2)
    now = timezone.now()
    for number in range(5):
        make_take(owner, prompt=f"Prompt {number}", created=now)
    assert sorted(walk(owner)) == [f"Prompt {number}" for number in range(5)]


def test_many_takes_of_one_prompt_end_a_page_early(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "_MOST_ROWS", 4)
    order(owner, "The oldest", *["Again and again"] * 9)
    assert walk(owner) == ["Again and again", "The oldest"]


def test_a_page_takes_few_queries_however_deep(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "PAGE_SIZE", 5)
    order(owner, *(f"Prompt {n}" for n in range(40)))
    second = PromptPage(owner, cursor=PromptPage(owner).next_cursor)
    with CaptureQueriesContext(connection) as queries:
        assert len(second.takes) == 5
    assert len(queries) == 2


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("fox", ["A red fox", "A fox"]),
        ("FOX red", ["A red fox"]),
        ("heron", []),
        ("\0", ["A red fox", "A fox"]),
    ],
)
def test_a_search_takes_all_words_in_any_order(owner: User, words: str, found: list[str]) -> None:
    order(owner, "A fox", "A red fox")
    assert walk(owner, words) == found


def test_the_page_links_each_prompt_by_its_take_and_never_spells_it(client: Client, owner: User) -> None:
    [take] = order(owner, "A heron " * 400)
    page = client.get("/create/prompts/").content.decode()
    assert f'href="/create/?prompt_of={take.pk}"' in page
    assert all(len(link) < 200 for link in re.findall(r'href="([^"]+)"', page))


def test_a_part_is_answered_with_the_list_alone(client: Client, owner: User) -> None:
    order(owner, "A fox & <b>friends</b>")
    part = client.get("/create/prompts/", headers={"HX-Request": "true"}).content.decode()
    assert "A fox &amp; &lt;b&gt;friends&lt;/b&gt;" in part
    assert "<html" not in part


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "None yet."),
        ("?q=whale", "No prompt of yours has all of these words."),
        ("?before=1-1", "There are no older ones."),
        ("?before=nonsense&q=%00", "None yet."),
    ],
)
def test_an_empty_list_says_why(client: Client, owner: User, query: str, words: str) -> None:
    assert words in client.get(f"/create/prompts/{query}").content.decode()


def test_more_is_linked_with_the_search(client: Client, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "PAGE_SIZE", 1)
    order(owner, "A fox", "A fox again")
    page = client.get("/create/prompts/?q=fox").content.decode()
    [link] = re.findall(r'href="(/create/prompts/\?q=fox&amp;before=[^"]+)"', page)
    assert "A fox</span>" in client.get(link.replace("&amp;", "&")).content.decode()
