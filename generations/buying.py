"""What can be spent, what a shot is short of, and what people are asked before it is ordered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.models import Account
from catalog.prices.quoting import Quote
from catalog.services import HEDRA

from .models import Generation, GenerationQuerySet, Purse, Status

if TYPE_CHECKING:
    from .forms import ShotForm

_NOT_ORDERED = (Status.PREPARING, Status.SUBMITTING)
SAME_FOR = timedelta(hours=1)
"""How long the same order counts as one that may have been meant only once."""


# The balance


def balance(account: Account) -> int | None:
    """Credits that nothing has claimed yet, asked for when they were not for a while; None when nobody
    knows, as with a service that doesn't tell."""
    if account.service != HEDRA:
        return None
    stored = Account.objects.get(pk=account.pk)
    stored.refresh_balance(max_age_s=10)
    return left(stored)


def left(account: Account) -> int | None:
    """The same as far as it is known here, without asking anybody."""
    if account.service != HEDRA or account.balance is None:
        return None
    return max(0, int(account.balance - claimed(account)))


def claimed(account: Account) -> Decimal:
    """By takes that are stored and not yet ordered, and by those that the service may have charged after it
    was last asked for the balance."""
    return sum((_cost(takes.filter(imported=False)) for takes in claims(account)), Decimal(0))


def claims(account: Account) -> Iterator[GenerationQuerySet]:
    """In two parts that share no take, each with an index of its own."""
    takes = Generation.objects.filter(account=account)
    wanted = Q(deleted_at=None) | Q(sent_at__isnull=False)  # deleted before it was ordered: it won't be
    yield takes.running().in_status(_NOT_ORDERED).filter(wanted)
    if account.balance_at:
        yield takes.filter(submitted_at__gt=account.balance_at).exclude(status__in=_NOT_ORDERED)


def _cost(takes: GenerationQuerySet) -> Decimal:
    return takes.aggregate(sum=Sum(Coalesce("charged", "quoted")))["sum"] or Decimal(0)


def lock(accounts: Iterable[int]) -> list[Account]:
    """These accounts as they are now, for this transaction alone: what is checked against their balances
    stays true until it is stored."""
    rows = Account.objects.select_for_update(no_key=True)
    return list(rows.filter(pk__in=set(accounts)).order_by("pk"))


def missing(total: Quote, balance: int | None) -> int | None:
    """Credits short for this, or None when it can be paid (or nobody knows)."""
    if total.credits is None or balance is None or total.credits <= balance:
        return None
    return int(total.credits - balance)


def missing_words(credits: int) -> str:
    return f"Needs {credits:,} more credit{'s' if credits != 1 else ''}. Nothing was ordered."


# What is asked before


@dataclass(frozen=True)
class Question:
    """Why an order waits for a second press of its own."""

    order: str = ""
    """What it is asked about; the page sends it along, so that it stays for as long as that is the same."""
    same: Generation | None = None
    """What the very same order has made, or is making."""
    over: int | None = None
    """The amount of credits that it exceeds, as the person chose it."""

    def __bool__(self) -> bool:
        return bool(self.same or self.over is not None)


def question(form: ShotForm) -> Question:
    """Empty when nothing has to be asked, or when this press is the answer."""
    answers, shot = form.data, form.cleaned_data["shot"]
    return _question(form, again=bool(answers.get("again")), sure=answers.get("sure", ""), shot=shot)


def still_asked(form: ShotForm, page: Mapping[str, str]) -> Question:
    """The question that the page holds, unless what it was about has changed since."""
    if form.ai_model is None or form.missing or page.get("asked", "") != _order(form):
        return Question()
    return _question(form, again=bool(page.get("again")))


def _question(form: ShotForm, *, again: bool, sure: str = "", shot: UUID | None = None) -> Question:
    credits = form.total.credits
    asks = credits is not None and needs_asking(form.owner, credits, sure)
    same, over = None if again else _same(form, shot), ask_over(form.owner) if asks else None
    return Question(_order(form), same, over)


def _order(form: ShotForm) -> str:
    return f"{form.fingerprint}-{form.count}"


def _same(form: ShotForm, shot: UUID | None) -> Generation | None:
    """A take of the very same order, of another press within the last hour; one that failed doesn't count."""
    takes = Generation.objects.owned_by(form.owner).in_full().newest_first()
    recent = takes.filter(fingerprint=form.fingerprint, created__gte=timezone.now() - SAME_FOR)
    others = recent.exclude(shot=shot) if shot else recent
    return others.exclude(status=Status.ERROR).first()


def needs_asking(owner: User, total: Decimal, sure: str) -> bool:
    """Whether an order of this price waits for a yes. `sure` is the price that was said yes to: another
    one is asked about again."""
    most = ask_over(owner)
    return most is not None and total > most and sure != str(total)


def ask_over(owner: User) -> int | None:
    """The price above which the studio asks first; None for never."""
    return Purse.objects.filter(owner=owner).values_list("ask_over", flat=True).first()
