"""The ledger: a line for each price quoted, each charge and each refund. Lines are added, never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Index, Q
from django.utils import timezone

from catalog.models import Account

if TYPE_CHECKING:
    from .generation import Generation
    from .queryset import GenerationQuerySet

OWED = {"charged", "charged_before", "quoted"}
"""The columns of a take that the ledger follows."""


class AppendOnly(Exception):
    """A line of the ledger stays as it was written; a mistake is put right by another line."""


class EntryQuerySet(models.QuerySet["Entry"]):
    def spent(self) -> EntryQuerySet:
        """What moved credits. Their sum is what was spent: refunds are negative."""
        return self.exclude(kind=Entry.Kind.QUOTED)

    def update(self, **fields: Any) -> NoReturn:
        raise AppendOnly("lines of the ledger are not changed")

    def delete(self) -> NoReturn:
        raise AppendOnly("lines of the ledger are not removed")

    def hand_over(self, account: Account) -> None:
        """Their key has turned out to be one more of this account: the only thing that is ever said anew."""
        super().update(account=account)

    def charge(self, take: Generation, order: UUID, credits: Decimal, at: datetime) -> None:
        """So much more for this order; less, where it was counted for this take by mistake."""
        if credits:
            _line(take, Entry.Kind.CHARGED, credits, at, order).save()

    def book(self, takes: GenerationQuerySet, *, quotes: bool) -> None:
        """Add what these takes say and the ledger does not yet; with `quotes`, the price of a new order too.

        Belongs into the transaction that has changed them. It locks the takes, so that of two workers who
        learn of the same charge the second finds it here."""
        rows = list(takes.order_by().select_for_update(no_key=True))
        lines = defaultdict[int, list[Entry]](list)
        for entry in self.filter(take__in=[take.pk for take in rows]):
            lines[entry.take_id].append(entry)
        self.bulk_create(entry for take in rows for entry in _news(take, lines[take.pk], quotes=quotes))


class Entry(models.Model):
    """One line. An order that was retried on the same card is another order of the same take."""

    class Kind(models.TextChoices):
        QUOTED = "quoted"
        CHARGED = "charged"
        REFUNDED = "refunded"

    take = models.ForeignKey("generations.Generation", models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", help_text="the take's")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", help_text="the take's"
    )
    order = models.UUIDField(help_text="the remote_id under which it was ordered")
    kind = models.CharField(max_length=8, choices=Kind)
    credits = models.DecimalField(max_digits=12, decimal_places=2, help_text="negative when given back")
    at = models.DateTimeField(
        help_text="when it was quoted, ordered, or seen to be refunded; that is the day it counts for"
    )

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.UniqueConstraint(
                fields=["take", "order"], condition=Q(kind="quoted"), name="entry_quoted_once"
            ),
            models.CheckConstraint(
                condition=~Q(kind="refunded") | Q(credits__lt=0), name="entry_refund_is_negative"
            ),
        ]
        indexes = [
            Index(fields=["at", "id"], name="entry_at"),
            Index(fields=["account", "at", "id"], name="entry_of_account"),
            Index(fields=["owner", "at", "id"], name="entry_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.credits} {self.kind} for take {self.take_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("lines of the ledger are not changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("lines of the ledger are not removed")

    @property
    def word(self) -> str:
        """What happened, on a receipt."""
        if self.kind == Entry.Kind.CHARGED and self.credits < 0:
            return "Moved to a card of its own"
        return {"quoted": "Quoted", "charged": "Charged", "refunded": "Given back"}[self.kind]


def given_back(lines: Iterable[Entry], order: UUID) -> Decimal:
    """What these lines say was refunded of this order, in credits."""
    refunds = (line for line in lines if line.kind == Entry.Kind.REFUNDED and line.order == order)
    return -sum((line.credits for line in refunds), Decimal(0))


def _line(take: Generation, kind: str, credits: Decimal, at: datetime | None, order: UUID) -> Entry:
    whose = {"take": take, "account_id": take.account_id, "owner_id": take.owner_id}
    return Entry(**whose, order=order, kind=kind, credits=credits, at=at or timezone.now())


def _news(take: Generation, lines: list[Entry], *, quotes: bool) -> Iterator[Entry]:
    """The lines that are missing."""
    kinds = Entry.Kind
    known = {line.order for line in lines if line.kind == kinds.QUOTED}
    if quotes and take.quoted is not None and take.remote_id not in known:
        yield _line(take, kinds.QUOTED, take.quoted, None, take.remote_id)
    booked = sum((line.credits for line in lines if line.kind != kinds.QUOTED), Decimal(0))
    due = take.charged_before + (take.charged or 0) - booked
    if due > 0:
        yield _line(take, kinds.CHARGED, due, take.sent_at, take.remote_id)
    elif due < 0:
        yield _line(take, kinds.REFUNDED, due, None, take.remote_id)
