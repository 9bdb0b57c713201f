"""What a file really is: its content decides, never its name or what the browser said of it."""

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import av
import puremagic

from generations.media.containers import HEAD_BYTES, Container, container_of, main_stream, open_media
from generations.media.errors import ACCEPTED, CUT, BadMedia
from generations.media.images import image_format, open_image, refuse_bomb, shown_size
from generations.media.limits import MAX_DURATION_S, is_oversized
from generations.media.riff import refuse_false_lengths

__all__ = ["BadMedia", "Probe", "probe"]

Kind = Literal["image", "audio", "video"]

WALK_BUDGET_S = 2.0
"""Reading a gigabyte takes about one second; a file made of millions of tiny pieces must not take minutes."""
LATE_BUDGET_S = 1.5
"""A person waits for an upload to be looked at."""
PATIENT_BUDGET_S = 10.0
"""Nobody waits for the look at a result, and a clip may have its only keyframe at the beginning."""
CUT_TOLERANCE_S = 0.5
CUT_TOLERANCE_SHARE = 0.02
"""Real files end up to a few frames beside their stated length; a cut one loses more."""
UNKNOWN_LOOKS_LIKE = 0.3
"""puremagic's confidence from which its guess helps a person."""


@dataclass(frozen=True)
class Probe:
    """What was found. Pixels are as people see them, after turning."""

    kind: Kind
    content_type: str
    extension: str
    """Without a dot."""
    width: int | None
    height: int | None
    duration_ms: int | None
    """None for images."""
    size: int
    """Bytes."""

    @property
    def is_oversized(self) -> bool:
        return is_oversized(self.width, self.height, self.duration_ms)


def probe(path: Path, *, filename: str = "", any_size: bool = False) -> Probe:
    """Identify and test a file: images are decoded whole, of audio and video the first and a late part.

    `filename` only helps the message. With `any_size`, for results, what is too large to be an upload passes
    too; so much of it as would be dangerous to decode is not. Raises BadMedia.
    """
    size = path.stat().st_size
    if not size:
        raise BadMedia("This file is empty. Choose another one.")
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    refuse_false_lengths(path, head, size)
    if format := image_format(head):
        return probe_image(path, format, size, any_size=any_size)
    if container := container_of(head):
        return probe_media(path, container, size, any_size=any_size)
    raise BadMedia(unknown(head, filename))


def unknown(head: bytes, filename: str) -> str:
    """Names what the file seems to be, where that is known."""
    try:
        guesses = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        guesses = []
    likely = next((guess.name for guess in guesses if guess.confidence >= UNKNOWN_LOOKS_LIKE), "")
    looks = f" (it looks like: {likely})" if likely else ""
    name = f"“{filename[:60]}”" if filename else "This"
    return f"{name} is no file that the studio can use{looks}. {ACCEPTED}"


def probe_image(path: Path, format: str, size: int, *, any_size: bool) -> Probe:
    with open_image(path, format, any_size=any_size) as image:
        width, height = image.size
        if not is_oversized(width, height, None):  # to learn how it is turned, some formats decode it
            width, height = shown_size(image)
            image.load()
    kind = format.lower()
    return Probe("image", f"image/{kind}", "jpg" if kind == "jpeg" else kind, width, height, None, size)


def probe_media(path: Path, container: Container, size: int, *, any_size: bool) -> Probe:
    """Three looks: the header, every packet without decoding, and frames from the start and near the end."""
    with open_media(path, container) as opened:
        stream = main_stream(opened, container)
        kind: Kind = "video" if stream.type == "video" else "audio"
        sides = stated_sides(stream)
        stated_s = stated_length_s(opened, stream)
        if not any_size:
            refuse_large(*sides, stated_s)
        refuse_missing_end(stream, size)
        walked_s = walk(opened, stream, container)
        if not any_size:
            refuse_large(None, None, walked_s)
    if container.states_length:
        refuse_cut(stated_s, walked_s)
    duration_s = real_length_s(container, stated_s, walked_s)
    if not is_oversized(*sides, None):
        budget_s = PATIENT_BUDGET_S if any_size else LATE_BUDGET_S
        sides = shown_sides(decode_ends(path, container, duration_s, budget_s))
    media_type, extension = (container.video if kind == "video" else None) or container.audio
    return Probe(kind, media_type, extension, *sides, round(duration_s * 1000), size)


