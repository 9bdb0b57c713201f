"""Why a take failed, for people: what happened, and the one thing that fixes it.

Codes are the API's ErrorCode plus ours (the first eight); others are brought to these by the
class of their error. Nothing the service wrote is shown raw."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.services import HOOX

UPLOAD_FAILED = "UPLOAD_FAILED"
UNREACHABLE = "UNREACHABLE"
RESULT_UNREADABLE = "RESULT_UNREADABLE"
LOST = "LOST"
STALLED = "STALLED"
UNCLEAR = "UNCLEAR"
NOT_RUN = "NOT_RUN"
NO_ADDRESS = "NO_ADDRESS"
UNCERTAIN = {UNREACHABLE, LOST, STALLED}
"""The service may have the take, or get it done yet: it is looked up before anything is ordered again."""
OF_INPUTS = {"INVALID_ARGUMENT", "NOT_FOUND", "FAILED_PRECONDITION"}
"""The service could not use something that it was given."""


@dataclass(frozen=True)
class Failure:
    """A card's failure panel. `calm` ones are shown in neutral colours: nothing is broken."""

    title: str
    advice: str
    action: str = "Retry"
    calm: bool = False


_FAILURES = {
    UPLOAD_FAILED: Failure(
        "An input could not be sent", "Nothing was ordered. Check the file and try again."
    ),
    UNREACHABLE: Failure(
        "The service could not be reached",
        "Retry asks for this take first and orders it only if it isn't there.",
    ),
    RESULT_UNREADABLE: Failure(
        "Finished, but not fetched",
        "It is safe at the service. Retry fetches it; it is not made again.",
        "Fetch again",
    ),
    LOST: Failure(
        "The service no longer knows this take",
        "Retry asks for it once more, and orders it only if it isn't there.",
    ),
    STALLED: Failure(
        "Not finished after a whole day", "Retry goes on waiting for it. Nothing is ordered twice."
    ),
    NOT_RUN: Failure("The order never ran", "You looked: it is not at the service. Retry orders it anew."),
    NO_ADDRESS: Failure(
        "The service can't fetch the inputs", "Set PUBLIC_URL in .env, or choose a model without inputs."
    ),
    "MODERATION_FAILED": Failure(
        "Blocked by moderation", "Soften the prompt or change the image, then try again."
    ),
    "MISSING_CREDITS": Failure(
        "Not enough credits", "Top up, or choose a shorter or cheaper shot.", calm=True
    ),
    "INVALID_ARGUMENT": Failure(
        "The service refused these settings", "Change the shot and generate it again."
    ),
    "FAILED_PRECONDITION": Failure("The service could not use these inputs", "Try another image or sound."),
    "NOT_FOUND": Failure(
        "The service could not find the model or an input", "Sync the catalog, then try again."
    ),
    "UNAUTHORIZED": Failure("The API key was refused", "Check HEDRA_API_KEY, then try again."),
    "PERMISSION_DENIED": Failure("This plan may not use the model", "Choose another model or a larger plan."),
    "RESOURCE_EXHAUSTED": Failure("The service is at its limit", "Wait a minute, then try again."),
    "UNAVAILABLE": Failure("The service was unavailable", "Wait a minute, then try again."),
    "DEADLINE_EXCEEDED": Failure("The service took too long", "Try again, or choose a shorter shot."),
    "GENERATION_FAILED": Failure(
        "The service had an error of its own", "Try again; if it repeats, choose another model."
    ),
    "INTERNAL": Failure(
        "The service had an error of its own", "Try again; if it repeats, choose another model."
    ),
}
_UNKNOWN = Failure("The take failed", "The service gave no usable reason. Trying again often works.")


# What differs where nothing can be looked up, and no balance can be read.
_AT_HOOX = {
    UNREACHABLE: Failure(
        "Hoox could not be reached", "Retry in a moment; what runs there is asked for again."
    ),
    LOST: Failure("Hoox no longer knows this take", "Retry asks for it once more. It is not ordered again."),
    UNCLEAR: Failure(
        "Hoox's answer got lost",
        "It may have run and been charged, and Hoox can't be asked. Look for it there, then say here what"
        " you found; it is never ordered again by itself.",
    ),
    "MISSING_CREDITS": Failure(
        "Not enough credits at Hoox", "Top up there, or choose a cheaper shot.", calm=True
    ),
    "UNAUTHORIZED": Failure("The API key was refused", "Check HOOX_API_KEY, then try again."),
}


def explain(code: str, service: str = "") -> Failure:
    here = _FAILURES | _AT_HOOX if service == HOOX else _FAILURES
    return here.get(code, _UNKNOWN)


def is_known(code: str) -> bool:
    return code in _FAILURES
