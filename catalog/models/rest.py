"""A service that is busy or away is left alone by all processes, and tried gently until it is back."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from catalog.models.budget import SharedBudget
from clients.errors import Held, RateLimited, ServiceError, Unavailable
from clients.failures import LONGEST_PAUSE_S as LONGEST_ASKED_S

AWAY_AFTER = 3
"""So many calls in a row without an answer are an outage; each read was tried several times by then."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
UNSAID_PAUSE_S = 15.0
"""The first pause after a refusal for too many requests that names none."""
KNOCK_S = 40.0
"""So long may one try take; after that it counts as lost with its process."""
SLOWLY_S, BETWEEN_S = 20.0, 0.25
"""For so long after a rest, calls follow each other at this distance, all processes together."""
SPREAD_S = 3.0
TOLD_FROM_S = 5.0
CLOCKS_DIFFER_S = 60.0
"""So far apart the clocks of several machines may be."""


class RestManager(models.Manager["Rest"]):
    def failed(self, account_id: int, error: Unavailable) -> None:
        """One more call went without an answer, or the service asked for a pause."""
        now = timezone.now()
        rest, _ = self.get_or_create(account_id=account_id)
        lasts = rest.since is not None and (rest.is_on or rest.until is None or rest.until > now)
        since = rest.since if lasts and rest.since else now
        mine = self.filter(pk=account_id)
        mine.update(
            since=since, **({"failures": F("failures") + 1} if lasts else {"failures": 1, "until": None})
        )
        busy = isinstance(error, RateLimited) or error.retry_after is not None
        if busy or rest.is_on or rest.is_slow or mine.filter(failures__gte=AWAY_AFTER).exists():
            pause_s = error.retry_after if error.retry_after is not None else _pause_s(now - since, busy)
            why = Rest.Why.BUSY if busy else Rest.Why.AWAY
            mine.update(why=why, until=now + timedelta(seconds=pause_s), taken_until=None)

    def told(self) -> list[Rest]:
        """Those of the services in use that pages speak of; one query."""
        rows = self.exclude(why="").select_related("account").order_by("pk")
        return [rest for rest in rows if rest.is_told and rest.account.is_current]

    def answered(self, account_id: int) -> None:
        """The service answers: a rest ends in a slow beginning, and that in the usual pace."""
        now = timezone.now()
        slowly = {"until": now + timedelta(seconds=SLOWLY_S), "taken_until": now}
        mine = self.filter(pk=account_id)
        if not mine.exclude(why="").update(why="", **slowly):
            mine.filter(Q(until=None) | Q(until__lte=now)).update(since=None, failures=0, until=None)


def left_s(end: datetime | None, longest_s: float) -> float:
    """Seconds until then. None at all when it is further ahead than we ever write: a clock has been set back
    since, and what was to last a minute would last for hours."""
    left = (end - timezone.now()).total_seconds() if end else 0.0
    return left if 0 < left <= longest_s + CLOCKS_DIFFER_S else 0.0


def value_of(rests: Iterable[Rest]) -> str:
    """Changes whenever pages would say something else of these."""
    return ",".join(f"{rest.pk}:{rest.words}" for rest in rests)


def _pause_s(lasts: timedelta, busy: bool) -> float:
    """A third of the time that it lasts already, within limits; never in step with other studios."""
    least = UNSAID_PAUSE_S if busy else FIRST_PAUSE_S
    pause_s = min(LONGEST_PAUSE_S, max(least, lasts.total_seconds() / 3))
    return pause_s * random.uniform(0.8, 1.2)  # noqa: S311 - jitter


