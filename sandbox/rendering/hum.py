"""A hummed phrase: there is no speech engine here, but what is made can be heard."""

from __future__ import annotations

import array
import math
import wave
from pathlib import Path

RATE = 22_050
# A phrase as steps of the scale and lengths in seconds.
PHRASE = ((0, 0.28), (3, 0.22), (5, 0.34), (2, 0.22), (-2, 0.3), (0, 0.5))


def write_hum(path: Path, pitch: float, repeats: int = 1, pace: float = 1) -> None:
    """A hummed phrase as a mono WAV; ``pitch`` in Hz, a ``pace`` above 1 is faster."""
    samples = array.array("h")
    for step, length_s in PHRASE:
        samples.extend(_note(pitch * 2 ** (step / 12), length_s / pace))
    with wave.open(str(path), "wb") as output:
        output.setnchannels(1)
        output.setsampwidth(2)
        output.setframerate(RATE)
        output.writeframes(samples.tobytes() * repeats)


def _note(pitch: float, length_s: float) -> list[int]:
    count = round(length_s * RATE)
    turn = math.tau * pitch / RATE
    swell = math.pi / count
    return [
        round(
            9000
            * math.sin(swell * n)
            * (math.sin(turn * n) + 0.4 * math.sin(2 * turn * n) + 0.2 * math.sin(3 * turn * n))
        )
        for n in range(count)
    ]
