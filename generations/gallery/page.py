"""A page of takes that follows a cursor."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils.functional import cached_property

from generations.models import Generation, GenerationQuerySet

from .cursors import cursor_of, parse_cursor
from .filters import GalleryFilters

PAGE_SIZE = 24


@dataclass(frozen=True)
class Compared:
    """One prompt that went to several models."""

    prompt: str
    models: int


class GalleryPage:
    """Up to 24 takes, newest first, that follow the cursor."""

    def __init__(self, owner: User, filters: GalleryFilters, cursor: str = "") -> None:
        self.owner, self.filters, self.cursor = owner, filters, cursor

    @cached_property
    def _rows(self) -> list[Generation]:
        takes = self.filters.apply(self._drawer).newest_first().for_cards()
        if place := parse_cursor(self.cursor):
            takes = takes.after(*place)
        return takes[: PAGE_SIZE + 1].drawn()

    @property
    def _drawer(self) -> GenerationQuerySet:
        if self.filters.state == "trash":
            return Generation.objects.in_trash_of(self.owner)
        return Generation.objects.owned_by(self.owner)

    @property
    def takes(self) -> list[Generation]:
        return self._rows[:PAGE_SIZE]

    @property
    def next_url(self) -> str | None:
        if len(self._rows) <= PAGE_SIZE:
            return None
        return self.filters.url(before=cursor_of(self.takes[-1]))

    @property
    def compared(self) -> Compared | None:
        """What the takes of one prompt have in common; None when others are shown too."""
        if not self.filters.fan_out or not self.takes:
            return None
        return Compared(self.takes[0].prompt, len({take.model_name for take in self.takes}))

    @property
    def empty_kind(self) -> str | None:
        """Why nothing is shown: "filtered" differs from "never" used."""
        if self._rows or self.cursor:
            return None
        return "filtered" if self.filters.active else "never"
