"""Inputs: the images and sounds that people upload, and their copies at the services."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.urls import reverse
from django.utils import timezone

from catalog.models import Account
from generations.media.outline import outline

from .phrases import clock_words

if TYPE_CHECKING:
    from .generation import Generation


class AssetQuerySet(models.QuerySet["Asset"]):
    def owned_by(self, user: User) -> AssetQuerySet:
        return self.filter(owner=user)


class Asset(models.Model):
    """One uploaded file, content-checked; the same bytes are stored once per owner."""

    class Kind(models.TextChoices):
        IMAGE = "image"
        AUDIO = "audio"
        VIDEO = "video"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="assets")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=255)
    file = models.FileField(max_length=255)
    thumbnail = models.FileField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(help_text="bytes")
    content_type = models.CharField(max_length=100)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    created = models.DateTimeField(default=timezone.now)
    used = models.DateTimeField(default=timezone.now, help_text="when it was last chosen for a shot")
    hidden_at = models.DateTimeField(
        null=True, blank=True, help_text="taken out of the library; takes made with it keep it"
    )
    take = models.ForeignKey(
        "Generation",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="assets",
        help_text="the take whose result this is",
    )
    cropped_from = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="crops")
    peaks = models.JSONField(
        null=True, blank=True, help_text="of audio: loudness from 0 to 100 in equal steps, to be drawn"
    )

    objects = AssetQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="asset_once_per_owner")]
        indexes = [
            models.Index("owner", models.F("used").desc(), models.F("id").desc(), name="asset_latest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        return reverse("asset_file", args=[self.pk, "file"])

    @property
    def length_words(self) -> str:
        return clock_words(self.duration_ms) if self.duration_ms else ""

    @property
    def wave(self) -> str:
        """Of a sound, as points of a polygon; "" where none is known."""
        return outline(self.peaks or [])

    @property
    def thumbnail_url(self) -> str | None:
        return reverse("asset_file", args=[self.pk, "thumbnail"]) if self.thumbnail else None


class UploadQuerySet(models.QuerySet["Upload"]):
    def of_take(self, take: Generation) -> list[Upload]:
        """One upload for each input of the take, created (not sent) where there is none yet."""
        assets = {item.asset for item in take.input_set.select_related("asset")}
        return [self.get_or_create(asset=asset, account=take.account)[0] for asset in assets]


class Upload(models.Model):
    """An asset's copy at one account, under an id that we reserve before the first byte leaves."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="uploads")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    remote_id = models.UUIDField(default=uuid.uuid4)
    uploaded_at = models.DateTimeField(null=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "account"], name="upload_once_per_account")]

    def __str__(self) -> str:
        return f"{self.asset} at {self.account}"

    def renew(self) -> bool:
        """Reserve another id, after one that may have been left half filled.

        False when another worker has finished this very upload in the meantime."""
        fresh = Upload.objects.filter(pk=self.pk, uploaded_at=None)
        renewed = bool(fresh.update(remote_id=uuid.uuid4()))
        self.refresh_from_db()
        return renewed

    def forget(self) -> None:
        """The service seems to have lost its copy: the next order sends it again, under another id."""
        Upload.objects.filter(pk=self.pk).update(remote_id=uuid.uuid4(), uploaded_at=None)

    def accept(self, remote_id: str) -> None:
        """All bytes arrived, under the id that the service answered with."""
        self.remote_id, self.uploaded_at = uuid.UUID(remote_id), timezone.now()
        self.save(update_fields=["remote_id", "uploaded_at"])
