"""What can be taken out of a clip to be an input of its own: its first or last picture, its sound."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import av

from generations.media.errors import BadMedia
from generations.media.renditions import open_video, upright
from generations.media.waveform import open_sound

HOLDS = {
    "aac": ("ipod", "m4a"),
    "alac": ("ipod", "m4a"),
    "mp3": ("mp3", "mp3"),
    "opus": ("ogg", "ogg"),
    "vorbis": ("ogg", "ogg"),
    "flac": ("flac", "flac"),
}
"""By codec: the container that holds such sound alone, and its extension."""
_HAIR = 1000
"""Of a second's millionths: a browser tells the moment of a frame a little rounded."""
BARE = ("wav", "wav")


def has_sound(path: Path) -> bool:
    """Whether the clip has sound that can be used; False also for what can't be opened."""
    try:
        with open_sound(path):
            return True
    except (BadMedia, OSError):
        return False


def still(path: Path, out: Path, *, last: bool) -> None:
    """The first or the very last picture of a clip, whole, as PNG. Raises BadMedia."""
    with open_video(path) as (opened, stream):
        if last and opened.duration:
            opened.seek((opened.start_time or 0) + opened.duration)  # to the keyframe before it
        frames = opened.decode(stream)
        frame = next(iter(deque(frames, maxlen=1)), None) if last else next(frames, None)
        if frame is None:
            raise BadMedia("No picture of this clip can be decoded.")
        upright(frame).save(out, "PNG")


def frame_at(path: Path, out: Path, at_ms: int) -> None:
    """The picture that is shown at this moment, whole, as PNG; behind the end the last. Raises BadMedia."""
    with open_video(path) as (opened, stream):
        wanted = (opened.start_time or 0) + at_ms * (av.time_base // 1000)
        opened.seek(wanted)  # to the keyframe before it
        shown = None
        for frame in opened.decode(stream):
            if shown is not None and frame.time is not None and frame.time * av.time_base > wanted + _HAIR:
                break
            shown = frame
        if shown is None:
            raise BadMedia("No picture of this clip can be decoded.")
        upright(shown).save(out, "PNG")


def sound(path: Path, folder: Path) -> Path:
    """The clip's sound in a file of its own, as it is: nothing is encoded anew. Raises BadMedia."""
    with open_sound(path) as (opened, stream):
        format, extension = HOLDS.get(stream.codec_context.codec.canonical_name, BARE)
        out = folder / f"sound.{extension}"
        with av.open(str(out), "w", format=format) as box:
            copy = box.add_stream_from_template(stream)
            for packet in opened.demux(stream):
                if packet.dts is not None:
                    packet.stream = copy
                    box.mux(packet)
    return out
