"""What of earlier choices holds for another model: it is kept, or said to be dropped and remembered.

A wish that the model can't fulfil travels on as a hidden field ("wish_aspect_ratio" = "9:16|16:9": what was
wanted, and what was taken instead), so that the next model that offers it gets it back. Choosing
something else in the meantime ends the wish. All that this form has no field for travels on likewise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms

from catalog.prices import durations
from catalog.prices.quoting import snap

from .models import Input
from .slots import ELEMENTS, slots_of

if TYPE_CHECKING:
    from .forms import ShotForm

WISHES = ("aspect_ratio", "resolution", "duration_ms")
SWITCHES = ("enhance_prompt", "keep_audio", "loop")
LISTS = ("shot_prompt", "shot_seconds", "point")
PARTS = (*LISTS, "audio_start_ms", "audio_ms")
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
    for name in (*TYPED, *SWITCHES, *(name for name in form.fields if name.startswith("setting_"))):
        _keep_typed(form, name, values, kept)
    for name in PARTS:
        if any(found := all_of(values, name)):
            kept.values[name] = found if name in LISTS else found[-1]
    taken = {slot.field_name for slot in slots_of(form.ai_model)} if form.ai_model else set(NAMES_OF_INPUTS)
    for name in NAMES_OF_INPUTS:
        _keep_input(name, name in taken, [pk for pk in all_of(values, name) if pk], kept)
    return kept


def all_of(values: Mapping[str, Any], name: str) -> list[str]:
    """All values of a name, of a query or of a plain dictionary."""
    found = values.getlist(name) if hasattr(values, "getlist") else values.get(name, [])
    found = found if isinstance(found, list | tuple) else [found]
    return [str(value) for value in found if value is not None]


def last_of(values: Mapping[str, Any], name: str) -> str:
    return next(reversed(all_of(values, name)), "")


def _keep_typed(form: ShotForm, name: str, values: Mapping[str, Any], kept: Kept) -> None:
    """A choice that is not offered falls back without a word: only wishes are worth one."""
    if not all_of(values, name):
        return
    given, offered = last_of(values, name), form.fields.get(name)
    if offered is None:
        kept.carried |= {name: [given]} if given else {}
    elif isinstance(offered, forms.BooleanField):
        kept.values[name] = given not in ("", "0", "false")
    elif not isinstance(offered, forms.ChoiceField) or offered.valid_value(given):
        kept.values |= {name: given} if given else {}


def _keep_choice(form: ShotForm, name: str, values: Mapping[str, Any], kept: Kept) -> None:
    chosen = last_of(values, name)
    wish, _, instead = last_of(values, f"wish_{name}")[:100].partition("|")
    wanted = wish if wish and chosen in ("", instead) else chosen
    if not wanted or _offers(form, name, wanted):
        kept.values |= {name: wanted} if wanted else {}
        return
    fallback = _fallback(form, name, wanted)
    kept.values |= {name: fallback} if fallback else {}
    kept.carried[f"wish_{name}"] = [f"{wanted}|{fallback}"]
    kept.dropped.append(_sentence(name, wanted, fallback))


def _fallback(form: ShotForm, name: str, wanted: str) -> str:
    if name not in form.fields or form.ai_model is None:
        return ""
    if name == "duration_ms" and wanted.isdecimal() and len(wanted) < 10:
        return str(snap(form.ai_model, int(wanted)))
    return str(form.initial.get(name, ""))


def _offers(form: ShotForm, name: str, value: str) -> bool:
    offered = form.fields.get(name)
    return isinstance(offered, forms.ChoiceField) and offered.valid_value(value)


def _sentence(name: str, wanted: str, fallback: str) -> str:
    if name == "duration_ms":
        wanted, fallback = (durations.length(int(ms)) if ms.isdecimal() else ms for ms in (wanted, fallback))
    instead = f"{fallback} is chosen" if fallback else "it decides by itself"
    return f"This model doesn't offer {wanted}; {instead}."


def _keep_input(name: str, is_taken: bool, pks: list[str], kept: Kept) -> None:
    if not pks:
        return
    if is_taken:
        kept.values[name] = pks
        return
    kept.carried[name] = pks
    label = name.replace("_", " ")
    kept.dropped.append(f"This model takes no {label}; yours is kept for one that does.")
