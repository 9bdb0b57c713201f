"""Speech without words: syllables hummed in a voice's pitch, as long as the text would take to say."""

from __future__ import annotations

import array
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

RATE = 22_050
LETTERS_A_SECOND = 15
LOUD = 9000
VOWELS = ((1.0, 0.5, 0.15), (1.0, 0.2, 0.4), (1.0, 0.7, 0.05))
"""Strengths of the first overtones: what one syllable sounds like beside another."""
STEPS = 5


def length_ms(text: str, speed: float) -> int:
    """At least a blink: an empty text is said in no time, but no file can be."""
    return max(100, math.ceil(len(text) * 1000 / LETTERS_A_SECOND / speed))


def spoken(text: str, pitch: float, speed: float, stability: float = 1.0) -> Iterator[bytes]:
    """Mono samples of 16 bits, exactly as long as ``length_ms`` says."""
    left = length_ms(text, speed) * RATE // 1000
    for letters in chain(_syllables(text), [" "]):
        count = min(left, round(len(letters) * RATE / LETTERS_A_SECOND / speed))
        yield _sound(letters, count, round(pitch), round(stability, 2))
        left -= count
    yield bytes(2 * left)


def _syllables(text: str) -> list[str]:
    """Words in pieces of up to four letters, and what stands between them; joined they are the text."""
    return re.findall(r"\w{1,4}|\W+", text)


def _sound(letters: str, count: int, pitch: int, stability: float) -> bytes:
    """Pauses are silent."""
    if not letters[0].isalnum():
        return bytes(2 * count)
    look = sum(map(ord, letters))
    # The less stable, the further the melody wanders.
    step = (look % STEPS - STEPS // 2) * (0.4 + stability)
    return _syllable(count, pitch * 2 ** (step / 12), look % len(VOWELS))


@lru_cache(maxsize=512)
def _syllable(count: int, pitch: float, vowel: int) -> bytes:
    turn, swell = math.tau * pitch / RATE, math.pi / max(1, count)
    first, second, third = VOWELS[vowel]
    samples = (
        LOUD
        * math.sin(swell * n) ** 0.5
        * (first * math.sin(turn * n) + second * math.sin(2 * turn * n) + third * math.sin(3 * turn * n))
        for n in range(count)
    )
    return array.array("h", map(round, samples)).tobytes()
