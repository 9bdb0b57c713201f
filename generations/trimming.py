"""Which part of a sound is used, drawn on its wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .media.outline import WIDTH, outline
from .models import Asset

LEAST_MS = 100


@dataclass(frozen=True)
class Trim:
    """A part of a sound, in milliseconds; `length_ms` 0 means to its end."""

    whole_ms: int
    start_ms: int
    length_ms: int
    peaks: list[int]

    @classmethod
    def of(cls, asset: Asset, values: Mapping[str, Any]) -> Trim:
        """What the form says, within what there is."""
        whole = asset.duration_ms or 0
        start = min(_whole(values.get("audio_start_ms")), max(0, whole - LEAST_MS))
        length = _whole(values.get("audio_ms"))
        return cls(whole, start, length if start + length < whole else 0, asset.peaks or [])

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.length_ms if self.length_ms else self.whole_ms

    @property
    def used_ms(self) -> int:
        return self.end_ms - self.start_ms

    @property
    def is_whole(self) -> bool:
        return not self.start_ms and not self.length_ms

    @property
    def wave(self) -> str:
        return outline(self.peaks)

    @property
    def start_x(self) -> str:
        return f"{WIDTH * self.start_ms / max(1, self.whole_ms):.2f}"

    @property
    def end_x(self) -> str:
        return f"{WIDTH * self.end_ms / max(1, self.whole_ms):.2f}"

    @property
    def after_width(self) -> str:
        return f"{WIDTH * (self.whole_ms - self.end_ms) / max(1, self.whole_ms):.2f}"

    @property
    def start_words(self) -> str:
        return _seconds(self.start_ms)

    @property
    def end_words(self) -> str:
        return _seconds(self.end_ms)

    @property
    def words(self) -> str:
        if self.is_whole:
            return f"All {_seconds(self.whole_ms)}"
        part = _seconds(self.used_ms)
        return f"{part} · from {self.start_words} to {self.end_words}"


def _whole(value: object) -> int:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f} s"
