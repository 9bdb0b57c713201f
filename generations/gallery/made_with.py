"""What a person has made with a model, for the model's page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Sum
from django.utils.functional import cached_property

from generations.learning import Figures, of_model
from generations.models import Generation
from generations.models.phrases import credits_words

from .filters import GalleryFilters

LATEST = 6


class MadeWith:
    """A person's takes that fit the filters, in short: the latest, how many there are, and their charge."""

    def __init__(self, owner: User, filters: GalleryFilters) -> None:
        self._all = filters.apply(Generation.objects.owned_by(owner))
        self._owner, self._model = owner, filters.model

    @cached_property
    def latest(self) -> list[Generation]:
        return list(self._all.newest_first().defer("words")[:LATEST])

    @cached_property
    def _sums(self) -> dict[str, Any]:
        charged = Sum(F("charged") + F("charged_before"))
        return self._all.aggregate(count=Count("pk"), known=Count("charged"), charged=charged)

    @cached_property
    def learnt(self) -> Figures | None:
        """How many were worth keeping, deleted ones counted too."""
        return of_model(self._owner, self._model) if self._model else None

    @property
    def count(self) -> int:
        return int(self._sums["count"])

    @property
    def charged(self) -> Decimal | None:
        """Credits, of those whose charge is known; all are of one account, for they are of one model."""
        total: Decimal | None = self._sums["charged"]
        return total

    @property
    def charged_words(self) -> str:
        """ "75 credits charged for the 2 whose charge is known", or "" when none is."""
        if self.charged is None:
            return ""
        words = f"{credits_words(self.charged)} credit{'' if self.charged == 1 else 's'} charged"
        known = self._sums["known"]
        return words if known == self.count else f"{words} for the {known} whose charge is known"