class Rest(models.Model):
    """Whether an account's service may be called at the moment. Three states: well (`since` may hold a first
    failure), resting (`why` is set, only a knock may go), and for a while after that slow."""

    class Why(models.TextChoices):
        BUSY = "busy"
        AWAY = "away"

    account = models.OneToOneField("catalog.Account", models.CASCADE, primary_key=True, related_name="rest")
    why = models.CharField(max_length=4, choices=Why, blank=True)
    since = models.DateTimeField(null=True, help_text="when the present trouble began")
    failures = models.PositiveIntegerField(default=0, help_text="calls without an answer, in a row")
    until = models.DateTimeField(null=True, help_text="resting: no knock before; else: slow until then")
    taken_until = models.DateTimeField(null=True, help_text="whose turn it is may take so long")

    objects: ClassVar[RestManager] = RestManager()

    def __str__(self) -> str:
        return f"{self.account_id} {self.why or 'well'}"

    @property
    def is_on(self) -> bool:
        return self.why != ""

    @property
    def is_slow(self) -> bool:
        return not self.is_on and left_s(self.until, SLOWLY_S) > 0

    @property
    def is_told(self) -> bool:
        """Whether people are told of it: a pause of a few seconds is none of their business."""
        lasts = self.until - self.since if self.until and self.since else timedelta(0)
        return self.why == Rest.Why.AWAY or (self.is_on and lasts.total_seconds() >= TOLD_FROM_S)

    @property
    def words(self) -> str:
        """What pages say of it."""
        if self.why == Rest.Why.AWAY:
            said = f"has not answered since {_clock(self.since)}"
        else:
            said = f"takes no more requests until about {_clock(self.until)}"
        return f"{self.account.label} {said}. Takes wait and go on by themselves; nothing is lost."

    @property
    def wait_s(self) -> float:
        """Seconds until somebody may call; 0 when that is now."""
        rests_s = left_s(self.until, LONGEST_ASKED_S) if self.is_on else 0.0
        return max(rests_s, left_s(self.taken_until, KNOCK_S))

    def take_turn(self, seconds: float) -> bool:
        """Whether this process is the one that calls now; the conditional UPDATE decides."""
        now = timezone.now()
        latest = now + timedelta(seconds=KNOCK_S + CLOCKS_DIFFER_S)
        free = Q(taken_until=None) | Q(taken_until__lte=now) | Q(taken_until__gt=latest)
        mine = Rest.objects.filter(free, pk=self.pk, why=self.why, until=self.until)
        return bool(mine.update(taken_until=now + timedelta(seconds=seconds)))


class SharedGate:
    """What a client passes before each call: the account's rest, then its budget if it has one."""

    def __init__(
        self,
        account_id: int,
        budget: SharedBudget | None = None,
        *,
        knocks: bool = False,
        hasty: bool = False,
    ) -> None:
        """`knocks`: may try a service that rests. `hasty`: its failures tell nothing, so soon it gives up."""
        self._account_id, self._budget = account_id, budget
        self._knocks, self._hasty = knocks, hasty

    def enter(self) -> Callable[[ServiceError | None], None]:
        """Raises Held, with the pause after which there may be room."""
        rest = Rest.objects.filter(pk=self._account_id).first()
        if rest:
            self._wait_turn(rest)
        if self._budget:
            self._budget.spend()
        return lambda error: self._tell(rest, error)

    def _wait_turn(self, rest: Rest) -> None:
        if rest.is_on and not (self._knocks and rest.wait_s == 0 and rest.take_turn(KNOCK_S)):
            raise _held(rest)
        if rest.is_slow and not rest.take_turn(BETWEEN_S):
            raise _held(rest)

    def _tell(self, rest: Rest | None, error: ServiceError | None) -> None:
        if self._budget and isinstance(error, RateLimited):
            self._budget.pause(error.retry_after)
        if isinstance(error, Unavailable):
            if not self._hasty or isinstance(error, RateLimited):
                Rest.objects.failed(self._account_id, error)
        elif rest and rest.since:
            Rest.objects.answered(self._account_id)


def _held(rest: Rest) -> Held:
    """Whoever is held comes again at a moment of its own, so that not all come at once."""
    spread_s = random.uniform(0.2, SPREAD_S)  # noqa: S311 - jitter
    return Held(
        "The service doesn't answer, or takes nothing more, at the moment. Nothing was sent or charged;"
        " the studio goes on by itself when it is back.",
        detail=f"held: {rest.why or 'slow'}",
        retry_after=rest.wait_s + spread_s,
    )


def _clock(moment: datetime | None) -> str:
    """12:03 UTC, with its day when that is not today."""
    if moment is None:
        return "a while ago"
    day = "" if moment.date() == timezone.now().date() else f"{moment.day} {moment:%b}, "
    return f"{day}{moment:%H:%M} UTC"
