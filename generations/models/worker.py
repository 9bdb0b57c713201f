"""The processes that make takes, each with a sign of life."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

SEEN_FOR = timedelta(seconds=30)
"""A worker that gave no sign for so long is taken for gone; while it lives it gives one every few seconds."""
FORGOTTEN_AFTER = timedelta(days=1)


def a_while_ago() -> datetime:
    return timezone.now() - SEEN_FOR


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> WorkerQuerySet:
        return self.filter(seen_at__gt=a_while_ago())

    def are_missing(self, *, waited_for: bool) -> bool:
        """Whether takes wait in vain. Asks only while some have waited for longer than a worker needs."""
        return waited_for and not self.alive().exists()

    def forget_gone(self) -> None:
        """Of those that were killed a row is left; for a day it tells when that was."""
        self.filter(seen_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()

    def enlist(self) -> Worker:
        """A row for this process."""
        self.forget_gone()
        return self.create(host=platform.node()[:255], pid=os.getpid(), version=settings.VERSION)


class Worker(models.Model):
    """One `run_worker` process, from its start until it stops."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    version = models.CharField(max_length=20)
    started = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    objects = WorkerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"

    def is_seen_again(self) -> bool:
        """It gives a sign now; False when its row was forgotten meanwhile."""
        return bool(Worker.objects.filter(pk=self.pk).update(seen_at=timezone.now()))
