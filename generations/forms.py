"""The form of a shot: a function of the chosen model."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from copy import copy
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User

from catalog.models import AIModel
from catalog.prices.asked import AskedPrices
from catalog.prices.quoting import Quote, Shot
from catalog.services import HEDRA

from . import buying, requests, uploads
from .faces import Faces, faces_of
from .fields import SETTING, fields_of
from .keeping import Kept, all_of, keep
from .media.probe import BadMedia
from .models import Asset, Generation, Input
from .orders import hoox
from .slots import Slot, slots_of

MOST_SHOTS = 6
SHOT_SECONDS = [str(seconds) for seconds in range(3, 16)]
_LONGEST_SPEECH = 5000
_PLACEHOLDERS = {
    "image": "Describe the picture: subject, place, light, lens, style",
    "image_to_image": "Describe what to change, and what to keep",
    "text_to_speech": "Write what is said",
    "text_to_sound": "Describe the sound: what, where, how near",
    "video_to_video": "Describe what to change, and what to keep",
}


class PromptField(forms.CharField):
    """Browsers send line breaks as two characters; the service and the limits count one."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class ShotForm(forms.Form):
    """What to make. Options that the model lacks are absent; values it doesn't offer fall back to its own."""

    shot = forms.UUIDField(widget=forms.HiddenInput)
    model = forms.CharField(required=False, max_length=60)
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
        self.question = buying.Question()
        """What has to be answered before it is ordered."""
        self.links: dict[str, Any] = {}
        """Columns of its takes that tie them to others: `made_from`, `is_final`, `fan_out`."""
        if model is None:
            return
        self._bound_prompt(model)
        options = fields_of(model)
        if self.speaks:
            options |= _speech_fields(model)
        self.fields |= options
        starting = {name: field.initial for name, field in options.items()}
        self.initial = {"shot": uuid.uuid4(), **starting, **self.initial, "model": model.form_key}

    @classmethod
    def shown(cls, values: Mapping[str, Any], *, owner: User, model: AIModel | None) -> ShotForm:
        """An unbound form that keeps of `values` (a query) all that the model offers; never the shot's id:
        each form has its own, or two shots would pass for one."""
        form = cls(owner=owner, model=model)
        form.kept = keep(form, values)
        form.initial = {**form.initial, **form.kept.values}
        return form

    def _bound_prompt(self, model: AIModel) -> None:
        prompt = self.fields["prompt"]
        prompt.required = self.has_prompt and not self._shots
        if not self.has_prompt:
            return
        if model.max_prompt_length:
            prompt.validators.append(_longest(model.max_prompt_length))
        if model.min_prompt_length and model.min_prompt_length > 1 and not self._shots:
            prompt.validators.append(_shortest(model.min_prompt_length))

    # What the model's kind of request has besides its options

    @property
    def _on_hedra(self) -> bool:
        return self.ai_model is not None and self.ai_model.account.service == HEDRA

    @property
    def _asked(self) -> Mapping[str, str]:
        """The values that Hedra's request of this type knows."""
        found = requests.TYPES.get(self.ai_model.request_type) if self.ai_model else None
        return found.values if found and self._on_hedra else {}

    @property
    def has_prompt(self) -> bool:
        return "prompt" in self._asked or not self._on_hedra

    @property
    def speaks(self) -> bool:
        """Whether what is said may be written instead of uploaded."""
        return bool("speech" in self._asked and self.ai_model and self.ai_model.kind == "avatar")

    @property
    def takes_shots(self) -> bool:
        return bool("shots" in self._asked and self.ai_model and self.ai_model.takes_several_shots)

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
    def shot_rows(self) -> list[tuple[str, str]]:
        """(prompt, seconds) of every row in which a shot can be written."""
        prompts, lengths = all_of(self._given, "shot_prompt"), all_of(self._given, "shot_seconds")
        rows = list(zip(prompts, [*lengths, *["5"] * MOST_SHOTS], strict=False))
        return [*rows, *[("", "5")] * MOST_SHOTS][:MOST_SHOTS] if self.takes_shots else []

    # Inputs

    @cached_property
    def slots(self) -> list[Slot]:
        """The model's drop zones with what is in them."""
        return [self._filled(slot) for slot in slots_of(self.ai_model)] if self.ai_model else []

    def _filled(self, slot: Slot) -> Slot:
        given = all_of(self.data if self.is_bound else self.initial, slot.field_name)
        pks = [int(pk) for pk in given if pk.isdecimal() and len(pk) < 19]
        mine = Asset.objects.owned_by(self.owner).in_bulk(pks)
        slot.assets = [mine[pk] for pk in dict.fromkeys(pks) if pk in mine]
        slot.read(self._given)
        return slot

    def _check_inputs(self) -> None:
        for slot in self.slots:
            for file in _files(self.files, slot.file_field):
                self._take_in(slot, file)
            slot.errors = slot.errors or self.problems_of(slot)
            for error in slot.errors:
                self.add_error(None, forms.ValidationError(error, code=slot.field_name))

    def problems_of(self, slot: Slot) -> list[str]:
        """Why what is in it can't be used, or what is missing."""
        return [] if self._is_spoken(slot) else slot.problems()

    def _take_in(self, slot: Slot, file: Any) -> None:
        try:
            slot.add(uploads.store(self.owner, file, slot.kind))
        except BadMedia as error:
            slot.errors.append(str(error))

    def _is_spoken(self, slot: Slot) -> bool:
        return slot.role == Input.Role.AUDIO and not slot.assets and bool(self._speech)

    @property
    def held(self) -> list[tuple[str, int, Asset]]:
        """(role, position, asset) of all inputs."""
        return [entry for slot in self.slots for entry in slot.held]

    def _first(self, *roles: Input.Role) -> Asset | None:
        return next((asset for role, _, asset in self.held if role in roles), None)

    # Values

    def _value(self, name: str) -> Any:
        """What an option says, whether the form is checked or on its way: its own, else the usual one."""
        field = self.fields.get(name)
        if field is None:
            return None
        raw = self[name].value()
        try:
            value = field.clean(raw)
        except forms.ValidationError:
            value = field.initial
        return float(value) if isinstance(value, Decimal) else value

    @cached_property
    def values(self) -> dict[str, Any]:
        """Ready for the request."""
        names = [name for name in self.fields if name not in ("shot", "model", "seen_price", "prompt")]
        values = {name: self._value(name) for name in names}
        if duration := values.get("duration_ms"):
            values["duration_ms"] = int(duration)
        values["enhance_prompt"] = values.get("enhance_prompt") or None
        values |= {"prompt": self._prompt, "shots": self._shots, "points": self._points}
        return values | self._sound_values()

    @property
    def _prompt(self) -> str:
        """The contract wants one also where the shots have their own."""
        own = PromptField(required=False).clean(self["prompt"].value()) if self.has_prompt else ""
        return own or " / ".join(part["prompt"] for part in self._shots)

    @property
    def _given(self) -> Mapping[str, Any]:
        return self.data if self.is_bound else self.initial

    @property
    def _shots(self) -> list[dict[str, Any]]:
        """Prompts with a length of their own, in order; what can't be read is no shot."""
        if not self.takes_shots:
            return []
        prompts, lengths = all_of(self._given, "shot_prompt"), all_of(self._given, "shot_seconds")
        pairs = zip(prompts[:MOST_SHOTS], [*lengths, *["5"] * MOST_SHOTS], strict=False)
        return [
            {"prompt": text.strip(), "duration_ms": int(seconds) * 1000}
            for text, seconds in pairs
            if text.strip() and seconds in SHOT_SECONDS
        ]

    @property
    def points(self) -> list[tuple[float, float] | None]:
        """Where each speaker's face is, as shares of width and height."""
        return [_point(text) for text in all_of(self._given, "point")]

    @cached_property
    def faces(self) -> Faces | None:
        return faces_of(self)

    @property
    def _points(self) -> Any:
        voices = sum(role == Input.Role.AUDIO for role, _, _ in self.held) or int(bool(self._speech))
        found = [list(point) for point in self.points[:voices] if point]
        if not found or len(found) < voices:
            return None
        return found if voices > 1 else found[0]

    @property
    def _speech(self) -> dict[str, Any] | None:
        """What an avatar says, written, while no audio is given."""
        if not self.speaks or self._first(Input.Role.AUDIO) or not (text := self._value("speech_text")):
            return None
        return {"type": "text_to_speech", "voice_id": self._value("speech_voice"), "text": text}

    def _sound_values(self) -> dict[str, Any]:
        """Length and part of the sound that an avatar speaks with; 0 means "as long as what is said"."""
        if self._speech:
            return {"speech": self._speech, "duration_ms": 0}
        driver = self._driver
        if not driver or "duration_ms" in self.fields:
            return {}
        if driver.kind == "video":
            return {"duration_ms": driver.duration_ms}
        start = _whole(self._given, "audio_start_ms")
        left = max(0, max(self._voice_lengths) - start)
        length = min(left, _whole(self._given, "audio_ms") or left)
        return {"audio_start_ms": start or None, "duration_ms": length}

    @property
    def _voice_lengths(self) -> list[int]:
        return [asset.duration_ms or 0 for role, _, asset in self.held if role == Input.Role.AUDIO] or [0]

    @property
    def _driver(self) -> Asset | None:
        """The input whose length is the take's."""
        return self._first(Input.Role.AUDIO, Input.Role.VIDEO)

    # Price

    @property
    def count(self) -> int:
        return int(self._value("variations") or 1)

    def body(self) -> dict[str, Any]:
        """The request without the ids, which are added as they become known."""
        model = cast(AIModel, self.ai_model)
        if not self._on_hedra:
            own = {n.removeprefix(SETTING): v for n, v in self.values.items() if n.startswith(SETTING)}
            return hoox.body(model, {**self.values, "settings": own})
        return requests.body(model.request_type, model.payload_key(), self.values)

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
        if self._speech:
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
    def total(self) -> Quote:
        return self.quote.times(self.count)

    @cached_property
    def fingerprint(self) -> str:
        """The same for the very same order."""
        return requests.fingerprint(cast(AIModel, self.ai_model).account_id, self.body(), self.held)

    @cached_property
    def balance(self) -> int | None:
        return buying.balance(self.ai_model.account) if self.ai_model else None

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
        total = sum(part["duration_ms"] for part in self._shots)
        if self._shots and offered and total not in offered:
            most = offered[-1] // 1000
            text = f"The shots last {total // 1000} s together; this model makes up to {most} s."
            self.add_error(None, text)
        voices = sum(role == Input.Role.AUDIO for role, _, _ in self.held)
        if voices > 1 and not self._points:
            text = f"{voices} voices: click on the face of each speaker, in the order of the voices."
            self.add_error(None, text)
        if self._speech and not self._speech["voice_id"]:
            self.add_error("speech_voice", "Choose a voice for what is said.")

    def _check_price(self, seen: str) -> None:
        now = price_token(self.total)
        if seen and seen != now:
            self.add_error(
                None,
                f"The price is now {price_words(self.total)}. Nothing was ordered; press again to accept it.",
            )
        elif self.missing:
            self.refuse_price(self.missing)

    def refuse_price(self, missing: int) -> None:
        """So many credits are not there."""
        self.add_error(None, forms.ValidationError(buying.missing_words(missing), code="credits"))

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


def _speech_fields(model: AIModel) -> dict[str, forms.Field]:
    voice = fields_of(AIModel(account=model.account, type="speech_to_speech"))["voice"]
    voice.required = False
    return {
        "speech_text": PromptField(
            label="What is said", required=False, max_length=_LONGEST_SPEECH, widget=forms.Textarea
        ),
        "speech_voice": voice,
    }


def _files(files: Any, name: str) -> list[Any]:
    found = files.getlist(name) if hasattr(files, "getlist") else [files.get(name)]
    return [file for file in found if file]


def _point(text: str) -> tuple[float, float] | None:
    plain = text.replace(" ", "")
    match = re.fullmatch(r"(0(?:\.\d{1,6})?|1(?:\.0{1,6})?),(0(?:\.\d{1,6})?|1(?:\.0{1,6})?)", plain)
    return (float(match[1]), float(match[2])) if match else None


def _whole(data: Mapping[str, Any], name: str) -> int:
    text = str(data.get(name) or "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


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
