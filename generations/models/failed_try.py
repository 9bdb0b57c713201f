"""Orders of a card that came to nothing before it was tried again."""

from __future__ import annotations

from decimal import Decimal

from django.db import models, transaction
from django.utils import timezone

from catalog.models import Account
from generations import failures

from .entry import Entry, given_back
from .phrases import charged_words


class FailedTryQuerySet(models.QuerySet["FailedTry"]):
    def told(self) -> list[FailedTry]:
        """In their order, and of each it is known what was given back."""
        tries = list(self.order_by("pk"))
        lines = list(Entry.objects.filter(take__in={each.generation_id for each in tries}))
        for each in tries:
            each.given_back = given_back(lines, each.remote_id)
        return tries


class FailedTry(models.Model):
    """An order of a card that was retried after it had failed for good."""

    generation = models.ForeignKey("Generation", models.CASCADE, related_name="failed_tries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    remote_id = models.UUIDField()
    error_code = models.CharField(max_length=40, blank=True)
    charged = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="credits; null = unknown"
    )
    error_part = models.CharField(max_length=20, blank=True)
    was_sent = models.BooleanField(default=True)
    failed_at = models.DateTimeField(null=True)
    retried_at = models.DateTimeField(default=timezone.now)

    given_back = Decimal(0)
    """Known of those that were `told`."""

    objects = FailedTryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "remote_id"], name="failed_try_once")]

    def __str__(self) -> str:
        return f"{self.remote_id} of take {self.generation_id}"

    @property
    def why(self) -> str:
        return failures.explain(self.error_code, part=self.error_part).title

    @property
    def charge_words(self) -> str:
        return charged_words(self.charged, sent=self.was_sent, given_back=self.given_back)

    @transaction.atomic
    def settle(self, charged: Decimal) -> None:
        """The charge of this try has become known: once only, it joins those of the card."""
        if FailedTry.objects.filter(pk=self.pk, charged=None).update(charged=charged):
            self._add_to_card(charged)

    @transaction.atomic
    def disown(self) -> None:
        """This order did not fail after all: it becomes a card of its own, its charge goes there. Once."""
        if FailedTry.objects.filter(pk=self.pk).delete()[0]:
            self._add_to_card(-(self.charged or Decimal(0)))

    def _add_to_card(self, credits: Decimal) -> None:
        """Booked as this order's, not as the card's present one."""
        Entry.objects.charge(self.generation, self.remote_id, credits, self.retried_at)
        self.generation.add_earlier_charge(credits)
