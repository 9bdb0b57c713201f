"""A model held against the shot of another model's form: what it would make of it, and why it can't."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict

from catalog.models import AIModel
from catalog.prices import durations
from catalog.services import HOOX

from .forms import ShotForm
from .keeping import MORE, NAMES_OF_INPUTS, WISHES, all_of
from .orders import hoox

_APART = ("shot", "model", "seen_price")
_ALIKE = ({"image", "image_to_image"},)
"""Kinds of model that can make the same shot; all others make it only among themselves."""


def values_of(form: ShotForm) -> dict[str, list[str]]:
    """The shot as the form shows it, to be held against other models: without earlier wishes, and without
    inputs that its own model has no place for."""
    given = {name: value for name, value in unsent(form).initial.items() if name not in _APART}
    return {name: all_of({name: _switched(value)}, name) for name, value in given.items()}


def unsent(form: ShotForm) -> ShotForm:
    """The form as it would be shown: one that was sent and refused holds its values elsewhere."""
    return shown_again(form, form.query) if form.is_bound else form


def shown_again(form: ShotForm, values: QueryDict) -> ShotForm:
    """These values on a fresh form, with the inputs that came along with the one that was sent."""
    again = values.copy()
    for slot in form.slots:
        again.setlist(slot.field_name, [str(asset.pk) for asset in slot.assets])
    return ShotForm.shown(again, owner=form.owner, model=form.ai_model, voices=form.voices)


def _switched(value: Any) -> Any:
    return {True: "1", False: ""}[value] if isinstance(value, bool) else value


def form_for(base: ShotForm, model: AIModel, **changes: Any) -> ShotForm:
    """The shot of the form on another model's own, with these values instead of the shot's."""
    values = values_of(base) | {name: [str(value)] for name, value in changes.items()}
    form = ShotForm.shown(_spelled(values, model), owner=base.owner, model=model, voices=base.voices)
    form.known = {asset.pk: asset for _, _, asset in base.held}
    return form


def order_form(shown: ShotForm, shot: UUID, **more: str) -> ShotForm:
    """What is shown as if a person had filled it in, under the id of the shot; `more` answers questions."""
    data = QueryDict(mutable=True)
    for name, values in values_of(shown).items():
        data.setlist(name, values)
    model = shown.ai_model
    given = {"shot": str(shot), "model": model.form_key if model else "", **more}
    for name, value in given.items():
        data[name] = value
    return ShotForm(data, owner=shown.owner, model=model, voices=shown.voices)


def makes_the_same(model: AIModel, base: AIModel | None) -> bool:
    """Whether it makes the same kind of thing from the same kinds of things."""
    if base is None or model.extends != base.extends:
        return False
    kinds = next((kinds for kinds in _ALIKE if base.kind in kinds), {base.kind})
    return model.kind in kinds


def _spelled(values: Mapping[str, list[str]], model: AIModel) -> dict[str, list[str]]:
    """With the resolution as this service writes it: "4K" where another says "4k"."""
    wanted = next(iter(values.get("resolution", [])), "").casefold()
    same = next((name for name in model.resolutions or [] if name.casefold() == wanted), "")
    return {**values, "resolution": [same]} if same else {**values}


def _wished(form: ShotForm, name: str) -> tuple[str, str]:
    """What was wanted and what is taken instead, where the model doesn't offer it."""
    wanted, _, instead = next(iter(form.kept.carried.get(f"wish_{name}", [])), "").partition("|")
    return wanted, instead


def changes(base: ShotForm, form: ShotForm) -> Iterator[str]:
    """What it would make otherwise: "no 1080p: 720p"."""
    wanted, instead = _wished(form, "resolution")
    if wanted:
        yield f"no {wanted}: {instead}" if instead else f"no choice of {wanted}"
    wanted, instead = _wished(form, "duration_ms")
    if wanted:
        yield f"priced at {durations.length(int(instead))}" if instead else "decides the length by itself"
    if _wished(form, "aspect_ratio")[0] and "aspect_ratio" not in form.fields:
        yield "decides the ratio by itself"
    if form.count != base.count:
        yield f"{form.count} of {base.count} variations"
    for name in sorted(form.kept.carried.keys() & base.fields.keys()):
        if any(form.kept.carried[name]):
            yield f"without “{base.fields[name].label}”"
    yield from _other_choices(form)


def _other_choices(form: ShotForm) -> Iterator[str]:
    """Settings that are offered, but not with what was chosen."""
    for name in form.fields:
        wanted, instead = _wished(form, name)
        if wanted and instead and name not in (*WISHES, "variations") and "voice" not in name:
            yield f"no {wanted}: {instead}"


def reasons(base: ShotForm, form: ShotForm) -> Iterator[str]:
    """Why it can't make the very shot."""
    yield from _input_reasons(form)
    wanted, _ = _wished(form, "aspect_ratio")
    if wanted and "aspect_ratio" in form.fields:
        yield f"no {wanted}"
    wanted, instead = _wished(form, "duration_ms")
    if instead and int(instead) < int(wanted):
        yield f"longest {durations.length(int(instead))}"
    if any(prompt for prompt, _ in base.shot_rows) and not form.takes_shots:
        yield "makes one shot only"
    if any(_wished(form, name)[0] for name in form.fields if "voice" in name):
        yield "lacks the chosen voice"
    yield from _prompt_reasons(form)


def _input_reasons(form: ShotForm) -> Iterator[str]:
    """What is at hand and can't go in, and what it needs and is not at hand."""
    for name in NAMES_OF_INPUTS:
        if name in form.kept.carried:
            yield f"takes no {name.replace('_', ' ')}"
    for slot in form.slots:
        if f"{MORE}{slot.field_name}" in form.kept.carried:
            yield f"takes {slot.max_count} {slot.label.lower()}"
        if problems := form.problems_of(slot):
            missing = slot.required and not slot.assets
            yield f"needs {slot.limit.word}" if missing else _as_clause(problems[0])
    model, assets = form.ai_model, [asset for _, _, asset in form.held]
    if model and model.account.service == HOOX and hoox.refusal(model.account, assets):
        yield "fetches inputs from the internet, where this studio has no address"


def _prompt_reasons(form: ShotForm) -> Iterator[str]:
    if not (text := form.values["prompt"]):
        return
    try:
        form.fields["prompt"].run_validators(text)
    except forms.ValidationError as error:
        yield _as_clause(error.messages[0])


def _as_clause(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].removesuffix(".")
