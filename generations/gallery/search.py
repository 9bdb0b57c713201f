"""Searching prompts and model names: words by their beginning, "quoted ones" as they stand, -these not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import QuerySet
from django.utils.functional import cached_property

from generations.models import GenerationQuerySet, TakeIndex
from generations.models.searched import owner_word, words_in

_MOST_ITEMS = 16
_PART = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
_MOST_ENDINGS = 60
_INDEXED_PREFIX = 3
"""Beginnings of up to so many letters have an index of their own; see take_index.py."""


@dataclass(frozen=True)
class Item:
    """Words in a row."""

    words: tuple[str, ...]
    exact: bool
    """Whether the last one ends there."""
    excluded: bool


class Search:
    """What was typed, read in whatever way it can be; a search without any word finds everything."""

    def __init__(self, text: str) -> None:
        found = (_item(*match.groups()) for match in _PART.finditer(text))
        self.items = [item for item in found if item.words][:_MOST_ITEMS]

    def __bool__(self) -> bool:
        return bool(self.items)

    def filter(self, takes: GenerationQuerySet, *, few: bool = False) -> GenerationQuerySet:
        """`few`: they are better read one by one, as those in the trash, of which SQLite has no index."""
        if not self:
            return takes
        if connection.vendor == "postgresql":
            return takes.filter(words__found=self._tsquery)
        if few:
            return self._read_through(takes)
        return takes.filter(pk__in=TakeIndex.objects.filter(found__match=self._fts()).values("take"))

    def rows(self, owner: User) -> QuerySet[TakeIndex]:
        """The owner's rows of SQLite's index; they come in the order of time."""
        return TakeIndex.objects.filter(found__match=self._fts(owner))

    def _read_through(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        for item in self.items:
            said = {"words__contains": f" {' '.join(item.words)}{' ' if item.exact else ''}"}
            takes = takes.exclude(**said) if item.excluded else takes.filter(**said)
        return takes

    @property
    def _tsquery(self) -> str:
        parts = []
        for item in self.items:
            row = " <-> ".join(f"'{word}'" for word in item.words) + ("" if item.exact else ":*")
            parts.append(f"!({row})" if item.excluded else f"({row})")
        return " & ".join(parts)

    def _fts(self, owner: User | None = None) -> str:
        """In FTS5's language, where NOT stands between two: something has to be before it."""
        wanted, unwanted = list(self._rows[False]), self._rows[True]
        if owner:
            wanted.insert(0, f'"{owner_word(owner.pk)}"')
        elif not wanted:
            wanted = ['"=" *']
        return " NOT ".join([f"({' AND '.join(wanted)})", *unwanted])

    @cached_property
    def _rows(self) -> dict[bool, list[str]]:
        """What is wanted and what is excluded, in FTS5's language."""
        rows: dict[bool, list[str]] = {False: [], True: []}
        for item in self.items:
            rows[item.excluded].append(self._row(item))
        return rows

    def _row(self, item: Item) -> str:
        *first, last = item.words
        if item.exact:
            return _quoted(*first, last)
        if len(last) > _INDEXED_PREFIX and (endings := _endings(last)):
            return f"({' OR '.join(_quoted(*first, word) for word in endings)})"
        return f"{_quoted(*first, last)} *"


def _item(minus: str, quoted: str | None, bare: str | None) -> Item:
    """What other signs part, like sci-fi, stands in a row."""
    text = quoted if quoted is not None else bare or ""
    return Item(tuple(words_in(text)), exact=quoted is not None, excluded=bool(minus))


def _quoted(*words: str) -> str:
    return f'"{" ".join(words)}"'


def _endings(beginning: str) -> list[str]:
    """The known words that begin so: FTS5 reads the rows of single words one by one, yet those of a
    longer beginning all at once. Too many of them are none."""
    sql = "SELECT word FROM take_word WHERE word >= %s AND word < %s LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [beginning, f"{beginning}{{", _MOST_ENDINGS + 1])
        found = [word for (word,) in cursor.fetchall()]
    if len(found) > _MOST_ENDINGS:
        return []
    return found or [beginning]
