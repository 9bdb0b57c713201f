"""What of earlier choices holds for another model: it is kept, or said to be dropped and remembered.

A wish that the model can't fulfil travels on as a hidden field ("wish_aspect_ratio" = "9:16|16:9": what was
wanted, and what was taken instead), so that the next model that offers it gets it back. Choosing
something else in the meantime ends the wish. All that this form has no field for travels on likewise, and
so do inputs beyond what its slot holds ("more_reference_image" = "12,15|3": which, and how many it held)."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms

from catalog.prices import durations
from catalog.prices.quoting import snap

from .fields import SETTING
from .models import Input
from .slots import ELEMENTS, Slot, slots_of

if TYPE_CHECKING:
    from .forms import ShotForm

WISHES = ("aspect_ratio", "resolution", "duration_ms")
SWITCHES = ("enhance_prompt", "keep_audio", "loop")
SHOTS = ("shot_prompt", "shot_seconds")
LISTS = (*SHOTS, "point")
AUDIO_PART = ("audio_start_ms", "audio_ms")
PARTS = (*LISTS, *AUDIO_PART)
"""Values that are no fields of the form: lists, and what scripts fill in."""
TYPED = (
    "prompt",
    "name",
    "voice",
    "target_resolution",
    "duration_seconds",
    "character_orientation",
    "stability",
    "speed",
    "language",
    "prompt_influence",
    "speech_text",
    "speech_voice",
    "variations",
)
NAMES_OF_INPUTS = (
    *(role.value for role in Input.Role if role != Input.Role.ELEMENT),
    *(f"element_{number}" for number in range(1, ELEMENTS + 1)),
)
WORDS = ("prompt", "name", "speech_text", *PARTS)
"""What is written for one shot and its inputs, where everything else is a setting."""
WISH, MORE = "wish_", "more_"
_LONGEST_WISH = 100


@dataclass
class Kept:
    values: dict[str, Any] = field(default_factory=dict)
    carried: dict[str, list[str]] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def keep(form: ShotForm, values: Mapping[str, Any]) -> Kept:
    """Sort what was chosen before into what this model offers and what it doesn't."""
    kept = Kept()
    for name in WISHES:
        _keep_choice(form, name, values, kept)
    for name in (*TYPED, *SWITCHES, *sorted(name for name in values if name.startswith(SETTING))):
        _keep_typed(form, name, values, kept)
    _keep_parts(form, values, kept)
    taken = {slot.field_name: slot for slot in slots_of(form.ai_model)} if form.ai_model else None
    for name in NAMES_OF_INPUTS:
        _keep_input(name, values, taken, kept)
    return kept


def is_setting(name: str) -> bool:
    """Whether it says how something is made, whatever is made and from what."""
    return name in {"model", *WISHES, *SWITCHES, *TYPED} - set(WORDS) or name.startswith(SETTING)


def is_of_shot(name: str) -> bool:
    """Whether it belongs to what a person has written and chosen."""
    known = is_setting(name) or name in WORDS or name in NAMES_OF_INPUTS
    return known or name.startswith((WISH, MORE))


def missing_words(values: Mapping[str, Any]) -> list[str]:
    """What of a take that is made again could not be found: an address names it."""
    named = dict.fromkeys(name for name in all_of(values, "missing"))
    words = ["The model of that take is not offered any more."] if "model" in named else []
    inputs = [name for name in named if name.replace(" ", "_") in (*NAMES_OF_INPUTS, Input.Role.ELEMENT)]
    return words + [f"The {name} of that take no longer exists here." for name in inputs]


def all_of(values: Mapping[str, Any], name: str) -> list[str]:
    """All values of a name, of a query or of a plain dictionary."""
    found = values.getlist(name) if hasattr(values, "getlist") else values.get(name, [])
    found = found if isinstance(found, list | tuple) else [found]
    return [str(value) for value in found if value is not None]


def forget(values: MutableMapping[str, Any], role: str, before: Sequence[Any], after: Sequence[Any]) -> None:
    """Drop what was said of the inputs that a slot held before: a point was chosen on that very picture, for
    that very voice, and a part of that very sound."""
    if list(before) == list(after):
        return
    goes_on = list(after[: len(before)]) == list(before)
    if role == Input.Role.START_FRAME or (role == Input.Role.AUDIO and not goes_on):
        values.pop("point", None)
    if role == Input.Role.AUDIO:
        for name in AUDIO_PART:
            values.pop(name, None)


def without_nul(text: str) -> str:
    return text.replace("\0", "")  # PostgreSQL takes none


def last_of(values: Mapping[str, Any], name: str) -> str:
    return next(reversed(all_of(values, name)), "")


def _keep_typed(form: ShotForm, name: str, values: Mapping[str, Any], kept: Kept) -> None:
    if not all_of(values, name) and not all_of(values, f"{WISH}{name}"):
        return
    given, offered = _wanted(values, name), form.fields.get(name)
    is_switch = name in SWITCHES or name.startswith(SETTING)  # which says "off" by an empty value
    if offered is None:
        kept.carried |= {name: [given]} if given or is_switch else {}
    elif isinstance(offered, forms.BooleanField):
        kept.values[name] = given not in ("", "0", "false")
    elif isinstance(offered, forms.ChoiceField):
        _keep_offered(form, name, given, kept)
    else:
        kept.values |= {name: given} if given else {}


