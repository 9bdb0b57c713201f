"""The states of a take as one table: what each means, how long it may last, with what pauses and what failure
in the end, where a take may go from it, and by whom. Whatever writes a status asks it; `docs/lifecycle.md`
says the same for people."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import models
from django.utils import timezone

from generations import failures

TRASH_FOR = timedelta(days=30)
"""Deleted takes can be restored for so long; then their files go, and their ids stay."""


class Status(models.TextChoices):
    """Hedra's statuses as it spells them, and ours before and after them."""

    PREPARING = "preparing"
    SUBMITTING = "submitting"
    UNCLEAR = "unclear"
    QUEUED = "queued"
    PROCESSING = "processing"
    FINALIZING = "finalizing"
    DOWNLOADING = "downloading"
    COMPLETE = "complete"
    ERROR = "error"


class By(StrEnum):
    """Who takes a step."""

    WORKER = "worker"
    """It holds the row's lease."""
    NEWS = "news"
    """The service's own word: its call, once it has been asked; an answer that came late."""
    PERSON = "person"
    RESCUE = "rescue"
    """The walk through the service's history."""


@dataclass(frozen=True)
class State:
    meaning: str
    patience: timedelta | None = None
    """How long it may last before we give up and say so; None where there is nothing for us to do."""
    longest_pause_s: float = 0
    """What the growing pause between two tries grows to."""
    given_up: str = ""
    """The failure that it ends as when its time is over, if nothing more exact is known."""
    steps: dict[Status, set[By]] = field(default_factory=dict)


_THERE = (timedelta(hours=24), 15, failures.STALLED)
_ONWARD = {Status.DOWNLOADING: {By.WORKER}, Status.ERROR: {By.WORKER}}

STATES = {
    Status.PREPARING: State(
        "inputs still have to reach the service",
        timedelta(minutes=30),
        60,
        failures.UPLOAD_FAILED,
        {Status.SUBMITTING: {By.WORKER}, Status.ERROR: {By.WORKER}},
    ),
    Status.SUBMITTING: State(
        "the paid order is about to leave, or its answer is looked up",
        timedelta(minutes=30),
        60,
        failures.UNREACHABLE,
        {
            Status.PREPARING: {By.WORKER},
            Status.UNCLEAR: {By.WORKER},
            Status.QUEUED: {By.WORKER, By.NEWS},
            Status.ERROR: {By.WORKER},
        },
    ),
    Status.UNCLEAR: State(
        "the order's answer is lost and the service can't be asked: a person decides",
        steps={Status.QUEUED: {By.NEWS, By.PERSON}, Status.ERROR: {By.PERSON}},
    ),
    # The service may tell these in any order, and leave any of them out.
    Status.QUEUED: State(
        "the service has the order",
        *_THERE,
        {Status.PROCESSING: {By.WORKER}, Status.FINALIZING: {By.WORKER}, **_ONWARD},
    ),
    Status.PROCESSING: State(
        "the service makes it",
        *_THERE,
        {Status.QUEUED: {By.WORKER}, Status.FINALIZING: {By.WORKER}, **_ONWARD},
    ),
    Status.FINALIZING: State(
        "the service finishes it",
        *_THERE,
        {Status.QUEUED: {By.WORKER}, Status.PROCESSING: {By.WORKER}, **_ONWARD},
    ),
    # A paid result is worth a week of tries.
    Status.DOWNLOADING: State(
        "finished at the service, not yet on our disk",
        timedelta(days=7),
        600,  # a link that fails for hours may for days
        failures.RESULT_UNREADABLE,
        {Status.COMPLETE: {By.WORKER}, Status.ERROR: {By.WORKER}},
    ),
    Status.COMPLETE: State(
        "on our disk, checked",
        steps={Status.DOWNLOADING: {By.PERSON}},  # where its file was lost
    ),
    Status.ERROR: State(
        "failed, refused or given up, with the reason",
        steps={
            Status.PREPARING: {By.PERSON},
            Status.SUBMITTING: {By.PERSON, By.NEWS},
            Status.DOWNLOADING: {By.PERSON},
            Status.QUEUED: {By.NEWS, By.RESCUE},
        },
    ),
}

REMOTE = (Status.QUEUED, Status.PROCESSING, Status.FINALIZING)
LOCAL = (Status.PREPARING, Status.SUBMITTING, Status.DOWNLOADING)
RUNNING = (*LOCAL, *REMOTE)


class StepRefused(Exception):
    """The table knows no such step: a mistake of ours, and nothing was written."""


def may_step(status: str, goal: Status, by: By) -> bool:
    return by in STATES[Status(status)].steps.get(goal, ())


def sources(goal: Status, by: By) -> list[Status]:
    """Where a take must be for this to take it to `goal`."""
    return [status for status in Status if may_step(status, goal, by)]


def schedule(status: Status) -> dict[str, datetime | None]:
    """When a row that enters this status is due, and how long it may stay; nothing of either at the end."""
    now, patience = timezone.now(), STATES[status].patience
    return {
        "next_attempt_at": now if patience else None,
        "deadline_at": now + patience if patience else None,
    }
