"""The inputs that a chosen model takes, as the form shows and checks them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalog import inputs
from catalog.inputs import InputSlot
from catalog.models import AIModel
from catalog.prices import durations
from catalog.services import HEDRA

from .media import cropping
from .models import Asset, Input
from .requests import PER_ELEMENT, TYPES
from .trimming import Trim
from .uploads import MAX_BYTES, MEGABYTE

KILOBYTE = 1024
MOST_SPEAKERS = 4
ELEMENTS = 3

ROLES = {
    (inputs.START_FRAME, "image"): Input.Role.START_FRAME,
    (inputs.END_FRAME, "image"): Input.Role.END_FRAME,
    (inputs.IMAGE, "image"): Input.Role.IMAGE,
    (inputs.AUDIO, "audio"): Input.Role.AUDIO,
    (inputs.VIDEO, "video"): Input.Role.VIDEO,
    (inputs.REFERENCE, "image"): Input.Role.REFERENCE_IMAGE,
    (inputs.REFERENCE, "video"): Input.Role.REFERENCE_VIDEO,
    (inputs.REFERENCE, "audio"): Input.Role.REFERENCE_AUDIO,
}
CROPPED = frozenset({Input.Role.START_FRAME, Input.Role.END_FRAME, Input.Role.IMAGE})
"""What becomes the picture itself, and so should have its shape."""
_LABELS = {
    Input.Role.REFERENCE_IMAGE: "Reference images",
    Input.Role.REFERENCE_VIDEO: "Reference videos",
    Input.Role.REFERENCE_AUDIO: "Reference sounds",
}
_FORMATS = {
    "image": "PNG, JPEG or WebP",
    "audio": "MP3, WAV, M4A, OGG or FLAC",
    "video": "MP4, MOV or WebM",
}
_ACCEPT = {
    "image": "image/png,image/jpeg,image/webp",
    "audio": "audio/mpeg,audio/wav,audio/mp4,audio/aac,audio/ogg,audio/flac,.mp3,.wav,.m4a,.ogg,.flac",
    "video": "video/mp4,video/quicktime,video/webm,.mp4,.mov,.webm",
}


def size_words(size: int, *, up: bool = False) -> str:
    """1572864 → "1.5 MB". Limits are rounded down and files up: one too large never equals its limit."""
    if size < KILOBYTE:
        return f"{size} bytes"
    unit, name = (KILOBYTE, "kB") if size < MEGABYTE else (MEGABYTE, "MB")
    tenths = -(-size * 10 // unit) if up else size * 10 // unit
    return f"{tenths / 10:g} {name}"


def slots_of(model: AIModel) -> list[Slot]:
    """The model's drop zones, empty."""
    known = [limit for limit in model.all_slots if _is_carried(model, ROLES.get((limit.role, limit.type)))]
    return [_slot(model, limit) for limit in known] + list(_unstated(model))


def _is_carried(model: AIModel, role: Input.Role | None) -> bool:
    """Whether an order has a place for it; what Hedra's contract has none for could never be sent."""
    return role is not None and (model.account.service != HEDRA or role in TYPES[model.request_type].inputs)


def _slot(model: AIModel, limit: InputSlot) -> Slot:
    role = ROLES[limit.role, limit.type]
    speaks = role == Input.Role.AUDIO and model.kind == "avatar" and model.account.service == HEDRA
    if speaks:  # the contract takes a list of voices; no catalog says which avatar models do
        limit = replace(limit, max_count=max(limit.max_count, MOST_SPEAKERS))
    return Slot(limit, role, role.value, longest_ms=model.longest_ms, takes_part=speaks)


def _unstated(model: AIModel) -> Iterator[Slot]:
    """What Hedra's contract lets every restyle take, though no model's entry speaks of it."""
    if model.account.service != HEDRA or model.request_type != "video_to_video":
        return
    if not any(limit.role == inputs.REFERENCE for limit in model.all_slots):
        style = InputSlot(inputs.REFERENCE, "image", max_count=4)
        yield Slot(style, Input.Role.REFERENCE_IMAGE, Input.Role.REFERENCE_IMAGE.value)
    for number in range(1, ELEMENTS + 1):
        element = InputSlot("element", "image", max_count=4)
        yield Slot(element, Input.Role.ELEMENT, f"element_{number}", start=PER_ELEMENT * number)


