"""Is this upload what it says it is, and how large and long is it? Content decides, names do not."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import av
import av.error
from av.container import InputContainer
from PIL import Image

IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ORIENTATION = 0x0112
FIRST_ON_ITS_SIDE = 5
MAX_PIXELS = 100_000_000
AUDIO_FORMATS = {
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "mov": "audio/mp4",
    "aac": "audio/aac",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
}
VIDEO_FORMATS = {"mov": "video/mp4", "matroska": "video/webm"}


class Unreadable(ValueError):
    """The file is not what the asset's type promises; the text says why."""


@dataclass(frozen=True)
class Found:
    content_type: str
    size: int
    width: int = 0
    height: int = 0
    duration_ms: int = 0


def probe(path: Path, kind: str) -> Found:
    """Raises Unreadable."""
    return {"image": _image, "audio": _audio, "video": _video}[kind](path)


def open_media(path: Path, formats: str) -> InputContainer:
    """Open with nothing but local files and the named formats allowed."""
    options = {"protocol_whitelist": "file", "format_whitelist": formats}
    return av.open(str(path), container_options=options)


def _image(path: Path) -> Found:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=list(IMAGE_TYPES)) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Unreadable(f"{image.width} × {image.height} pixels are too many")
                image.load()
                kind = IMAGE_TYPES[image.format or ""]
                return Found(kind, path.stat().st_size, *_as_shown(image))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("it does not decode") from error


def _as_shown(image: Image.Image) -> tuple[int, int]:
    """Width and height as a camera held upright meant them."""
    turned = image.getexif().get(ORIENTATION, 1) >= FIRST_ON_ITS_SIDE
    return (image.height, image.width) if turned else image.size


def _audio(path: Path) -> Found:
    try:
        with open_media(path, ",".join(AUDIO_FORMATS)) as container:
            stream = container.streams.audio[0]
            next(container.decode(stream))
            return Found(
                _type(container, AUDIO_FORMATS), path.stat().st_size, duration_ms=_length_ms(container)
            )
    except (av.error.FFmpegError, IndexError, StopIteration) as error:
        raise Unreadable("it has no sound that decodes") from error


def _video(path: Path) -> Found:
    try:
        with open_media(path, ",".join(VIDEO_FORMATS)) as container:
            frame = next(container.decode(video=0))
            kind = _type(container, VIDEO_FORMATS)
            return Found(kind, path.stat().st_size, frame.width, frame.height, _length_ms(container))
    except (av.error.FFmpegError, IndexError, StopIteration) as error:
        raise Unreadable("it has no picture that decodes") from error


def _type(container: InputContainer, types: dict[str, str]) -> str:
    return types[container.format.name.split(",")[0]]


def _length_ms(container: InputContainer) -> int:
    """Container length; without one, what decoding to the end shows."""
    if container.duration:
        return round(container.duration / 1000)
    container.seek(0)
    end = 0.0
    for packet in container.demux():
        if packet.pts is not None and packet.time_base:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return round(end * 1000)
