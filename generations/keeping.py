"""What of earlier choices holds for another model: it is kept, or said to be dropped and remembered.

A wish that the model can't fulfil travels on as a hidden field ("wish_aspect_ratio" = "9:16|16:9": what was
wanted, and what was taken instead), so that the next model that offers it gets it back. Choosing
something else in the meantime ends the wish. Inputs that the model doesn't take travel on likewise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms

from catalog.models import AIModel
from catalog.prices import durations
from catalog.prices.quoting import snap

from .models import Input
from .slots import ROLES

WISHES = ("aspect_ratio", "resolution", "duration_ms")


@dataclass
class Kept:
    values: dict[str, Any] = field(default_factory=dict)
    carried: dict[str, str] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def keep(form: forms.Form, model: AIModel | None, values: Mapping[str, str]) -> Kept:
    """Sort what was chosen before into what this model offers and what it doesn't."""
    kept = Kept({name: values[name] for name in ("model", "prompt", "variations") if values.get(name)})
    if not _offers(form, "variations", kept.values.get("variations", "")):
        kept.values.pop("variations", None)
    for name in WISHES:
        _keep_choice(form, model, name, values, kept)
    taken = (
        {ROLES[slot.role] for slot in model.slots() if slot.role in ROLES} if model else set(ROLES.values())
    )
    for role in ROLES.values():
        _keep_input(role, role in taken, values.get(role, ""), kept)
    return kept


def _keep_choice(
    form: forms.Form, model: AIModel | None, name: str, values: Mapping[str, str], kept: Kept
) -> None:
    chosen = values.get(name, "")
    wish, _, instead = values.get(f"wish_{name}", "")[:100].partition("|")
    wanted = wish if wish and chosen in ("", instead) else chosen
    if not wanted or _offers(form, name, wanted):
        kept.values |= {name: wanted} if wanted else {}
        return
    fallback = _fallback(form, model, name, wanted)
    kept.values |= {name: fallback} if fallback else {}
    kept.carried[f"wish_{name}"] = f"{wanted}|{fallback}"
    kept.dropped.append(_sentence(name, wanted, fallback))


def _fallback(form: forms.Form, model: AIModel | None, name: str, wanted: str) -> str:
    if name not in form.fields or model is None:
        return ""
    if name == "duration_ms" and wanted.isdecimal() and len(wanted) < 10:
        return str(snap(model, int(wanted)))
    return str(form.initial.get(name, ""))


def _offers(form: forms.Form, name: str, value: str) -> bool:
    offered = form.fields.get(name)
    return isinstance(offered, forms.ChoiceField) and offered.valid_value(value)


def _sentence(name: str, wanted: str, fallback: str) -> str:
    if name == "duration_ms":
        wanted, fallback = (durations.length(int(ms)) if ms.isdecimal() else ms for ms in (wanted, fallback))
    instead = f"{fallback} is chosen" if fallback else "it decides by itself"
    return f"This model doesn't offer {wanted}; {instead}."


def _keep_input(role: str, is_taken: bool, pk: str, kept: Kept) -> None:
    if not pk:
        return
    if is_taken:
        kept.values[role] = pk
        return
    kept.carried[role] = pk
    label = Input.Role(role).label.lower()
    kept.dropped.append(f"This model takes no {label}; yours is kept for one that does.")
