"""Cheap first, good later: the draft of a shot before it is ordered, and the final that a draft becomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from uuid import UUID, uuid5

from django.forms import BoundField
from django.http import QueryDict
from django.utils.functional import cached_property

from catalog.models import AIModel
from catalog.prices.durations import length
from catalog.prices.quoting import Quote, Shot, snap
from catalog.words import resolution_place

from . import remix, requests
from .candidates import form_for, makes_the_same, order_form, reasons
from .forms import ShotForm
from .keeping import all_of, last_of
from .models import Generation

_GRADES = {"draft", "fast", "flash", "lite", "master", "max", "mini", "pro", "standard", "turbo", "ultra"}
"""Words by which makers tell the models of one family apart."""
SHORTEST = 1
"""Milliseconds: whatever a model makes is longer, so it makes its shortest."""
_TRIES = 4
"""Of the cheapest prices, how many are looked at closely."""


def family(model: AIModel) -> list[AIModel]:
    """The models that differ from it only in their grade, as "Veo 3" and "Veo 3 Fast" do; itself first."""
    same = AIModel.objects.current().filter(account=model.account_id, maker=model.maker)
    offered = same.in_service_order().select_related("account").defer("raw")
    alike = [one for one in offered if makes_the_same(one, model) and _stem(one) == _stem(model)]
    return sorted((one for one in alike if one.can_create), key=lambda one: one.pk != model.pk)


def _stem(model: AIModel) -> tuple[str, ...]:
    return tuple(word for word in model.name.casefold().split() if word not in _GRADES)


def _settings(model: AIModel, shot: Shot) -> Iterator[Shot]:
    """The shot at each resolution that the model makes, the best first."""
    if not model.resolutions:
        yield replace(shot, duration_ms=snap(model, shot.duration_ms))
    for resolution in sorted(model.resolutions or [], key=resolution_place, reverse=True):
        yield replace(shot, resolution=resolution, duration_ms=snap(model, shot.duration_ms))


# The draft of a shot


@dataclass(frozen=True)
class Draft:
    """The shot of a form at less, on the form that would be ordered."""

    base: ShotForm
    form: ShotForm
    model: AIModel

    @property
    def total(self) -> Quote:
        return self.form.total

    @property
    def words(self) -> str:
        """What it makes otherwise: "480p", "Veo 3 Fast T2V · 720p"."""
        mine, final = self.form.priced, self.base.priced
        parts = [self.model.name] if self.base.ai_model != self.model else []
        parts += [mine.resolution] if mine.resolution != final.resolution else []
        if mine.duration_ms and mine.duration_ms != final.duration_ms:
            parts.append(length(mine.duration_ms))
        return " · ".join(parts)

    def order_form(self, shot: UUID, **answers: str) -> ShotForm:
        return order_form(self.form, uuid5(shot, "draft"), **answers)


def draft_of(base: ShotForm) -> Draft | None:
    """The same shot at its cheapest: coarser, or by the fast one of the family; shorter only where nothing
    else is cheaper. None unless both prices are known and it costs less."""
    model = base.ai_model
    if model is None or not model.pk or model.is_asked_for_price or not base.total.known:
        return None
    models = family(model)
    coarser = _cheapest(base, models, base.priced)
    if coarser or "duration_ms" not in base.fields or base.values["shots"]:
        return coarser
    return _cheapest(base, models, replace(base.priced, duration_ms=SHORTEST))


def _cheapest(base: ShotForm, models: Iterable[AIModel], wanted: Shot) -> Draft | None:
    settings = [(model, shot) for model in models for shot in _settings(model, wanted)]
    priced = [(model.price(shot).credits, model, shot) for model, shot in settings]
    known = [(credits, model, shot) for credits, model, shot in priced if credits is not None]
    # Of what costs the same, the order stays: the shot's own model, and the better settings, first.
    for _, model, shot in sorted(known, key=lambda found: found[0])[:_TRIES]:
        changes: dict[str, object] = {"resolution": shot.resolution} if model.resolutions else {}
        if wanted.duration_ms == SHORTEST:
            changes["duration_ms"] = shot.duration_ms
        form = form_for(base, model, **changes)
        if _is_less(form.total, base.total) and not any(reasons(base, form)):
            return Draft(base, form, model)
    return None


def _is_less(one: Quote, other: Quote) -> bool:
    return one.credits is not None and other.credits is not None and one.credits < other.credits


# The final of a draft


class Final:
    """A take made again, better: with its words and inputs, at settings that people choose."""

    def __init__(self, take: Generation, query: QueryDict) -> None:
        self.take, self.query = take, query

    @cached_property
    def models(self) -> list[AIModel]:
        return family(self.take.ai_model) if self.take.ai_model else []

    @cached_property
    def model(self) -> AIModel | None:
        """The chosen one; else the take's own if it can do better, else the dearest of its family."""
        wanted = last_of(self.query, "model")
        if wanted:
            return next((model for model in self.models if model.form_key == wanted), None)
        better = list(self._better)
        own = next((model for model, _ in better if model.pk == self.take.ai_model_id), None)
        return own or next((model for model, _ in reversed(better)), next(iter(self.models), None))

    @cached_property
    def source(self) -> Shot | None:
        """What the take was asked to be; None for a past take of which the service says it unreadably."""
        held = [(item.role, item.position, item.asset) for item in self.take.input_set.all()]
        try:
            shot = requests.priced(self.take.account.service, self.take.body, held)
        except (AttributeError, TypeError, ValueError):
            return None
        lasts, words = shot.duration_ms, (shot.resolution, shot.aspect_ratio)
        is_read = isinstance(lasts, int | None) and all(isinstance(word, str) for word in words)
        return shot if is_read else None

    @property
    def _better(self) -> Iterator[tuple[AIModel, Shot]]:
        """What costs more now than the take's own settings, the cheapest first."""
        if self.source is None or self.take.ai_model is None:
            return iter(())
        own = self.take.ai_model.price(self.source)
        settings = [(model, shot) for model in self.models for shot in _settings(model, self.source)]
        priced = [(model.price(shot), model, shot) for model, shot in settings]
        dearer = [(quote.credits or 0, model, shot) for quote, model, shot in priced if _is_less(own, quote)]
        return ((model, shot) for _, model, shot in sorted(dearer, key=lambda found: found[0]))

    @cached_property
    def is_offered(self) -> bool:
        """Whether there is anything better to make of it."""
        return self.take.is_complete and any(True for _ in self._better)

    @cached_property
    def _values(self) -> QueryDict:
        """What the take was made with, as the form's values."""
        values = remix.values(self.take)
        if not all_of(values, "shot_prompt"):
            values["prompt"] = self.take.prompt
        values["variations"] = "1"
        return values

    @property
    def missing(self) -> list[str]:
        """Inputs of the take that are not here any more."""
        return [word for word in all_of(self._values, "missing") if word != "model"]

    @cached_property
    def form(self) -> ShotForm:
        values, model = self._values.copy(), self.model
        if model and model.resolutions:
            values["resolution"] = max(model.resolutions, key=resolution_place)
        for name in ("resolution", "duration_ms"):
            if chosen := last_of(self.query, name):
                values[name] = chosen
        return ShotForm.shown(values, owner=self.take.owner, model=model)

    @property
    def choices(self) -> list[BoundField]:
        """What people choose besides the model."""
        return [self.form[name] for name in ("resolution", "duration_ms") if name in self.form.fields]

    @property
    def changes(self) -> list[str]:
        """What of the take this model doesn't take over."""
        return self.form.kept.dropped

    @property
    def stops(self) -> str:
        """Why it can't be ordered, or ""."""
        if self.form.ai_model is None:
            return "This model is not offered any more."
        if self.missing:
            return f"The {' and the '.join(self.missing)} of this take no longer exists here."
        return next((text for slot in self.form.slots for text in self.form.problems_of(slot)), "")

    @cached_property
    def shot(self) -> UUID:
        """The same final of the same draft is one shot, however often it is pressed, until it is deleted."""
        model, chosen = self.form.ai_model, [str(field.value()) for field in self.choices]
        words = " ".join(["final", model.form_key if model else "", *chosen])
        deleted = Generation.objects.deleted_by(self.take.owner)
        ids = (uuid5(self.take.remote_id, f"{words} {number}") for number in count())
        return next(one for one in ids if not deleted.filter(shot=one).exists())

    @property
    def made(self) -> Generation | None:
        """What an earlier press has made."""
        return Generation.objects.owned_by(self.take.owner).filter(shot=self.shot).first()

    def order_form(self, **answers: str) -> ShotForm:
        form = order_form(self.form, self.shot, **answers)
        form.links |= {"made_from": self.take, "is_final": True}
        return form
