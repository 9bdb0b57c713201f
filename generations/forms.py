"""The form of a shot: a function of the chosen model."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from copy import copy
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.functional import cached_property

from catalog.models import AIModel
from catalog.prices.asked import AskedPrices
from catalog.prices.quoting import Quote, Shot

from . import buying, caps, requests, uploads
from .faces import Faces, faces_of
from .fields import Voices, fields_of, voice_field
from .keeping import Kept, forget, keep
from .media.probe import BadMedia
from .models import Generation, Input
from .orders import hoox
from .slots import Slot
from .values import SHOT_SECONDS, PromptField, ShotValues

_LONGEST_SPEECH = 5000
_TOO_LONG = "What is said has %(show_value)s characters; up to %(limit_value)s can be spoken."
_PLACEHOLDERS = {
    "image": "Describe the picture: subject, place, light, lens, style",
    "image_to_image": "Describe what to change, and what to keep",
    "text_to_speech": "Write what is said",
    "text_to_sound": "Describe the sound: what, where, how near",
    "video_to_video": "Describe what to change, and what to keep",
}


class ShotForm(ShotValues):
    """What to make. Options that the model lacks are absent; values it doesn't offer fall back to its own."""

    shot = forms.UUIDField(widget=forms.HiddenInput)
    model = forms.CharField(required=False, max_length=60)
    prompt = PromptField(
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Describe the shot"}),
        error_messages={"required": "Describe the shot in a few words."},
    )
    seen_price = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        owner: User,
        model: AIModel | None,
        voices: Voices | None = None,
    ) -> None:
        super().__init__(data, files)
        self.voices = Voices() if voices is None else voices
        self.owner, self.ai_model, self.kept = owner, model, Kept()
        self.question = buying.Question()
        """What has to be answered before it is ordered."""
        self.links: dict[str, Any] = {}
        """Columns of its takes that tie them to others: `made_from`, `is_final`, `fan_out`."""
        if model is None:
            return
        self._bound_prompt(model)
        options = fields_of(model, self.voices)
        if self.speaks:
            options |= _speech_fields(model, self.voices)
        self.fields |= options
        starting = {name: field.initial for name, field in options.items()}
        self.initial = {"shot": uuid.uuid4(), **starting, **self.initial, "model": model.form_key}

    @classmethod
    def shown(
        cls, values: Mapping[str, Any], *, owner: User, model: AIModel | None, voices: Voices | None = None
    ) -> ShotForm:
        """An unbound form that keeps of `values` (a query) all that the model offers; never the shot's id:
        each form has its own, or two shots would pass for one."""
        form = cls(owner=owner, model=model, voices=voices)
        form.kept = keep(form, values)
        form.initial = {**form.initial, **form.kept.values}
        return form

    def _bound_prompt(self, model: AIModel) -> None:
        prompt = self.fields["prompt"]
        prompt.required = self.has_prompt and not self.shots
        if not self.has_prompt:
            return
        if model.max_prompt_length:
            prompt.validators.append(_longest(model.max_prompt_length))
        if model.min_prompt_length and model.min_prompt_length > 1 and not self.shots:
            prompt.validators.append(_shortest(model.min_prompt_length))

    @property
    def placeholder(self) -> str:
        """What belongs into the prompt, by what comes out."""
        kind = self.ai_model.kind if self.ai_model else ""
        return _PLACEHOLDERS.get(kind, "Describe the shot: who, where, light, lens, movement")

    @property
    def shot_seconds(self) -> list[str]:
        return SHOT_SECONDS

    @property
    def options(self) -> list[forms.BoundField]:
        """The choices that the model offers, as they are shown one below the other."""
        apart = ("shot", "model", "prompt", "seen_price", "speech_text", "speech_voice")
        return [field for field in self if field.name not in apart]

    @property
    def query(self) -> QueryDict:
        """What was sent, without what new files have made void."""
        return cast(QueryDict, self.data)

    # Inputs

    def _check_inputs(self) -> None:
        for slot in self.slots:
            for file in _files(self.files, slot.file_field):
                self._take_in(slot, file)
            slot.errors = slot.errors or self.problems_of(slot)
            for error in slot.errors:
                self.add_error(None, forms.ValidationError(error, code=slot.field_name))

    def problems_of(self, slot: Slot) -> list[str]:
        """Why what is in it can't be used, or what is missing."""
        return [] if self.is_spoken(slot) else slot.problems()

    def _take_in(self, slot: Slot, file: Any) -> None:
        before, data = slot.assets, copy(self.query)
        try:
            slot.add(uploads.store(self.owner, file, slot.kind))
        except BadMedia as error:
            slot.errors.append(str(error))
            return
        forget(data, slot.role.value, before, slot.assets)
        self.data = data
        slot.read(data)

    @cached_property
    def faces(self) -> Faces | None:
        return faces_of(self)

    # Price

    @property
    def count(self) -> int:
        return int(self._value("variations") or 1)

    @cached_property
    def priced(self) -> Shot:
        """What decides the price, read from the very request."""
        service = cast(AIModel, self.ai_model).account.service
        return requests.priced(service, self.body(), self.held)

    @cached_property
    def quote(self) -> Quote:
        """The price of one take of the shot as it stands."""
        if self.ai_model is None:
            return Quote(None, unknown="choose a model")
        if self.ai_model.is_asked_for_price:
            return self._asked_price.quote(self.ai_model, self.priced)
        if self.speech:
            return Quote(None, unknown="what is spoken decides the length")
        return self.ai_model.price(self.priced)

    @cached_property
    def _asked_price(self) -> AskedPrices:
        prices = AskedPrices([(cast(AIModel, self.ai_model), self.priced)])
        prices.want()
        return prices

    @property
    def price_is_coming(self) -> bool:
        """Whether only the service can tell it and has not yet."""
        return bool(self.ai_model and self.ai_model.is_asked_for_price and self._asked_price.pending)

    @property
    def _price_is_old(self) -> bool:
        """Whether what is shown was told by the service so long ago that it may have changed."""
        model = self.ai_model
        return bool(model and model.is_asked_for_price and self._asked_price.is_old(model, self.priced))

    @property
    def total(self) -> Quote:
        return self.quote.times(self.count)

    @cached_property
    def fingerprint(self) -> str:
        """The same for the very same order."""
        return requests.fingerprint(cast(AIModel, self.ai_model).account_id, self.body(), self.held)

    @cached_property
    def balance(self) -> int | None:
        return buying.balance(self.ai_model.account) if self.ai_model else None

    @cached_property
    def over_cap(self) -> str:
        """Why a cap stands in its way, to be told before it is pressed; "" where its price isn't known."""
        return caps.why_not(self.ai_model.account, [self.total]) if self.ai_model and self.total.known else ""

    @property
    def missing(self) -> int | None:
        """Credits short for this shot, or None when it can be paid (or nobody knows)."""
        return buying.missing(self.total, self.balance)

    # Checks

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.ai_model is None:
            self.add_error("model", "Choose a model.")
            return data
        self._check_inputs()
        self._check_parts()
        # What is ordered already may have cost all there was, and its price may have changed since.
        if not self.errors and not self.sent().exists():
            self._check_price(data.get("seen_price", ""))
        return data

    def _check_parts(self) -> None:
        """What belongs together: shots and their length, speakers and their faces, words and a voice."""
        offered = cast(AIModel, self.ai_model).duration_choices_ms
        total = sum(part["duration_ms"] for part in self.shots)
        if self.shots and offered and total not in offered:
            most = offered[-1] // 1000
            text = f"The shots last {total // 1000} s together; this model makes up to {most} s."
            self.add_error(None, text)
        voices = sum(role == Input.Role.AUDIO for role, _, _ in self.held)
        if voices > 1 and not self.faces_said:
            text = f"{voices} voices: click on the face of each speaker, in the order of the voices."
            self.add_error(None, text)
        account, assets = cast(AIModel, self.ai_model).account, [asset for _, _, asset in self.held]
        if not self.on_hedra and (refusal := hoox.refusal(account, assets)):
            self.add_error(None, refusal)
        if self.speech and not self.speech["voice_id"]:
            self.add_error("speech_voice", "Choose a voice for what is said.")

    def _check_price(self, seen: str) -> None:
        now = price_token(self.total)
        if seen and seen != now:
            self.add_error(
                None,
                f"The price is now {price_words(self.total)}. Nothing was ordered; press again to accept it.",
            )
        elif self._price_is_old:
            self.add_error(
                None,
                "The price is being asked for anew. Nothing was ordered; press again in a moment.",
            )
        elif self.missing:
            self.refuse_price(buying.missing_words(self.missing))

    def refuse_price(self, why: str) -> None:
        """So much can't be spent now: said calmly beside the price, for nothing is wrong with the shot."""
        self.add_error(None, forms.ValidationError(why, code="credits"))

    def sent(self) -> Any:
        """The takes that an earlier press of this form made."""
        takes = Generation.objects.filter(owner=self.owner, shot=self.cleaned_data["shot"])
        return takes.order_by("position")

    def begin_anew(self) -> None:
        """A page that a browser restored brings its old id back; under a new one its shot can be ordered."""
        data: Any = copy(self.data)
        data["shot"] = str(uuid.uuid4())
        self.data = data
        self.add_error(
            None,
            "This form was already sent, and that shot is on its way."
            " Nothing more was ordered; press again to order this shot too.",
        )


def _speech_fields(model: AIModel, voices: Voices) -> dict[str, forms.Field]:
    return {
        "speech_text": PromptField(
            label="What is said",
            required=False,
            max_length=_LONGEST_SPEECH,
            widget=forms.Textarea,
            error_messages={"max_length": _TOO_LONG},
        ),
        "speech_voice": voice_field(model, voices, required=False),
    }


def _files(files: Any, name: str) -> list[Any]:
    found = files.getlist(name) if hasattr(files, "getlist") else [files.get(name)]
    return [file for file in found if file]


def price_token(quote: Quote) -> str:
    """What the form carries to tell whether the price that was seen is still the price."""
    return "unknown" if quote.credits is None else str(quote.credits)


def price_words(quote: Quote) -> str:
    return "unknown" if quote.credits is None else f"{quote.figure} credit{'' if quote.credits == 1 else 's'}"


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
