"""Run as a process: fetch one logo and draw it anew.

Reads {"url", "service", "base_url"} from stdin, answers {"picture", "is_light"} or {"error", "passing"}. What
comes from strangers is opened here alone, where it can hang, crash or eat memory to nobody's harm. A process
that ends without an answer met a file that is no picture.
"""

import base64
import contextlib
import json
import resource
import signal
import sys
from io import BytesIO
from typing import Any

import resvg_py
from PIL import Image, ImageOps, ImageStat, UnidentifiedImageError

from clients.errors import ServiceError, Unavailable
from clients.pictures import Pictures

DEADLINE_S = 25
"""For all of it: each wait for the network is limited, but not their sum."""
SIDE = 96
"""Pixels: three times what a page shows, for sharp screens."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 16_000_000
LIGHT_INK = 190
"""Of 255; mean brightness above it is lost on a light ground."""
LIMITS = {
    resource.RLIMIT_AS: 512 * 1024**2,
    resource.RLIMIT_CPU: 4,
    resource.RLIMIT_CORE: 0,
    # No more files or connections: an image that refers to another one can't reach it.
    resource.RLIMIT_NOFILE: 0,
}
FRAME = (
    f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}">'
    f'<image width="{SIDE}" height="{SIDE}" href="data:image/svg+xml;base64,%s"/></svg>'
)
"""As an image within ours, a drawing of any size fits, and it gets no files of its own."""


def main() -> None:
    signal.alarm(DEADLINE_S)
    order = json.load(sys.stdin)
    json.dump(made(order["url"], order["service"], order["base_url"]), sys.stdout)


def made(url: str, service: str, base_url: str) -> dict[str, Any]:
    """The answer. Raises whatever a broken file makes the libraries raise."""
    try:
        data = Pictures(service, base_url).fetch(url)
    except ServiceError as error:
        return {"error": str(error), "passing": isinstance(error, Unavailable)}
    lock_down()
    picture = drawn(data)
    return {"picture": base64.b64encode(as_png(picture)).decode(), "is_light": is_light(picture)}


def lock_down() -> None:
    """Where a system doesn't know one of the limits, the others still hold."""
    Image.init()  # formats are read from files of their own
    for limit, value in LIMITS.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, value))


def drawn(data: bytes) -> Image.Image:
    """The logo in the middle of a transparent square. Raises ValueError when nothing of it can be seen."""
    try:
        picture = photo(data)
    except UnidentifiedImageError:
        picture = drawing(data)
    square = Image.new("RGBA", (SIDE, SIDE))
    square.paste(picture, ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    if square.getbbox() is None:
        raise ValueError("blank")
    return square


def photo(data: bytes) -> Image.Image:
    """Of a raster file; of a moving one its first picture."""
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        return ImageOps.contain(image.convert("RGBA"), (SIDE, SIDE))


def drawing(data: bytes) -> Image.Image:
    """Of an SVG. Without fonts: words that are not drawn as paths are left out."""
    framed = FRAME % base64.b64encode(data).decode()
    return Image.open(BytesIO(resvg_py.svg_to_bytes(svg_string=framed, skip_system_fonts=True)))


def is_light(picture: Image.Image) -> bool:
    mean: float = ImageStat.Stat(picture.convert("L"), mask=picture.getchannel("A")).mean[0]
    return mean > LIGHT_INK


def as_png(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
