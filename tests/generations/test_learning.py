"""What a person's takes teach: hit rates and what keepers cost, on a page, on models and in the catalog."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account, AIModel
from generations import learning
from generations.models import Generation, Status, Verdict
from tests.factories import make_model, make_take

pytestmark = pytest.mark.django_db

PAGE = "/spend/keepers/"


@pytest.fixture
def model() -> AIModel:
    return make_model(name="Kling V3")


def make_with(owner: User, model: AIModel, charged: Any = 10, **fields: Any) -> Generation:
    given = {"ai_model": model, "model_name": model.name, "charged": charged} | fields
    return make_take(owner, account=model.account, **given)


def only(owner: User) -> learning.Figures:
    learning.forget()
    (found,) = learning.figures_of(owner)
    return found


def test_keepers_are_finished_takes_that_are_kept_or_liked(owner: User, model: AIModel) -> None:
    make_with(owner, model, verdict=Verdict.KEEP)
    make_with(owner, model, favorite=True, verdict=Verdict.KEEP)
    make_with(owner, model, favorite=True)
    make_with(owner, model, verdict=Verdict.REJECT)
    make_with(owner, model)
    make_with(owner, model, verdict=Verdict.KEEP, deleted_at=timezone.now())
    make_with(owner, model, favorite=True, status=Status.ERROR, charged=0)
    found = only(owner)
    assert (found.made, found.complete, found.kept) == (7, 6, 3)
    assert found.hit_rate == 0.5
    assert found.each == Decimal(20)


def test_all_that_was_charged_counts_and_the_unknown_is_said(
    client: Client, owner: User, model: AIModel
) -> None:
    make_with(owner, model, charged=30, charged_before=5, favorite=True)
    make_with(owner, model, charged=None, charged_before=5, sent_at=timezone.now())
    make_with(owner, model, status=Status.ERROR, charged=Decimal("2.5"))
    found = only(owner)
    assert (found.charged, found.unknown, found.each) == (Decimal("42.50"), 1, Decimal("42.50"))
    page = client.get(PAGE).content.decode()
    assert "42.5" in page
    assert "1 charge not known yet" in page


def test_nothing_kept_has_no_price_and_nothing_finished_no_rate(owner: User, model: AIModel) -> None:
    make_with(owner, model, status=Status.ERROR)
    found = only(owner)
    assert (found.hit_rate, found.each) == (None, None)


def test_each_person_learns_from_their_own(client: Client, owner: User, stranger: User) -> None:
    make_with(stranger, make_model(name="Of a stranger"), favorite=True)
    page = client.get(PAGE).content.decode()
    assert "Of a stranger" not in page
    assert "Nothing to learn from yet" in page


def names(client: Client, sort: str) -> list[str]:
    learning.forget()
    page = client.get(f"{PAGE}?sort={sort}").content.decode()
    rows = page.split("<tbody>")[1].split("<tr>")[1:]
    return [row.split("</th>")[0].rsplit("</a>", 1)[0].rsplit(">", 1)[1] for row in rows]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["Cheap", "Dear", "None kept"]),
        ("each", ["Cheap", "Dear", "None kept"]),
        ("-each", ["Dear", "Cheap", "None kept"]),
        ("rate", ["Dear", "Cheap", "None kept"]),
        ("-rate", ["None kept", "Cheap", "Dear"]),
        ("made", ["None kept", "Cheap", "Dear"]),
        ("name", ["Cheap", "Dear", "None kept"]),
        ("-name", ["None kept", "Dear", "Cheap"]),
        ("nonsense\0", ["Cheap", "Dear", "None kept"]),
    ],
)
def test_the_table_is_sorted_as_asked(client: Client, owner: User, sort: str, expected: list[str]) -> None:
    cheap, dear, none = (make_model(name=name) for name in ("Cheap", "Dear", "None kept"))
    make_with(owner, cheap, 1, favorite=True)
    make_with(owner, cheap, 1)
    make_with(owner, dear, 100, favorite=True)
    for _ in range(3):
        make_with(owner, none)
    assert names(client, sort) == expected


def test_a_model_that_the_catalog_has_lost_is_still_told(client: Client, owner: User, model: AIModel) -> None:
    make_with(owner, model, favorite=True)
    make_take(owner, account=model.account, model_name="Kling V3", charged=30)
    make_take(owner, account=model.account, model_name="")
    page = client.get(PAGE).content.decode()
    assert page.count("Kling V3") == 1
    assert "Unknown model" in page


def test_figures_are_read_once_a_minute(
    owner: User, model: AIModel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_with(owner, model)
    with django_assert_num_queries(1):
        learning.figures_of(owner)
        learning.figures_of(owner)


def test_the_sums_read_an_index_alone(owner: User, model: AIModel) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the plan is SQLite's")
    make_with(owner, model)
    with CaptureQueriesContext(connection) as queries:
        learning.figures_of(owner)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {queries.captured_queries[-1]['sql']}")
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "COVERING INDEX take_learnt" in plan
    assert "TEMP B-TREE" not in plan


def test_the_models_page_tells_of_it_at_once(client: Client, owner: User, model: AIModel) -> None:
    take = make_with(owner, model, 45)
    make_with(owner, model, 45)
    url = f"/gallery/model/{model.pk}/"
    assert "0 of 2 kept (0 %)" in client.get(url, headers={"HX-Request": "true"}).content.decode()
    client.post(f"/gallery/{take.pk}/favorite/", {"favorite": "1"})
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "1 of 2 kept (50 %) · 90 credits per keeper" in part


def test_the_catalog_tells_it_on_rows_and_sorts_by_it(client: Client, owner: User) -> None:
    Account.objects.current()
    dear, cheap, unused, none = (make_model(name=name) for name in ("Dear", "Cheap", "Unused", "None kept"))
    make_with(owner, dear, 100, favorite=True)
    make_with(owner, cheap, Decimal("5.25"), favorite=True)
    make_with(owner, none)
    for sort, expected in (("keeper", ["Cheap", "Dear"]), ("-keeper", ["Dear", "Cheap"])):
        page = client.get(f"/catalog/?sort={sort}").content.decode()
        found = [row.split("<")[0] for row in page.split('class="model-name"')[1:]]
        assert [name.rpartition(">")[2] for name in found][:2] == expected
    assert "100 cr a keeper" in page
    assert "5.2 cr a keeper" in page
    assert "0 of 1 kept" in page
    assert page.count("a keeper") == 2
    assert unused.name in page


def test_the_catalog_tells_no_ones_elses(client: Client, owner: User, stranger: User) -> None:
    make_with(stranger, make_model(), favorite=True)
    assert "a keeper" not in client.get("/catalog/").content.decode()
