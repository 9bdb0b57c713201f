"""The ledger as a table for a spreadsheet, written while it is read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC

from catalog.words import kind_label
from generations.models import Entry, EntryQuerySet

AT_ONCE = 1000
HEADINGS = (
    "time",
    "account",
    "entry",
    "quoted",
    "spent",
    "model",
    "kind",
    "take",
    "person",
    "order",
    "prompt",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the beginning of a formula."""
_LONGEST_PROMPT = 200
_SHOWN = (
    "order", "kind", "credits", "at", "account__service", "account__sandbox", "owner__username",
    "take__model_name", "take__type", "take__prompt",
)  # fmt: skip


class _Line:
    """A file that hands back what is written into it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(entries: EntryQuerySet) -> Iterator[str]:
    """The oldest first. What was quoted and what moved credits stand apart, so that a column can be added up;
    no transaction is held while a slow reader takes his time."""
    writer = csv.writer(_Line())
    yield writer.writerow(HEADINGS)
    for entry in _in_pages(entries):
        yield writer.writerow(_cells(entry))


def _in_pages(entries: EntryQuerySet) -> Iterator[Entry]:
    rows = entries.order_by("at", "pk").select_related("account", "owner", "take").only(*_SHOWN)
    page = list(rows[:AT_ONCE])
    while page:
        yield from page
        last = page[-1]
        page = list(rows.filter(at__gte=last.at).exclude(at=last.at, pk__lte=last.pk)[:AT_ONCE])


def _cells(entry: Entry) -> list[str]:
    is_quote = entry.kind == Entry.Kind.QUOTED
    take = entry.take
    return [
        entry.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        _text(entry.account.label),
        entry.kind,
        str(entry.credits) if is_quote else "",
        "" if is_quote else str(entry.credits),
        _text(take.model_name),
        _text(kind_label(take.type)),
        str(take.pk),
        _text(entry.owner.username),
        str(entry.order),
        _text(take.prompt[:_LONGEST_PROMPT]),
    ]


def _text(text: str) -> str:
    """People's and services' words, which a spreadsheet must not calculate."""
    return f"'{text}" if text.startswith(_FORMULA) else text
