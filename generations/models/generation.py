"""Generations ("takes" on the pages): one row is one clip being made, and the queue of its own work."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Index, Q
from django.urls import reverse
from django.utils import timezone

from catalog.models import Account, AIModel

from .asset import Asset
from .status import PATIENCE, RUNNING, Status
from .words import TakeWords, types_of


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_S)


class LeaseLost(Exception):
    """Another worker has taken the row over; whoever held it must stop writing to it."""


class GenerationQuerySet(models.QuerySet["Generation"]):
    def owned_by(self, user: User) -> GenerationQuerySet:
        return self.filter(owner=user, deleted_at=None)

    def deleted_by(self, user: User) -> GenerationQuerySet:
        return self.filter(owner=user).exclude(deleted_at=None)

    def running(self) -> GenerationQuerySet:
        return self.filter(status__in=RUNNING)

    def in_status(self, statuses: Iterable[str]) -> GenerationQuerySet:
        return self.filter(status__in=list(statuses))

    def due(self, account: Account) -> GenerationQuerySet:
        """Rows of this account that may take their next step now and that nobody holds."""
        now = timezone.now()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.running().filter(free, account=account, next_attempt_at__lte=now)

    def held(self) -> GenerationQuerySet:
        """Rows that a worker has in hand."""
        return self.filter(lease_until__gt=timezone.now())

    def claim(self, account: Account, limit: int) -> list[Generation]:
        """Take up to `limit` due rows of this queryset; the conditional UPDATE decides between workers."""
        token = uuid.uuid4().hex
        wanted = list(self.due(account).order_by("next_attempt_at").values_list("pk", flat=True)[:limit])
        if not wanted:
            return []
        rows = Generation.objects.due(account).filter(pk__in=wanted)
        if not rows.update(lease_owner=token, lease_until=lease_end()):
            return []
        return list(Generation.objects.filter(lease_owner=token).select_related("account", "ai_model"))

    def newest_first(self) -> GenerationQuerySet:
        return self.order_by("-created", "-pk")

    def of_kind(self, kind: str) -> GenerationQuerySet:
        """image, audio or video, by what the request makes."""
        return self.filter(type__in=types_of(kind))

    def for_cards(self) -> GenerationQuerySet:
        """With all that a card shows; the number of queries doesn't grow with the rows."""
        return self.select_related("account").prefetch_related("input_set__asset")

    def after(self, created: datetime, pk: int) -> GenerationQuerySet:
        """The rows that follow (created, pk), newest first; in this form both databases use the index."""
        return self.filter(created__lte=created).exclude(created=created, pk__gte=pk)


