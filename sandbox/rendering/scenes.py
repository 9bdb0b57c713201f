"""Moving pictures without a camera: light over a landscape, still images in motion, a video passed through.

A scene gives the picture at a share of its length, 0 to 1. Light is composed small and scaled up: cheap
and soft.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from sandbox.rendering.palettes import Colour, Palette, palette_for
from sandbox.rendering.probe import IMAGE_TYPES, VIDEO_FORMATS, open_media

SMOOTH = Image.Resampling.BICUBIC
FAST = Image.Resampling.BILINEAR
SMALL = 96
ZOOM = 0.16
DRIFT = 0.06


class Scene(Protocol):
    @property
    def size(self) -> tuple[int, int]:
        """Of its pictures; they are scaled to the clip's."""

    @property
    def foreground(self) -> list[Foreground]:
        """What slides past in front, far to near."""

    def picture(self, share: float) -> Image.Image:
        """In RGB."""


@dataclass(frozen=True)
class Foreground:
    """An RGBA image of the clip's scale, and how its left edge moves."""

    image: Image.Image
    top: int
    left: float
    left_at_end: float


class LightScene:
    """Soft lights drift over a sky; ridges or out-of-focus lamps slide past in front."""

    def __init__(self, prompt: str, seed: int, size: tuple[int, int]) -> None:
        chance = random.Random(f"{seed} {prompt}")  # noqa: S311
        palette = palette_for(prompt, chance)
        scale = SMALL / min(size)
        self.size = (round(size[0] * scale), round(size[1] * scale))
        self._sky = _gradient(self.size, *palette.sky)
        self._lights = [_Light(colour, chance, self.size) for colour in palette.lights]
        self._rest = (palette, chance, size)

    @cached_property
    def foreground(self) -> list[Foreground]:
        palette, chance, size = self._rest
        drift = chance.choice((-1, 1)) * size[0] * DRIFT
        layers = _front(palette, chance, size)
        return [_sliding(piece, drift * n, size) for n, piece in enumerate(layers, 1)]

    def picture(self, share: float) -> Image.Image:
        picture = self._sky.copy()
        for light in self._lights:
            light.shine(picture, share)
        return picture


@dataclass(frozen=True)
class _Piece:
    """A foreground's image, its top edge and the share of the width at which its middle stands."""

    image: Image.Image
    top: int
    centre: float = 0.5


def still_of(scene: Scene, size: tuple[int, int], share: float) -> Image.Image:
    """One picture with its foreground, at the clip's size."""
    picture = scene.picture(share).resize(size, SMOOTH)
    for piece in scene.foreground:
        left = round(piece.left + (piece.left_at_end - piece.left) * share)
        picture.paste(piece.image, (left, piece.top), piece.image)
    return picture


def _sliding(piece: _Piece, way: float, size: tuple[int, int]) -> Foreground:
    left = size[0] * piece.centre - piece.image.width / 2
    return Foreground(piece.image, piece.top, left - way / 2, left + way / 2)


