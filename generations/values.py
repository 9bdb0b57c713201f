"""What a form of a shot says: its inputs and its values, ready for the request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.utils.functional import cached_property

from catalog.models import AIModel
from catalog.services import HEDRA

from . import requests
from .fields import SETTING
from .keeping import all_of, without_nul
from .models import Asset, Input
from .orders import hoox
from .slots import Slot, slots_of

MOST_SHOTS = 6
SHOT_SECONDS = [str(seconds) for seconds in range(3, 16)]


class PromptField(forms.CharField):
    """Browsers send line breaks as two characters; the service and the limits count one."""

    def to_python(self, value: Any) -> str:
        return without_nul(super().to_python(value) or "").replace("\r\n", "\n")


class ShotValues(forms.Form):
    """The part of the form that is read: nothing here is checked, odd values fall back to the usual ones."""

    owner: User
    ai_model: AIModel | None
    known: Mapping[int, Asset] = MappingProxyType({})
    """Assets of the owner that another form of the same shot has read."""

    # What the model's kind of request has besides its options

    @property
    def on_hedra(self) -> bool:
        return self.ai_model is not None and self.ai_model.account.service == HEDRA

    @property
    def _asked(self) -> Mapping[str, str]:
        """The values that Hedra's request of this type knows."""
        found = requests.TYPES.get(self.ai_model.request_type) if self.ai_model else None
        return found.values if found and self.on_hedra else {}

    @property
    def has_prompt(self) -> bool:
        return "prompt" in self._asked or not self.on_hedra

    @property
    def speaks(self) -> bool:
        """Whether what is said may be written instead of uploaded."""
        return bool("speech" in self._asked and self.ai_model and self.ai_model.kind == "avatar")

    @property
    def takes_shots(self) -> bool:
        return bool("shots" in self._asked and self.ai_model and self.ai_model.takes_several_shots)

    # Inputs

    @cached_property
    def slots(self) -> list[Slot]:
        """The model's drop zones with what is in them."""
        return [self._filled(slot) for slot in slots_of(self.ai_model)] if self.ai_model else []

    def _filled(self, slot: Slot) -> Slot:
        given = all_of(self.data if self.is_bound else self.initial, slot.field_name)
        pks = [int(pk) for pk in given if pk.isdecimal() and len(pk) < 19]
        unread = [pk for pk in pks if pk not in self.known]
        mine = {**self.known, **Asset.objects.owned_by(self.owner).in_bulk(unread)}
        slot.assets = [mine[pk] for pk in dict.fromkeys(pks) if pk in mine]
        slot.read(self._given)
        return slot

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
        values |= {"prompt": self._prompt, "shots": self.shots, "points": self.faces_said}
        return values | self._sound_values()

    @property
    def _prompt(self) -> str:
        """The contract wants one also where the shots have their own."""
        own = PromptField(required=False).clean(self["prompt"].value()) if self.has_prompt else ""
        return own or " / ".join(part["prompt"] for part in self.shots)

    @property
    def _given(self) -> Mapping[str, Any]:
        return self.data if self.is_bound else self.initial

    @property
    def shots(self) -> list[dict[str, Any]]:
        """Prompts with a length of their own, in order; what can't be read is no shot."""
        if not self.takes_shots:
            return []
        prompts, lengths = all_of(self._given, "shot_prompt"), all_of(self._given, "shot_seconds")
        pairs = zip(prompts[:MOST_SHOTS], [*lengths, *["5"] * MOST_SHOTS], strict=False)
        return [
            {"prompt": without_nul(text).strip(), "duration_ms": int(seconds) * 1000}
            for text, seconds in pairs
            if text.strip() and seconds in SHOT_SECONDS
        ]

    @property
    def points(self) -> list[tuple[float, float] | None]:
        """Where each speaker's face is, as shares of width and height."""
        return [_point(text) for text in all_of(self._given, "point")]

    @property
    def faces_said(self) -> Any:
        voices = sum(role == Input.Role.AUDIO for role, _, _ in self.held) or int(bool(self.speech))
        found = [list(point) for point in self.points[:voices] if point]
        if not found or len(found) < voices:
            return None
        return found if voices > 1 else found[0]

    @property
    def speech(self) -> dict[str, Any] | None:
        """What an avatar says, written, while no audio is given."""
        if not self.speaks or self._first(Input.Role.AUDIO) or not (text := self._value("speech_text")):
            return None
        return {"type": "text_to_speech", "voice_id": self._value("speech_voice"), "text": text}

    def _sound_values(self) -> dict[str, Any]:
        """Length and part of the sound that an avatar speaks with; 0 means "as long as what is said"."""
        if self.speech:
            return {"speech": self.speech, "duration_ms": 0}
        driver = self._driver
        if not driver or "duration_ms" in self.fields:
            return {}
        if driver.kind == "video":
            return {"duration_ms": driver.duration_ms}
        part = next((slot.trim for slot in self.slots if slot.trim), None)
        if part is None:
            return {"duration_ms": max(self._voice_lengths)}
        return {"audio_start_ms": part.start_ms or None, "duration_ms": part.used_ms}

    @property
    def _voice_lengths(self) -> list[int]:
        return [asset.duration_ms or 0 for role, _, asset in self.held if role == Input.Role.AUDIO] or [0]

    @property
    def _driver(self) -> Asset | None:
        """The input whose length is the take's."""
        return self._first(Input.Role.AUDIO, Input.Role.VIDEO)

    @property
    def shot_rows(self) -> list[tuple[str, str]]:
        """(prompt, seconds) of every row in which a shot can be written."""
        prompts, lengths = all_of(self._given, "shot_prompt"), all_of(self._given, "shot_seconds")
        rows = list(zip(prompts, [*lengths, *["5"] * MOST_SHOTS], strict=False))
        return [*rows, *[("", "5")] * MOST_SHOTS][:MOST_SHOTS] if self.takes_shots else []

    def body(self) -> dict[str, Any]:
        """The request without the ids, which are added as they become known."""
        model = cast(AIModel, self.ai_model)
        if not self.on_hedra:
            own = {n.removeprefix(SETTING): v for n, v in self.values.items() if n.startswith(SETTING)}
            return hoox.body(model, {**self.values, "settings": own})
        return requests.body(model.request_type, model.payload_key(), self.values)

    def is_spoken(self, slot: Slot) -> bool:
        """Whether words take its place, be they good ones or refused."""
        is_written = bool(self.speech) or "speech_text" in self.errors
        return slot.role == Input.Role.AUDIO and not slot.assets and is_written


def _point(text: str) -> tuple[float, float] | None:
    plain = text.replace(" ", "")
    match = re.fullmatch(r"(0(?:\.\d{1,6})?|1(?:\.0{1,6})?),(0(?:\.\d{1,6})?|1(?:\.0{1,6})?)", plain)
    return (float(match[1]), float(match[2])) if match else None
