"""Tolerant readers of JSON answers: a field that is absent, null or of a wrong type reads as None.

Everything read here can be stored as it is: text has no NUL and no lone surrogate, numbers are finite.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

Json = Any
T = TypeVar("T")

LARGEST_INTEGER = 2**31 - 1
"""What every database column of ours holds; a larger number in an answer is no number to us."""


class Unreadable(ValueError):
    """The answer is not the JSON that was expected."""


def loads(body: bytes) -> Json:
    """Read a JSON body, cleaned of what could not be stored. Raises Unreadable."""
    try:
        return scrub(json.loads(body, parse_constant=lambda _: None))
    except (ValueError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from None


def scrub(value: Json) -> Json:
    """The value without NUL characters, lone surrogates and infinite numbers."""
    if isinstance(value, str):
        # Most text is plain, and that is quickly seen: a page of the history holds ten thousand values.
        plain = value.isprintable()
        return value if plain else value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [scrub(item) for item in value]
    if isinstance(value, dict):
        return {scrub(key): scrub(item) for key, item in value.items()}
    return value


def row_list(answer: Json) -> list[Json]:
    """The rows of a bare array, or of an envelope's `data`. Raises Unreadable."""
    if isinstance(answer, dict):
        answer = answer.get("data")
    if not isinstance(answer, list):
        raise Unreadable("no list of rows")
    return answer


def parse_rows(rows: list[Json], parse: Callable[["Row"], T | None]) -> tuple[list[T], int]:
    """Parse each row; also returns how many were unusable and left out."""
    parsed = [parse(Row(row)) if isinstance(row, dict) else None for row in rows]
    usable = [item for item in parsed if item is not None]
    return usable, len(rows) - len(usable)


def as_text(value: Json) -> str | None:
    """Text, or a number as text (older answers hold `"durations": [5]`). Empty text is None."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value).strip() or None


def as_number(value: Json) -> Decimal | None:
    """A finite number ≥ 0, exact as written; also from text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() and 0 <= number <= LARGEST_INTEGER else None


def as_integer(value: Json) -> int | None:
    """A whole number that a database column holds; a fraction is cut off."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    whole = int(value)
    return whole if abs(whole) <= LARGEST_INTEGER else None


def as_count(value: Json) -> int | None:
    """A whole number ≥ 0."""
    whole = as_integer(value)
    return whole if whole is not None and whole >= 0 else None


def as_plain_number(value: Json) -> int | float | None:
    """A number ≥ 0 as JSON has it, for parts that are stored as JSON again."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= LARGEST_INTEGER else None


def as_moment(value: Json) -> datetime | None:
    """An ISO 8601 time as aware UTC; without a zone it is taken as UTC."""
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None


class Row:
    """One JSON object and typed ways to read its fields."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self.values = values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def text(self, *names: str) -> str | None:
        """The first of these fields that holds text."""
        for name in names:
            if text := as_text(self.values.get(name)):
                return text
        return None

    def integer(self, name: str) -> int | None:
        return as_integer(self.values.get(name))

    def count(self, name: str) -> int | None:
        return as_count(self.values.get(name))

    def plain_number(self, name: str) -> int | float | None:
        return as_plain_number(self.values.get(name))

    def number(self, name: str) -> Decimal | None:
        return as_number(self.values.get(name))

    def flag(self, name: str) -> bool | None:
        value = self.values.get(name)
        return value if isinstance(value, bool) else None

    def moment(self, name: str) -> datetime | None:
        return as_moment(self.values.get(name))

    def texts(self, name: str) -> list[str] | None:
        """The texts of a list; other things in it are left out."""
        value = self.values.get(name)
        if not isinstance(value, list):
            return None
        return [text for text in map(as_text, value) if text]

    def mapping(self, name: str) -> dict[str, Json]:
        value = self.values.get(name)
        return value if isinstance(value, dict) else {}

    def row(self, name: str) -> "Row":
        return Row(self.mapping(name))

    def rows(self, name: str) -> list["Row"]:
        value = self.values.get(name)
        return [Row(item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []

    def rows_of(self, name: str) -> list["Row"]:
        """The objects that are the values of a mapping, without their names."""
        return [Row(item) for item in self.mapping(name).values() if isinstance(item, dict)]


def as_row(answer: Json) -> Row:
    """The answer as one object. Raises Unreadable."""
    if not isinstance(answer, dict):
        raise Unreadable("no object")
    return Row(answer)
