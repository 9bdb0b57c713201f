"""The poll that keeps a page's running takes fresh, and tells of new ones that belong on top of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.http import QueryDict

from catalog.models import Rest
from generations.models import Generation
from generations.models.counting import counted, scalar
from generations.models.words import version_of
from generations.models.worker import a_while_ago

from .asked import number_of
from .cursors import parse_cursor
from .filters import GalleryFilters
from .page import PAGE_SIZE, GalleryPage, stack


class Poll:
    """The one poll of a page: which running takes it shows, each with the version that is on the screen."""

    def __init__(self, takes: Iterable[Generation] = (), *, newest: str = "", asked: str = "") -> None:
        """`newest`: the cursor of the take on top, where newer ones belong above it; `asked`: the page's
        filters, as an address says them."""
        self.seen = {take.pk: take.version for take in takes if take.is_running}
        self.newest, self.asked = newest, asked
        self.told = self.fresh = 0
        """How many new takes the page speaks of, and how many there are."""
        self.gone: set[int] = set()
        self.waits_long = False
        self.may_rest = True

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Poll:
        """What the page that asks has on the screen; what can't be read is left out."""
        newest = query.get("newest", "")
        poll = cls(newest=newest if parse_cursor(newest) else "", asked=query.get("asked", "")[:2000])
        for part in query.get("seen", "").split(",")[:500]:
            pk, _, seen = part.partition(":")
            if (number := number_of(pk)) is not None:
                poll.seen[number] = seen
        poll.told = poll.fresh = min(number_of(query.get("fresh", "")) or 0, PAGE_SIZE + 1)
        return poll

    @property
    def running(self) -> bool:
        return bool(self.seen)

    @property
    def seen_value(self) -> str:
        return ",".join(f"{pk}:{seen}" for pk, seen in self.seen.items())

    @property
    def fresh_words(self) -> str:
        return f"{PAGE_SIZE}+" if self.fresh > PAGE_SIZE else str(self.fresh)

    @property
    def fresh_fit(self) -> bool:
        """Whether all new ones can be put on top of what is shown; more are a page of their own."""
        return self.fresh <= PAGE_SIZE

    @property
    def filters(self) -> GalleryFilters:
        return GalleryFilters(QueryDict(self.asked).dict(), drawn=True)

    def changed(self, owner: User) -> list[Generation]:
        """The takes that no longer look as they do on the screen; one query when there are none.

        Those that are no longer there, as they were deleted in another tab, are `gone` from now on."""
        now = self._look(owner)
        self.gone = self.seen.keys() - now.keys()
        changed = [pk for pk, version in now.items() if version != self.seen[pk]]
        takes = (
            Generation.objects.owned_by(owner).filter(pk__in=changed).for_cards().drawn() if changed else []
        )
        if takes and self.filters.stacked:
            stack(owner, takes)
        return takes

    def _look(self, owner: User) -> dict[int, str]:
        """Versions as they are now, and with them all else that the page may have to say."""
        lists = self._lists(owner)
        if not self.seen:
            self._hear(**counted(**lists))
            return {}
        rows = Generation.objects.owned_by(owner).filter(pk__in=self.seen)
        rows = rows.annotate(**{name: RawSQL(*scalar(each)) for name, each in lists.items()})  # noqa: S611
        found = list(rows.values_list("pk", "updated", "next_attempt_at", *lists))
        if found:
            self._hear(**dict(zip(lists, found[0][3:], strict=True)))
        self.waits_long = any(_is_late(due) for _, _, due, *_ in found)
        return {pk: version_of(updated) for pk, updated, *_ in found}

    def _lists(self, owner: User) -> dict[str, QuerySet]:  # type: ignore[type-arg]
        lists: dict[str, QuerySet] = {"resting": Rest.objects.exclude(why="").values("pk")}  # type: ignore[type-arg]
        if self.newest:
            newer = GalleryPage(owner, self.filters, newer=self.newest)
            lists["fresh"] = newer.places[: PAGE_SIZE + 1]
        return lists

    def _hear(self, resting: int, fresh: int = 0) -> None:
        self.may_rest, self.fresh = resting > 0, fresh

    def after(self, drawn: Sequence[Generation]) -> Poll:
        """The poll of the page once these takes are drawn on it, as they are now."""
        poll = Poll(drawn, newest=self.newest, asked=self.asked)
        poll.told = poll.fresh = self.fresh
        others = self.seen.keys() - {take.pk for take in drawn} - self.gone
        poll.seen |= {pk: self.seen[pk] for pk in others}
        return poll

    def on_top(self, page: GalleryPage) -> Poll:
        """The poll of the page once its new takes are drawn on top of it."""
        poll = self.after(page.takes)
        poll.newest = page.filters.sorting.cursor_of(page.takes[0]) if page.takes else self.newest
        poll.told = poll.fresh = 0
        return poll


def _is_late(due: datetime | None) -> bool:
    return due is not None and due < a_while_ago()
