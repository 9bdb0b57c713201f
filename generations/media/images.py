"""Opening still images: PNG, JPEG, WebP and nothing else, with their size known before they are decoded."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from PIL import Image, UnidentifiedImageError

from generations.media.errors import ACCEPTED, BadMedia
from generations.media.limits import MAX_PIXELS

SWAPPED_ORIENTATIONS = frozenset({5, 6, 7, 8})
ORIENTATION_TAG = 0x0112

BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, OverflowError, MemoryError)
"""What Pillow raises on damaged files, depending on the format and the damage."""
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def image_format(head: bytes) -> str | None:
    """Pillow's name of the image format that begins like this, if it is one that we take."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    return None


@contextmanager
def open_image(path: Path, format: str, *, any_size: bool = False) -> Iterator[Image.Image]:
    """The image, not decoded yet. Raises BadMedia, also for damage that the caller's decoding meets.

    With `any_size` it may be one that had better not be decoded."""
    try:
        with header_of(path, format) if any_size else Image.open(path, formats=[format]) as image:
            if not any_size:
                refuse_bomb(image.width, image.height)
            refuse_animation(image)
            yield image
    except BadMedia:
        raise
    except BOMBS:
        raise BadMedia(too_many_pixels()) from None
    except UnidentifiedImageError:
        raise BadMedia(f"This begins like a {format} image but is not one. {ACCEPTED}") from None
    except BROKEN:
        raise BadMedia(
            f"This {format} image is damaged or incomplete. Save or copy it again, then add it anew."
        ) from None


def header_of(path: Path, format: str) -> Image.Image:
    """What `Image.open` does, without its own limit to pixels."""
    Image.init()
    factory: Any = Image.OPEN[format][0]
    return cast(Image.Image, factory(str(path), str(path)))


def refuse_bomb(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise BadMedia(too_many_pixels(f"{width} × {height}"))


def too_many_pixels(size: str = "far too many") -> str:
    return (
        f"The picture has {size} pixels; at most {MAX_PIXELS // 1_000_000} megapixels work. Make it smaller."
    )


def refuse_animation(image: Image.Image) -> None:
    """A JPEG may hold several pictures (phones do that); those are stills."""
    if image.format in ("PNG", "WEBP") and getattr(image, "is_animated", False):
        raise BadMedia("This image moves. Use a still image, or a video.")


def shown_size(image: Image.Image) -> tuple[int, int]:
    """Width and height as people see it, turned by its EXIF orientation."""
    turned = image.getexif().get(ORIENTATION_TAG) in SWAPPED_ORIENTATIONS
    return (image.height, image.width) if turned else (image.width, image.height)
