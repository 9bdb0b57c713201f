"""Life of a take: one function per status that still has work to do; `orders` knows each service's ways.

Every step is safe to repeat: what it is about to do is stored before it is done, so a process killed
anywhere costs time, never a clip or a credit. Steps hold the row's lease, never a transaction across HTTP."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from catalog.models import Account
from clients.answers import RemoteGeneration
from clients.errors import (
    Held,
    MissingCredits,
    Moderated,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    Unauthorized,
    Unavailable,
)
from hedra_studio.logs import about

from . import download, failures, leases, orders, requests, room
from .models import REMOTE, Generation, LeaseLost, Status
from .orders import Answer
from .pauses import backoff_s, eta_field
from .room import NoRoom

log = logging.getLogger(__name__)

_REFUSALS: list[tuple[type[Rejected], str]] = [
    (Moderated, "MODERATION_FAILED"),
    (MissingCredits, "MISSING_CREDITS"),
    (Unauthorized, "UNAUTHORIZED"),
    (NotFound, "NOT_FOUND"),
    (Rejected, "INVALID_ARGUMENT"),
]

NO_NEWS = "The service doesn't answer at the moment. The take goes on there; the studio keeps asking."
UNKNOWN_THERE = "The service doesn't know this take at the moment; the studio keeps asking for it."
_NOTES = {
    Status.SUBMITTING: "The answer to this order got lost. The studio looks it up and never orders twice.",
    Status.DOWNLOADING: "Finished and safe at the service, but not fetched yet. The studio keeps trying.",
}


def advance(take: Generation) -> None:
    """Take a claimed row through its local steps until it has to wait for something."""
    steps: dict[str, Callable[[Generation], float | None]] = {
        Status.PREPARING: prepare,
        Status.SUBMITTING: submit,
        Status.DOWNLOADING: download.fetch,
    }
    with about(**take.log_facts):
        try:
            pause_s: float | None = None
            while pause_s is None and take.status in steps and not leases.are_given_back():
                pause_s = _attempt(take, steps[Status(take.status)])
            take.release(next_look_s(take) if pause_s is None else pause_s)
        except LeaseLost:
            log.warning("another worker took over")


def _attempt(take: Generation, step: Callable[[Generation], float | None]) -> float | None:
    """Run one step; the pause before its next try, or None when the take has moved on."""
    take.write(attempts=take.attempts + 1, updated=take.updated)
    try:
        pause_s = step(take)
    except LeaseLost:
        raise
    except Held as error:  # nothing was tried
        take.write(attempts=take.attempts - 1, updated=take.updated)
        return error.retry_after
    except NoRoom as error:  # our own disk's trouble is no reason to give up what is paid
        log.warning("%s waits: %s", take.status, error)
        take.write(note=room.HELD, attempts=0)
        return room.PAUSE_S
    except Unavailable as error:
        log.info("%s waits: %s", take.status, error.detail or error)
        return _wait(take, error)
    except ServiceError as error:
        log.warning("%s refused: %s", take.status, error.detail or error)
        return _refused(take, error)
    except Exception as error:  # a full disk, a bug of ours: the worker lives on, the take waits and says so
        log.exception("%s broke", take.status)
        broke = "The studio had trouble of its own with this take; it keeps trying."
        return _wait(take, Unavailable(broke, detail=repr(error)))
    return pause_s if pause_s is None else _wait(take, None, pause_s)


def _wait(take: Generation, error: ServiceError | None, pause_s: float = 0) -> float | None:
    """Try again after a pause, until there is no hope left.

    The note speaks of this take: the error's own words ask people to try again what we go on trying."""
    if take.is_hopeless:
        code = failures.UNREACHABLE if _may_be_paid(take) else take.state.given_up
        free: dict[str, Any] = {} if take.sent_at else {"charged": 0}
        take.fail(code, str(error or take.note), **free)
        return None
    if error:
        spoken = take.sent_at and not isinstance(error, Unauthorized)
        ours = _NOTES.get(Status(take.status)) if spoken else None
        take.write(note=ours or str(error)[:300])
    asked_s = getattr(error, "retry_after", None)
    return asked_s or pause_s or backoff_s(take.attempts, take.state.longest_pause_s)


def _may_be_paid(take: Generation) -> bool:
    return bool(take.sent_at) and take.status != Status.DOWNLOADING


def _refused(take: Generation, error: ServiceError) -> float | None:
    """A refusal ends a take that nothing was paid for. What is paid, or may be, goes on being looked for."""
    if take.status == Status.DOWNLOADING:
        return _wait(take, error)
    if take.sent_at:
        if code_of(error) in failures.OF_INPUTS:  # or each Retry would be refused for the same reason
            take.doubt_inputs()
        take.fail(failures.UNREACHABLE, str(error))
    else:
        take.fail(code_of(error), str(error), said=getattr(error, "said", ""), charged=0)
    return None


