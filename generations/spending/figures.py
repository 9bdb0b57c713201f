"""The sums of the Spend page: each a grouped query for all accounts, whose credits are never added."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Case, Count, F, Q, Sum, When
from django.db.models.functions import TruncDay, TruncMonth
from django.utils import timezone

from catalog.models import Account
from catalog.words import kind_label
from generations.caps import CENT
from generations.learning import is_keeper
from generations.models import Entry, EntryQuerySet, Generation

from .bars import Bars, bars_of
from .periods import Period

YEAR = timedelta(days=334)
"""So far back at least the whole time is told: a bar for each of twelve months."""
_KEPT = {True: "Keepers", False: "Not kept"}


def sees_all(user: User) -> bool:
    """Whether the whole studio's spending is this person's business; others see their own."""
    return settings.SOLO or user.is_staff


def entries_for(user: User, period: Period) -> EntryQuerySet:
    """The lines of the ledger that this person may see."""
    entries = Entry.objects.filter(period.within("at"))
    return entries if sees_all(user) else entries.filter(owner=user)


@dataclass(frozen=True)
class Row:
    """A line of a table: what the credits went to."""

    label: str
    credits: Decimal
    takes: int
    percent: int = 0
    """Of the largest row of the table."""

    @property
    def each(self) -> Decimal | None:
        """Credits per take."""
        return (self.credits / self.takes).quantize(CENT) if self.takes else None


@dataclass(frozen=True)
class Totals:
    charged: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    takes: int = 0

    @property
    def spent(self) -> Decimal:
        return self.charged - self.refunded


@dataclass(frozen=True)
class AccountSpending:
    """One account's part of the page."""

    account: Account
    totals: Totals
    unknown: int
    """Takes of the period whose charge nobody has told yet."""
    bars: Bars | None
    tables: list[tuple[str, list[Row]]] = field(default_factory=list)
    """By what, with its rows, the largest first."""

    @property
    def is_used(self) -> bool:
        return bool(self.totals.takes or self.unknown)


class Spending:
    """What one person may see of a period. Deleted takes have cost what they cost."""

    def __init__(self, user: User, period: Period) -> None:
        self.user, self.period = user, period

    @cached_property
    def accounts(self) -> list[AccountSpending]:
        """Those in use, and those of former keys with something in this period."""
        known = {account.pk: account for account in Account.objects.order_by("pk")}
        used = self._totals.keys() | self._unknown.keys()
        wanted = [account for account in known.values() if account.is_current or account.pk in used]
        ordered = sorted(wanted, key=lambda account: (not account.is_current, account.service, account.pk))
        return [self._of(account) for account in ordered]

    def _of(self, account: Account) -> AccountSpending:
        totals, unknown = self._totals.get(account.pk, Totals()), self._unknown.get(account.pk, 0)
        bars = self._bars(account.pk) if totals.takes else None
        tables = [(name, rows[account.pk]) for name, rows in self._tables.items() if rows[account.pk]]
        return AccountSpending(account, totals, unknown, bars, tables)

    @property
    def _spent(self) -> EntryQuerySet:
        return entries_for(self.user, self.period).spent().order_by()

    @cached_property
    def _totals(self) -> dict[int, Totals]:
        kinds = Entry.Kind
        sums = self._spent.values("account").annotate(
            charged=Sum("credits", filter=Q(kind=kinds.CHARGED), default=Decimal(0)),
            refunded=Sum("credits", filter=Q(kind=kinds.REFUNDED), default=Decimal(0)),
            takes=Count("take", distinct=True),
        )
        return {
            row["account"]: Totals(_exact(row["charged"]), -_exact(row["refunded"]), row["takes"])
            for row in sums
        }

    @cached_property
    def _unknown(self) -> dict[int, int]:
        takes = Generation.objects.filter(self.period.within("sent_at"), charged__isnull=True)
        if not sees_all(self.user):
            takes = takes.filter(owner=self.user)
        counts = takes.filter(sent_at__isnull=False).order_by().values("account").annotate(takes=Count("pk"))
        return {row["account"]: row["takes"] for row in counts}

    @cached_property
    def _tables(self) -> dict[str, dict[int, list[Row]]]:
        tables = {
            "Model": self._by(F("take__model_name"), lambda name: name or "Unknown model"),
            "Kind": self._by(F("take__type"), kind_label),
            "Kept": self._by(Case(When(is_keeper("take__"), True), default=False), lambda kept: _KEPT[kept]),
        }
        if sees_all(self.user) and not settings.SOLO:
            tables["Person"] = self._by(F("owner__username"), str)
        return tables

    def _by(self, part: F | Case, word: Callable[[Any], str]) -> dict[int, list[Row]]:
        parts = self._spent.annotate(part=part).values("account", "part")
        sums = parts.annotate(sum=Sum("credits"), takes=Count("take", distinct=True))
        rows = defaultdict[int, list[Row]](list)
        for found in sums:
            rows[found["account"]].append(Row(word(found["part"]), _exact(found["sum"]), found["takes"]))
        return defaultdict(list, {account: _ranked(found) for account, found in rows.items()})

    @cached_property
    def _over_time(self) -> dict[int, dict[date, Decimal]]:
        step = TruncMonth("at") if self.period.is_long else TruncDay("at")
        sums = self._spent.annotate(step=step).values("account", "step").annotate(sum=Sum("credits"))
        found = defaultdict[int, dict[date, Decimal]](dict)
        for row in sums:
            found[row["account"]][row["step"].date()] = _exact(row["sum"])
        return found

    def _bars(self, account: int) -> Bars:
        sums, period = self._over_time[account], self.period
        today = timezone.localtime().date()
        first = period.since.date() if period.since else min(*sums, today - YEAR)
        last = min(period.until.date() - timedelta(days=1), today) if period.until else today
        return bars_of(sums, first, max(first, last, *sums), by_month=period.is_long)


def _ranked(rows: Iterable[Row]) -> list[Row]:
    ordered = sorted(rows, key=lambda row: (-row.credits, row.label))
    most = max((row.credits for row in ordered), default=Decimal(0))
    share = [int(100 * max(row.credits, Decimal(0)) / most) if most > 0 else 0 for row in ordered]
    return [Row(row.label, row.credits, row.takes, part) for row, part in zip(ordered, share, strict=True)]


def _exact(sum: Decimal) -> Decimal:
    """SQLite adds in floating point; credits have two places."""
    return sum.quantize(CENT)
