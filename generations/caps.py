"""Daily and monthly caps on what is spent at an account; days and months are those of UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from catalog.models import Account
from catalog.prices.quoting import Quote

from .models import Cap, Entry, Generation
from .models.phrases import credits_words

CENT = Decimal("0.01")
HIGHEST = 1_000_000


@dataclass(frozen=True)
class Limit:
    """A cap, and how much of it is gone."""

    period: str
    """ "today" or "this month"."""
    cap: int
    used: Decimal
    """Credits spent in the period, or under way."""

    @property
    def percent(self) -> int:
        return min(100, int(100 * self.used / self.cap)) if self.cap else 100

    def why_not(self, credits: Decimal) -> str:
        """Why so much more can't be ordered, or ""."""
        if self.used + credits <= self.cap:
            return ""
        used = f"{credits_words(self.used)} {'is' if self.used == 1 else 'are'} spent or under way"
        cap = f"{self.cap:,} credit{'' if self.cap == 1 else 's'}"
        return f"This would pass {self._whose} cap of {cap}: {used}."

    @property
    def why_not_unknown(self) -> str:
        return f"Its price is not known beforehand, so {self._whose} cap can't hold it."

    @property
    def _whose(self) -> str:
        return "today's" if self.period == "today" else "this month's"


def refusal(account: Account, prices: Iterable[Quote]) -> str:
    """Why these were not ordered together, or ""."""
    why = why_not(account, prices)
    return f"{why} Nothing was ordered." if why else ""


def why_not(account: Account, prices: Iterable[Quote]) -> str:
    """Why these can't be ordered together, or "". Under the account's lock (`buying.lock`) it stays true
    until they are stored."""
    wanted = list(prices)
    total = sum((price.credits or Decimal(0) for price in wanted), Decimal(0))
    unknown = any(price.credits is None for price in wanted)
    found = (limit.why_not_unknown if unknown else limit.why_not(total) for limit in limits(account))
    return next(filter(None, found), "")


def limits(account: Account) -> list[Limit]:
    """The caps that hold at this account, the tighter period first."""
    cap = Cap.objects.filter(account=account).first()
    return [Limit(*each) for each in _limits(account, cap)] if cap else []


def _limits(account: Account, cap: Cap) -> Iterator[tuple[str, int, Decimal]]:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    if cap.daily is not None:
        yield "today", cap.daily, used_since(account, midnight)
    if cap.monthly is not None:
        yield "this month", cap.monthly, used_since(account, midnight.replace(day=1))


def used_since(account: Account, since: datetime) -> Decimal:
    """Credits spent on orders that left since then, and quoted for those whose charge isn't known yet. What
    an earlier order gives back now makes no room.

    One statement, so that a charge which becomes known meanwhile is counted once, and not twice or never."""
    charged = Q(kind=Entry.Kind.CHARGED)
    same_order = Entry.objects.filter(charged, take=OuterRef("take"), order=OuterRef("order"), at__gte=since)
    ordered = charged | Exists(same_order)
    spent = Entry.objects.spent().filter(ordered, account=OuterRef("pk"), at__gte=since)
    sums = Account.objects.filter(pk=account.pk).values_list(
        _sum(spent, "credits"), _sum(_under_way(since), "quoted")
    )
    return sum((each or Decimal(0) for each in sums.get()), Decimal(0)).quantize(CENT)


def _under_way(since: datetime) -> QuerySet[Generation]:
    """Takes that have cost or will cost what nobody has told yet."""
    waits = Q(sent_at=None, deleted_at=None, next_attempt_at__isnull=False)
    takes = Generation.objects.filter(account=OuterRef("pk"), charged__isnull=True)
    return takes.filter(waits | Q(sent_at__gte=since))


def _sum(rows: QuerySet[Entry] | QuerySet[Generation], of: str) -> Subquery:
    return Subquery(rows.order_by().values("account").annotate(sum=Sum(of)).values("sum"))
