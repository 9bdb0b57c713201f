"""How loud a sound is along its length: numbers to be drawn, and a picture of them for cards."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw

from generations.media.containers import HEAD_BYTES, container_of, open_media, sound_stream
from generations.media.errors import ACCEPTED, DAMAGED, BadMedia

RATE = 8000
"""Samples per second that are looked at: enough to tell how loud speech is."""
BLOCK = RATE // 50
FULL_SCALE = 32_768
SILENCE = 0.01
"""Share of full scale that even the loudest moment has to exceed; noise is not blown up to a wave."""

SIZE = (960, 540)
BARS = 96
BAR_SHARE = 0.55
"""How much of its place a bar fills."""
TALLEST = 0.5
SHORTEST_PX = 4
GREY = (134, 134, 142, 255)
"""Seen equally well on the dark stage and on a light page."""


def peaks(path: Path, steps: int = 200) -> list[int]:
    """The loudest moment of each of `steps` equal parts, from 0 to 100; 100 is the loudest of all.

    Of a video it is its sound. Raises BadMedia.
    """
    blocks = list(loudness(path))
    if not blocks:
        raise BadMedia("No sound of this file can be decoded.")
    most = max(max(blocks), SILENCE * FULL_SCALE)
    return [round(100 * max(part) / most) for part in parts(blocks, steps)]


def loudness(path: Path) -> Iterator[int]:
    """The largest amplitude of every fiftieth of a second."""
    with open_sound(path) as (opened, stream):
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=BLOCK)
        for frame in chain(opened.decode(stream), [None]):  # None: what the resampler holds back
            for block in resampler.resample(frame):
                yield amplitude(block)


@contextmanager
def open_sound(path: Path) -> Iterator[tuple[Any, Any]]:
    """PyAV's container and its sound stream. Raises BadMedia."""
    with path.open("rb") as file:
        container = container_of(file.read(HEAD_BYTES))
    if container is None:
        raise BadMedia(f"This is no sound. {ACCEPTED}")
    with open_media(path, container) as opened:
        try:
            yield opened, sound_stream(opened)
        except ValueError as error:  # the sound changes its form half-way
            raise error if isinstance(error, BadMedia) else BadMedia(DAMAGED) from None


def amplitude(block: Any) -> int:
    samples = array("h", bytes(block.planes[0])[: 2 * block.samples])
    return max(max(samples), -min(samples)) if samples else 0


def parts(blocks: Sequence[int], steps: int) -> Iterator[Sequence[int]]:
    """Equal parts in order, none empty: of a short sound neighbours share their blocks."""
    for step in range(steps):
        start = step * len(blocks) // steps
        yield blocks[start : max(start + 1, (step + 1) * len(blocks) // steps)]


def picture(path: Path, out: Path) -> None:
    """The sound as a row of bars on a clear ground, for tiles. Raises BadMedia."""
    image = Image.new("RGBA", SIZE)
    draw = ImageDraw.Draw(image)
    place = SIZE[0] / (BARS + 8)
    for number, peak in enumerate(peaks(path, BARS)):
        height = max(SHORTEST_PX, peak / 100 * TALLEST * SIZE[1])
        left, top = (number + 4) * place, (SIZE[1] - height) / 2
        right = left + place * BAR_SHARE
        draw.rounded_rectangle((left, top, right, top + height), radius=place * BAR_SHARE / 2, fill=GREY)
    image.save(out, lossless=True)
