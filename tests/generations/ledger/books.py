"""The ledger held against the takes that it is about."""

from __future__ import annotations

from decimal import Decimal

from catalog.models import Account
from generations.models import Entry, Generation


def lines(take: Generation) -> list[tuple[str, Decimal]]:
    return list(take.entries.order_by("pk").values_list("kind", "credits"))


def spent(take: Generation) -> Decimal:
    return sum((credits for kind, credits in lines(take) if kind != Entry.Kind.QUOTED), Decimal(0))


def spent_at(account: Account) -> Decimal:
    entries = Entry.objects.spent().filter(take__account=account)
    return sum(entries.values_list("credits", flat=True), Decimal(0))


def assert_booked() -> None:
    """Of every take: charged less refunded is what its card says."""
    for take in Generation.objects.all():
        assert spent(take) == take.charged_before + (take.charged or 0), (take, lines(take))
