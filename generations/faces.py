"""Which face speaks: a point on the start frame for each voice of an avatar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .keeping import all_of
from .models import Asset, Input

if TYPE_CHECKING:
    from .forms import ShotForm


@dataclass(frozen=True)
class Voice:
    name: str
    point: str
    """As the form has it: "0.412,0.3"; "" when nobody has said."""


@dataclass(frozen=True)
class Faces:
    picture: Asset
    voices: list[Voice]

    @property
    def is_required(self) -> bool:
        """One voice finds its face by itself."""
        return len(self.voices) > 1


def faces_of(form: ShotForm) -> Faces | None:
    """None while there is no face to point at, or nobody who speaks."""
    if not form.speaks:
        return None
    picture = next((asset for role, _, asset in form.held if role == Input.Role.START_FRAME), None)
    voices = [asset for role, _, asset in form.held if role == Input.Role.AUDIO]
    if picture is None or not voices:
        return None
    given = [*all_of(form.data if form.is_bound else form.initial, "point"), *[""] * len(voices)]
    return Faces(picture, [Voice(voice.name, point) for voice, point in zip(voices, given, strict=False)])
