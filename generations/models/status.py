"""The states of a take and how long each may last."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone


class Status(models.TextChoices):
    """Hedra's statuses as it spells them, and ours before and after them."""

    PREPARING = "preparing"  # inputs still have to reach the service
    SUBMITTING = "submitting"  # the paid request is about to leave, or its answer is unclear
    UNCLEAR = "unclear"  # the order's answer is lost and the service can't be asked: a person decides
    QUEUED = "queued"
    PROCESSING = "processing"
    FINALIZING = "finalizing"
    DOWNLOADING = "downloading"  # finished at the service, not yet on our disk
    COMPLETE = "complete"
    ERROR = "error"


REMOTE = (Status.QUEUED, Status.PROCESSING, Status.FINALIZING)
LOCAL = (Status.PREPARING, Status.SUBMITTING, Status.DOWNLOADING)
RUNNING = (*LOCAL, *REMOTE)

# How long a status may last before we give up and say so. A paid result is worth a week of tries.
PATIENCE = {
    Status.PREPARING: timedelta(minutes=30),
    Status.SUBMITTING: timedelta(minutes=30),
    Status.QUEUED: timedelta(hours=24),
    Status.PROCESSING: timedelta(hours=24),
    Status.FINALIZING: timedelta(hours=24),
    Status.DOWNLOADING: timedelta(days=7),
}


def schedule(status: Status) -> dict[str, datetime | None]:
    """When a row that enters this status is due, and how long it may stay; nothing of either at the end."""
    now, patience = timezone.now(), PATIENCE.get(status)
    return {
        "next_attempt_at": now if patience else None,
        "deadline_at": now + patience if patience else None,
    }