def code_of(error: ServiceError) -> str:
    """The API's code for a refusal."""
    if not isinstance(error, Rejected):
        return "UNKNOWN"
    by_class = next(code for kind, code in _REFUSALS if isinstance(error, kind))
    known = error.code if failures.is_known(error.code) else ""
    return known or ("PERMISSION_DENIED" if error.status == 403 else by_class)


def next_look_s(take: Generation) -> float:
    """When to ask the service again; at once, when there is something to do here."""
    return orders.of(take.account).next_look_s(take) if take.status in REMOTE else 0


def prepare(take: Generation) -> float | None:
    return orders.of(take.account).prepare(take)


def submit(take: Generation) -> float | None:
    return orders.of(take.account).submit(take)


# queued, processing, finalizing


def poll(account: Account, takes: Sequence[Generation]) -> None:
    """Look at all these claimed takes of one account."""
    with about(**account.log_facts):
        try:
            look = orders.of(account).look(account, takes)
        except ServiceError as error:
            log.info("poll: %s", error.detail or error)
            _release_all(takes, partial(_put_off, error=error))
        else:
            _release_all(takes, lambda take: _see(take, look))


def _release_all(takes: Iterable[Generation], step: Callable[[Generation], float]) -> None:
    """One take's trouble must not keep the others of the batch waiting."""
    for take in takes:
        with about(**take.log_facts):
            try:
                take.release(_guarded(take, step))
            except LeaseLost:
                log.warning("another worker took over")


def _guarded(take: Generation, step: Callable[[Generation], float]) -> float:
    try:
        return step(take)
    except LeaseLost:
        raise
    except Exception as error:
        log.exception("poll broke")
        broke = "The studio had trouble of its own with this take; it keeps trying."
        return _put_off(take, Unavailable(broke, detail=repr(error)))


def _see(take: Generation, look: Callable[[Generation], Answer]) -> float:
    try:
        apply(take, look(take))
    except ServiceError as error:
        return _put_off(take, error)
    if take.status in REMOTE and take.is_overdue:
        take.fail(take.state.given_up, "")
    return next_look_s(take)


def _put_off(take: Generation, error: ServiceError) -> float:
    """Keep waiting for a take that could not be looked at; only its deadline ends that."""
    if isinstance(error, RateLimited):  # no trouble of the take's; it waits for its next turn
        return max(error.retry_after or 0, next_look_s(take))
    take.write(attempts=take.attempts + 1, updated=take.updated)
    if take.is_hopeless:
        take.fail(failures.LOST if isinstance(error, NotFound) else failures.UNREACHABLE, str(error))
    elif isinstance(error, Unauthorized):
        take.write(note=str(error)[:300])
    elif isinstance(error, NotFound):
        if take.attempts > 5:  # right after a submit it is normal
            take.write(note=UNKNOWN_THERE)
    else:
        take.write(note=NO_NEWS)
    return getattr(error, "retry_after", None) or backoff_s(take.attempts, take.state.longest_pause_s)


def apply(take: Generation, remote: Answer) -> None:
    """Take over what the service says of this take."""
    seen = _seen(remote) | _rewritten(take, remote)
    if remote.status == "error":
        log.info("the service failed it: %s", remote.error)
        code, said = (remote.error.code, remote.error.message) if remote.error else ("UNKNOWN", "")
        take.fail(code, "", said=said, **seen)
    elif remote.status == "complete":
        take.enter(Status.DOWNLOADING, **seen | {"progress": 1, "eta_at": None})
    elif remote.status != take.status:
        take.enter(Status(remote.status), **seen)
    elif seen.get("progress") != take.progress or take.note:
        take.write(note="", attempts=0, **seen)


def _rewritten(take: Generation, remote: Answer) -> dict[str, Any]:
    """What the service made of the prompt, where it was asked to and its answer tells other words."""
    if not isinstance(remote, RemoteGeneration) or not requests.read(take.body, "enhance_prompt"):
        return {}
    words = requests.read({"type": take.type, **remote.input}, "prompt")
    is_other = isinstance(words, str) and words.strip() not in ("", take.prompt.strip())
    return {"enhanced_prompt": words.replace("\0", "")} if is_other else {}


def _seen(remote: Answer) -> dict[str, Any]:
    """Progress, charge and expected end, as far as this kind of answer carries them."""
    seen: dict[str, Any] = {"progress": remote.progress or 0}
    if remote.credit_cost is not None:
        seen["charged"] = remote.credit_cost
    if isinstance(remote, RemoteGeneration):
        if remote.estimated_completion_at:
            seen["eta_at"] = remote.estimated_completion_at
        elif remote.eta_s is not None:
            seen |= eta_field(remote.eta_s)
    return seen
