"""The poll that keeps a page's running takes fresh, and tells of new ones that belong on top of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, cast

from django.contrib.auth.models import User
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.http import QueryDict

from generations.models import Generation
from generations.models.counting import scalar
from generations.models.steps import NEAR_END, expected_about_now
from generations.models.worker import a_while_ago
from hedra_studio.web import number

from .cursors import parse_cursor
from .filters import GalleryFilters
from .page import PAGE_SIZE, GalleryPage, stack

NEAR_S, RUNNING_S, IDLE_S = 1, 2, 15


class Poll:
    """The one poll of a page: which running takes it shows, each with the version that is on the screen."""

    def __init__(self, takes: Sequence[Generation] = (), *, newest: str = "", asked: str = "") -> None:
        """`newest`: the cursor of the take on top, where newer ones belong above it; `asked`: the page's
        filters, as an address says them."""
        self.seen = {take.pk: take.version for take in takes if take.is_running}
        self.newest, self.asked = newest, asked
        self.told = self.fresh = 0
        """How many new takes the page speaks of, and how many there are."""
        self.gone: set[int] = set()
        self.near = {take.pk for take in takes if take.is_near_its_end}
        """Those that may be ready any moment."""
        self.told_s: int | None = None
        """How long the page waits between two polls, if it says so."""
        self.waits_long = False
        self.may_rest = True

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Poll:
        """What the page that asks has on the screen; what can't be read is left out."""
        newest = query.get("newest", "")
        poll = cls(newest=newest if parse_cursor(newest) else "", asked=query.get("asked", "")[:2000])
        for part in query.get("seen", "").split(",")[:500]:
            pk, _, seen = part.partition(":")
            if (row := number(pk)) is not None:
                poll.seen[row] = seen
        poll.told = poll.fresh = min(number(query.get("fresh", "")) or 0, PAGE_SIZE + 1)
        poll.told_s = number(query.get("every", ""))
        poll.near = set(poll.seen) if poll.told_s == NEAR_S else set()  # until it is looked at
        return poll

    @property
    def again(self) -> set[int]:
        """Cards that are asked for as they are, without a version: the page came back from the past."""
        return {pk for pk, seen in self.seen.items() if not seen}

    @property
    def running(self) -> bool:
        return bool(self.seen)

    @property
    def pause_s(self) -> int:
        """Until the next one: short when a take may be ready any moment, long when only new ones are told."""
        return (NEAR_S if self.near & self.seen.keys() else RUNNING_S) if self.running else IDLE_S

    @property
    def pauses_right(self) -> bool:
        return self.told_s in (None, self.pause_s)

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
        return _filters(self.asked)

    def changed(self, owner: User) -> list[Generation]:
        """The takes that no longer look as they do on the screen; one query when there are none.

        Those that are no longer there, as they were deleted in another tab, are `gone` from now on."""
        now = self._look(owner)
        self.gone = self.seen.keys() - now.keys()
        changed = [pk for pk, version in now.items() if version != self.seen[pk]]
        takes = Generation.objects.owned_by(owner).filter(pk__in=changed).drawn() if changed else []
        if takes and self.filters.stacked:
            stack(owner, takes)
        return takes

    def _look(self, owner: User) -> dict[int, str]:
        """Versions as they are now, and with them all else that the page may have to say."""
        fresh, params = _count_of_new(owner.pk, self.asked, self.newest) if self.newest else ("0", ())
        times = map(connection.ops.adapt_datetimefield_value, (a_while_ago(), *expected_about_now()))
        question, pks = _question(fresh, list(self.seen))
        with _cursor() as cursor:
            cursor.execute(question, [*params, *times, owner.pk, *pks])
            resting, self.fresh, is_late, near, versions = cursor.fetchone()
        self.may_rest = resting > 0
        self.waits_long = bool(is_late)
        self.near = set(map(int, near.split(","))) if near else set()
        return dict(_parted(versions)) if versions else {}

    def after(self, drawn: Sequence[Generation]) -> Poll:
        """The poll of the page once these takes are drawn on it, as they are now."""
        poll = Poll(drawn, newest=self.newest, asked=self.asked)
        poll.told = poll.fresh = self.fresh
        others = self.seen.keys() - {take.pk for take in drawn} - self.gone
        poll.seen |= {pk: self.seen[pk] for pk in others}
        poll.near |= self.near & others
        return poll

    def on_top(self, page: GalleryPage) -> Poll:
        """The poll of the page once its new takes are drawn on top of it."""
        poll = self.after(page.takes)
        poll.newest = page.filters.sorting.cursor_of(page.takes[0]) if page.takes else self.newest
        poll.told = poll.fresh = 0
        return poll


# By hand, for every open page asks it all the time: having it written anew costs more than asking, and
# so does reading many rows, of which only versions are wanted. They are as `version_of` says them.
_QUESTION = """
SELECT (SELECT COUNT(*) FROM catalog_rest WHERE why <> ''), {fresh}, MAX({late}),
    {join}(id {text}, ',') FILTER (WHERE eta_at BETWEEN %s AND %s OR status IN ({near})),
    {join}(id || ':' || {updated}, ',')
FROM generations_generation WHERE owner_id = %s AND deleted_at IS NULL AND id {among}
"""
_OF_SQLITE = {
    "join": "group_concat",
    "text": "",
    "late": "next_attempt_at < %s",
    "updated": "strftime('%%s', substr(updated, 1, 19)) || '.' || substr(updated || '.000000', 21, 6)",
}
_OF_POSTGRESQL = {
    "join": "string_agg",
    "text": "::text",
    "late": "(next_attempt_at < %s)::int",
    "updated": "EXTRACT(EPOCH FROM updated)",
    "among": "= ANY(%s::bigint[])",
}
_NEAR = ", ".join(f"'{status}'" for status in NEAR_END)


def _question(fresh: str, pks: list[int]) -> tuple[str, list[Any]]:
    """What to ask, the same words as often as can be, and how it takes the keys."""
    question = partial(_QUESTION.format, fresh=fresh, near=_NEAR)
    if connection.vendor == "postgresql":
        return question(**_OF_POSTGRESQL), [pks]
    return question(**_OF_SQLITE, among=f"IN ({', '.join(['%s'] * len(pks))})"), list(pks)


def _parted(versions: str) -> Iterator[tuple[int, str]]:
    for one in versions.split(","):
        pk, _, version = one.partition(":")
        yield int(pk), version


def _cursor() -> CursorWrapper:
    """PostgreSQL keeps the plans of what is often asked by this one: takes have so many indexes that planning
    takes several times as long as answering."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.close_if_health_check_failed()
    connection.ensure_connection()
    mine = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]
    return cast(CursorWrapper, connection._prepare_cursor(mine))  # type: ignore[attr-defined]


def _count_of_new(owner_id: int, asked: str, newest: str) -> tuple[str, tuple[Any, ...]]:
    """How many takes in front of `newest` fit the filters. The words that a search means change with time."""
    write = _written.__wrapped__ if "q=" in asked else _written
    return write(owner_id, asked, newest)


@lru_cache(maxsize=500)
def _written(owner_id: int, asked: str, newest: str) -> tuple[str, tuple[Any, ...]]:
    page = GalleryPage(User(pk=owner_id), _filters(asked), newer=newest)
    return scalar(page.places[: PAGE_SIZE + 1])


def _filters(asked: str) -> GalleryFilters:
    return GalleryFilters(QueryDict(asked).dict(), drawn=True)
