"""A page of the gallery: filters from the URL, takes by keyset, the poll that keeps running ones fresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, F, Q, Sum
from django.urls import reverse
from django.utils.functional import cached_property

from catalog.models import AIModel

from .models import RUNNING, Generation, GenerationQuerySet, Status
from .models.words import credits_words
from .models.worker import a_while_ago

PAGE_SIZE = 24
LATEST = 6
KINDS = {"video": "Video", "image": "Image", "audio": "Audio"}
STATES = {"running": "Running", "failed": "Failed", "trash": "Trash"}
_IN_STATE = {"running": RUNNING, "failed": (Status.ERROR, Status.UNCLEAR)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Option:
    """One chip: pressing it shows `url`."""

    value: str
    label: str
    active: bool
    url: str


@dataclass(frozen=True)
class Compared:
    """One prompt that went to several models."""

    prompt: str
    models: int


class GalleryFilters:
    """What of the gallery is asked for; unknown values count as not asked."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.q = " ".join(query.get("q", "").replace("\0", "").split())[:200]  # PostgreSQL takes no NUL
        self.kind = query.get("kind", "") if query.get("kind") in KINDS else ""
        self.state = query.get("state", "") if query.get("state") in STATES else ""
        self.favorite = query.get("favorite") == "1"
        self.model = _model(query.get("model", ""))
        self.fan_out = _uuid(query.get("fan_out", ""))

    @property
    def active(self) -> bool:
        return bool(self.q or self.kind or self.state or self.favorite or self.model or self.fan_out)

    @property
    def only_kind(self) -> str:
        """The kind, when nothing else is asked for."""
        others = self.q or self.state or self.favorite or self.model or self.fan_out
        return "" if others else self.kind

    def apply(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        if self.kind:
            takes = takes.of_kind(self.kind)
        if self.state in _IN_STATE:
            takes = takes.in_status(_IN_STATE[self.state])
        if self.favorite:
            takes = takes.filter(favorite=True)
        if self.model:
            takes = takes.filter(ai_model=self.model)
        if self.fan_out:
            takes = takes.filter(fan_out=self.fan_out)
        for word in self.q.split():
            takes = takes.filter(Q(prompt__icontains=word) | Q(model_name__icontains=word))
        return takes

    def url(self, **changes: str) -> str:
        asked = {
            "q": self.q,
            "kind": self.kind,
            "state": self.state,
            "favorite": "1" if self.favorite else "",
            "model": str(self.model.pk) if self.model else "",
            "fan_out": str(self.fan_out or ""),
        }
        query = urlencode({name: value for name, value in (asked | changes).items() if value})
        return reverse("gallery") + (f"?{query}" if query else "")

    @property
    def kinds(self) -> list[Option]:
        everything = not (self.kind or self.state or self.favorite)
        options = [Option("", "All", everything, self.url(kind="", state="", favorite=""))]
        return options + [
            Option(value, label, self.kind == value, self.url(kind="" if self.kind == value else value))
            for value, label in KINDS.items()
        ]

    @property
    def states(self) -> list[Option]:
        """Pressing the active one again takes it off."""
        return [
            Option(value, label, self.state == value, self.url(state="" if self.state == value else value))
            for value, label in STATES.items()
        ]

    @property
    def favorites(self) -> Option:
        return Option("1", "Favorites", self.favorite, self.url(favorite="" if self.favorite else "1"))

    @property
    def any_model_url(self) -> str:
        """Takes made with any model."""
        return self.url(model="")

    @property
    def any_prompt_url(self) -> str:
        """Takes of every prompt, not only of the one that went to several models."""
        return self.url(fan_out="")


def _model(pk: str) -> AIModel | None:
    """The one whose takes are wanted; asked for only when the address names one."""
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    return AIModel.objects.only("name").filter(pk=int(pk)).first()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


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
            return Generation.objects.deleted_by(self.owner)
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


class MadeWith:
    """A person's takes that fit the filters, in short: the latest, how many there are, and their charge."""

    def __init__(self, owner: User, filters: GalleryFilters) -> None:
        self._all = filters.apply(Generation.objects.owned_by(owner))

    @cached_property
    def latest(self) -> list[Generation]:
        return self._all.newest_first().for_cards()[:LATEST].drawn()

    @cached_property
    def _sums(self) -> dict[str, Any]:
        charged = Sum(F("charged") + F("charged_before"))
        return self._all.aggregate(count=Count("pk"), known=Count("charged"), charged=charged)

    @property
    def count(self) -> int:
        return int(self._sums["count"])

    @property
    def charged(self) -> Decimal | None:
        """Credits, of those whose charge is known; all are of one account, for they are of one model."""
        total: Decimal | None = self._sums["charged"]
        return total

    @property
    def charged_words(self) -> str:
        """ "75 credits charged for the 2 whose charge is known", or "" when none is."""
        if self.charged is None:
            return ""
        words = f"{credits_words(self.charged)} credit{'' if self.charged == 1 else 's'} charged"
        known = self._sums["known"]
        return words if known == self.count else f"{words} for the {known} whose charge is known"


def cursor_of(take: Generation) -> str:
    return moment_of(take.created, take.pk)


def moment_of(when: datetime, pk: int) -> str:
    """The cursor of a row whose place is (when, pk)."""
    return f"{(when - _EPOCH) // _MICROSECOND}-{pk}"


def parse_cursor(text: str) -> tuple[datetime, int] | None:
    """The (created, pk) of a cursor; None for none and for anything that isn't one."""
    created, dash, pk = text.partition("-")
    try:
        return (_EPOCH + int(created) * _MICROSECOND, int(pk)) if dash and int(pk) < 2**63 else None
    except (ValueError, OverflowError):
        return None


class Poll:
    """The one poll of a page: which running takes it shows, each with the version that is on the screen."""

    def __init__(self, takes: Iterable[Generation]) -> None:
        self.seen = {take.pk: take.version for take in takes if take.is_running}
        self.gone: set[int] = set()
        self.waits_long = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Poll:
        """What the page that asks has on the screen; what can't be read is left out."""
        poll = cls([])
        for part in query.get("seen", "").split(",")[:500]:
            pk, _, seen = part.partition(":")
            if pk.isdecimal() and len(pk) < 19:
                poll.seen[int(pk)] = seen
        return poll

    @property
    def running(self) -> bool:
        return bool(self.seen)

    @property
    def seen_value(self) -> str:
        return ",".join(f"{pk}:{seen}" for pk, seen in self.seen.items())

    def changed(self, owner: User) -> list[Generation]:
        """The takes that no longer look as they do on the screen; one query when there are none.

        Those that are no longer there, as they were deleted in another tab, are `gone` from now on."""
        mine = Generation.objects.owned_by(owner)
        rows = list(mine.filter(pk__in=self.seen).only("updated", "next_attempt_at"))
        now = {take.pk: take.version for take in rows}
        self.waits_long = any(take.next_attempt_at and take.next_attempt_at < a_while_ago() for take in rows)
        self.gone = self.seen.keys() - now.keys()
        changed = [pk for pk, version in now.items() if version != self.seen[pk]]
        return mine.filter(pk__in=changed).for_cards().drawn() if changed else []

    def after(self, drawn: Sequence[Generation]) -> Poll:
        """The poll of the page once these takes are drawn on it, as they are now."""
        poll = Poll(drawn)
        others = self.seen.keys() - {take.pk for take in drawn} - self.gone
        poll.seen |= {pk: self.seen[pk] for pk in others}
        return poll
