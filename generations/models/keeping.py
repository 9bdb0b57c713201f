"""What people put beside their takes: notes, collections, and searches they want to make again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from generations.timecodes import moment_words

from .generation import Generation


class Note(models.Model):
    """Words about a take, or about one moment of it."""

    take = models.ForeignKey(Generation, models.CASCADE, related_name="notes")
    at_ms = models.PositiveIntegerField(null=True, blank=True, help_text="place in the clip; null = none")
    text = models.TextField(max_length=2000)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at_ms", "pk"]

    def __str__(self) -> str:
        return f"note {self.pk} on take {self.take_id}"

    @property
    def moment(self) -> str:
        """ "0:03.2", or "" of a note about the whole."""
        return "" if self.at_ms is None else moment_words(self.at_ms)

    @property
    def seconds(self) -> str:
        """The moment as a link to the file carries it."""
        return "" if self.at_ms is None else f"{self.at_ms / 1000:.3f}"


class Collection(models.Model):
    """Takes that one person has put together, in an order of their own; a take may be in several."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="collections")
    name = models.CharField(max_length=80)
    cover = models.ForeignKey(Generation, models.SET_NULL, null=True, blank=True, related_name="+")
    takes: models.ManyToManyField[Generation, Collected] = models.ManyToManyField(
        Generation, through="Collected", related_name="collections"
    )
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(default=timezone.now)

    share_token = models.CharField(
        max_length=64, blank=True, help_text='whoever has it may look; "" = not shared'
    )
    shared_until = models.DateTimeField(null=True)
    hides_prompts = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="collection_name_once"),
            models.UniqueConstraint(
                fields=["share_token"], condition=~Q(share_token=""), name="collection_token_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Collected(models.Model):
    """A take's place in a collection."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="places")
    take = models.ForeignKey(Generation, models.CASCADE, related_name="places")
    position = models.PositiveIntegerField(help_text="order within the collection; gaps are allowed")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["collection", "take"], name="collected_once")]
        indexes = [models.Index(fields=["collection", "position", "id"], name="collected_order")]

    def __str__(self) -> str:
        return f"take {self.take_id} in collection {self.collection_id}"


class SavedSearch(models.Model):
    """The filters of a gallery page under a name."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="searches")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True, help_text="of the gallery's address")
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="search_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('gallery')}?{self.query}"
