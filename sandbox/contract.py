"""Checks of request values that fail the way FastAPI and pydantic do.

A check takes a value and its location, notes problems in a list and gives back the value as understood.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.wire import Problem, invalid, problem

Loc = tuple[str | int, ...]
Check = Callable[[Any, Loc, list[Problem]], Any]
URL_SCHEMES = ("http", "https")


@dataclass(frozen=True)
class Field:
    """A member of an object. Optional ones may be null unless they carry a default."""

    check: Check
    required: bool = False
    default: Any = None


def text(min_length: int = 0, max_length: int | None = None) -> Check:
    def check(value: Any, loc: Loc, problems: list[Problem]) -> Any:
        if not isinstance(value, str):
            problems.append(problem("string_type", loc, "Input should be a valid string", value))
        elif any("\ud800" <= letter <= "\udfff" for letter in value):
            msg = "Input should be a valid string, unable to parse raw data as a unicode string"
            problems.append(problem("string_unicode", loc, msg, value))
        elif len(value) < min_length:
            msg = f"String should have at least {min_length} character{'s' * (min_length != 1)}"
            problems.append(_with(problem("string_too_short", loc, msg, value), min_length=min_length))
        elif max_length is not None and len(value) > max_length:
            msg = f"String should have at most {max_length} characters"
            problems.append(_with(problem("string_too_long", loc, msg, value), max_length=max_length))
        return value

    return check


def uuid_text(value: Any, loc: Loc, problems: list[Problem]) -> Any:
    """A UUID in text, given back in its canonical form."""
    if not isinstance(value, str):
        problems.append(
            problem("uuid_type", loc, "UUID input should be a string, bytes or UUID object", value)
        )
        return value
    try:
        return str(uuid.UUID(value))
    except ValueError as error:
        problems.append(problem("uuid_parsing", loc, f"Input should be a valid UUID, {error}", value))
        return value


def url(value: Any, loc: Loc, problems: list[Problem]) -> Any:
    before = len(problems)
    text(1, 2083)(value, loc, problems)
    if len(problems) > before:
        return value
    parts = urlsplit(value)
    if parts.scheme not in URL_SCHEMES or not parts.netloc:
        problems.append(problem("url_parsing", loc, "Input should be a valid URL", value))
    return value


def number(whole: bool = False, at_least: float | None = None, at_most: float | None = None) -> Check:
    kind, words = ("int", "integer") if whole else ("float", "number")

    def check(value: Any, loc: Loc, problems: list[Problem]) -> Any:
        understood = _number(value, whole)
        if understood is None:
            problem_type = f"{kind}_parsing" if isinstance(value, str) else f"{kind}_type"
            problems.append(problem(problem_type, loc, f"Input should be a valid {words}", value))
            return value
        if at_least is not None and understood < at_least:
            msg = f"Input should be greater than or equal to {at_least}"
            problems.append(_with(problem("greater_than_equal", loc, msg, value), ge=at_least))
        if at_most is not None and understood > at_most:
            msg = f"Input should be less than or equal to {at_most}"
            problems.append(_with(problem("less_than_equal", loc, msg, value), le=at_most))
        return understood

    return check


def _number(value: Any, whole: bool) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        understood = float(value)
        if not whole:
            return understood if understood == understood else None
        return int(value) if isinstance(value, (int, str)) else int(value) if value.is_integer() else None
    except (ValueError, OverflowError):
        return None


def integer(at_least: int | None = None, at_most: int | None = None) -> Check:
    return number(True, at_least, at_most)


def boolean(value: Any, loc: Loc, problems: list[Problem]) -> Any:
    if not isinstance(value, bool):
        problems.append(problem("bool_type", loc, "Input should be a valid boolean", value))
    return value


def one_of(*options: str) -> Check:
    quoted = [repr(option) for option in options]
    expected = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"

    def check(value: Any, loc: Loc, problems: list[Problem]) -> Any:
        if value not in options:
            found = problem("literal_error", loc, f"Input should be {expected}", value)
            problems.append(_with(found, expected=expected))
        return value

    return check


def list_of(item: Check) -> Check:
    def check(value: Any, loc: Loc, problems: list[Problem]) -> Any:
        if not isinstance(value, list):
            problems.append(problem("list_type", loc, "Input should be a valid list", value))
            return value
        return [item(entry, (*loc, index), problems) for index, entry in enumerate(value)]

    return check


def one_or_list(item: Check) -> Check:
    """Either one value or a list of them, kept as given."""

    def check(value: Any, loc: Loc, problems: list[Problem]) -> Any:
        return (list_of(item) if isinstance(value, list) else item)(value, loc, problems)

    return check


def point(value: Any, loc: Loc, problems: list[Problem]) -> Any:
    """One normalised point ``[x, y]``, or a list of them."""
    if isinstance(value, list) and value and all(isinstance(entry, list) for entry in value):
        return [point(entry, (*loc, index), problems) for index, entry in enumerate(value)]
    if not isinstance(value, list) or len(value) != 2:
        problems.append(problem("tuple_type", loc, "Input should be a valid tuple of two numbers", value))
        return value
    return [
        number(at_least=0, at_most=1)(entry, (*loc, index), problems) for index, entry in enumerate(value)
    ]


def shape(fields: Mapping[str, Field]) -> Check:
    """An object; unknown members are ignored and left out of what is given back."""

    def check(value: Any, loc: Loc, problems: list[Problem]) -> Any:
        if not isinstance(value, dict):
            msg = "Input should be a valid dictionary or object to extract fields from"
            problems.append(problem("model_attributes_type", loc, msg, value))
            return value
        understood = {name: _member(value, name, field, loc, problems) for name, field in fields.items()}
        return {name: entry for name, entry in understood.items() if entry is not None}

    return check


def _member(value: dict[str, Any], name: str, field: Field, loc: Loc, problems: list[Problem]) -> Any:
    if name not in value:
        if field.required:
            problems.append(problem("missing", (*loc, name), "Field required", value))
        return field.default
    if value[name] is None and not field.required and field.default is None:
        return None
    return field.check(value[name], (*loc, name), problems)


def _with(found: Problem, **context: object) -> Problem:
    return {**found, "ctx": context}


def checked(check: Check, value: Any, loc: Loc) -> Any:
    """The value as understood; raises the 422 answer with every problem found."""
    problems: list[Problem] = []
    understood = check(value, loc, problems)
    if problems:
        raise invalid(*problems)
    return understood


def moment(value: str, loc: Loc) -> datetime:
    """An ISO-8601 query value in UTC; one without an offset is taken as UTC."""
    try:
        when = datetime.fromisoformat(value.strip().replace(" ", "+"))
    except ValueError as error:
        msg = f"Input should be a valid datetime or date, {error}"
        raise invalid(problem("datetime_from_date_parsing", loc, msg, value)) from error
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
