"""The orders of the gallery, and the place of a take in each; a page follows the last place of another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import BooleanField, F, Field, Func, Value
from django.db.models.lookups import GreaterThan, LessThan

from generations.models import Generation, GenerationQuerySet

from .cursors import cursor_of, parse_cursor

SORTS = {
    "": "Newest first",
    "oldest": "Oldest first",
    "cost": "Highest cost first",
    "length": "Longest first",
    "rating": "Best rated first",
}
_PLACES = {"cost": "cost_place", "length": "length_place", "rating": "rating_place"}


@dataclass(frozen=True)
class Place:
    created: datetime
    pk: int
    value: Decimal | None = None


class Sorting:
    """One order; equal takes come newest first."""

    def __init__(self, name: str) -> None:
        self.name = name if name in SORTS else ""
        self._column = _PLACES.get(self.name)

    @property
    def label(self) -> str:
        return SORTS[self.name]

    @property
    def by_time(self) -> bool:
        return self._column is None

    def order(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        if self.name == "oldest":
            return takes.order_by("created", "pk")
        return takes.order_by(*([f"-{self._column}"] if self._column else []), "-created", "-pk")

    def cursor_of(self, take: Generation) -> str:
        moment = cursor_of(take)
        return f"{getattr(take, self._column)}_{moment}" if self._column else moment

    def place_of(self, take: Generation) -> Place:
        return Place(take.created, take.pk, getattr(take, self._column) if self._column else None)

    def parse(self, cursor: str) -> Place | None:
        """None for none, for anything that isn't one, and for that of another order."""
        value, line, moment = cursor.rpartition("_")
        found = parse_cursor(moment)
        if not found or bool(line) != (self._column is not None):
            return None
        number = _decimal(value) if line else None
        return Place(*found, number) if number is not None or not line else None

    def after(self, takes: GenerationQuerySet, place: Place) -> GenerationQuerySet:
        """Those that follow, compared as a row: both databases go to its place in the index."""
        passes = GreaterThan if self.name == "oldest" else LessThan
        return takes.filter(passes(self._row(), self._row(place)))

    def before(self, takes: GenerationQuerySet, place: Place) -> GenerationQuerySet:
        """Those in front of it."""
        passes = LessThan if self.name == "oldest" else GreaterThan
        return takes.filter(passes(self._row(), self._row(place)))

    def _row(self, place: Place | None = None) -> Func:
        columns = [self._column] if self._column else []
        names = [*columns, "created", "id"]
        if place is None:
            return _row(*(F(name) for name in names))
        values = [*([place.value] if columns else []), place.created, place.pk]
        return _row(
            *(Value(value, output_field=_field(name)) for name, value in zip(names, values, strict=True))
        )


def _field(name: str) -> Field[Any, Any]:
    """What the column holds, also of one that the database derives."""
    field: Any = Generation._meta.get_field(name)
    found: Field[Any, Any] = getattr(field, "output_field", field)
    return found


def _row(*parts: F | Value) -> Func:
    return Func(*parts, template="(%(expressions)s)", output_field=BooleanField())


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**10 else None