@dataclass
class Slot:
    """One drop zone: what it takes, what it holds, what is wrong with it."""

    limit: InputSlot
    role: Input.Role
    field_name: str
    """Of the form: the primary keys of its assets, in order."""
    start: int = 0
    """The position of its first input."""
    longest_ms: int | None = None
    takes_part: bool = False
    """Whether a part of its sound may be ordered."""
    ratio: str = ""
    """Of the shot, where what is in it becomes the picture."""
    trim: Trim | None = None
    assets: list[Asset] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def file_field(self) -> str:
        return f"{self.field_name}_file"

    @property
    def asset(self) -> Asset | None:
        return self.assets[0] if self.assets else None

    @property
    def single(self) -> Asset | None:
        """What a place for one file holds."""
        return self.asset if self.max_count == 1 else None

    def read(self, values: Mapping[str, Any]) -> None:
        """What else the form says of it: the shape of the shot, the part of the sound."""
        if self.role in CROPPED:
            self.ratio = str(values.get("aspect_ratio") or "")
        only = self.assets[0] if len(self.assets) == 1 else None
        self.trim = Trim.of(only, values) if self.takes_part and only and only.duration_ms else None

    @property
    def crop_to(self) -> str:
        """The shape that the picture lacks, or ""."""
        picture = self.single
        if not (picture and picture.width and picture.height):
            return ""
        return "" if cropping.fits(picture.width, picture.height, self.ratio) else self.ratio

    @property
    def held(self) -> list[tuple[str, int, Asset]]:
        """(role, position, asset) of each input."""
        return [(self.role.value, self.start + place, asset) for place, asset in enumerate(self.assets)]

    @property
    def label(self) -> str:
        if self.role == Input.Role.ELEMENT:
            return f"Element {self.start // PER_ELEMENT}"
        return _LABELS.get(self.role) or self.role.value.replace("_", " ").capitalize()

    @property
    def kind(self) -> str:
        return self.limit.type

    @property
    def required(self) -> bool:
        return self.limit.required

    @property
    def max_count(self) -> int:
        return self.limit.max_count

    @property
    def has_room(self) -> bool:
        return len(self.assets) < self.max_count

    def add(self, asset: Asset) -> None:
        """Put one more in; where only one fits, in its place."""
        others = [one for one in self.assets if one != asset] if self.max_count > 1 else []
        self.assets = [*others, asset]

    @property
    def accept(self) -> str:
        return _ACCEPT[self.kind]

    @property
    def max_bytes(self) -> int:
        return min(self.limit.max_bytes or MAX_BYTES[self.kind], MAX_BYTES[self.kind])

    @property
    def limits(self) -> str:
        """What may go in, said before the upload: "PNG, JPEG or WebP · up to 10 MB"."""
        words = [f"Up to {self.max_count} files"] if self.max_count > 1 else []
        words += [_FORMATS[self.kind], f"up to {size_words(self.max_bytes)}"]
        if self.most_ms:
            words.append(f"at most {durations.length(self.most_ms)}")
        return " · ".join(words)

    @property
    def most_ms(self) -> int | None:
        """The longest file that fits."""
        if self.kind == "image":
            return None
        drives = self.role in (Input.Role.AUDIO, Input.Role.VIDEO)
        given = [ms for ms in (self.limit.max_duration_ms, self.longest_ms if drives else None) if ms]
        return min(given, default=None)

    def problems(self) -> list[str]:
        """Why what is in it can't be used, or what is missing."""
        found = [problem for asset in self.assets if (problem := self.problem(asset))]
        return [*found, *filter(None, [self._count_problem(), self._total_problem()])]

    def _count_problem(self) -> str:
        have, least = len(self.assets), self.limit.min_count if self.required else 0
        if have > self.max_count:
            return f"{self.label}: {have} files; the model takes up to {self.max_count}."
        if self.required and not have:
            return f"This model needs {self._needed}."
        return f"{self.label}: the model needs at least {least} files." if have < least else ""

    @property
    def _needed(self) -> str:
        if self.kind == "audio" or self.max_count > 1:
            return self.limit.word
        return f"{'an' if self.limit.word[0] in 'aeiou' else 'a'} {self.limit.word}"

    def _total_problem(self) -> str:
        most, have = self.limit.max_total_ms, sum(asset.duration_ms or 0 for asset in self.assets)
        if not most or have <= most:
            return ""
        return f"{self.label} last {have / 1000:.1f} s together; the model takes {durations.length(most)}."

    def problem(self, asset: Asset) -> str:
        """Why this asset can't be used here, or ""."""
        limit = self.limit
        if asset.kind != self.kind:
            return f"{asset.name} is not {'a video' if self.kind == 'video' else f'an {self.kind}'}."
        if asset.size > self.max_bytes:
            has, most = size_words(asset.size, up=True), size_words(self.max_bytes)
            return f"This file has {has}; the model takes up to {most}."
        sides, its = [side for side in (asset.width, asset.height) if side], f"The {self.kind}'s"
        if sides and limit.min_dimension_px and min(sides) < limit.min_dimension_px:
            return f"{its} short side has {min(sides)} px; the model needs {limit.min_dimension_px} px."
        if sides and limit.max_dimension_px and max(sides) > limit.max_dimension_px:
            return f"{its} long side has {max(sides)} px; the model takes {limit.max_dimension_px}."
        return self._length_problem(self.trim.used_ms if self.trim else asset.duration_ms)

    def _length_problem(self, duration_ms: int | None) -> str:
        lasts, least = f"The {self.kind} lasts {(duration_ms or 0) / 1000:.1f} s", self.limit.min_duration_ms
        if duration_ms and self.most_ms and duration_ms > self.most_ms:
            part = " Choose a part of it." if self.trim else ""
            return f"{lasts}; the model takes up to {durations.length(self.most_ms)}.{part}"
        if duration_ms and least and duration_ms < least:
            return f"{lasts}; the model needs at least {durations.length(least)}."
        return ""
