"""Where a take stands in the table of states, and the steps of whoever has it in hand."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone

from generations import parts

from .status import STATES, By, State, Status, StepRefused, may_step, schedule

if TYPE_CHECKING:
    from .queryset import GenerationQuerySet

log = logging.getLogger(__name__)

LAST_TRIES = 8


NEAR_END = (Status.FINALIZING, Status.DOWNLOADING)


def expected_about_now() -> tuple[datetime, datetime]:
    """From when to when an expected end may come any moment; one that is long past says nothing more."""
    return timezone.now() - timedelta(minutes=1), timezone.now() + timedelta(seconds=5)


class LeaseLost(Exception):
    """Another worker has taken the row over; whoever held it must stop writing to it."""


class Stepped(models.Model):
    """Written only by the steps here and in ordered.py, each saving just its own fields, so that page and
    worker don't overwrite each other."""

    status = models.CharField(max_length=12, choices=Status, default=Status.PREPARING)
    progress = models.FloatField(default=0)
    eta_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True, help_text="what holds it up at the moment")
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    error_part = models.CharField(max_length=20, blank=True, help_text="of the shot, as the service named it")
    updated = models.DateTimeField(default=timezone.now, help_text="last change that a page would show")

    attempts = models.PositiveIntegerField(default=0, help_text="tries of the present step")
    next_attempt_at = models.DateTimeField(null=True, default=timezone.now, help_text="null = nothing to do")
    deadline_at = models.DateTimeField(null=True)
    lease_owner = models.CharField(max_length=32, null=True)  # noqa: DJ001 - null keeps it out of the index
    lease_until = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def row(self, **still: Any) -> GenerationQuerySet:
        """This row alone, if it is `still` so."""
        from .generation import Generation  # it is made of this

        return Generation.objects.filter(pk=self.pk, **still)

    def write(self, **fields: Any) -> None:
        """Save a step's outcome while holding the lease; LeaseLost if someone else has the row now."""
        fields.setdefault("updated", timezone.now())
        held = self.row(lease_owner=self.lease_owner, status=self.status)
        if not self.lease_owner or not held.update(**fields):
            raise LeaseLost(f"take {self.pk}")
        for name, value in fields.items():
            setattr(self, name, value)

    def enter(self, status: Status, **fields: Any) -> None:
        """Go to another status: a fresh attempt count, deadline and no note. The lease is kept.

        Raises StepRefused when the table of states knows no such step of a worker's."""
        if not may_step(self.status, status, By.WORKER):
            raise StepRefused(f"take {self.pk}: {self.status} → {status}")
        before, code = self.status, fields.get("error_code", "")
        self.write(status=status, attempts=0, note="", missing_since=None, **schedule(status), **fields)
        log.info("%s → %s%s", before, status, f" ({code})" if code else "")

    def fail(self, code: str, message: str, said: str = "", **fields: Any) -> None:
        """`message` is a sentence of ours for people, or "". `said` is what the service wrote: read for the
        part of the shot that it names, and not kept."""
        roles = self.input_set.values_list("role", flat=True) if said else ()  # type: ignore[attr-defined]
        gone = {"eta_at": None, "finished_at": timezone.now(), "error_part": parts.named(said, roles)}
        self.enter(Status.ERROR, **fields | gone, error_code=code[:40], error_message=message)

    def release(self, pause_s: float = 0) -> None:
        """Give the row back; if it has something to do still, it is due again after `pause_s` seconds."""
        due = timezone.now() + timedelta(seconds=pause_s) if self.is_running else None
        self.write(lease_owner=None, lease_until=None, next_attempt_at=due, updated=self.updated)

    @property
    def state(self) -> State:
        """What the table says of where it is."""
        return STATES[Status(self.status)]

    @property
    def is_overdue(self) -> bool:
        return bool(self.deadline_at and timezone.now() > self.deadline_at)

    @property
    def is_hopeless(self) -> bool:
        """Overdue and tried enough: a machine that slept past the deadline gets its tries when it wakes."""
        return self.is_overdue and self.attempts >= LAST_TRIES

    @property
    def is_running(self) -> bool:
        return not (self.is_complete or self.is_error or self.is_unclear)

    @property
    def is_complete(self) -> bool:
        return self.status == "complete"

    @property
    def is_error(self) -> bool:
        return self.status == "error"

    @property
    def is_unclear(self) -> bool:
        """Nobody knows whether its order ran: a person has to look."""
        return self.status == "unclear"

    @property
    def is_near_its_end(self) -> bool:
        """It may be ready any moment."""
        first, last = expected_about_now()
        return self.status in NEAR_END or bool(
            self.is_running and self.eta_at and first <= self.eta_at <= last
        )

    @property
    def has_trouble(self) -> bool:
        """It stands still until somebody does something about it."""
        return self.is_error or self.is_unclear
