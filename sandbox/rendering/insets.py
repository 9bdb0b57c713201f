"""What a result was made after, as small pictures in its corner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import av.error
from PIL import Image, ImageOps

from sandbox.rendering.compositor import Layer
from sandbox.rendering.scenes import open_still, video_frames

SHARE = 0.16
MOST = 5
RIM = (255, 255, 255)


def insets(paths: Sequence[Path], size: tuple[int, int]) -> Iterator[Layer]:
    """From the upper right corner to the left; what cannot be seen is left out."""
    side = max(16, round(min(size) * SHARE) // 2 * 2)
    gap = side // 6
    pictures = [picture for path in paths if (picture := _picture(path))]
    for index, picture in enumerate(pictures[:MOST]):
        small = ImageOps.fit(picture, (side - 4, side - 4))
        framed = ImageOps.expand(small, 2, RIM).convert("RGBA")
        left = size[0] - (index + 1) * (side + gap)
        yield Layer(framed, gap, left, left)


def lay_insets(picture: Image.Image, paths: Sequence[Path]) -> None:
    """The same on a still picture."""
    for layer in insets(paths, picture.size):
        picture.paste(layer.image, (round(layer.left), layer.top))


def _picture(path: Path) -> Image.Image | None:
    """The picture, or a clip's first."""
    try:
        return open_still(path)
    except (OSError, ValueError):
        pass
    try:
        picture, _ = next(video_frames(path))
    except (av.error.FFmpegError, IndexError, StopIteration):
        return None
    return picture
