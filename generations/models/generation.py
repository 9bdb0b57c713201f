"""Generations ("takes" on the pages): one row is one clip being made, and the queue of its own work."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Index, Q
from django.urls import reverse
from django.utils import timezone

from catalog.models import Account, AIModel

from .asset import Asset
from .entry import OWED, Entry, given_back
from .input import Input
from .judged import Judged
from .ordered import Ordered
from .queryset import SAID, GenerationQuerySet
from .sought import Sought, found_by
from .status import Status
from .stored import Stored
from .words import TakeWords

if TYPE_CHECKING:
    from .keeping import Note


class Generation(TakeWords, Ordered, Stored, Judged, Sought):
    """One take. Its row says what was asked, quoted, charged, and what has to be done next."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="takes")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    ai_model = models.ForeignKey(AIModel, models.SET_NULL, null=True, related_name="takes")
    model_name = models.CharField(max_length=255)
    shot = models.UUIDField(
        default=uuid.uuid4, help_text="shared by the variations of one press of the button"
    )
    position = models.PositiveSmallIntegerField(default=0, help_text="place among the variations")

    type = models.CharField(max_length=40, default="video", help_text="the API's request type")
    prompt = models.TextField(blank=True)
    enhanced_prompt = models.TextField(
        blank=True, help_text="what the service made of the prompt, if it says"
    )
    body = models.JSONField(
        default=dict, help_text="the request; complete with ids from the moment it is sent"
    )
    aspect_ratio = models.CharField(max_length=20, blank=True)
    resolution = models.CharField(max_length=40, blank=True)
    inputs: models.ManyToManyField[Asset, Input] = models.ManyToManyField(
        Asset, through="Input", related_name="takes"
    )

    made_from = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="the take it was made from: the draft of a final, the source of an upscale or extension",
    )
    is_final = models.BooleanField(default=False, help_text="the final of the draft that it was made from")
    fan_out = models.UUIDField(
        null=True, blank=True, help_text="shared by the shots of one prompt that went to several models"
    )
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="of all that was asked: the same shot again has the same"
    )

    quoted = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="credits; null = unknown"
    )
    arithmetic = models.CharField(max_length=200, blank=True)
    charged = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="credits; null = unknown"
    )
    imported = models.BooleanField(default=False, help_text="found in the service's history")
    recovered = models.BooleanField(
        default=False, help_text="rescued from the history: given up here, or without a row; see history.py"
    )
    created = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta(Stored.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(fields=["account", "remote_id"], name="take_once_per_account"),
            models.UniqueConstraint(fields=["owner", "shot", "position"], name="take_once_per_shot"),
            models.UniqueConstraint(
                fields=["account", "service_id"], condition=~Q(service_id=""), name="take_once_per_service_id"
            ),
        ]
        indexes = [
            Index(
                "owner", F("created").desc(), F("id").desc(), name="take_newest", condition=Q(deleted_at=None)
            ),
            Index("account", "next_attempt_at", name="take_due", condition=Q(next_attempt_at__isnull=False)),
            Index(
                "owner",
                "next_attempt_at",
                name="take_running",
                condition=Q(next_attempt_at__isnull=False),
            ),
            Index("lease_owner", name="take_lease", condition=Q(lease_owner__isnull=False)),
            Index(
                "owner", "fingerprint", F("created").desc(), name="take_same", condition=~Q(fingerprint="")
            ),
            Index("owner", "fan_out", name="take_fan_out", condition=Q(fan_out__isnull=False)),
            Index("account", "sent_at", name="take_uncharged", condition=Q(charged__isnull=True)),
            Index("account", "submitted_at", name="take_submitted", condition=Q(submitted_at__isnull=False)),
            *found_by(),
            # With all that the inbox asks of each, so that counting them reads no row.
            Index(
                *("owner", "finished_at", "id"),
                name="take_unseen",
                condition=Q(deleted_at=None, unseen=True, status=Status.COMPLETE),
            ),
            # All that learning.py sums up, so that a year of takes is summed without reading their rows.
            Index(
                fields=[
                    *("owner", "account", "ai_model", "model_name", "status", "favorite", "verdict"),
                    *("deleted_at", "charged", "charged_before", "sent_at", "id"),
                ],
                name="take_learnt",
            ),
        ]

    def __str__(self) -> str:
        return f"take {self.pk} ({self.status})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Books what it changes of what is owed, as every other way of writing a take does."""
        only = kwargs.get("update_fields")
        if only is not None and SAID.intersection(only):
            kwargs["update_fields"] = {*only, "words"}
        with transaction.atomic():
            super().save(*args, **kwargs)
            if only is None or OWED.intersection(only):
                Entry.objects.book(Generation.objects.filter(pk=self.pk), quotes=True)

    def get_absolute_url(self) -> str:
        return reverse("take", args=[self.pk])

    def read_receipt(self) -> list[Entry]:
        """Its lines of the ledger, in the order in which they became known; `given_back` is known then."""
        lines = list(self.entries.order_by("pk"))
        self.given_back = given_back(lines, self.remote_id)
        return lines

    @property
    def remarks(self) -> list[Note]:
        """Its notes: those about the whole, then along the clip; databases differ in where null goes."""
        return list(self.notes.order_by(F("at_ms").asc(nulls_first=True), "pk"))

    @property
    def name_there(self) -> str:
        """What its result is called at a service that takes no ids from us."""
        return f"hedra-studio-{self.remote_id}"

    @property
    def log_facts(self) -> dict[str, object]:
        """What a log line of it is about."""
        return {"take": self.pk, **self.account.log_facts}

    def follows_a_preparing_take(self) -> bool:
        """Whether an earlier take of the same press is still about to send the inputs that they share."""
        press = Q(shot=self.shot) | (Q(fan_out=self.fan_out) if self.fan_out else Q())
        mine = Generation.objects.filter(press, owner=self.owner_id, account=self.account_id)
        never = {"deleted_at__isnull": False, "sent_at": None}  # deleted before it was ordered
        return mine.filter(pk__lt=self.pk, status=Status.PREPARING).exclude(**never).exists()

    def set_favorite(self, favorite: bool) -> None:
        self.favorite = favorite
        self.save(update_fields=["favorite"])

    def judge(self, **opinion: Any) -> None:
        """What somebody thinks of it: `rating`, `verdict`. What was judged has been seen."""
        self._say(**{"unseen": False, **opinion})

    def give_stars(self, rating: int) -> None:
        """A rating that leaves it in the review, where a verdict is to follow."""
        self._say(rating=rating)

    def see(self) -> bool:
        """Somebody has opened it; True when nobody had before."""
        if not (self.unseen and self.is_complete):
            return False
        self._say(unseen=False)
        return True

    def _say(self, **opinion: Any) -> None:
        """Only these columns: a worker may hold the row."""
        opinion["updated"] = timezone.now()
        self.row().update(**opinion)
        for name, value in opinion.items():
            setattr(self, name, value)

    def delete_softly(self) -> bool:
        """Hide the take, keeping its ids so that the history import doesn't bring it back.

        False while it runs: the service can't cancel it, so it will cost what it costs."""
        now = timezone.now()
        rows = self.row(deleted_at=None)
        if self.account.is_current:
            rows = rows.filter(next_attempt_at=None)
        return bool(rows.update(deleted_at=now, updated=now))

    def restore(self) -> None:
        """Out of the trash, unless its time there has been ended meanwhile."""
        rows = self.row(deleted_at=self.deleted_at)
        rows.update(deleted_at=None, updated=timezone.now())
