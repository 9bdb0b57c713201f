"""What stands before and after a take in the list that it was opened from."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib.auth.models import User
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from django.utils.functional import cached_property

from generations.models import Generation, GenerationQuerySet

from .filters import GalleryFilters
from .sorting import Place

LONGEST = 2000  # characters of a gallery's query; servers take addresses of 8,000 bytes


def within(filters: GalleryFilters) -> str:
    """What a take's address carries to remember the list: "?in=kind%3Dvideo"; "" for all takes."""
    query = filters.url().partition("?")[2]
    return f"?in={quote(query, safe='')}" if query else ""


class Neighbours:
    """Of one take in one person's list, asked for by the query of the gallery's address.

    A take that the list doesn't hold has the neighbours that it would have in it."""

    def __init__(self, owner: User, take: Generation, query: str) -> None:
        self.take = take
        self.filters = GalleryFilters(_read(query))
        self._list = self.filters.apply(Generation.objects.owned_by(owner))

    @property
    def list_url(self) -> str:
        return self.filters.url()

    @property
    def query(self) -> str:
        return within(self.filters)

    @cached_property
    def previous_url(self) -> str:
        sorting = self.filters.sorting
        return self._url(sorting.order(sorting.before(self._list, self._place)).reverse())

    @cached_property
    def next_url(self) -> str:
        sorting = self.filters.sorting
        return self._url(sorting.order(sorting.after(self._list, self._place)))

    @property
    def _place(self) -> Place:
        return self.filters.sorting.place_of(self.take)

    def _url(self, rows: GenerationQuerySet) -> str:
        found = rows.only("pk").first()
        return found.get_absolute_url() + self.query if found else ""


def _read(query: str) -> dict[str, str]:
    try:
        return QueryDict(query[:LONGEST]).dict()
    except TooManyFieldsSent:
        return {}
