"""The form of a shot: a function of the chosen model."""

from __future__ import annotations

import uuid
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import CharField, Sum
from django.utils import timezone

from catalog.models import Account, AIModel
from catalog.prices import durations
from catalog.prices.quoting import Quote, Shot, snap

from . import uploads
from .keeping import Kept, keep
from .media.probe import BadMedia
from .models import Asset, Generation, GenerationQuerySet, Input, Status
from .models.status import PATIENCE
from .models.words import credits_words
from .slots import ROLES, Slot

VARIATIONS = (1, 2, 4, 8)  # the API takes up to 8
USUAL_MS = 5000


class PromptField(forms.CharField):
    """Browsers send line breaks as two characters; the service and the limits count one."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class ShotForm(forms.Form):
    """What to make. Options that the model lacks are absent; values it doesn't offer fall back to its own."""

    shot = forms.UUIDField(widget=forms.HiddenInput)
    model = forms.IntegerField(required=False)
    prompt = PromptField(
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Describe the shot"}),
        error_messages={"required": "Describe the shot in a few words."},
    )
    seen_price = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, files: Any = None, *, owner: User, model: AIModel | None, **kwargs: Any
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.owner, self.ai_model, self.kept = owner, model, Kept()
        if model is None:
            return
        self.initial = {**self._starting_values(model), **self.initial, "model": model.pk}
        self._bound_prompt(model)
        for name, choices in self._choices(model).items():
            if choices:
                self.fields[name] = forms.ChoiceField(
                    choices=choices,
                    widget=forms.RadioSelect,
                    label=_LABELS[name],
                    error_messages=_CHOICE_ERRORS,
                )

    @classmethod
    def shown(cls, values: Any, *, owner: User, model: AIModel | None) -> ShotForm:
        """An unbound form that keeps of `values` (a query) all that the model offers; never the shot's id:
        each form has its own, or two shots would pass for one."""
        form = cls(owner=owner, model=model)
        form.kept = keep(form, model, values)
        form.initial = {**form.initial, **form.kept.values}
        return form

    @staticmethod
    def _starting_values(model: AIModel) -> dict[str, Any]:
        return {
            "shot": uuid.uuid4(),
            "aspect_ratio": model.usual_ratio,
            "resolution": model.default_resolution_or_first,
            "duration_ms": snap(model, USUAL_MS),
            "variations": 1,
        }

    @staticmethod
    def _choices(model: AIModel) -> dict[str, list[tuple[Any, str]]]:
        return {
            "aspect_ratio": [(ratio, ratio) for ratio in model.ratios],
            "resolution": [(name, name) for name in model.resolutions or []],
            "duration_ms": [(ms, durations.length(ms)) for ms in model.duration_choices_ms],
            "variations": [(count, f"{count}") for count in VARIATIONS],
        }

    def _bound_prompt(self, model: AIModel) -> None:
        prompt = self.fields["prompt"]
        if model.max_prompt_length:
            prompt.validators.append(_longest(model.max_prompt_length))
            prompt.widget.attrs["data-max-length"] = model.max_prompt_length
        if model.min_prompt_length and model.min_prompt_length > 1:
            prompt.validators.append(_shortest(model.min_prompt_length))

    # Inputs

    @cached_property
    def slots(self) -> list[Slot]:
        """The model's drop zones with what is in them."""
        if self.ai_model is None:
            return []
        offered = [limit for limit in self.ai_model.slots() if limit.role in ROLES]
        return [self._slot(Slot(limit, self.ai_model.longest_ms)) for limit in offered]

    def _slot(self, slot: Slot) -> Slot:
        given = self.data.get(slot.role) if self.is_bound else self.initial.get(slot.role)
        if given and str(given).isdecimal() and len(str(given)) < 19:
            slot.asset = Asset.objects.owned_by(self.owner).filter(pk=int(given)).first()
        return slot

    def _check_inputs(self) -> None:
        for slot in self.slots:
            if file := self.files.get(slot.file_field):
                self._take_in(slot, file)
            problem = slot.problem(slot.asset) if slot.asset else self._missing(slot)
            if problem and not slot.errors:
                slot.errors.append(problem)
            for error in slot.errors:
                self.add_error(None, forms.ValidationError(error, code=slot.role))

    def _take_in(self, slot: Slot, file: Any) -> None:
        try:
            slot.asset = uploads.store(self.owner, file, slot.kind)
        except BadMedia as error:
            slot.errors.append(str(error))

    @staticmethod
    def _missing(slot: Slot) -> str:
        return (
            f"This model needs {'audio' if slot.kind == 'audio' else f'a {slot.label.lower()}'}."
            if slot.required
            else ""
        )

    # Price

    @property
    def count(self) -> int:
        return int(self._value("variations") or 1)

    @property
    def duration_ms(self) -> int | None:
        """What the take will last: as chosen, or as long as the audio that drives it."""
        chosen = self._value("duration_ms")
        if chosen and "duration_ms" in self.fields:
            return int(chosen)
        audio = next((slot.asset for slot in self.slots if slot.kind == "audio"), None)
        return audio.duration_ms if audio else None

    @property
    def quote(self) -> Quote:
        """The price of one take of the shot as it stands."""
        if self.ai_model is None:
            return Quote(None, unknown="choose a model")
        resolution = self._value("resolution") if "resolution" in self.fields else ""
        ratio = self._value("aspect_ratio") if "aspect_ratio" in self.fields else ""
        return self.ai_model.price(Shot(self.duration_ms, resolution or "", ratio or ""))

    @property
    def total(self) -> Quote:
        return self.quote.times(self.count)

    def _value(self, name: str) -> Any:
        """A field's value whether the form is bound and checked, bound only, or a first look."""
        if name not in self.fields:
            return None
        value = self[name].value()
        field = self.fields[name]
        offered = not isinstance(field, forms.ChoiceField) or field.valid_value(value)
        return value if offered else self.initial.get(name)

    @cached_property
    def balance(self) -> int | None:
        """Credits that nothing has claimed yet: what the service says, less what waits here to be ordered."""
        account = Account.objects.current()
        left = account.refresh_balance(max_age_s=10)
        if left is None:
            return None
        waiting = Generation.objects.filter(account=account, status__in=(Status.PREPARING, Status.SUBMITTING))
        claimed = waiting.aggregate(sum=Sum("quoted"))["sum"] or Decimal(0)
        return max(0, int(left - claimed))

    @property
    def missing(self) -> int | None:
        """Credits short for this shot, or None when it can be paid (or nobody knows)."""
        credits = self.total.credits
        if credits is None or self.balance is None or credits <= self.balance:
            return None
        return int(credits - self.balance)

    # Checks and saving

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.ai_model is None:
            self.add_error("model", "Choose a model.")
            return data
        self._check_inputs()
        # What is ordered already may have cost all there was, and its price may have changed since.
        if not self.errors and not self._sent().exists():
            self._check_price(data.get("seen_price", ""))
        return data

    def _check_price(self, seen: str) -> None:
        now = price_token(self.total)
        if seen and seen != now:
            self.add_error(
                None,
                f"The price is now {price_words(self.total)}. Nothing was ordered; press again to accept it.",
            )
        elif self.missing:
            self.add_error(
                None,
                forms.ValidationError(
                    f"Needs {self.missing:,} more credits. Nothing was ordered.", code="credits"
                ),
            )

    @property
    def _model(self) -> AIModel:
        """The model of a form that was found valid: it has one."""
        return cast(AIModel, self.ai_model)

    def body(self) -> dict[str, Any]:
        """The request without the ids, which are added as they become known."""
        wanted = {
            "text_prompt": self.cleaned_data["prompt"],
            "aspect_ratio": self.cleaned_data.get("aspect_ratio"),
            "resolution": self.cleaned_data.get("resolution"),
            "duration_ms": self.duration_ms,
        }
        inputs = {name: value for name, value in wanted.items() if value}
        return {"type": "video", **self._model.payload_key(), "generated_video_inputs": inputs}

    def save(self) -> list[Generation]:
        """Store the intent: a row per variation, with its reserved ids. The same form sent twice is one shot.

        Each variation is a request of its own, so that it can fail, be looked up and be retried alone.
        Empty, with an error and a fresh id in the form, when the id was used for another shot."""
        try:
            with transaction.atomic():
                if not self._sent().exists():
                    self._create()
        except IntegrityError:
            pass  # the other press of the same button was a moment faster
        takes = list(self._sent().prefetch_related("input_set"))
        if self._describes(takes):
            return takes
        self._begin_anew()
        return []

    def _sent(self) -> GenerationQuerySet:
        """The takes that an earlier press of this form made."""
        takes = Generation.objects.filter(owner=self.owner, shot=self.cleaned_data["shot"])
        return takes.order_by("position")

    def _describes(self, takes: list[Generation]) -> bool:
        held = {(slot.role, slot.asset.pk) for slot in self.slots if slot.asset}
        return len(takes) == self.count and all(
            take.ai_model_id == self._model.pk
            and _asked(take.body) == _asked(self.body())
            and {(item.role, item.asset_id) for item in take.input_set.all()} == held
            for take in takes
        )

    def _begin_anew(self) -> None:
        """A page that a browser restored brings its old id back; under a new one its shot can be ordered."""
        self.data = dict(self.data.items()) | {"shot": str(uuid.uuid4())}
        self.add_error(
            None,
            "This form was already sent, and that shot is on its way."
            " Nothing more was ordered; press again to order this shot too.",
        )

    def _create(self) -> None:
        rows = Generation.objects.bulk_create([self._row(position) for position in range(self.count)])
        held = [(slot.role, slot.asset) for slot in self.slots if slot.asset]
        Input.objects.bulk_create(
            [Input(generation=row, asset=asset, role=role) for row in rows for role, asset in held]
        )

    def _row(self, position: int) -> Generation:
        quote, now = self.quote, timezone.now()
        return Generation(
            owner=self.owner,
            account_id=self._model.account_id,
            ai_model=self._model,
            model_name=_fitted("model_name", self._model.name),
            shot=self.cleaned_data["shot"],
            position=position,
            prompt=self.cleaned_data["prompt"],
            body=self.body(),
            aspect_ratio=_fitted("aspect_ratio", self.cleaned_data.get("aspect_ratio", "")),
            resolution=_fitted("resolution", self.cleaned_data.get("resolution", "")),
            quoted=quote.credits,
            arithmetic=_fitted("arithmetic", quote.arithmetic),
            created=now,
            updated=now,
            deadline_at=now + PATIENCE[Status.PREPARING],
        )