class Generation(TakeWords, models.Model):
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
    body = models.JSONField(
        default=dict, help_text="the request; complete with ids from the moment it is sent"
    )
    aspect_ratio = models.CharField(max_length=20, blank=True)
    resolution = models.CharField(max_length=40, blank=True)
    inputs: models.ManyToManyField[Asset, Input] = models.ManyToManyField(
        Asset, through="Input", related_name="takes"
    )

    remote_id = models.UUIDField(default=uuid.uuid4, help_text="reserved by us, sent with the request")
    remote_asset_id = models.UUIDField(null=True, default=uuid.uuid4)
    sent_at = models.DateTimeField(null=True, help_text="when the paid request last left; set before it does")
    submitted_at = models.DateTimeField(null=True, help_text="when the service was first known to have it")

    status = models.CharField(max_length=12, choices=Status, default=Status.PREPARING)
    progress = models.FloatField(default=0)
    eta_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True, help_text="what holds it up at the moment")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)

    attempts = models.PositiveIntegerField(default=0, help_text="tries of the present step")
    next_attempt_at = models.DateTimeField(default=timezone.now)
    deadline_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True)

    quoted = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="credits; null = unknown"
    )
    arithmetic = models.CharField(max_length=200, blank=True)
    charged = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="credits; null = unknown"
    )
    charged_before = models.DecimalField(
        max_digits=12,
        decimal_places=2,
        default=0,
        help_text="credits kept by earlier, failed tries of this card",
    )

    favorite = models.BooleanField(default=False)
    imported = models.BooleanField(default=False, help_text="found in the service's history")
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(default=timezone.now, help_text="last change that a page would show")
    finished_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    result = models.FileField(max_length=255, blank=True)
    poster = models.FileField(max_length=255, blank=True)
    preview = models.FileField(max_length=255, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True, help_text="bytes")
    sha256 = models.CharField(max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "remote_id"], name="take_once_per_account"),
            models.UniqueConstraint(fields=["owner", "shot", "position"], name="take_once_per_shot"),
        ]
        indexes = [
            Index(
                "owner", F("created").desc(), F("id").desc(), name="take_newest", condition=Q(deleted_at=None)
            ),
            Index("account", "next_attempt_at", name="take_due", condition=Q(status__in=RUNNING)),
            Index("lease_owner", name="take_lease", condition=~Q(lease_owner="")),
        ]

    def __str__(self) -> str:
        return f"take {self.pk} ({self.status})"

    def get_absolute_url(self) -> str:
        return reverse("take", args=[self.pk])

    def follows_a_preparing_variation(self) -> bool:
        earlier = Generation.objects.filter(owner=self.owner_id, shot=self.shot, position__lt=self.position)
        return earlier.filter(status=Status.PREPARING).exists()

    # Writing: only by these, each saving just its own fields, so page and worker don't overwrite each other.

    def write(self, **fields: Any) -> None:
        """Save a step's outcome while holding the lease; LeaseLost if someone else has the row now."""
        fields.setdefault("updated", timezone.now())
        held = Generation.objects.filter(pk=self.pk, lease_owner=self.lease_owner)
        if not self.lease_owner or not held.update(**fields):
            raise LeaseLost(f"take {self.pk}")
        for name, value in fields.items():
            setattr(self, name, value)

    def enter(self, status: Status, **fields: Any) -> None:
        """Go to another status: a fresh attempt count, deadline and no note. The lease is kept."""
        now = timezone.now()
        patience = PATIENCE.get(status)
        self.write(
            status=status,
            attempts=0,
            note="",
            next_attempt_at=now,
            deadline_at=now + patience if patience else None,
            **fields,
        )

    def fail(self, code: str, message: str, **fields: Any) -> None:
        self.enter(
            Status.ERROR,
            error_code=code[:40],
            error_message=message,
            finished_at=timezone.now(),
            eta_at=None,
            **fields,
        )

    def release(self, pause_s: float = 0, **fields: Any) -> None:
        """Give the row back; it is due again after `pause_s` seconds."""
        due = timezone.now() + timedelta(seconds=pause_s)
        self.write(lease_owner="", lease_until=None, next_attempt_at=due, updated=self.updated, **fields)

    def set_favorite(self, favorite: bool) -> None:
        self.favorite = favorite
        self.save(update_fields=["favorite"])

    def delete_softly(self) -> bool:
        """Hide the take, keeping its ids so that the history import doesn't bring it back.

        False while it runs: the service can't cancel it, so it will cost what it costs."""
        now = timezone.now()
        idle = Generation.objects.filter(pk=self.pk, deleted_at=None).exclude(status__in=RUNNING)
        return bool(idle.update(deleted_at=now, updated=now))

    def _remember_try(self) -> None:
        """Keep the id of an order that failed, or the history import would bring it as a card of its own."""
        FailedTry.objects.get_or_create(
            account_id=self.account_id,
            remote_id=self.remote_id,
            defaults={"generation": self, "error_code": self.error_code, "charged": self.charged},
        )

    def restore(self) -> None:
        Generation.objects.filter(pk=self.pk).update(deleted_at=None, updated=timezone.now())

    def retry(self) -> bool:
        """Start a failed take again on the same card; False if it isn't one that can.

        An outcome that is not certain keeps its reserved ids, so that the service's answer is looked up
        and nothing is paid twice; a paid result that could not be fetched is only fetched again."""
        if not self.can_retry:
            return False
        now = timezone.now()
        fields: dict[str, Any] = {"status": self.retry_status}
        if self.retry_status == Status.PREPARING:
            self._remember_try()
            fields |= {
                "remote_id": uuid.uuid4(),
                "remote_asset_id": uuid.uuid4(),
                "sent_at": None,
                "submitted_at": None,
            }
            fields |= {"charged": None, "charged_before": self.charged_before + (self.charged or 0)}
        failed = Generation.objects.filter(pk=self.pk, status=Status.ERROR, deleted_at=None)
        return bool(
            failed.update(
                **fields,
                attempts=0,
                progress=0,
                note="",
                error_code="",
                error_message="",
                finished_at=None,
                next_attempt_at=now,
                updated=now,
                deadline_at=now + PATIENCE[self.retry_status],
                lease_owner="",
                lease_until=None,
            )
        )


class FailedTry(models.Model):
    """An order of a card that was retried after it had failed for good."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="failed_tries")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    remote_id = models.UUIDField()
    error_code = models.CharField(max_length=40, blank=True)
    charged = models.DecimalField(
        max_digits=12, decimal_places=2, null=True, help_text="credits; null = unknown"
    )
    retried_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "remote_id"], name="failed_try_once")]

    def __str__(self) -> str:
        return f"{self.remote_id} of take {self.generation_id}"

    @transaction.atomic
    def settle(self, charged: Decimal) -> None:
        """The charge of this try has become known: once only, it joins those of the card."""
        if FailedTry.objects.filter(pk=self.pk, charged=None).update(charged=charged):
            card = Generation.objects.filter(pk=self.generation_id)
            card.update(charged_before=F("charged_before") + charged, updated=timezone.now())


class Input(models.Model):
    """What an asset is to a take: its start frame, its end frame, its audio."""

    class Role(models.TextChoices):
        START_FRAME = "start_frame"
        END_FRAME = "end_frame"
        AUDIO = "audio"

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="input_set")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["generation", "role"], name="one_input_per_role")]

    def __str__(self) -> str:
        return f"{self.role} of take {self.generation_id}"