class _Light:
    """A glow on a slow closed path."""

    def __init__(self, colour: Colour, chance: random.Random, size: tuple[int, int]) -> None:
        self._size = size
        self._centre = (chance.uniform(0.15, 0.85), chance.uniform(0.1, 0.7))
        self._reach = (chance.uniform(0.08, 0.24), chance.uniform(0.05, 0.16))
        self._phase = chance.uniform(0, math.tau)
        self._turns = chance.choice((-1, 1)) * chance.uniform(0.3, 0.55)
        self._span = round(max(size) * chance.uniform(0.8, 1.4))
        mask = _glow().resize((self._span, self._span), FAST).point(lambda level: round(level * 0.8))
        self._glow = Image.merge(
            "RGB", [mask.point(lambda level, part=part: level * part // 255) for part in colour]
        )

    def shine(self, picture: Image.Image, share: float) -> None:
        angle = self._phase + math.tau * self._turns * share
        x = (self._centre[0] + self._reach[0] * math.cos(angle)) * self._size[0] - self._span / 2
        y = (self._centre[1] + self._reach[1] * math.sin(angle)) * self._size[1] - self._span / 2
        # A float box lets the glow move by parts of a pixel: no jumps once it is scaled up.
        moved = self._glow.transform(self._size, Image.Transform.AFFINE, (1, 0, -x, 0, 1, -y), FAST)
        picture.paste(ImageChops.screen(picture, moved))


def _glow() -> Image.Image:
    """White in the middle, falling softly to nothing at the rim."""
    return Image.radial_gradient("L").point(
        lambda level: round(255 * (0.5 + 0.5 * math.cos(math.pi * min(1, level / 180))) ** 2)
    )


def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size, FAST)
    return ImageOps.colorize(ramp, top, bottom)


def _front(palette: Palette, chance: random.Random, size: tuple[int, int]) -> list[_Piece]:
    """What stands before the light, far to near."""
    kind = chance.choice(("sun", "ridges", "ridges", "lamps", "bare"))
    if kind == "bare":
        return []
    if kind == "lamps":
        return [_lamps(palette, chance, size)]
    sun = [_sun(palette, chance, size)] if kind == "sun" else []
    return [*sun, *(_ridge(palette, chance, size, depth) for depth in (1, 2))]


def _sun(palette: Palette, chance: random.Random, size: tuple[int, int]) -> _Piece:
    """A low disc behind the ridges; they hide its foot."""
    span = round(min(size) * chance.uniform(0.22, 0.4))
    colour = max(palette.lights, key=sum)
    layer = Image.new("RGBA", (span, span), (*colour, 0))
    ImageDraw.Draw(layer).ellipse((2, 2, span - 3, span - 3), fill=(*colour, 225))
    soft = layer.filter(ImageFilter.GaussianBlur(span / 90))
    return _Piece(soft, round(size[1] - min(size) * 0.22 - span * 0.75), chance.uniform(0.2, 0.8))


def _ridge(palette: Palette, chance: random.Random, size: tuple[int, int], depth: int) -> _Piece:
    width, height = round(size[0] * 1.3), round(min(size) * (0.21 - 0.065 * depth)) * 2
    waves = [(chance.uniform(0.6, 1.6) * 2**n, chance.uniform(0, math.tau), 0.62**n) for n in range(5)]
    line = []
    for x in range(0, width + 8, 8):
        rise = sum(tall * math.sin(math.tau * many * x / width + phase) for many, phase, tall in waves)
        line.append((x, height * (0.45 - 0.2 * rise)))
    far = 0.45 if depth == 1 else 0.0
    colour = tuple(
        round(near + (sky - near) * far) for near, sky in zip(palette.ground, palette.sky[1], strict=True)
    )
    layer = Image.new("RGBA", (width, height), (*colour, 0))
    ImageDraw.Draw(layer).polygon([(0, height), *line, (width, height)], fill=(*colour, 255))
    return _Piece(layer.filter(ImageFilter.GaussianBlur(1.2)), size[1] - height)


def _lamps(palette: Palette, chance: random.Random, size: tuple[int, int]) -> _Piece:
    """Out-of-focus lamps, as behind a portrait."""
    width, height = round(size[0] * 1.2), round(size[1] * 0.7)
    layer = Image.new("RGBA", (width, height), (*palette.lights[0], 0))
    for _ in range(16):
        span = round(min(size) * chance.uniform(0.04, 0.16))
        x, y = chance.randrange(width), chance.randrange(height)
        lamp = Image.new("RGBA", (span, span), (0, 0, 0, 0))
        strength = chance.randrange(30, 90)
        ImageDraw.Draw(lamp).ellipse(
            (2, 2, span - 3, span - 3), fill=(*chance.choice(palette.lights), strength)
        )
        layer.alpha_composite(lamp, (min(x, width - span), min(y, height - span)))
    return _Piece(layer.filter(ImageFilter.GaussianBlur(min(size) / 400)), round(size[1] * 0.1))


class StillScene:
    """A still image: the camera moves slowly in or out and a little aside."""

    def __init__(self, image: Image.Image, seed: int, size: tuple[int, int], inward: bool = True) -> None:
        chance = random.Random(seed)  # noqa: S311
        self.size = size
        self.foreground: list[Foreground] = []
        self._inward = inward
        self._towards = (chance.uniform(0.25, 0.75), chance.uniform(0.3, 0.6))
        # Kept a little larger than the clip so that the closest view is still sharp.
        roomy = (round(size[0] * (1 + ZOOM)), round(size[1] * (1 + ZOOM)))
        self._image = ImageOps.fit(image, roomy, SMOOTH)

    def picture(self, share: float) -> Image.Image:
        eased = 0.5 - 0.5 * math.cos(math.pi * share)
        zoom = ZOOM * (eased if self._inward else 1 - eased)
        width, height = self._image.size
        view = (width * (1 - zoom), height * (1 - zoom))
        left = (width - view[0]) * self._towards[0]
        top = (height - view[1]) * self._towards[1]
        return self._image.resize(self.size, FAST, box=(left, top, left + view[0], top + view[1]))


def open_still(path: Path) -> Image.Image:
    with Image.open(path, formats=list(IMAGE_TYPES)) as image:
        return ImageOps.exif_transpose(image).convert("RGB")


class FadeScene:
    """One scene that turns into another towards its end."""

    def __init__(self, first: Scene, second: Scene, begin: float = 0.55, end: float = 0.92) -> None:
        self.size = first.size
        self.foreground = first.foreground
        self._first, self._second = first, second
        self._begin, self._end = begin, end

    def picture(self, share: float) -> Image.Image:
        if share <= self._begin:
            return self._first.picture(share)
        if share >= self._end:
            return self._second.picture(share)
        mix = (share - self._begin) / (self._end - self._begin)
        return Image.blend(self._first.picture(share), self._second.picture(share), mix)


class VideoScene:
    """The frames of an input video, spread over the clip; to be asked in order."""

    def __init__(self, path: Path, length_ms: int, size: tuple[int, int]) -> None:
        self.foreground: list[Foreground] = []
        self._length_s = length_ms / 1000
        self._frames = video_frames(path)
        self._picture, self._time = next(self._frames)
        self._next = next(self._frames, None)
        self.size = _no_larger_than(self._picture.size, size)

    def picture(self, share: float) -> Image.Image:
        while self._next and self._next[1] <= share * self._length_s:
            self._picture, self._time = self._next
            self._next = next(self._frames, None)
        return ImageOps.fit(self._picture, self.size, FAST)


def _no_larger_than(source: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """The shape of ``size`` with no more pixels than the source has to show."""
    scale = min(1.0, max(source[0] / size[0], source[1] / size[1]))
    return max(2, round(size[0] * scale)), max(2, round(size[1] * scale))


class RestyledScene:
    """A scene in the colours that the prompt speaks of."""

    def __init__(self, scene: Scene, prompt: str) -> None:
        self.size = scene.size
        self.foreground = scene.foreground
        self._scene = scene
        self._shades = shades_of(prompt)

    def picture(self, share: float) -> Image.Image:
        return tinted(self._scene.picture(share), self._shades)


def tinted(picture: Image.Image, shades: tuple[Colour, Colour, Colour]) -> Image.Image:
    """Half of its own colours, half the shades' from dark to light."""
    dark, middle, light = shades
    drawn = ImageOps.colorize(picture.convert("L"), dark, light, mid=middle)
    return Image.blend(picture, drawn, 0.55)


def shades_of(prompt: str) -> tuple[Colour, Colour, Colour]:
    """Dark, middle and light of the colours that a prompt speaks of."""
    palette = palette_for(prompt, random.Random(prompt))  # noqa: S311
    return palette.ground, palette.sky[1], max(palette.lights, key=sum)


def last_picture(path: Path) -> Image.Image:
    """Where a clip ends."""
    with open_media(path, ",".join(VIDEO_FORMATS)) as container:
        (frame,) = deque(container.decode(video=0), maxlen=1)
        picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
        return picture


def video_frames(path: Path) -> Iterator[tuple[Image.Image, float]]:
    with open_media(path, ",".join(VIDEO_FORMATS)) as container:
        first: float | None = None
        for frame in container.decode(video=0):
            first = frame.time if first is None else first
            picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
            yield picture, (frame.time or 0.0) - (first or 0.0)
