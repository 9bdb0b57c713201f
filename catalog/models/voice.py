"""The voices that a service offers for speech."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

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
    labels = models.JSONField(default=dict, blank=True)
    source = models.CharField(max_length=60, blank=True)
    preview_url = models.TextField(blank=True, help_text="a link that expires")
    preview = models.FileField(max_length=255, blank=True)
    preview_at = models.DateTimeField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)
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
