"""What a service told of an account's balance over time; a figure is kept once for as long as it stays."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import F, Index


class BalanceReadingManager(models.Manager["BalanceReading"]):
    def note(self, account: int, credits: Decimal, at: datetime) -> None:
        """Belongs into the transaction that keeps the figure on the account, whose row orders the looks."""
        latest = self.filter(account=account).order_by("-at").first()
        if latest and latest.credits == credits:
            self.filter(pk=latest.pk).update(until=at)
        else:
            self.create(account_id=account, credits=credits, at=at, until=at)


class BalanceReading(models.Model):
    """Every look from `at` to `until` found these credits."""

    account = models.ForeignKey("catalog.Account", models.CASCADE, related_name="readings")
    credits = models.DecimalField(max_digits=16, decimal_places=4)
    at = models.DateTimeField(help_text="the first look, by when it was asked")
    until = models.DateTimeField(help_text="the latest look so far")

    objects: ClassVar[BalanceReadingManager] = BalanceReadingManager()

    class Meta:
        indexes = [Index("account", F("at").desc(), name="reading_latest")]

    def __str__(self) -> str:
        return f"{self.credits} credits since {self.at:%Y-%m-%d %H:%M}"
