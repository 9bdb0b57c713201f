"""What people think of a take, and whether anybody has looked at it yet."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.expressions import CombinedExpression

RATINGS = range(1, 6)
_POSITIONS = 2**15
"""More than the column can hold."""


class Verdict(models.TextChoices):
    KEEP = "keep"
    REJECT = "reject"


def is_kept(of: str = "") -> Q:
    """By a verdict or as a favorite. `of`: the way to the take from what is asked, such as "take__"."""
    return Q(**{f"{of}verdict": Verdict.KEEP}) | Q(**{f"{of}favorite": True})


def standing() -> CombinedExpression:
    """How good a take was found among those of its shot; no two stand the same. Kept ones stand highest,
    favorites that are rejected among them, then those without a verdict, then rejected ones; of each the more
    stars the better, none being the least, and of as many the first of the shot.

    One number, for one comparison: over several joined by OR, PostgreSQL plans longer than it reads."""
    verdict = Case(When(is_kept(), 2), When(verdict=Verdict.REJECT, then=0), default=1)
    opinion = verdict * (1 + max(RATINGS)) + F("rating")
    return opinion * _POSITIONS - F("position")


@dataclass(frozen=True)
class Star:
    """One of five buttons: pressing it asks for `next`."""

    value: int
    lit: bool
    pressed: bool

    @property
    def next(self) -> int:
        """Pressing what the rating is takes it off."""
        return 0 if self.pressed else self.value

    @property
    def title(self) -> str:
        return "Take the rating off" if self.pressed else f"{self.value} star{'s' if self.value > 1 else ''}"


class Judged(models.Model):
    """Set by people, never by the service."""

    favorite = models.BooleanField(default=False)
    rating = models.PositiveSmallIntegerField(default=0, help_text="1 to 5 stars; 0 = not rated")
    verdict = models.CharField(max_length=6, choices=Verdict, blank=True, help_text="of the review")
    unseen = models.BooleanField(default=False, help_text="ready, and nobody has opened or judged it yet")

    class Meta:
        abstract = True

    @property
    def stars(self) -> list[Star]:
        return [Star(value, value <= self.rating, value == self.rating) for value in RATINGS]

    @property
    def judged_words(self) -> str:
        """ "Kept, 4 stars", or what is known of it."""
        verdict = {"keep": "Kept", "reject": "Rejected"}.get(self.verdict, "")
        rating = f"{self.rating} star{'' if self.rating == 1 else 's'}" if self.rating else ""
        return ", ".join(filter(None, (verdict, rating)))
