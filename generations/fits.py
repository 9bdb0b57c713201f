"""What fits the balance: the shot with less of something, then other models that make it for less.

Only exact prices count. The same model comes first, and of everything as much as the credits pay for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice, product
from typing import Any, cast

from catalog import inputs
from catalog.models import AIModel
from catalog.pages.fitting import FITS, fit
from catalog.pages.wishes import TEXT_ONLY, Wish
from catalog.prices.durations import length
from catalog.prices.quoting import Quote, Shot
from catalog.words import resolution_place

from .forms import ShotForm
from .models import Asset, Input
from .slots import slots_of

MOST = 6
MOST_OF_THE_SAME = 3
"""While other models have something to offer."""
_ROLES = {Input.Role.AUDIO: inputs.AUDIO, Input.Role.VIDEO: inputs.VIDEO}
_REFERENCES = {Input.Role.REFERENCE_IMAGE, Input.Role.REFERENCE_VIDEO, Input.Role.REFERENCE_AUDIO}


@dataclass(frozen=True)
class Fitting:
    """A model and settings that the balance pays for."""

    model: AIModel
    changes: tuple[str, ...]
    """What is less, or otherwise, than asked: ("480p", "1 variation")."""
    total: Quote
    values: dict[str, str]
    """Of the form, as far as they differ."""


def what_fits(form: ShotForm, models: Iterable[AIModel], balance: int) -> list[Fitting]:
    """Up to six, what loses least first. Never one whose price is not known or exceeds the balance."""
    if form.ai_model is None:
        return []
    same = _with_less(form, balance)
    others = sorted(_others(form, models, balance), key=lambda found: found[0])
    room = MOST - min(len(same), MOST_OF_THE_SAME)
    chosen = [fitting for _, fitting in others[:room]]
    return [*same[: MOST - len(chosen)], *chosen]


# The same model with less of something


@dataclass(frozen=True)
class _Choice:
    """One value of a field, with how much of what was asked is lost by it (0 to 1)."""

    field: str
    value: str
    words: str
    loss: float


def _with_less(form: ShotForm, balance: int) -> list[Fitting]:
    """Whatever fits, unless something else that fits gives at least as much of everything."""
    kept: list[tuple[_Choice, ...]] = []
    for chosen in sorted(product(*_choices(form)), key=_loss):
        if _pays(_price(form, chosen), balance) and not any(_gives_all(one, chosen) for one in kept):
            kept.append(chosen)
    return [_fitting(form, chosen) for chosen in sorted(kept, key=_changed_and_loss)]


def _choices(form: ShotForm) -> Iterator[list[_Choice]]:
    """For each setting that makes a price, what is chosen and whatever is less."""
    for name, make in _LESS.items():
        if name in form.fields and not (name == "duration_ms" and form.values["shots"]):
            yield make(form, name, str(form.values[name]))


def _fewer(form: ShotForm, name: str, chosen: str) -> list[_Choice]:
    counts = [count for count in _offered(form, name) if int(count) <= int(chosen)]
    return [_Choice(name, count, _variations(int(count)), 1 - int(count) / int(chosen)) for count in counts]


def _shorter(form: ShotForm, name: str, chosen: str) -> list[_Choice]:
    lengths = [ms for ms in _offered(form, name) if int(ms) <= int(chosen)]
    return [_Choice(name, ms, length(int(ms)), 1 - int(ms) / int(chosen)) for ms in lengths]


def _seconds(form: ShotForm, name: str, chosen: str) -> list[_Choice]:
    """Of a length that is typed: whole seconds below it."""
    most = float(chosen)
    lengths = [chosen, *(str(seconds) for seconds in range(1, int(most) + 1) if seconds < most)]
    return [_Choice(name, text, f"{float(text):g} s", 1 - float(text) / most) for text in lengths]


def _lower(form: ShotForm, name: str, chosen: str) -> list[_Choice]:
    lines = resolution_place(chosen)[0]
    lower = [text for text in _offered(form, name) if text == chosen or resolution_place(text)[0] < lines]
    return [_Choice(name, text, text, 1 - resolution_place(text)[0] / max(lines, 1)) for text in lower]


_LESS: dict[str, Callable[[ShotForm, str, str], list[_Choice]]] = {
    "variations": _fewer,
    "duration_ms": _shorter,
    "duration_seconds": _seconds,
    "resolution": _lower,
    "target_resolution": _lower,
}


def _offered(form: ShotForm, name: str) -> list[str]:
    return [str(value) for value, _ in cast(Any, form.fields[name]).choices]


def _loss(chosen: Iterable[_Choice]) -> float:
    return sum(choice.loss for choice in chosen)


def _changed_and_loss(chosen: Iterable[_Choice]) -> tuple[int, float]:
    losses = [choice.loss for choice in chosen]
    return sum(loss > 0 for loss in losses), sum(losses)


def _gives_all(one: tuple[_Choice, ...], other: tuple[_Choice, ...]) -> bool:
    return all(mine.loss <= its.loss for mine, its in zip(one, other, strict=True))


def _price(form: ShotForm, chosen: Iterable[_Choice]) -> Quote:
    shot, count = form.priced, form.count
    for choice in chosen:
        if choice.field == "variations":
            count = int(choice.value)
        else:
            shot = _changed(shot, choice)
    return cast(AIModel, form.ai_model).price(shot).times(count)


def _changed(shot: Shot, choice: _Choice) -> Shot:
    if choice.field == "duration_ms":
        return replace(shot, duration_ms=int(choice.value))
    if choice.field == "duration_seconds":
        return replace(shot, duration_ms=round(float(choice.value) * 1000))
    if choice.field == "resolution":
        return replace(shot, resolution=choice.value)
    return replace(shot, options={**shot.options, choice.field: choice.value})


def _fitting(form: ShotForm, chosen: tuple[_Choice, ...]) -> Fitting:
    changed = [choice for choice in chosen if choice.loss > 0]
    return Fitting(
        cast(AIModel, form.ai_model),
        tuple(choice.words for choice in changed),
        _price(form, chosen),
        {choice.field: choice.value for choice in changed},
    )


def _variations(count: int) -> str:
    return f"{count} variation{'s' if count != 1 else ''}"


def _pays(total: Quote, balance: int) -> bool:
    return total.credits is not None and total.credits <= balance


# Other models


def _others(
    form: ShotForm, models: Iterable[AIModel], balance: int
) -> Iterator[tuple[tuple[int, Decimal], Fitting]]:
    """With what they are sorted by: first those that lose no variation; then the dearest, for nothing but
    the price hints at how good a model is."""
    wish, held = _wish(form), {slot.field_name: slot.assets for slot in form.slots if slot.assets}
    for model in models:
        if _is_alike(model, form) and _takes(model, held) and (shot := _shot(model, form, wish)):
            quote = model.price(shot)
            counts = [count for count in _counts(form) if _pays(quote.times(count), balance)]
            for count in islice(counts, 1):
                total = quote.times(count)
                fitting = Fitting(
                    model, tuple(_differences(form, shot, count)), total, _values(model, shot, count)
                )
                yield (form.count - count, -(total.credits or Decimal(0))), fitting


def _counts(form: ShotForm) -> list[int]:
    """As many variations as asked, then fewer."""
    if "variations" not in form.fields:
        return [1]
    return sorted(
        (int(count) for count in _offered(form, "variations") if int(count) <= form.count), reverse=True
    )


def _wish(form: ShotForm) -> Wish:
    """The shot as it would be said before the model is known."""
    asked, usual = form.priced, Wish()
    return Wish(
        duration_ms=asked.duration_ms or usual.duration_ms,
        resolution=asked.resolution,
        aspect_ratio=asked.aspect_ratio,
        have=tuple(sorted({_catalog_role(role) for role, _, _ in form.held if role != Input.Role.ELEMENT}))
        or (TEXT_ONLY,),
    )


def _catalog_role(role: str) -> str:
    known = Input.Role(role)
    return inputs.REFERENCE if known in _REFERENCES else _ROLES.get(known, known.value)


def _is_alike(model: AIModel, form: ShotForm) -> bool:
    """Another model that makes the same from the same credits, of the same words."""
    base = cast(AIModel, form.ai_model)
    if model.form_key == base.form_key or model.account_id != base.account_id or form.values["shots"]:
        return False
    words, most = len(form.values["prompt"]), model.max_prompt_length
    fits = not form.has_prompt or (model.min_prompt_length or 0) <= words <= (most or words)
    return model.kind == base.kind and model.extends == base.extends and fits


def _takes(model: AIModel, held: dict[str, list[Asset]]) -> bool:
    """Whether the very inputs can go in, and nothing is missing besides."""
    slots = slots_of(model)
    for slot in slots:
        slot.assets = held.get(slot.field_name, [])
    return held.keys() <= {slot.field_name for slot in slots} and not any(slot.problems() for slot in slots)


def _shot(model: AIModel, form: ShotForm, wish: Wish) -> Shot | None:
    """What the model would make of it; None when that would be something else, or nobody knows."""
    found, asked = fit(model, wish, {model.kind}), form.priced
    if found.rank != FITS or (asked.aspect_ratio and asked.aspect_ratio not in model.ratios):
        return None
    return replace(
        asked,
        duration_ms=found.shot.duration_ms if asked.duration_ms else None,
        resolution=found.shot.resolution,
        aspect_ratio=found.shot.aspect_ratio,
    )


def _differences(form: ShotForm, shot: Shot, count: int) -> Iterator[str]:
    if shot.duration_ms and shot.duration_ms != form.priced.duration_ms:
        yield length(shot.duration_ms)
    if count != form.count:
        yield _variations(count)


def _values(model: AIModel, shot: Shot, count: int) -> dict[str, str]:
    values = {
        "model": model.form_key,
        "aspect_ratio": shot.aspect_ratio if model.ratios else "",
        "resolution": shot.resolution if model.resolutions else "",
        "duration_ms": str(shot.duration_ms) if model.duration_choices_ms else "",
        "variations": str(count),
    }
    return {name: value for name, value in values.items() if value}
