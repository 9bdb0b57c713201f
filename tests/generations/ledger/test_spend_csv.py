"""The ledger as a table for a spreadsheet: every line of the period once, and nothing that calculates."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account
from generations.models import Entry, Generation, Status
from generations.spending import export
from tests.factories import make_take

pytestmark = pytest.mark.django_db

AT = datetime(2026, 10, 3, 9, 30, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def account(owner: User) -> Account:
    return Account.objects.current()


def rows(client: Client, period: str = "all") -> list[dict[str, str]]:
    answer = client.get(f"/spend/ledger.csv?period={period}")
    assert answer.streaming
    return list(csv.DictReader(answer.getvalue().decode().splitlines()))


def test_every_line_is_told(client: Client, owner: User) -> None:
    there = AT.astimezone(timezone(timedelta(hours=2)))
    take = make_take(owner, quoted=Decimal(30), charged=Decimal("35.5"), sent_at=there, type="image")
    Generation.objects.filter(pk=take.pk).update(status=Status.ERROR, charged=0)
    charged, quoted, refunded = rows(client)
    assert charged == {
        "time": "2026-10-03T09:30:05Z",
        "account": "Hedra sandbox",
        "entry": "charged",
        "quoted": "",
        "spent": "35.50",
        "model": "Grok Video T2V",
        "kind": "Image",
        "take": str(take.pk),
        "person": "owner",
        "order": str(take.remote_id),
        "prompt": "A fox in the snow",
    }
    assert (quoted["entry"], quoted["quoted"], quoted["spent"]) == ("quoted", "30.00", "")
    assert (refunded["entry"], refunded["quoted"], refunded["spent"]) == ("refunded", "", "-35.50")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_words_are_calculated(client: Client, owner: User, start: str) -> None:
    words = f"{start}HYPERLINK(1)"
    make_take(owner, prompt=words, model_name=words, type=words.strip())
    for row in rows(client):
        assert row["prompt"][0] == row["model"][0] == "'"


def test_commas_quotes_and_lines_stay_in_their_cell(client: Client, owner: User) -> None:
    make_take(owner, prompt='One, "two"', model_name="a,b")
    assert {(row["prompt"], row["model"]) for row in rows(client)} == {('One, "two"', "a,b")}


def test_the_file_is_named_after_its_period(client: Client, owner: User) -> None:
    make_take(owner, sent_at=AT, quoted=None)
    answer = client.get("/spend/ledger.csv?period=2026-10")
    assert answer["Content-Disposition"] == 'attachment; filename="hedra-studio-spend-2026-10.csv"'
    assert answer["Content-Type"] == "text/csv"
    assert len(rows(client, "2026-10")) == 1
    assert rows(client, "2026-09") == []


def test_lines_of_one_moment_are_each_told_once(
    client: Client,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 4)
    for _ in range(11):
        make_take(owner, sent_at=AT, quoted=None)
    with django_assert_num_queries(1 + 4):  # the owner, then three pages and an empty one
        told = rows(client)
    assert sorted(int(row["take"]) for row in told) == sorted(Generation.objects.values_list("pk", flat=True))


def test_it_is_read_as_it_is_sent(owner: User) -> None:
    """A million lines are never in memory together."""
    make_take(owner)
    lines = export.csv_lines(Entry.objects.all())
    numbered: Iterator[tuple[int, str]] = zip(count(), lines, strict=False)
    assert next(numbered)[1].startswith("time,account")
    make_take(owner, prompt="Came later")
    assert any("Came later" in line for _, line in numbered)
