"""What people think of a take, and whether anybody has looked at it yet."""

from __future__ import annotations

from django.db import models


class Verdict(models.TextChoices):
    KEEP = "keep"
    REJECT = "reject"


class Judged(models.Model):
    """Set by people, never by the service."""

    favorite = models.BooleanField(default=False)
    rating = models.PositiveSmallIntegerField(default=0, help_text="1 to 5 stars; 0 = not rated")
    verdict = models.CharField(max_length=6, choices=Verdict, blank=True, help_text="of the review")
    unseen = models.BooleanField(default=False, help_text="ready, and nobody has opened or judged it yet")

    class Meta:
        abstract = True
