"""Durations as the services write them, and as people read them.

No source shows the text form of `durations` in Hedra's catalog, so every plausible form is read:
"5000", "5", "5s", "5 sec", "0.5 min", "auto", "-1".
"""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

AUTO = 0
"""What `read` answers for "auto": the length follows the audio or video given."""

_FORM = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|secs?|seconds?|m|mins?|minutes?)?")
_UNIT_MS = {"ms": 1, "s": 1000, "sec": 1000, "second": 1000, "m": 60_000, "min": 60_000, "minute": 60_000}
_LONGEST_MS = 24 * 3600 * 1000


def read(text: object) -> int | None:
    """Milliseconds, AUTO, or None for what can't be read. A bare number from 1000 up means milliseconds."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    word = str(text).strip().lower()
    if word in ("auto", "automatic", "-1"):
        return AUTO
    match = _FORM.fullmatch(word)
    return _milliseconds(Decimal(match[1]), match[2]) if match else None


def _milliseconds(number: Decimal, unit: str | None) -> int | None:
    if unit is None:
        unit = "ms" if number >= 1000 else "s"
    ms = int(number * _UNIT_MS[unit if unit in _UNIT_MS else unit.removesuffix("s")])
    return ms if 0 < ms <= _LONGEST_MS else None


def choices_ms(texts: object) -> list[int]:
    """The fixed lengths offered, ascending; [] when the length is automatic or unknown."""
    return sorted({ms for ms in map(read, _items(texts)) if ms})


def has_auto(texts: object) -> bool:
    return any(read(text) == AUTO for text in _items(texts))


def _items(texts: object) -> Iterable[object]:
    return texts if isinstance(texts, list | tuple) else ()


def length(ms: int) -> str:
    """One length in words: "8 s", "2.5 s", "10 min"."""
    if ms >= 120_000 and ms % 60_000 == 0:
        return f"{ms // 60_000} min"
    return f"{_seconds(ms)} s"


def words(choices: Sequence[int], *, auto: bool, longest_ms: int | None) -> str:
    """What a model offers: "4, 6, 8 s", "3–15 s", "auto · to 10 min", or "" when nothing is known."""
    fixed = _fixed(choices)
    if auto:
        limit = f"to {length(longest_ms)}" if longest_ms and not fixed else fixed
        return f"auto · {limit}" if limit else "auto"
    return fixed or (f"to {length(longest_ms)}" if longest_ms else "")


def _fixed(choices: Sequence[int]) -> str:
    steps = {after - before for before, after in pairwise(choices)}
    if len(choices) > 2 and steps == {1000}:
        return f"{_seconds(choices[0])}–{_seconds(choices[-1])} s"
    if len(choices) > 5 and len(steps) == 1:
        return f"{_seconds(choices[0])}–{_seconds(choices[-1])} s, every {length(steps.pop())}"
    return ", ".join(map(_seconds, choices)) + " s" if choices else ""


def _seconds(ms: int) -> str:
    return f"{ms / 1000:g}" if ms % 1000 else str(ms // 1000)
