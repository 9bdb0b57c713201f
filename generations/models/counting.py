"""Several figures by one query."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from .queryset import GenerationQuerySet

MOST = 1000
"""No list is counted further: of a million rows the last is as far away as all of them."""


def at_most(takes: GenerationQuerySet) -> QuerySet[Any]:
    """One more than are counted, which tells that there are more. In the order of an index, or SQLite takes
    any that begins with the owner."""
    return takes.newest_first().values("pk")[: MOST + 1]


def scalar(rows: QuerySet[Any], figure: str = "COUNT(*)") -> tuple[str, tuple[Any, ...]]:
    """A figure of these rows, as a part of another query."""
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        sql, params = "SELECT 1 WHERE 1 = 0", ()
    return f"(SELECT {figure} FROM ({sql}) AS counted)", params  # noqa: S608 - both are written here and by Django


def counted(**lists: QuerySet[Any]) -> dict[str, int]:
    """How many rows each of them has."""
    return figures(**{name: scalar(rows) for name, rows in lists.items()})


def figures(**parts: tuple[str, tuple[Any, ...]]) -> dict[str, Any]:
    with connection.cursor() as cursor:
        params = [value for _, values in parts.values() for value in values]
        cursor.execute("SELECT " + ", ".join(sql for sql, _ in parts.values()), params)
        return dict(zip(parts, cursor.fetchone(), strict=True))


def count_words(count: int) -> str:
    """ "7", "1,000" or "1,000+"."""
    return f"{MOST:,}+" if count > MOST else f"{count:,}"
