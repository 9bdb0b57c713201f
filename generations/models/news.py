"""What services tell of orders, kept until it was looked up: they tell it once."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.utils import timezone

from .generation import Generation

MOST_OF_A_CARD = 8
KEPT_FOR = timedelta(days=30)
LEAST_PAUSE = timedelta(minutes=1)


class NewsQuerySet(models.QuerySet["News"]):
    def due(self) -> Self:
        return self.filter(next_look_at__lte=timezone.now())

    def keep(self, card: int, remote_id: UUID, asset_id: str) -> News | None:
        """The row of it, made unless it is there; None of a card of which too much is told already."""
        of_card = self.filter(generation=card)
        known = of_card.filter(remote_id=remote_id, asset_id=asset_id).first()
        if known or of_card.count() >= MOST_OF_A_CARD:
            return known
        return self.get_or_create(generation_id=card, remote_id=remote_id, asset_id=asset_id)[0]

    def claim(self, pk: int) -> News | None:
        """The row, for one worker alone: the next look is put off, ever longer the older it is."""
        news = self.due().filter(pk=pk).first()
        if news is None:
            return None
        now = timezone.now()
        pause = max(LEAST_PAUSE, (now - news.heard_at) / 10)
        free = self.filter(pk=pk, next_look_at=news.next_look_at)
        return news if free.update(next_look_at=now + pause) else None

    def forget_old(self) -> None:
        self.filter(heard_at__lt=timezone.now() - KEPT_FOR).delete()


class News(models.Model):
    """An order without an answer is said to have made this asset."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="+")
    remote_id = models.UUIDField(help_text="the order of the card that it is about")
    asset_id = models.CharField(max_length=100)
    heard_at = models.DateTimeField(default=timezone.now)
    next_look_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[NewsQuerySet] = NewsQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "remote_id", "asset_id"], name="news_once")
        ]
        indexes = [models.Index(fields=["next_look_at"], name="news_due")]

    def __str__(self) -> str:
        return f"{self.asset_id} of take {self.generation_id}"
