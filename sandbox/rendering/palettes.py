"""Colours of a clip: chosen by what the prompt speaks of, else by chance."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """Sky from top to bottom, the lights that move over it, and what stands before it."""

    sky: tuple[Colour, Colour]
    lights: tuple[Colour, ...]
    ground: Colour
    words: str = ""


def _rgb(code: str) -> Colour:
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def _palette(sky: str, lights: str, ground: str, words: str) -> Palette:
    top, bottom = (_rgb(code) for code in sky.split())
    return Palette((top, bottom), tuple(_rgb(code) for code in lights.split()), _rgb(ground), words)


PALETTES = (
    _palette(
        "1a1038 d8573c", "ffb36b ff6f61 ffd9a0", "140a1e", "sunset golden dusk evening autumn fox fire warm"
    ),
    _palette(
        "05303b 2bb6a3", "7ff0dc 1b7fa8 d9fff4", "03191f", "sea ocean reef water wave underwater coast swell"
    ),
    _palette(
        "0b0b2a 5a1b82", "ff3fb4 6a5cff 25c8ff", "07061a", "neon night city cyber club strobes chrome dancer"
    ),
    _palette("2a4a7a f2c9a1", "fff0cf ffb58a 9ec9ff", "2c2118", "dawn beach morning sunrise surf sky cloud"),
    _palette(
        "3b1207 e08a2c", "ffd073 ff8a3c fff1c4", "1f0b04", "desert dune sand caravan heat canyon dust mars"
    ),
    _palette(
        "0d1a22 3f6474", "9fc6d6 d8b27a 5f8ca3", "070d12", "rain storm window fog street taxi grey noir"
    ),
    _palette("0c2414 4f8a4a", "d6f28a 8fd36b fff3b0", "06130a", "forest jungle garden tree moss leaf meadow"),
    _palette(
        "16243f a9c6e8", "ffffff cfe3ff 8fb2e6", "0d1626", "snow ice winter mountain glacier arctic moon"
    ),
    _palette(
        "24080f a23a4e", "ffc9a3 ff7d87 ffe1cc", "14050a", "portrait singer jazz velvet rose wine stage face"
    ),
    _palette(
        "17151c 6b5b57", "ffe7c7 d7b9a0 fffaf0", "0e0c10", "product marble studio perfume bottle watch coffee"
    ),
    _palette("070a1c 27306b", "c8d4ff 8a7bff ffd6f0", "03040e", "space star galaxy planet astronaut rocket"),
    _palette(
        "4a1942 f27ba0", "ffe29a ff9ac1 fff0f5", "260c23", "flower blossom spring candy dream pastel love"
    ),
)


def palette_for(prompt: str, chance: random.Random) -> Palette:
    words = set(re.findall(r"[a-z]+", prompt.lower()))
    words |= {word.rstrip("s") for word in words}
    hits = [sum(word in words for word in palette.words.split()) for palette in PALETTES]
    best = max(hits)
    return chance.choice([palette for palette, hit in zip(PALETTES, hits, strict=True) if hit == best])
