"""A page of takes that follows a cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils.functional import cached_property

from generations.models import Collected, Collection, Generation, GenerationQuerySet, TakeIndex
from generations.models.counting import MOST, at_most, count_words, counted
from generations.models.take_index import place_of

from .asked import end_of, start_of
from .filters import GalleryFilters
from .sorting import Place

PAGE_SIZE = 24


@dataclass(frozen=True)
class Compared:
    """One prompt that went to several models."""

    prompt: str
    models: int


def stack(owner: User, takes: list[Generation]) -> None:
    """Let each say how many its shot has; one query for all."""
    mine = Generation.objects.owned_by(owner).filter(shot__in={take.shot for take in takes})
    counts = dict(mine.order_by().values_list("shot").annotate(takes=Count("pk")))
    for take in takes:
        take.stack = counts.get(take.shot, 0) + bool(take.deleted_at)


class GalleryPage:
    """Up to 24 takes, newest first or in the order that is asked for, that follow the cursor."""

    def __init__(self, owner: User, filters: GalleryFilters, cursor: str = "", newer: str = "") -> None:
        """`newer`: a cursor too; only takes in front of it are shown."""
        self.owner, self.filters, self.cursor, self.newer = owner, filters, cursor, newer

    @cached_property
    def _rows(self) -> list[Generation]:
        pks = list(self.places[: PAGE_SIZE + 1])
        rows = {take.pk: take for take in Generation.objects.filter(pk__in=pks).drawn()}
        return [rows[pk] for pk in pks if pk in rows]

    @property
    def places(self) -> QuerySet[Any, int]:
        """The numbers of the takes from the cursor on. They are picked first, for an index holds all that it
        takes, and rows are large."""
        if self._by_index:
            return self._found.values_list("take", flat=True)
        if self._by_members:
            return self._members.values_list("take_id", flat=True)
        takes = self.filters.sorting.order(self.filters.apply(self._drawer))
        if self._place:
            takes = self.filters.sorting.after(takes, self._place)
        if front := self.filters.sorting.parse(self.newer):
            takes = self.filters.sorting.before(takes, front)
        return takes.values_list("pk", flat=True)

    @property
    def _by_index(self) -> bool:
        """Whether SQLite's index of words finds them in their order."""
        time = self.filters.sorting.by_time and self.filters.state != "trash"
        return bool(self.filters.search) and time and connection.vendor == "sqlite"

    @property
    def _found(self) -> QuerySet[TakeIndex]:
        rows = self.filters.search.rows(self.owner)
        oldest = self.filters.sorting.name == "oldest"
        if self._place:
            place = place_of(self._place.created, self._place.pk)
            rows = rows.filter(place__lt=place) if oldest else rows.filter(place__gt=place)
        if front := self.filters.sorting.parse(self.newer):
            rows = rows.filter(place__lt=place_of(front.created, front.pk))
        if self.filters.asked.keys() - {"q", "sort", "day"}:
            others = self.filters.apply_others(self._drawer)
            rows = rows.filter(Exists(others.filter(pk=OuterRef("take"))))
        return rows.order_by("-place" if oldest else "place")

    @property
    def _by_members(self) -> bool:
        """Whether the collection leads to its takes, and not all takes to those that are in it."""
        return (
            self.filters.collection is not None and not self.filters.search and not self.filters.sorting.name
        )

    @property
    def _members(self) -> QuerySet[Collected]:
        its = Collected.objects.filter(collection=self.filters.collection, collection__owner=self.owner)
        take = self.filters.apply_columns(self._drawer).filter(pk=OuterRef("take"))
        its = its.annotate(at=Subquery(take.values("created")[:1])).filter(at__isnull=False)
        if self._place:
            when, pk = self._place.created, self._place.pk
            its = its.filter(at__lte=when).exclude(at=when, take__gte=pk)
        if front := self.filters.sorting.parse(self.newer):
            its = its.filter(at__gte=front.created).exclude(at=front.created, take__lte=front.pk)
        return its.order_by("-at", "-take")

    @cached_property
    def _place(self) -> Place | None:
        """What the page follows: its cursor, or else the day that is jumped to."""
        sorting, day = self.filters.sorting, self.filters.day
        if place := sorting.parse(self.cursor):
            return place
        if not day or not sorting.by_time:
            return None
        return Place(start_of(day), -1) if sorting.name == "oldest" else Place(end_of(day), -1)

    @property
    def _drawer(self) -> GenerationQuerySet:
        takes = self.filters.drawer(self.owner)
        front = self.filters.sorting.parse(self.newer)
        if front and self.filters.stacked:  # another face of the stack on top is no new take
            return takes.exclude(shot__in=takes.filter(pk=front.pk).values("shot"))
        return takes

    @cached_property
    def takes(self) -> list[Generation]:
        takes = self._rows[:PAGE_SIZE]
        if self.filters.stacked:
            stack(self.owner, takes)
        return takes

    @cached_property
    def collection(self) -> Collection | None:
        """The owner's own that is asked for."""
        pk = self.filters.collection
        return Collection.objects.filter(owner=self.owner, pk=pk).first() if pk is not None else None

    @property
    def is_full(self) -> bool:
        """Whether more follow."""
        return len(self._rows) > PAGE_SIZE

    @property
    def next_url(self) -> str | None:
        if not self.is_full:
            return None
        return self.filters.url(before=self.filters.sorting.cursor_of(self.takes[-1]), day="")

    @cached_property
    def _counts(self) -> dict[str, int]:
        running = Generation.objects.owned_by(self.owner).running()
        found = self._all if self.is_counted else Generation.objects.none()
        return counted(running=running.order_by().values("pk"), found=found)

    @property
    def _all(self) -> QuerySet[Any]:
        """What fits the filters, on whatever page, as far as it is counted."""
        whole = GalleryPage(self.owner, self.filters)
        if self._by_index:
            return whole._found.order_by().values("place")[: MOST + 1]
        if self._by_members:
            return whole._members.order_by().values("pk")[: MOST + 1]
        return at_most(self.filters.apply(self._drawer))

    @property
    def is_counted(self) -> bool:
        """Of those that both have a word and fit a filter a million may have to be looked at."""
        return not self.filters.search or not self.filters.asked.keys() - {"q", "sort", "stacked", "day"}

    @property
    def running_count(self) -> int:
        """Of all the owner's."""
        return self._counts["running"]

    @property
    def count(self) -> int:
        return self._counts["found"]

    @property
    def count_words(self) -> str:
        return count_words(self.count)

    @property
    def newest(self) -> str:
        """The cursor of the take on top; "" where newer ones don't belong there."""
        is_top = not (
            self.cursor or self.filters.day or self.filters.sorting.name or self.filters.state == "trash"
        )
        return self.filters.sorting.cursor_of(self.takes[0]) if is_top and self.takes else ""

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
        return "filtered" if self.filters.active or self.filters.day else "never"
