"""What can be spent: the balance less what waits here to be ordered, and what a shot is short of."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum

from catalog.models import Account
from catalog.prices.quoting import Quote
from catalog.services import HEDRA

from .models import Generation, Status


def balance(account: Account) -> int | None:
    """Credits that nothing has claimed yet; None when nobody knows, as with a service that doesn't tell."""
    if account.service != HEDRA:
        return None
    left = Account.objects.get(pk=account.pk).refresh_balance(max_age_s=10)
    return None if left is None else max(0, int(left - claimed(account)))


def claimed(account: Account) -> Decimal:
    """By takes that are stored and not yet ordered."""
    waiting = Generation.objects.filter(account=account, status__in=(Status.PREPARING, Status.SUBMITTING))
    return waiting.aggregate(sum=Sum("quoted"))["sum"] or Decimal(0)


def missing(total: Quote, balance: int | None) -> int | None:
    """Credits short for this, or None when it can be paid (or nobody knows)."""
    if total.credits is None or balance is None or total.credits <= balance:
        return None
    return int(total.credits - balance)
