"""Cutting a picture to the shape of a shot."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import ImageOps

from generations.media.errors import ACCEPTED, BadMedia
from generations.media.images import image_format, open_image

QUALITY = 95
SAME = 0.01
"""Shapes that differ by less are the same to the eye."""
_RATIO = re.compile(r"([1-9]\d{0,3}):([1-9]\d{0,3})")


def shape_of(ratio: str) -> float | None:
    """Width by height of "9:16"; None of "auto" and the like."""
    match = _RATIO.fullmatch(ratio)
    return int(match[1]) / int(match[2]) if match else None


def fits(width: int, height: int, ratio: str) -> bool:
    """Whether a picture of this size has the shape, as far as whole pixels allow; also when there is none."""
    shape = shape_of(ratio)
    return shape is None or abs(width / height / shape - 1) <= SAME


def frame_of(width: int, height: int, shape: float, at: float) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the largest frame of the shape; `at` is its place, from 0 to 1."""
    wide, high = min(width, round(height * shape)) or 1, min(height, round(width / shape)) or 1
    left, top = round((width - wide) * at), round((height - high) * at)
    return left, top, left + wide, top + high


def crop(path: Path, folder: Path, ratio: str, at: float) -> Path:
    """A new file in `folder`, in the format of the first. Raises BadMedia."""
    with path.open("rb") as file:
        format = image_format(file.read(16))
    shape = shape_of(ratio)
    if format is None or shape is None:
        raise BadMedia(f"This is no image that can be cropped. {ACCEPTED}")
    out = folder / "cropped"
    with open_image(path, format) as image:
        upright = ImageOps.exif_transpose(image)
        options = {"subsampling": 0} if format == "JPEG" else {}
        frame = frame_of(*upright.size, shape, at)
        colours = image.info.get("icc_profile")
        upright.crop(frame).save(out, format, quality=QUALITY, icc_profile=colours, **options)
    return out
