"""The inputs that a chosen model takes, as the form shows and checks them."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog import inputs
from catalog.inputs import InputSlot
from catalog.prices import durations

from .models import Asset, Input
from .uploads import MAX_BYTES, MEGABYTE

KILOBYTE = 1024

ROLES = {
    inputs.START_FRAME: Input.Role.START_FRAME,
    inputs.END_FRAME: Input.Role.END_FRAME,
    inputs.AUDIO: Input.Role.AUDIO,
}
_LABELS = {
    Input.Role.START_FRAME: "Start frame",
    Input.Role.END_FRAME: "End frame",
    Input.Role.AUDIO: "Audio",
}
_FORMATS = {"image": "PNG, JPEG or WebP", "audio": "MP3, WAV, M4A, OGG or FLAC"}
_ACCEPT = {
    "image": "image/png,image/jpeg,image/webp",
    "audio": "audio/mpeg,audio/wav,audio/mp4,audio/aac,audio/ogg,audio/flac,.mp3,.wav,.m4a,.ogg,.flac",
}


def size_words(size: int, *, up: bool = False) -> str:
    """1572864 → "1.5 MB". Limits are rounded down and files up: one too large never equals its limit."""
    if size < KILOBYTE:
        return f"{size} bytes"
    unit, name = (KILOBYTE, "kB") if size < MEGABYTE else (MEGABYTE, "MB")
    tenths = -(-size * 10 // unit) if up else size * 10 // unit
    return f"{tenths / 10:g} {name}"


@dataclass
class Slot:
    """One drop zone: what it takes, what it holds, what is wrong with it."""

    limit: InputSlot
    longest_ms: int | None = None
    asset: Asset | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def role(self) -> str:
        return str(ROLES[self.limit.role])

    field_name = role

    @property
    def file_field(self) -> str:
        return f"{self.role}_file"

    @property
    def label(self) -> str:
        return _LABELS[Input.Role(self.role)]

    @property
    def kind(self) -> str:
        return self.limit.type

    @property
    def required(self) -> bool:
        return self.limit.required

    @property
    def accept(self) -> str:
        return _ACCEPT[self.kind]

    @property
    def max_bytes(self) -> int:
        return min(self.limit.max_bytes or MAX_BYTES[self.kind], MAX_BYTES[self.kind])

    @property
    def limits(self) -> str:
        """What may go in, said before the upload: "PNG, JPEG or WebP · up to 10 MB"."""
        words = [_FORMATS[self.kind], f"up to {size_words(self.max_bytes)}"]
        if self._most_ms:
            words.append(f"at most {durations.length(self._most_ms)}")
        return " · ".join(words)

    @property
    def _most_ms(self) -> int | None:
        given = [ms for ms in (self.limit.max_duration_ms, self.longest_ms) if ms and self.kind == "audio"]
        return min(given, default=None)

    def problem(self, asset: Asset) -> str:
        """Why this asset can't be used here, or ""."""
        limit = self.limit
        if asset.kind != self.kind:
            return f"{asset.name} is not an {self.kind}."
        if asset.size > self.max_bytes:
            has, most = size_words(asset.size, up=True), size_words(self.max_bytes)
            return f"This file has {has}; the model takes up to {most}."
        sides = [side for side in (asset.width, asset.height) if side]
        if sides and limit.min_dimension_px and min(sides) < limit.min_dimension_px:
            return f"The image's short side has {min(sides)} px; the model needs {limit.min_dimension_px} px."
        if sides and limit.max_dimension_px and max(sides) > limit.max_dimension_px:
            return f"The image's long side has {max(sides)} px; the model takes {limit.max_dimension_px}."
        return self._length_problem(asset.duration_ms)

    def _length_problem(self, duration_ms: int | None) -> str:
        lasts, least = f"The audio lasts {(duration_ms or 0) / 1000:.1f} s", self.limit.min_duration_ms
        if duration_ms and self._most_ms and duration_ms > self._most_ms:
            return f"{lasts}; the model takes up to {durations.length(self._most_ms)}."
        if duration_ms and least and duration_ms < least:
            return f"{lasts}; the model needs at least {durations.length(least)}."
        return ""
