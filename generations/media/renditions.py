"""Small versions of media for the pages: posters, hover previews, thumbnails. They carry no metadata."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageCms, ImageOps, ImageStat

from generations.media.containers import HEAD_BYTES, container_of, main_stream, open_media
from generations.media.errors import ACCEPTED, BadMedia
from generations.media.images import image_format, open_image, refuse_bomb

POSTER_MOMENTS = (0.1, 0.3, 0.5)
"""Shares of the length: many clips begin black, few are black half-way through."""
BLACK_BELOW = 20
"""Mean brightness of 255 under which a frame says nothing about its clip."""
MOST_FRAMES_TO_MOMENT = 300
"""A clip with rare keyframes is not decoded much further than this for a better poster."""
QUALITY = 82
SHRINKABLE_MODES = frozenset({"L", "LA", "RGB", "RGBA", "CMYK"})
"""Modes whose pixels can be averaged as they are."""
SPRITE_FRAMES = 12
SPRITE_QUALITY = 65
READ_THROUGH_S = 60
"""Up to this length reading a clip once is cheaper than seeking, as keyframes are often ten seconds apart."""
PREVIEW_FPS = 24
X264_OPTIONS = {"preset": "veryfast", "crf": "30"}
"""A hover preview of four seconds is then about 100 KB."""


def poster(path: Path, kind: str, out: Path, max_width: int = 960) -> tuple[int, int]:
    """A still of a video, from its first part that is not black, or a smaller image. Returns its size.

    The format follows `out`: .webp, .jpg or .png. Raises BadMedia.
    """
    image = video_still(path) if kind == "video" else image_at(path, max_width)
    return save_small(image, out, (max_width, 4 * max_width))


def thumbnail(path: Path, kind: str, out: Path, size: int = 320) -> tuple[int, int]:
    """The same within a square of `size` pixels."""
    image = video_still(path) if kind == "video" else image_at(path, size)
    return save_small(image, out, (size, size))


def preview(path: Path, out: Path, seconds: float = 4, width: int = 480) -> None:
    """The beginning as a small mute MP4 that starts before it is wholly loaded. Raises BadMedia."""
    with open_video(path) as (opened, stream):
        write_mp4(out, small_frames(opened, stream, seconds, width))


def sprite(path: Path, out: Path, frames: int = SPRITE_FRAMES, box: tuple[int, int] = (240, 135)) -> None:
    """Frames of the whole clip side by side, evenly spread over its length. Raises BadMedia."""
    with open_video(path) as (opened, stream):
        shown = [small(image, box) for image in spread(opened, stream, frames)]
    width, height = shown[0].size
    strip = Image.new("RGB", (frames * width, height))
    for place, image in enumerate(shown):
        strip.paste(image, (place * width, 0))
    strip.save(out, quality=SPRITE_QUALITY)


# Stills


def save_small(image: Image.Image, out: Path, box: tuple[int, int]) -> tuple[int, int]:
    image.thumbnail(box, Image.Resampling.LANCZOS)
    image.info.clear()  # Pillow would write comments and colour profiles from here into the new file
    image.save(out, quality=QUALITY)
    return image.size


def image_at(path: Path, width: int) -> Image.Image:
    """The image upright, opaque and in sRGB, decoded no larger than it has to be."""
    with path.open("rb") as file:
        format = image_format(file.read(HEAD_BYTES))
    if format is None:
        raise BadMedia(f"This is no image. {ACCEPTED}")
    with open_image(path, format) as image:
        image.draft("RGB", (2 * width, 2 * width))
        if image.mode in SHRINKABLE_MODES:  # before copies are made: 50 megapixels are 200 MB each time
            image.thumbnail((4 * width, 4 * width), Image.Resampling.BOX)
        return opaque(in_srgb(ImageOps.exif_transpose(image)))


def in_srgb(image: Image.Image) -> Image.Image:
    """The colours that browsers show without a profile; phones save wider ones."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken profile: viewers ignore it as well


def opaque(image: Image.Image) -> Image.Image:
    """RGB; what shines through is white, as in most viewers."""
    if image.mode.startswith("I"):  # 16-bit grey, which Pillow does not scale down by itself
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(ground, layer).convert("RGB")


# Frames


@contextmanager
def open_video(path: Path) -> Iterator[tuple[Any, Any]]:
    """PyAV's container and its picture stream. Raises BadMedia."""
    with path.open("rb") as file:
        container = container_of(file.read(HEAD_BYTES))
    if container is None or container.video is None:
        raise BadMedia(f"This is no video. {ACCEPTED}")
    with open_media(path, container) as opened:
        stream = main_stream(opened, container)
        if stream.type != "video":
            raise BadMedia("This file holds only sound, no pictures.")
        refuse_bomb(stream.codec_context.width, stream.codec_context.height)
        yield opened, stream


