"""What takes are found by: columns that the database derives from others, so that each can have an index."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import BooleanField, Case, F, Func, GeneratedField, Index, Q, Value, When
from django.db.models.expressions import CombinedExpression, OrderBy
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull, LessThanOrEqual

from .judged import RATINGS
from .searched import WordsField
from .status import Status
from .words import types_of

LENGTHS = {"5": "Up to 5 s", "10": "5–10 s", "30": "10–30 s", "more": "Over 30 s"}
"""Duration classes by their names in addresses; the number is the longest of the class in seconds."""
COSTS = {"0": "Free", "10": "Up to 10", "50": "10–50", "200": "50–200", "more": "Over 200"}
"""Cost classes in the credits of the take's own service."""


FAILED = (Status.ERROR, Status.UNCLEAR)

_COST = F("charged") + F("charged_before")


def _class_of(value: F | CombinedExpression, classes: dict[str, str], unit: int) -> Case:
    """The class that holds the value; "" where it is unknown."""
    tops = [key for key in classes if key != "more"]
    steps = [When(LessThanOrEqual(value, Value(int(top) * unit)), then=Value(top)) for top in tops]
    return Case(When(IsNull(value, True), then=Value("")), *steps, default=Value("more"))


def stands(field: str, said: str) -> Func:
    """A condition with its values written out. With bound ones SQLite's planner can't tell that a partial
    index holds the row."""
    return Func(F(field), template=f"(%(expressions)s {said})", output_field=BooleanField())


def is_failed() -> Func:
    return stands("status", f"IN ({', '.join(repr(str(status)) for status in FAILED)})")


def is_ready() -> Func:
    return stands("status", f"= '{Status.COMPLETE}'")


def is_rated(least: int) -> Func:
    return stands("rating", f">= {int(least)}")


def found_by() -> list[Index]:
    """Newest first by each column that people filter by, and by each place that they sort by: a page is read
    off an index, however many takes there are."""
    columns = {
        "kind": "kind",
        "model": "ai_model",
        "maker": "maker",
        "service": "service",
        "verdict": "verdict",
        "ratio": "aspect_ratio",
        "length": "length_class",
        "cost": "cost_class",
        "shot": "shot",
    }
    conditions = {
        "favorite": Q(favorite=True),
        "not_seen": Q(unseen=True),
        "recovered": Q(recovered=True),
        "failed": Q(status__in=FAILED),
        "ready": Q(status=Status.COMPLETE),
        **{f"rated_{least}": Q(rating__gte=least) for least in RATINGS},
    }
    places = {"by_cost": "cost_place", "by_length": "length_place", "by_rating": "rating_place"}
    here = Q(deleted_at=None)
    return [
        *(_newest(name, here, F(column)) for name, column in columns.items()),
        *(_newest(name, here & condition) for name, condition in conditions.items()),
        *(_newest(name, here, F(column).desc()) for name, column in places.items()),
        _newest("prompt", here & Q(fan_out__isnull=False), F("fan_out")),
        # With what the trash asks of each, so that none of its rows is read to count them.
        Index(F("owner"), *_LAST, F("deleted_at"), name="take_trash", condition=Q(deleted_at__isnull=False)),
    ]


_LAST = (F("created").desc(), F("id").desc())


def _newest(name: str, condition: Q, *first: F | OrderBy) -> Index:
    return Index(F("owner"), *first, *_LAST, name=f"take_{name}", condition=condition)


class Sought(models.Model):
    """The database keeps the derived columns; after a save they are stale until the row is read again."""

    words = WordsField(default="", help_text="what a search finds it by")
    maker = models.CharField(max_length=60, blank=True, help_text="of the model, when the take was made")
    service = models.CharField(max_length=20, blank=True, help_text="of the account")
    kind = GeneratedField(
        expression=Case(
            When(type__in=types_of("image"), then=Value("image")),
            When(type__in=types_of("audio"), then=Value("audio")),
            default=Value("video"),
        ),
        output_field=models.CharField(max_length=5),
        db_persist=True,
    )
    length_class = GeneratedField(
        expression=_class_of(F("duration_ms"), LENGTHS, 1000),
        output_field=models.CharField(max_length=4),
        db_persist=True,
    )
    length_place = GeneratedField(
        expression=Coalesce(F("duration_ms"), Value(-1)), output_field=models.IntegerField(), db_persist=True
    )
    cost_class = GeneratedField(
        expression=_class_of(_COST, COSTS, 1),
        output_field=models.CharField(max_length=4),
        db_persist=True,
    )
    cost_place = GeneratedField(
        expression=Coalesce(_COST, Value(Decimal(-1))),
        output_field=models.DecimalField(max_digits=12, decimal_places=2),
        db_persist=True,
    )

    # A column of its own, or SQLite sorts all that is rated by time when only some of it is wanted.
    rating_place = GeneratedField(
        expression=Coalesce(F("rating"), Value(0)),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )

    class Meta:
        abstract = True
