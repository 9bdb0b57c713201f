"""What a clip is made of, with inputs already turned into files."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

FPS = int(os.environ.get("SANDBOX_FPS") or 24)
"""Frames a second. Fewer make clips that are as long and large, look worse, and take less of the machine."""


@dataclass(frozen=True)
class Part:
    """A stretch of the clip under one prompt."""

    prompt: str
    duration_ms: int


@dataclass(frozen=True)
class ClipSpec:
    width: int
    height: int
    duration_ms: int
    prompt: str
    label: str = ""
    seed: int = 0
    start: Path | None = None
    end: Path | None = None
    video: Path | None = None
    extends: Path | None = None
    """A clip whose last picture is the first of this one."""
    captioned: bool = True
    over_caption: bool = False
    """Whether an input has a caption of its own where this one's comes."""
    restyled: bool = False
    """Whether the video gets the colours of the prompt."""
    insets: tuple[Path, ...] = ()
    """Pictures and clips it was made after, shown small in a corner."""
    audio: tuple[Path, ...] = ()
    audio_start_ms: int = 0
    """Negative: silence first; positive: skip into the audio."""
    parts: tuple[Part, ...] = field(default=())

    @property
    def fps(self) -> int:
        """Long clips are made with fewer frames: they are for length, not for looks."""
        return FPS if self.duration_ms <= 60_000 else min(FPS, 8)

    @property
    def frames(self) -> int:
        return max(1, round(self.duration_ms * self.fps / 1000))
