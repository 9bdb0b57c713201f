"""Moments of a clip, as people read and write them."""

from __future__ import annotations

import re

_MOMENT = re.compile(r"(?:(\d{1,4}):)?(\d{1,5})(?:[.,](\d{1,3}))?", re.ASCII)


def moment_words(ms: int) -> str:
    """3200 → "0:03.2"."""
    tenths = ms // 100
    return f"{tenths // 600}:{tenths // 10 % 60:02}.{tenths % 10}"


def parse_moment(text: str) -> int | None:
    """Milliseconds of "0:03.2", "3.2" or "1:05"; None of anything else."""
    found = _MOMENT.fullmatch(text.strip())
    if not found:
        return None
    minutes, seconds, fraction = found.groups(default="0")
    return (int(minutes) * 60 + int(seconds)) * 1000 + int(fraction.ljust(3, "0"))
