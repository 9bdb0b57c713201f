"""The price diary: what each sync found changed."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from catalog.mirror import diary_words
from catalog.models.account import Account
from catalog.models.ai_model import AIModel


class Kind(models.TextChoices):
    """What happened to a model."""

    PRICE = "price", "Price"
    RATIOS = "ratios", "Aspect ratios"
    RESOLUTIONS = "resolutions", "Resolutions"
    DURATIONS = "durations", "Durations"
    NEEDS = "needs", "Needs"
    ARRIVED = "arrived", "New"
    RETIRED = "retired", "Retired"
    RETURNED = "returned", "Back"


class ChangeQuerySet(models.QuerySet["Change"]):
    def of_accounts(self, accounts: Iterable[Account]) -> Self:
        return self.filter(account__in=list(accounts))

    def about(self, text: str) -> Self:
        """Of models whose name, maker or slug has each of the words."""
        for word in text.split():
            fields = ("name", "maker", "slug")
            found = (Q(**{f"model__{field}__icontains": word}) for field in fields)
            self = self.filter(Q(*found, _connector=Q.OR))
        return self

    def newest_first(self) -> Self:
        return self.order_by("-at", "-pk")

    def after(self, at: datetime, pk: int) -> Self:
        """The entries that follow (at, pk), newest first; in this form both databases use the index."""
        return self.filter(at__lte=at).exclude(at=at, pk__gte=pk)


class Change(models.Model):
    """One entry of the diary. `before` and `after` hold what changed, in the service's own values."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="changes")
    model = models.ForeignKey(AIModel, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    credits_before = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    credits_after = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)

    objects: ClassVar[models.Manager["Change"]] = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at", "-id"], name="change_newest_first"),
            models.Index(fields=["model", "-at"], name="change_of_model"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.model_id} at {self.at:%Y-%m-%d}"

    @property
    def sentence(self) -> str:
        """What happened, without the model's name: "7 cr/s → 6 cr/s"."""
        return diary_words.sentence(self.kind, self.before, self.after)

    @property
    def percent(self) -> Decimal | None:
        """How far the price of a usual shot moved, without a sign; None where nobody can say."""
        return diary_words.percent(self.credits_before, self.credits_after)

    @property
    def direction(self) -> str:
        """Of the price: "up", "down", or "" when it stayed or nobody can say."""
        before, after = self.credits_before, self.credits_after
        if self.kind != Kind.PRICE or before is None or after is None or before == after:
            return ""
        return "up" if after > before else "down"

    @property
    def percent_words(self) -> str:
        """ "▼ 14 %", or ""."""
        mark = {"up": "▲", "down": "▼"}.get(self.direction)
        return f"{mark} {diary_words.share(self.percent)}" if mark and self.percent else ""
