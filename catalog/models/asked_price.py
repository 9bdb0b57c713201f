"""Prices that only the service itself can tell: asked for one by one, and kept by what was asked."""

import hashlib
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from catalog.models.ai_model import AIModel

FRESH_FOR = timedelta(hours=6)


class AskedPriceQuerySet(models.QuerySet["AskedPrice"]):
    def forget_answers(self) -> None:
        """What the service said holds no longer: it has changed its prices."""
        self.update(credits=None, error="", normalized={}, asked_at=None, answered_at=None)


class AskedPrice(models.Model):
    """What a service says that one take costs with these parameters. Not answered yet: no `credits`, no
    `error`."""

    model = models.ForeignKey(AIModel, models.CASCADE, related_name="asked_prices")
    parameters = models.TextField(help_text="canonical JSON of what was asked")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the parameters")
    credits = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    normalized = models.JSONField(default=dict, blank=True, help_text="what the service priced instead")
    error = models.TextField(blank=True)
    wanted_at = models.DateTimeField(help_text="when a page last showed it")
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[AskedPriceQuerySet] = AskedPriceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "digest"], name="asked_price_once")]

    def __str__(self) -> str:
        return f"{self.model_id} {self.parameters}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.digest = digest_of(self.parameters)
        super().save(*args, **kwargs)

    @property
    def is_fresh(self) -> bool:
        """Answered, and not so long ago that it should be asked again."""
        return self.answered_at is not None and self.answered_at > timezone.now() - FRESH_FOR

    @property
    def is_pending(self) -> bool:
        """Whether an answer is still to come; one that failed is asked for again, but nobody waits for it."""
        return not self.is_fresh and not self.error

    @property
    def is_doubtful(self) -> bool:
        """Answered long ago, and asking again has failed since."""
        return not self.is_fresh and bool(self.error)


def digest_of(parameters: str) -> str:
    return hashlib.sha256(parameters.encode()).hexdigest()
