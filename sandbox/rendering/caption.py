"""The prompt as a small caption over a dark fade, with what made the clip under it."""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFont

LINES = 2
INK = (255, 255, 255, 235)
PALE = (255, 255, 255, 150)


class Caption:
    """Drawn once; ``image`` lies at ``top`` over every picture."""

    def __init__(self, text: str, label: str, size: tuple[int, int], firm: bool = False) -> None:
        """A ``firm`` one hides the caption that an earlier result has in the same place."""
        unit = max(11, round(min(size) * 0.032))
        font, small = ImageFont.load_default(unit), ImageFont.load_default(max(9, round(unit * 0.7)))
        margin = round(unit * 1.4)
        lines = _wrapped(" ".join(text.split()), font, size[0] - 2 * margin)
        # Even, so that the layer meets the foot of the picture: colour has half the lines.
        height = min(size[1], round(unit * (0.675 * len(lines) + 2.2)) * 2)
        self.top = size[1] - height
        self.image = _shade((size[0], height), _firm if firm else _fade)
        draw = ImageDraw.Draw(self.image)
        y = height - margin - round(unit * 0.8)
        draw.text((margin, y), f"{label}  ·  sandbox" if label else "sandbox", PALE, small)
        for line in reversed(lines):
            y -= round(unit * 1.35)
            draw.text((margin, y), line, INK, font)


def _shade(size: tuple[int, int], strength: Callable[[int], int]) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size, Image.Resampling.BILINEAR).point(strength)
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    layer.putalpha(ramp)
    return layer


def _fade(level: int) -> int:
    """Nothing at the top, dark at the foot, without a visible edge."""
    return round(170 * math.pow(level / 255, 1.6))


def _firm(level: int) -> int:
    """Dark from the first line down."""
    return min(235, round(2.4 * level))


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    """At most two lines; what does not fit ends in an ellipsis."""
    lines: list[str] = []
    rest = text[:400]
    while rest and len(lines) < LINES:
        line, rest = _broken(rest, font, width)
        lines.append(line)
    if rest or len(text) > 400:
        lines[-1] = _shortened(lines[-1], font, width)
    return lines


def _broken(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> tuple[str, str]:
    """The first line and what is left, split between words where that is possible."""
    if font.getlength(text) <= width:
        return text, ""
    end = len(text)
    while end > 1 and font.getlength(text[:end]) > width:
        end -= 1
    space = text.rfind(" ", 0, end + 1)
    end = space if space > 0 else end
    return text[:end], text[end:].lstrip()


def _shortened(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    while line and font.getlength(line + "…") > width:
        line = line[:-1]
    return line.rstrip() + "…"
