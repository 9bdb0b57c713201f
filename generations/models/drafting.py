"""What people write before the button is pressed: the shot they work on, and settings they want again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Draft(models.Model):
    """The shot that a person works on, as the form's values; it outlives reloads, sign-outs and refusals."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="draft")
    values = models.JSONField(default=dict, help_text="of the form's fields: lists of strings by name")
    page = models.CharField(max_length=36, blank=True, help_text="shared by the pages that go on with it")
    before = models.JSONField(default=dict, help_text="the shot whose place it took, likewise")
    updated = models.DateTimeField(default=timezone.now, help_text="when its last change was made")

    def __str__(self) -> str:
        return f"draft of {self.owner}"


class Preset(models.Model):
    """Settings under a name, to be laid over any prompt."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="presets")
    name = models.CharField(max_length=60)
    values = models.JSONField(default=dict, help_text="of the form's fields: lists of strings by name")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="preset_once_per_name")]

    def __str__(self) -> str:
        return self.name


class Purse(models.Model):
    """How a person wants to spend: from which price on the studio asks before it orders."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="purse")
    ask_over = models.PositiveIntegerField(null=True, blank=True, help_text="credits; null = never ask")
    fan_out_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="credits that one prompt for several models may cost; null = 100"
    )

    def __str__(self) -> str:
        return f"purse of {self.owner}"
