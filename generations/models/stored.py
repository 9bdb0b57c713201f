"""What of a take lies in our storage, and what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from generations import failures

from .status import Status


class Damage(models.TextChoices):
    """What the last check found wrong with the stored result."""

    MISSING = "missing"
    DAMAGED = "damaged"


class Place(NamedTuple):
    """Where a take's file is, for people: an icon with its words; `warns` when something should be done."""

    icon: str
    words: str
    warns: bool = False


_KEPT = Place("shield-check", "On disk, verified")
_KEPT_ONLY = Place("hard-drive", "On disk, not verified yet")
_THERE = Place("cloud", "Only at the service")
_WRONG = {
    Damage.MISSING: Place("shield-alert", "Missing from the disk", warns=True),
    Damage.DAMAGED: Place("shield-alert", "Damaged on the disk", warns=True),
}


class Stored(models.Model):
    """The files of a take. Only what a complete row names counts as kept."""

    if TYPE_CHECKING:
        status: str
        error_code: str

    result = models.FileField(max_length=255, blank=True)
    poster = models.FileField(max_length=255, blank=True)
    preview = models.FileField(max_length=255, blank=True)
    sprite = models.FileField(max_length=255, blank=True, help_text="frames of the clip, side by side")
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(null=True, help_text="bytes")
    sha256 = models.CharField(max_length=64, blank=True, help_text="of the bytes as they arrived")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    verified_at = models.DateTimeField(
        null=True, help_text="when the stored result last had its size and its hash"
    )
    damage = models.CharField(
        max_length=8, choices=Damage, blank=True, help_text="what the last check found wrong with it"
    )
    gone_at = models.DateTimeField(
        null=True, help_text="when the service was found not to have a lost result any more"
    )

    class Meta:
        abstract = True

    @property
    def place(self) -> Place | None:
        """Where its file is; None while there is none, or when only its record is left."""
        if self.is_only_there:
            return _THERE
        if self.status != Status.COMPLETE or not self.result:
            return None
        return _WRONG[Damage(self.damage)] if self.damage else _KEPT if self.verified_at else _KEPT_ONLY

    @property
    def is_only_there(self) -> bool:
        """Finished and paid, and nothing of it is here yet; the service's links expire."""
        given_up = self.status == Status.ERROR and self.error_code == failures.RESULT_UNREADABLE
        return given_up or self.status == Status.DOWNLOADING

    @property
    def is_lost(self) -> bool:
        """Complete, but its file is not as it was stored."""
        return bool(self.damage) and self.status == Status.COMPLETE

    @property
    def stored_names(self) -> set[str]:
        """What of it lies in the storage: the result and its pictures."""
        files: list[FieldFile] = [self.result, self.poster, self.preview, self.sprite]
        return {str(file.name) for file in files if file}


def found_whole() -> dict[str, Any]:
    """The columns of a result that has its size and its hash."""
    return {"verified_at": timezone.now(), "damage": "", "gone_at": None}
