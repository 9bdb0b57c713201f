"""The ledger held against the balance that the service told: what was spent elsewhere, or came in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.formats import date_format

from catalog.models import Account, BalanceReading
from catalog.services import HEDRA
from generations.caps import CENT
from generations.models import RUNNING, Entry, Generation, Status
from generations.models.phrases import credits_words

from .periods import Period

TOO_EARLY = "The balance was not read twice in this time, so there is nothing to compare yet."
UNDER_WAY = (
    "Takes were under way when the balance was read, or their charge is not known yet:"
    " it can be compared when they are done."
)
_OPEN = [*(status for status in RUNNING if status != Status.DOWNLOADING), Status.UNCLEAR]


@dataclass(frozen=True)
class Look:
    """A balance that the service told, and when."""

    credits: Decimal
    at: datetime


@dataclass(frozen=True)
class Reckoning:
    first: Look
    last: Look
    spent: Decimal
    """By takes known here, between the two looks."""

    @property
    def fell(self) -> Decimal:
        return self.first.credits - self.last.credits

    @property
    def elsewhere(self) -> Decimal:
        """Spent by nothing known here; negative for what came in. Of both, only the difference shows."""
        return self.fell - self.spent

    @property
    def words(self) -> str:
        when = f"From {_moment(self.first.at)} to {_moment(self.last.at)}"
        return f"{when} {self._change}; {self._rest}"

    @property
    def _change(self) -> str:
        if not self.fell:
            return "the balance stayed the same"
        return f"the balance {'fell' if self.fell > 0 else 'rose'} by {credits_words(abs(self.fell))}"

    @property
    def _rest(self) -> str:
        known = f"takes of this studio explain {credits_words(self.spent)}"
        if not self.elsewhere:
            return f"{known}: all of it." if self.spent else "no take of this studio was charged."
        amount = credits_words(abs(self.elsewhere))
        if self.elsewhere > 0:
            return f"{known}; {amount} {'was' if amount == '1' else 'were'} spent elsewhere."
        return f"{known}; {amount} came in, as by a top-up."


def reckon(account: Account, period: Period) -> Reckoning | str:
    """What the two balances at the ends of the period say; or why nothing can be said, as a sentence."""
    if account.service != HEDRA:
        return f"{account.service_label} tells no balance, so there is nothing to compare with."
    looks = _looks(account, period)
    if looks is None:
        return TOO_EARLY
    first, last = looks
    if _in_doubt(account, first.at, last.at).exists():
        return UNDER_WAY
    spent = Entry.objects.spent().filter(account=account, at__gt=first.at, at__lte=last.at)
    return Reckoning(first, last, (spent.aggregate(sum=Sum("credits"))["sum"] or Decimal(0)).quantize(CENT))


def _looks(account: Account, period: Period) -> tuple[Look, Look] | None:
    """The last look before the period (else the first in it), and the last one in it."""
    until = period.until or timezone.now()
    readings = BalanceReading.objects.filter(account=account).order_by("-at")
    last = readings.filter(at__lt=until).first()
    first = (period.since and readings.filter(at__lte=period.since).first()) or readings.last()
    if last is None or first is None:
        return None
    began = min(first.until, period.since) if period.since and first.at <= period.since else first.at
    ends = Look(first.credits, began), Look(last.credits, min(last.until, until))
    return ends if ends[0].at < ends[1].at else None


def _in_doubt(account: Account, first: datetime, last: datetime) -> QuerySet[Generation]:
    """Takes that may or may not be in one of the two balances, or whose charge nobody knows."""
    takes = Generation.objects.filter(account=account, sent_at__lte=last)
    unknown = Q(charged__isnull=True, quoted__isnull=False, sent_at__gt=first)
    at_first, at_last = (Q(sent_at__lte=at, finished_at__gt=at) for at in (first, last))
    return takes.filter(unknown | Q(status__in=_OPEN) | (at_first | at_last) & Q(imported=False))


def _moment(at: datetime) -> str:
    return date_format(at, "j M, H:i")
