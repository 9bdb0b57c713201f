"""Places in the order of takes, as addresses carry them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from generations.models import Generation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def cursor_of(take: Generation) -> str:
    return moment_of(take.created, take.pk)


def moment_of(when: datetime, pk: int) -> str:
    """The cursor of a row whose place is (when, pk)."""
    return f"{(when - _EPOCH) // _MICROSECOND}-{pk}"


def parse_cursor(text: str) -> tuple[datetime, int] | None:
    """The (created, pk) of a cursor; None for none and for anything that isn't one."""
    created, dash, pk = text.partition("-")
    try:
        fits = dash and -(2**63) <= int(pk) < 2**63
        return (_EPOCH + int(created) * _MICROSECOND, int(pk)) if fits else None
    except (ValueError, OverflowError):
        return None
