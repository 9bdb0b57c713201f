"""Pages are read off indexes, in order and without sorting: a million takes cost what a thousand do."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from generations.gallery.filters import GalleryFilters
from generations.gallery.page import GalleryPage
from generations.models import Generation, Status
from tests.factories import make_model, make_take

pytestmark = pytest.mark.django_db

PLANS = {
    "": "take_newest",
    "sort=oldest": "take_newest",
    "day=2026-11-03": "take_newest",
    "since=2026-11-01&until=2026-11-03": "take_newest",
    "stacked=1": "take_newest",
    "stacked=1&rating=5": "take_rated_5",
    "stacked=1&kind=image": "take_kind",
    "stacked=1&state=trash": "take_trash",
    "kind=image": "take_kind",
    "model={model}": "take_model",
    "maker=xAI": "take_maker",
    "service=hoox": "take_service",
    "state=ready": "take_ready",
    "state=failed": "take_failed",
    "state=trash": "take_trash",
    "favorite=1": "take_favorite",
    "rating=1": "take_rated_1",
    "rating=5": "take_rated_5",
    "verdict=kept": "take_verdict",
    "verdict=unjudged": "take_verdict",
    "ratio=9:16": "take_ratio",
    "length=10": "take_length",
    "cost=50": "take_cost",
    "unseen=1": "take_not_seen",
    "recovered=1": "take_recovered",
    "sort=cost": "take_by_cost",
    "sort=length": "take_by_length",
    "sort=rating": "take_by_rating",
}


AS_GOOD = {"verdict=unjudged": "take_newest"}
"""Where nearly all takes fit, reading the newest and leaving out the few others costs the same: how the table
happens to lie on the disk decides."""
LOWER_IN_A_STACK = {"take_once_per_shot", "take_shot"}


def plan_of(rows: QuerySet[Any, Any]) -> str:
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return "\n".join(row[3] for row in cursor.fetchall())
        # Of a few rows PostgreSQL reads all; what it could do else is what matters.
        cursor.execute(
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off"
        )
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        return json.dumps(cursor.fetchone()[0])


def is_sorted(plan: str) -> bool:
    return "TEMP B-TREE FOR" in plan or '"Sort"' in plan or '"Incremental Sort"' in plan


def page_of(owner: User, query: str, place: str = "") -> GalleryPage:
    asked = dict(part.split("=") for part in query.split("&") if part)
    return GalleryPage(owner, GalleryFilters(asked), place)


@pytest.fixture
def takes(owner: User) -> list[Generation]:
    """Among many others; PostgreSQL takes an index of few rows for another's."""
    model = make_model()
    first = make_take(
        owner, ai_model=model, maker="xAI", service="hoox", aspect_ratio="9:16", duration_ms=8000
    )
    now = timezone.now()
    rows = [
        Generation(
            owner=owner,
            account=first.account,
            status=Status.ERROR if n % 50 == 1 else Status.COMPLETE,
            next_attempt_at=None,
            type="image" if n % 50 == 2 else "video",
            maker=f"maker {n % 40}",
            service="hoox" if n % 50 == 3 else "hedra",
            aspect_ratio="9:16" if n % 50 == 4 else "16:9",
            duration_ms=8000 if n % 50 == 5 else 3000,
            charged=Decimal(20 if n % 50 == 6 else 5),
            rating=n % 6 if n % 50 < 6 else 0,
            verdict="keep" if n % 50 == 7 else "",
            favorite=n % 50 == 8,
            unseen=n % 50 == 9,
            recovered=n % 50 == 10,
            deleted_at=now if n % 50 == 11 else None,
        )
        for n in range(2000)
    ]
    Generation.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE generations_generation")
    return [first]


@pytest.mark.parametrize("deep", [False, True], ids=["first page", "deep page"])
def test_pages_are_read_off_an_index(owner: User, takes: list[Generation], deep: bool) -> None:
    model = Generation.objects.exclude(ai_model=None)[0].ai_model_id
    found = {}
    for query, index in PLANS.items():
        query = query.format(model=model)
        filters = page_of(owner, query).filters
        place = filters.sorting.cursor_of(Generation.objects.get(pk=takes[0].pk)) if deep else ""
        plan = plan_of(page_of(owner, query, place).places[:25])
        used = set(re.findall(r"\btake_[a-z]\w*", plan)) - LOWER_IN_A_STACK
        if used not in ({index}, {AS_GOOD.get(query)}) or is_sorted(plan) or "SCAN generations" in plan:
            found[query] = plan
    assert found == {}


@pytest.mark.skipif("connection.vendor != 'sqlite'")
@pytest.mark.parametrize("q", ["fox", '"red fox"', "fox -red", "-fox", "f"])
def test_a_search_comes_in_the_order_of_its_index(owner: User, q: str) -> None:
    make_take(owner, prompt="A red fox")
    plan = plan_of(page_of(owner, f"q={q}").places[:25])
    assert "VIRTUAL TABLE INDEX" in plan
    assert not is_sorted(plan)


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_a_search_uses_the_index_of_words(owner: User, takes: list[Generation]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off")
        rows = Generation.objects.filter(words__found="'fox':*")
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, params = rows.values("pk").query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        assert "take_words" in str(cursor.fetchall())
