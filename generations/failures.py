"""Why a take failed, for people: what happened, and the one thing that fixes it.

Codes are the API's ErrorCode plus ours (the first eight); others are brought to these by the
class of their error. Nothing the service wrote is shown raw."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.services import HOOX

from .parts import PARTS

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
NO_CREDITS = "MISSING_CREDITS"
INPUTS_UNFIT = "FAILED_PRECONDITION"
ABOUT_THE_SHOT = {"INVALID_ARGUMENT", INPUTS_UNFIT, "MODERATION_FAILED", "NOT_FOUND", "UNKNOWN"}
"""With these the service may name a part of the shot, and changing that part is what helps."""
WAIT_S = 30
"""A service at its limit is left alone for so long, unless it names a time itself."""


@dataclass(frozen=True)
class Failure:
    """A card's failure panel. `calm` ones are shown in neutral colours: nothing is broken."""

    title: str
    advice: str
    fix: str = ""
    """The part of the shot to change, a key of PARTS; "" when a retry is what helps."""
    action: str = "Retry"
    """What the button that tries again says."""
    change: str = ""
    """What the link to that part says."""
    anchor: str = ""
    wait_s: int = 0
    """Seconds that ought to pass before the retry."""
    calm: bool = False

    @property
    def of_elsewhere(self) -> Failure:
        """Of a take that was ordered elsewhere: its inputs aren't here, so there is no retry to speak of."""
        return replace(self, advice="It was ordered elsewhere and can't be sent again. Make one like it.")


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
        action="Fetch again",
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
        "The service can't fetch the inputs",
        "Set PUBLIC_URL in .env, or choose a model without inputs.",
        "model",
    ),
    "MODERATION_FAILED": Failure(
        "Blocked by moderation", "The service's content rules refused it.", "prompt"
    ),
    NO_CREDITS: Failure(
        "Not enough credits", "Top up, or choose a shorter or cheaper shot.", "price", calm=True
    ),
    "INVALID_ARGUMENT": Failure(
        "The service refused these settings", "Change the shot and generate it again.", "prompt"
    ),
    INPUTS_UNFIT: Failure("The service could not use these inputs", "Another file may work."),
    "NOT_FOUND": Failure(
        "The service could not find the model or an input",
        "Retry sends the inputs anew; else sync the catalog.",
    ),
    "ALREADY_EXISTS": Failure(
        "The service says it has this order already", "Look for it in the gallery. Retry makes a new order."
    ),
    "ALREADY_IN_PROGRESS": Failure(
        "The service says this is under way already", "Look for it in the gallery. Retry makes a new order."
    ),
    "UNAUTHORIZED": Failure("The API key was refused", "Check HEDRA_API_KEY, then try again."),
    "PERMISSION_DENIED": Failure(
        "This plan may not use the model", "Choose another model or a larger plan.", "model"
    ),
    "RESOURCE_EXHAUSTED": Failure(
        "The service is at its limit", "Wait a moment, then try again.", wait_s=WAIT_S
    ),
    "UNAVAILABLE": Failure("The service was unavailable", "Wait a moment, then try again.", wait_s=WAIT_S),
    "DEADLINE_EXCEEDED": Failure(
        "The service took too long", "Choose a shorter shot, or try again.", "duration_ms"
    ),
    "GENERATION_FAILED": Failure(
        "The service had an error of its own", "Try again; if it repeats, choose another model."
    ),
    "INTERNAL": Failure(
        "The service had an error of its own", "Try again; if it repeats, choose another model."
    ),
}
_UNKNOWN = Failure("The take failed", "The service gave no usable reason. Trying again often works.")
_CHANGES = {
    ("MODERATION_FAILED", "prompt"): "Soften the prompt",
    ("INVALID_ARGUMENT", "prompt"): "Change the shot",
}


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
    NO_CREDITS: Failure(
        "Not enough credits at Hoox", "Top up there, or choose a cheaper shot.", "price", calm=True
    ),
    "UNAUTHORIZED": Failure("The API key was refused", "Check HOOX_API_KEY, then try again."),
}


def explain(code: str, service: str = "", part: str = "", only: str = "") -> Failure:
    """`part` is what the service named of the shot, `only` what it must mean if it named nothing."""
    here = _FAILURES | _AT_HOOX if service == HOOX else _FAILURES
    found = here.get(code, _UNKNOWN)
    if part in PARTS and (code in ABOUT_THE_SHOT or code not in here):
        found = replace(found, fix=part, advice=f"The service named {PARTS[part].words}.")
    elif only and code == INPUTS_UNFIT:
        found = replace(found, fix=only)
    if not found.fix:
        return found
    there = PARTS[found.fix]
    return replace(found, change=_CHANGES.get((code, found.fix), there.change), anchor=there.anchor)


def is_known(code: str) -> bool:
    return code in _FAILURES