def _keep_offered(form: ShotForm, name: str, wanted: str, kept: Kept) -> None:
    if not wanted or _offers(form, name, wanted):
        kept.values |= {name: wanted} if wanted else {}
        return
    fallback = str(form.fields[name].initial or "")
    kept.carried[f"{WISH}{name}"] = [f"{wanted}|{fallback}"]
    if "voice" in name:  # its value is an id, and no other voice stands in for it
        kept.dropped.append("The voice that you chose is not offered here; choose another.")
    else:
        kept.dropped.append(
            f"{form.fields[name].label}: this model doesn't offer {wanted[:40]}; {fallback} is chosen."
        )


def _wanted(values: Mapping[str, Any], name: str) -> str:
    """What was chosen; what was wished before, while it stands in for that."""
    chosen = last_of(values, name)
    wish, _, instead = last_of(values, f"{WISH}{name}")[:_LONGEST_WISH].partition("|")
    return wish if wish and chosen in ("", instead) else chosen


def _keep_choice(form: ShotForm, name: str, values: Mapping[str, Any], kept: Kept) -> None:
    wanted = _wanted(values, name)
    if not wanted or _offers(form, name, wanted):
        kept.values |= {name: wanted} if wanted else {}
        return
    fallback = _fallback(form, name, wanted)
    kept.values |= {name: fallback} if fallback else {}
    kept.carried[f"{WISH}{name}"] = [f"{wanted}|{fallback}"]
    if form.ai_model:
        kept.dropped.append(_sentence(name, wanted, fallback))


def _fallback(form: ShotForm, name: str, wanted: str) -> str:
    if name not in form.fields or form.ai_model is None:
        return ""
    if name == "duration_ms" and _is_length(wanted):
        return str(snap(form.ai_model, int(wanted)))
    return str(form.initial.get(name, ""))


def _offers(form: ShotForm, name: str, value: str) -> bool:
    offered = form.fields.get(name)
    return isinstance(offered, forms.ChoiceField) and offered.valid_value(value)


def _sentence(name: str, wanted: str, fallback: str) -> str:
    if name == "duration_ms":
        wanted, fallback = (durations.length(int(ms)) if _is_length(ms) else ms for ms in (wanted, fallback))
    instead = f"{fallback} is chosen" if fallback else "it decides by itself"
    return f"This model doesn't offer {wanted[:40]}; {instead}."


def _is_length(text: str) -> bool:
    return text.isdecimal() and len(text) < 10


def _keep_parts(form: ShotForm, values: Mapping[str, Any], kept: Kept) -> None:
    """Several shots, faces and the part of a sound."""
    for name in PARTS:
        found = all_of(values, name)
        if not any(found):
            continue
        if form.takes_shots if name in SHOTS else form.speaks:
            kept.values[name] = found if name in LISTS else found[-1]
        else:
            kept.carried[name] = found
    _drop_shots(form, kept)


def _drop_shots(form: ShotForm, kept: Kept) -> None:
    written = sum(bool(text.strip()) for text in kept.carried.get("shot_prompt", []))
    if not written:  # lengths alone are none
        for name in SHOTS:
            kept.carried.pop(name, None)
    elif form.ai_model:
        shots = "shot is" if written == 1 else f"{written} shots are"
        kept.dropped.append(f"This model makes one shot; your {shots} kept for one that makes several.")


def _keep_input(name: str, values: Mapping[str, Any], taken: Mapping[str, Slot] | None, kept: Kept) -> None:
    pks = [pk for pk in all_of(values, name) if pk]
    slot = taken.get(name) if taken is not None else None
    if taken is None or slot is None:
        _carry_input(name, pks, values, kept, is_worth_a_word=taken is not None)
        return
    most, more, held = slot.max_count, *_more(values, name)
    # A slot that holds more than the last one did has room; one that was emptied by hand stays so.
    pks, rest = ([*pks, *more], []) if most > held else (pks, more)
    beyond = [*pks[most:], *rest]
    kept.values |= {name: pks[:most]} if pks else {}
    if beyond:
        kept.carried[f"{MORE}{name}"] = [f"{','.join(beyond)}|{most}"]
        kept.dropped.append(_beyond(slot))


def _carry_input(
    name: str, pks: list[str], values: Mapping[str, Any], kept: Kept, *, is_worth_a_word: bool
) -> None:
    if more := last_of(values, f"{MORE}{name}"):
        kept.carried[f"{MORE}{name}"] = [more]
    if not pks:
        return
    kept.carried[name] = pks
    if is_worth_a_word:
        label = name.replace("_", " ")
        kept.dropped.append(f"This model takes no {label}; yours is kept for one that does.")


def _more(values: Mapping[str, Any], name: str) -> tuple[list[str], int]:
    """Inputs that an earlier slot had no room for, and how many that one held."""
    pks, _, held = last_of(values, f"{MORE}{name}").partition("|")
    if not (held.isdecimal() and len(held) < 4):
        return [], 0
    return [pk for pk in pks.split(",") if pk.isdecimal()], int(held)


def _beyond(slot: Slot) -> str:
    most, label = slot.max_count, slot.label.lower()
    if most == 1:
        return f"This model takes 1 {label.removesuffix('s')}; the first is used."
    return f"This model takes {most} {label}; the first {most} are used."
