"""Values of the gallery's address, each read so that anything odd counts as not asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID


def text_of(text: str, longest: int) -> str:
    """One line of it; PostgreSQL takes no NUL."""
    return " ".join(text.replace("\0", "").split())[:longest].strip()


def uuid_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def day_of(text: str) -> date | None:
    """A day with both its ends within what a database can say."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1 < day.year < 9999 else None


def start_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def end_of(day: date) -> datetime:
    """The first moment that is no longer of it."""
    return start_of(day) + timedelta(days=1)


def day_words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
