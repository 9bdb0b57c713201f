"""Who works on takes, and which of them are stuck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from catalog.models.account import in_use
from generations import failures
from generations.models import Generation, Status, Worker

from .finding import Finding, bad, ok, warn

PATIENCE = timedelta(minutes=2)
"""A take that is due is begun within seconds, unless all threads have long work in hand."""
MANY_TRIES = 5


def worker() -> Iterator[Finding]:
    alive = list(Worker.objects.alive())
    if not alive:
        last = Worker.objects.order_by("-seen_at").first()
        seen = f", last seen {last.seen_at:%d %b %H:%M} UTC ({last})" if last else ""
        do = "Start the studio, or run `manage.py run_worker`. Takes wait; nothing is lost."
        waits = Generation.objects.running().exists()
        yield (bad if waits else warn)("worker", f"none is running{seen}", do)
        return
    yield ok("worker", f"{len(alive)} running: {', '.join(map(str, alive))}")
    older = [f"{each} ({each.version})" for each in alive if each.version != settings.VERSION]
    if older:
        says = f"of another version than this one ({settings.VERSION}): {', '.join(older)}"
        yield warn("worker", says, "Start it again, so that all parts are of one version.")


def running() -> Iterator[Finding]:
    """Each way in which a take can hang, with what ends it."""
    now, here = timezone.now(), in_use("account__")
    waiting = Q(next_attempt_at__isnull=False)
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    counts = Generation.objects.filter(deleted_at=None).aggregate(
        running=Count("pk", filter=waiting & here),
        unclear=Count("pk", filter=Q(status=Status.UNCLEAR)),
        # A long history is fetched a few at a time, while new takes go first.
        left=Count("pk", filter=here & free & Q(imported=False, next_attempt_at__lt=now - PATIENCE)),
        overdue=Count("pk", filter=waiting & here & Q(deadline_at__lt=now)),
        unfetched=Count("pk", filter=here & Q(status=Status.DOWNLOADING, attempts__gte=MANY_TRIES)),
        unreadable=Count("pk", filter=Q(status=Status.ERROR, error_code=failures.RESULT_UNREADABLE)),
        keyless=Count("pk", filter=waiting & ~here),
    )
    found = [_stuck(name, count) for name, count in counts.items() if count and name in STUCK]
    yield from found
    if not found:
        yield ok("takes", f"{counts['running']} running, none is stuck")


STUCK = {
    "left": (
        "due for minutes, and nobody works on them",
        "Is the worker busy with long downloads, or broken? Look into its log; start the studio again.",
    ),
    "unclear": (
        "unclear: nobody knows whether the order ran",
        "Look in Hoox's list, then say on each take's page whether it ran. Nothing is sent again by itself.",
    ),
    "overdue": ("past their deadline", "They end by themselves after some last tries."),
    "unfetched": (
        "finished at the service, and fetching them fails",
        "Look at disk and network; the log says more. They are tried for a week.",
    ),
    "unreadable": (
        "finished, and what came can't be used",
        "Press Retry on each: it is fetched again, not paid again.",
    ),
    "keyless": (
        "made with a key that is not in use",
        "Put that key back into .env for as long as they run.",
    ),
}


def _stuck(name: str, count: int) -> Finding:
    says, do = STUCK[name]
    says = f"{count} take{'s' if count > 1 else ''} {says}"
    return bad("takes", says, do) if name == "left" else warn("takes", says, do)