def stated_sides(stream: Any) -> tuple[int | None, int | None]:
    """The header's width and height; none of sound."""
    context = stream.codec_context
    return (context.width, context.height) if stream.type == "video" else (None, None)


def shown_sides(frame: Any) -> tuple[int | None, int | None]:
    """Width and height as people see them; none of sound."""
    if not isinstance(frame, av.VideoFrame):
        return None, None
    return (frame.height, frame.width) if frame.rotation % 180 else (frame.width, frame.height)


def stated_length_s(opened: Any, stream: Any) -> float | None:
    """The header's length in seconds."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return opened.duration / 1_000_000 if opened.duration and opened.duration > 0 else None


def real_length_s(container: Container, stated_s: float | None, walked_s: float | None) -> float:
    """The header's word where it is a true one (edit lists count), else what was walked through."""
    trusted = (stated_s, walked_s) if container.states_length else (walked_s, stated_s)
    length = next((seconds for seconds in trusted if seconds), None)
    if length is None:
        raise BadMedia("This file does not tell how long it is. Save it as MP4, MP3 or WAV.")
    return length


def refuse_large(width: int | None, height: int | None, seconds: float | None) -> None:
    if width and height:
        refuse_bomb(width, height)
    if seconds and seconds > MAX_DURATION_S:
        hours = seconds / 3600
        raise BadMedia(f"This is {hours:.1f} hours long; at most 1 hour can be used. Cut it first.")


def refuse_missing_end(stream: Any, size: int) -> None:
    """An MP4 lists its pieces at the front: the last one must lie inside the file."""
    if stream.index_entries and (last := stream.index_entries[-1]).pos + last.size > size:
        raise BadMedia(CUT)


def walk(opened: Any, stream: Any, container: Container) -> float | None:
    """Seconds from the first packet to the end of the last, or None when time ran out. Decodes nothing."""
    until = time.monotonic() + WALK_BUDGET_S
    start, end = math.inf, -math.inf
    for packet in opened.demux(stream):
        if packet.is_corrupt and container.ends_whole:
            raise BadMedia(CUT)
        if packet.size and packet.pts is not None:
            start, end = min(start, packet.pts), max(end, packet.pts + (packet.duration or 0))
        if time.monotonic() > until:
            return None
    if end < start:
        raise BadMedia("This file holds no pictures or sound, only a header. Choose another one.")
    return float((end - start) * stream.time_base)


def refuse_cut(stated_s: float | None, walked_s: float | None) -> None:
    if stated_s is None or walked_s is None:
        return
    if walked_s < stated_s - max(CUT_TOLERANCE_S, stated_s * CUT_TOLERANCE_SHARE):
        raise BadMedia(CUT)


def decode_ends(path: Path, container: Container, duration_s: float, budget_s: float) -> Any:
    """Decode the first frame, which is returned, and the end."""
    with open_media(path, container) as opened:
        stream = main_stream(opened, container)
        first = next(opened.decode(stream), None)
        if first is None:
            raise BadMedia("Nothing in this file can be played. Choose another one.")
        if stream.type == "video":
            refuse_bomb(first.width, first.height)
        decode_late(opened, stream, duration_s, budget_s)
        return first


def decode_late(opened: Any, stream: Any, duration_s: float, budget_s: float) -> None:
    """From the last keyframe before the final second to the last frame, as far as the budget goes."""
    until = time.monotonic() + budget_s
    opened.seek(int(max(0.0, duration_s - 1) * 1_000_000))
    for frame in opened.decode(stream):
        if frame.is_corrupt:
            raise BadMedia(CUT)
        if time.monotonic() > until:
            return
