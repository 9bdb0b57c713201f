"""A service's limit on requests, kept by all processes together."""

from datetime import datetime, timedelta

from django.db import models, transaction
from django.utils import timezone

from clients.errors import Held
from clients.failures import LONGEST_PAUSE_S

CALLS = 100
"""Hoox takes so many requests a minute from one workspace."""
BURST = 40
"""So many may go at once after a quiet time; the rest of the minute's calls come back at an even pace, so
that no minute, wherever it begins, holds more than CALLS."""
PAUSE_BETWEEN = timedelta(minutes=1) / (CALLS - BURST)
LONGEST = timedelta(seconds=LONGEST_PAUSE_S) + PAUSE_BETWEEN * BURST + timedelta(minutes=1)
"""Nothing is used up for longer, whatever a service asks for and however much clocks differ."""
UNSAID_PAUSE_S = 60.0
"""The pause after a refusal that names none: the limit is counted by the minute."""


class CallBudget(models.Model):
    """Holds the moment up to which an account's calls have used the rate (a generic cell rate algorithm):
    each call moves it on by one pause, and may go while it is less than a burst ahead of now."""

    account = models.OneToOneField("catalog.Account", models.CASCADE, primary_key=True, related_name="budget")
    used_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.account_id} until {self.used_until}"


class SharedBudget:
    """What a client asks before each call."""

    def __init__(self, account_id: int, keep: int = 0) -> None:
        """`keep` calls of the burst are left to others, so that a background task keeps nobody waiting."""
        self._account_id = account_id
        self._burst = PAUSE_BETWEEN * (BURST - keep)

    def spend(self) -> None:
        """Count one call. Raises Held, with the pause until there is room, when it may not go now."""
        wait = self._move(timezone.now())
        if wait > timedelta(0):
            raise Held(
                "The service takes no more requests for the moment. Nothing was sent; it goes on by itself.",
                retry_after=wait.total_seconds(),
            )

    @transaction.atomic
    def pause(self, seconds: float | None) -> None:
        """The service itself asked for a rest: nobody calls before it is over."""
        row = self._locked(timezone.now())
        rest = timedelta(seconds=UNSAID_PAUSE_S if seconds is None else seconds)
        until = timezone.now() + rest + PAUSE_BETWEEN * (BURST - 1)
        row.used_until = max(row.used_until, until)
        row.save(update_fields=["used_until"])

    @transaction.atomic
    def _move(self, now: datetime) -> timedelta:
        """Counts the call when it may go; else how long it has to wait."""
        row = self._locked(now)
        used_until = max(row.used_until, now) + PAUSE_BETWEEN
        wait = used_until - now - self._burst
        if wait <= timedelta(0):
            row.used_until = used_until
            row.save(update_fields=["used_until"])
        return wait

    def _locked(self, now: datetime) -> CallBudget:
        CallBudget.objects.get_or_create(account_id=self._account_id, defaults={"used_until": now})
        row = CallBudget.objects.select_for_update().get(account_id=self._account_id)
        if row.used_until > now + LONGEST:  # the clock has been set back since
            row.used_until = now
        return row
