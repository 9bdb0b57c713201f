"""A page of the price diary: filters from the address, entries by keyset, parted by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Self
from urllib.parse import urlencode

from django.db.models import Count
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property

from catalog.mirror.sync import SyncReport
from catalog.models import Account, AIModel, Change
from catalog.models.change import Kind

PAGE_SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Asked:
    """What people asked for. Values nobody could have meant are left out, never an error."""

    q: str = ""
    kinds: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict, services: Iterable[str]) -> Self:
        offered, kinds = set(services), set(Kind.values)
        return cls(
            q=" ".join(query.get("q", "").replace("\0", "").split())[:200],
            kinds=tuple(dict.fromkeys(kind for kind in query.getlist("kind") if kind in kinds)),
            services=tuple(dict.fromkeys(name for name in query.getlist("service") if name in offered)),
        )

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.kinds or self.services)

    def url(self, before: str = "") -> str:
        pairs = [("q", self.q), *(("service", name) for name in self.services)]
        pairs += [*(("kind", kind) for kind in self.kinds), ("before", before)]
        query = urlencode([(name, value) for name, value in pairs if value])
        return reverse("changes") + (f"?{query}" if query else "")


@dataclass(frozen=True)
class Chip:
    """One choice of a filter: a link that switches it."""

    name: str
    value: str
    label: str
    active: bool
    count: int
    url: str


@dataclass(frozen=True)
class Item:
    """All that one reading of the catalog found changed of one model."""

    changes: list[Change]

    @property
    def model(self) -> AIModel:
        return self.changes[0].model

    @property
    def account(self) -> Account:
        return self.changes[0].account

    @property
    def at(self) -> datetime:
        return self.changes[0].at


@dataclass(frozen=True)
class Day:
    date: date
    items: list[Item]
    continued: bool
    """Whether the page before ended on the same day."""

    @property
    def title(self) -> str:
        """ "Today", "Yesterday", "Tuesday 3 November 2026"."""
        ago = (timezone.now().date() - self.date).days
        return {0: "Today", 1: "Yesterday"}.get(ago) or date_format(self.date, "l j F Y")


class ChangesPage:
    """Up to 50 entries, newest first, that follow the cursor."""

    def __init__(self, accounts: Sequence[Account], asked: Asked, cursor: str = "") -> None:
        self.accounts, self.asked = accounts, asked
        self.place = parse_cursor(cursor)

    @cached_property
    def _rows(self) -> list[Change]:
        found = Change.objects.of_accounts(self._chosen).about(self.asked.q).newest_first()
        if self.asked.kinds:
            found = found.filter(kind__in=self.asked.kinds)
        if self.place:
            found = found.after(*self.place)
        found = found.select_related("account", "model__logo").defer("model__raw", "model__description")
        return list(found[: PAGE_SIZE + 1])

    @property
    def _chosen(self) -> list[Account]:
        wanted = self.asked.services
        return [account for account in self.accounts if not wanted or account.service in wanted]

    @property
    def days(self) -> list[Day]:
        shown = self._rows[:PAGE_SIZE]
        last = self.place[0].date() if self.place else None
        return [
            Day(day, _items(changes), continued=day == last)
            for day, changes in groupby(shown, key=lambda change: change.at.date())
        ]

    @property
    def next_url(self) -> str:
        return self.asked.url(cursor_of(self._rows[PAGE_SIZE - 1])) if self._rows[PAGE_SIZE:] else ""

    @property
    def shown(self) -> int:
        """How many entries there are with these filters."""
        return self._count(self.asked)

    @cached_property
    def total(self) -> int:
        """How many entries there are at all."""
        if not self.asked.q:
            return sum(self._counts.values())
        return Change.objects.of_accounts(self.accounts).count()

    @property
    def kinds(self) -> list[Chip]:
        used = {kind for _, kind in self._counts} | set(self.asked.kinds)
        return [self._kind(kind) for kind in Kind if kind in used]

    @property
    def services(self) -> list[Chip]:
        """Nothing to choose with one service."""
        return [self._service(account) for account in self.accounts] if len(self.accounts) > 1 else []

    def _kind(self, kind: Kind) -> Chip:
        kinds = self.asked.kinds
        pressed, alone = replace(self.asked, kinds=_switched(kinds, kind)), replace(self.asked, kinds=(kind,))
        return Chip("kind", kind, kind.label, kind in kinds, self._count(alone), pressed.url())

    def _service(self, account: Account) -> Chip:
        name, services = account.service, self.asked.services
        pressed = replace(self.asked, services=_switched(services, name))
        count = self._count(replace(self.asked, services=(name,)))
        return Chip("service", name, account.service_label, name in services, count, pressed.url())

    @cached_property
    def _counts(self) -> dict[tuple[str, str], int]:
        """By service and kind, of the models looked for."""
        found = Change.objects.of_accounts(self.accounts).about(self.asked.q).order_by()
        rows = found.values_list("account__service", "kind").annotate(count=Count("pk"))
        return {(service, kind): count for service, kind, count in rows}

    def _count(self, asked: Asked) -> int:
        return sum(
            count
            for (service, kind), count in self._counts.items()
            if (not asked.kinds or kind in asked.kinds) and (not asked.services or service in asked.services)
        )

    @property
    def begun(self) -> datetime | None:
        """When the diary of the first service began; None before the first reading."""
        return min(self._beginnings, default=None)

    @property
    def since(self) -> datetime | None:
        """From when on the diary tells everything of the services that were read; None when none was."""
        return max(self._beginnings, default=None)

    @property
    def _beginnings(self) -> list[datetime]:
        return [account.created for account in self._chosen if account.synced_at]

    @property
    def empty_kind(self) -> str:
        """Why nothing is shown: all "filtered" out, nothing changed ("quiet"), or never read ("never")."""
        if self._rows or self.place:
            return ""
        if self.total:
            return "filtered"
        return "quiet" if self.since else "never"


def last_syncs(accounts: Iterable[Account]) -> list[tuple[Account, SyncReport]]:
    """Each account with what its last good sync did."""
    return [(account, SyncReport.last_of(account)) for account in accounts]


def _items(changes: Iterable[Change]) -> list[Item]:
    """Entries of one model from one reading stand together, in the order of their kinds."""

    def reading(change: Change) -> tuple[datetime, int]:
        return change.at, change.model_id

    return [Item(sorted(group, key=lambda one: one.pk)) for _, group in groupby(changes, key=reading)]


def _switched(chosen: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(one for one in chosen if one != value) if value in chosen else (*chosen, value)


def cursor_of(change: Change) -> str:
    return f"{(change.at - _EPOCH) // _MICROSECOND}-{change.pk}"


def parse_cursor(text: str) -> tuple[datetime, int] | None:
    """The (at, pk) of a cursor; None for none and for anything that isn't one."""
    at, dash, pk = text.partition("-")
    try:
        return (_EPOCH + int(at) * _MICROSECOND, int(pk)) if dash and int(pk) < 2**63 else None
    except (ValueError, OverflowError):
        return None