_LABELS = {
    "aspect_ratio": "Aspect ratio",
    "resolution": "Resolution",
    "duration_ms": "Duration",
    "variations": "Variations",
}
_CHOICE_ERRORS = {
    "required": "Choose one of these.",
    "invalid_choice": "The model doesn't offer %(value)s. Choose one of these.",
}


def _asked(body: dict[str, Any]) -> list[Any]:
    """What people chose of a request; the ids are added later."""
    inputs = body.get("generated_video_inputs", {})
    return [inputs.get(name) for name in ("text_prompt", "aspect_ratio", "resolution", "duration_ms")]


def _fitted(column: str, text: str) -> str:
    """Cut to what the column holds: services name things at any length, and PostgreSQL minds."""
    most = cast("CharField[str, str]", Generation._meta.get_field(column)).max_length or len(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def price_token(quote: Quote) -> str:
    """What the form carries to tell whether the price that was seen is still the price."""
    return "unknown" if quote.credits is None else str(quote.credits)


def price_words(quote: Quote) -> str:
    return "unknown" if quote.credits is None else f"{credits_words(quote.credits)} credits"


def _longest(limit: int) -> Any:
    def check(text: str) -> None:
        if len(text) > limit:
            raise forms.ValidationError(
                f"The prompt has {len(text):,} characters; this model takes up to {limit:,}."
            )

    return check


def _shortest(limit: int) -> Any:
    def check(text: str) -> None:
        if len(text) < limit:
            raise forms.ValidationError(f"This model needs a prompt of at least {limit} characters.")

    return check
