"""The voices that a service offers for speech."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from catalog.mirror import voice_labels
from catalog.models.account import Account, in_use


class VoiceQuerySet(models.QuerySet["Voice"]):
    def current(self) -> Self:
        """What can be used now, with the keys in use."""
        return self.filter(in_use("account__"), retired_at=None)


class Voice(models.Model):
    """One voice. What the service says nothing of is ""."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="voices")
    remote_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    language = models.CharField(max_length=60, blank=True)
    gender = models.CharField(max_length=60, blank=True)
    age = models.CharField(max_length=60, blank=True)
    accent = models.CharField(max_length=60, blank=True)
    labels = models.JSONField(default=dict, blank=True, help_text="all of them, as the service spells them")
    source = models.CharField(max_length=60, blank=True)
    preview_url = models.TextField(blank=True, help_text="a link that expires")
    preview = models.FileField(max_length=255, blank=True, help_text="our copy")
    preview_type = models.CharField(max_length=40, blank=True)
    preview_ms = models.PositiveIntegerField(null=True, blank=True)
    preview_at = models.DateTimeField(
        null=True, blank=True, help_text="when it was copied; nothing once the service offers another one"
    )
    preview_tried_at = models.DateTimeField(null=True, blank=True)
    preview_error = models.TextField(blank=True)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Voice"]] = VoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "remote_id"], condition=~Q(remote_id=""), name="voice_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def can_be_heard(self) -> bool:
        return bool(self.preview or self.preview_url)

    @property
    def preview_src(self) -> str:
        """Where our copy is, made on first demand."""
        return reverse("voice_preview", args=[self.pk])

    @property
    def further_labels(self) -> list[tuple[str, str]]:
        """(name, value) of what is neither language, gender, age nor accent."""
        return voice_labels.further(self.labels)

    @property
    def length_words(self) -> str:
        """ "0:04"; "" while nobody has played it, since the service doesn't tell."""
        if self.preview_ms is None:
            return ""
        minutes, seconds = divmod(max(1, round(self.preview_ms / 1000)), 60)
        return f"{minutes}:{seconds:02}"
