"""The prompts that a person has ordered, each once, latest first."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import User
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode

from .gallery.cursors import cursor_of, parse_cursor
from .models import Generation, GenerationQuerySet

PAGE_SIZE = 50
_ROWS_AT_ONCE = 500
_MOST_ROWS = 10_000
"""Read for one page, however often the same words were ordered; the next page goes on from there."""


class PromptPage:
    """Up to 50 different prompts that follow the cursor; those of later takes are on earlier pages."""

    def __init__(self, owner: User, words: str = "", cursor: str = "") -> None:
        self.words = " ".join(words.replace("\0", "").split())[:200]
        self.cursor = cursor if parse_cursor(cursor) else ""
        self._all = Generation.objects.owned_by(owner).exclude(prompt="")
        for word in self.words.split():
            self._all = self._all.filter(prompt__icontains=word)

    @cached_property
    def takes(self) -> list[Generation]:
        """The latest take of each prompt."""
        return self._found[0]

    @property
    def next_cursor(self) -> str:
        """What the next page follows, or ""."""
        return self._found[1]

    @property
    def next_url(self) -> str:
        if not self.next_cursor:
            return ""
        query = {"q": self.words, "before": self.next_cursor}
        return f"{reverse('prompts')}?{urlencode({name: text for name, text in query.items() if text})}"

    @cached_property
    def _found(self) -> tuple[list[Generation], str]:
        found: dict[str, Generation] = {}
        last, read = None, 0
        for take in self._walk():
            if last and len(found) == PAGE_SIZE and take.prompt not in found:
                return self._new(found), cursor_of(last)
            found.setdefault(take.prompt, take)
            last, read = take, read + 1
        return self._new(found), cursor_of(last) if last and read == _MOST_ROWS else ""

    def _walk(self) -> Iterator[Generation]:
        """Takes from the cursor on, newest first."""
        rows = self._all.newest_first().only("prompt", "created")
        if place := parse_cursor(self.cursor):
            rows = rows.after(*place)
        return rows[:_MOST_ROWS].iterator(_ROWS_AT_ONCE)

    def _new(self, found: dict[str, Generation]) -> list[Generation]:
        """Without those that a later take has put on an earlier page."""
        place = parse_cursor(self.cursor)
        if not place:
            return list(found.values())
        later: GenerationQuerySet = self._all.filter(prompt__in=found)
        later = later.filter(Q(created__gt=place[0]) | Q(created=place[0], pk__gte=place[1]))
        known = set(later.values_list("prompt", flat=True).distinct())
        return [take for prompt, take in found.items() if prompt not in known]