def video_still(path: Path) -> Image.Image:
    """The first still that is not black, else the brightest."""
    stills: list[Image.Image] = []
    with open_video(path) as (opened, stream):
        for share in POSTER_MOMENTS:
            stills.append(still_at(opened, stream, share * (opened.duration or 0)))
            if brightness(stills[-1]) >= BLACK_BELOW:
                return stills[-1]
    return max(stills, key=brightness)


def still_at(opened: Any, stream: Any, moment_us: float) -> Image.Image:
    """The frame shown at this moment, in microseconds from the start; an earlier one if that takes long."""
    moment_us += opened.start_time or 0
    opened.seek(int(moment_us))
    found = None
    for frame in islice(opened.decode(stream), MOST_FRAMES_TO_MOMENT):
        found = frame
        if frame.time is not None and frame.time * 1_000_000 >= moment_us:
            break
    if found is None:
        raise BadMedia("No picture of this video can be decoded.")
    return upright(found)


def upright(frame: Any) -> Image.Image:
    """The frame as people see it: phones store films sideways and say so beside them."""
    image: Image.Image = frame.to_image()
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def spread(opened: Any, stream: Any, count: int) -> list[Image.Image]:
    """So many stills, each from the middle of its part of the clip. Raises BadMedia."""
    length_us = opened.duration or 0
    moments = [(place + 0.5) / count * length_us for place in range(count)]
    if length_us > READ_THROUGH_S * 1_000_000:
        return [still_at(opened, stream, moment) for moment in moments]
    return read_through(opened, stream, moments)


def read_through(opened: Any, stream: Any, moments: list[float]) -> list[Image.Image]:
    found: list[Image.Image] = []
    last, start_us = None, opened.start_time or 0
    for frame in opened.decode(stream):
        time_us = (frame.time or 0.0) * 1_000_000 - start_us
        while len(found) < len(moments) and time_us >= moments[len(found)]:
            found.append(upright(frame))
        if len(found) == len(moments):
            return found
        last = frame
    if last is None:
        raise BadMedia("No picture of this video can be decoded.")
    return found + [upright(last)] * (len(moments) - len(found))


def small(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    shrunken = image.convert("RGB")
    shrunken.thumbnail(box, Image.Resampling.BILINEAR, reducing_gap=2)
    return shrunken


def brightness(image: Image.Image) -> float:
    return ImageStat.Stat(image.convert("L").resize((32, 32))).mean[0]


def small_frames(opened: Any, stream: Any, seconds: float, width: int) -> Iterator[Any]:
    """Frames at a steady rate, shrunk; slower films repeat theirs, faster ones lose some."""
    start_s, count = None, 0
    for frame in opened.decode(stream):
        time_s = frame.time or 0.0
        start_s = time_s if start_s is None else start_s
        if time_s - start_s >= seconds:
            return
        due = min(int((time_s - start_s) * PREVIEW_FPS) + 1, int(seconds * PREVIEW_FPS))
        if due > count:
            yield from repeat(shrunk(frame, width), due - count)
            count = due


def shrunk(frame: Any, width: int) -> Any:
    """Upright, at most `width` wide, both sides even as H.264's yuv420p needs them."""
    sideways = frame.rotation % 180 != 0
    shown_width, shown_height = (frame.height, frame.width) if sideways else (frame.width, frame.height)
    scale = min(1.0, width / shown_width)
    size = even(shown_width * scale), even(shown_height * scale)
    if frame.rotation:
        frame = av.VideoFrame.from_image(upright(frame))  # type: ignore[no-untyped-call]
    return frame.reformat(*size, format="yuv420p")


def even(pixels: float) -> int:
    return max(2, 2 * round(pixels / 2))


def write_mp4(out: Path, frames: Iterator[Any]) -> None:
    first = next(frames, None)
    if first is None:
        raise BadMedia("No picture of this video can be decoded.")
    with av.open(str(out), "w", format="mp4", options={"movflags": "+faststart"}) as box:
        stream = box.add_stream("libx264", rate=PREVIEW_FPS, options=X264_OPTIONS)
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, "yuv420p"
        stream.codec_context.thread_count = 1
        for number, frame in enumerate(chain([first], frames)):
            frame.pts, frame.time_base = number, Fraction(1, PREVIEW_FPS)
            frame.pict_type = 0  # a decoded frame remembers its type, which would rule the encoder
            box.mux(stream.encode(frame))
        box.mux(stream.encode())
