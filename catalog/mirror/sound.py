"""What a short recording really is: its content decides, never its address or what a server said of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import av
from av.stream import Disposition

LONGEST_S = 600
MOST_BROKEN = 0.1
"""Of the pieces that a recording is made of."""
JUDGED_AFTER = 500
"""So many broken pieces end a bad recording at once: it may be made of a million."""
PATIENCE_S = 5.0
"""Somebody waits, and playing it through keeps a processor busy."""
MOST_PARTS = 1000
DAMAGED = "It is damaged and can't be played."
HEAD_BYTES = 64
OPENING_TIMEOUT_S = 4.0
CODECS = frozenset(
    {
        *("mp3", "mp3float", "aac", "opus", "libopus", "vorbis", "libvorbis", "flac", "alac"),
        *("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"),
    }
)
PROBE_BYTES = 256 * 1024
"""So much FFmpeg reads ahead to learn what it holds: of tiny pieces, megabytes take hundreds of them."""
OPTIONS = {
    "protocol_whitelist": "file",
    "codec_whitelist": ",".join(sorted(CODECS)),
    "max_streams": "8",
    "probesize": str(PROBE_BYTES),
}


class NoSound(ValueError):
    """The file can't be played; str(error) says why, for people."""


@dataclass(frozen=True)
class Sound:
    """What was found."""

    content_type: str
    extension: str
    """Without a dot."""
    duration_ms: int


@dataclass(frozen=True)
class _Format:
    """A file format: FFmpeg's name, and what browsers call a file of it."""

    demuxer: str
    content_type: str
    extension: str


def check(path: Path) -> Sound:
    """Play it through, unheard. Raises NoSound when too little of it can be played."""
    format = _format(path)
    if format.demuxer == "wav":
        _refuse_false_lengths(path)
    with _opened(path, format) as box:
        duration_s = _length_s(box, _stream(box))
    if duration_s > LONGEST_S:
        raise NoSound("It is far too long for a preview.")
    return Sound(format.content_type, format.extension, round(duration_s * 1000))


def _format(path: Path) -> _Format:
    """By the first bytes: a format is named to the decoder, so that no script or playlist ever opens."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"ID3") or (head[:1] == b"\xff" and head[1:2] and head[1] & 0xE6 == 0xE2):
        return _Format("mp3", "audio/mpeg", "mp3")
    if head[:1] == b"\xff" and head[1:2] and head[1] & 0xF6 == 0xF0:
        return _Format("aac", "audio/aac", "aac")
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return _Format("wav", "audio/wav", "wav")
    if head.startswith(b"OggS"):
        return _Format("ogg", "audio/ogg", "ogg")
    if head.startswith(b"fLaC"):
        return _Format("flac", "audio/flac", "flac")
    if head[4:8] == b"ftyp":
        return _Format("mov", "audio/mp4", "m4a")
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head:
        return _Format("matroska", "audio/webm", "webm")
    raise NoSound("It is no recording that the studio can play.")


def _refuse_false_lengths(path: Path) -> None:
    """FFmpeg takes minutes and gigabytes for a part of a WAV that claims to be larger than the file."""
    size, at = path.stat().st_size, 12
    with path.open("rb") as file:
        for _ in range(MOST_PARTS):
            file.seek(at)
            header = file.read(8)
            if len(header) < 8 or header.startswith(b"data"):
                return
            length = int.from_bytes(header[4:], "little")
            at += 8 + length + length % 2
            if at > size:
                break
    raise NoSound(DAMAGED)


@contextmanager
def _opened(path: Path, format: _Format) -> Iterator[Any]:
    """PyAV's container. Raises NoSound, also for what the caller's reading meets."""
    try:
        with av.open(
            str(path.resolve()),
            format=format.demuxer,
            options=OPTIONS,
            metadata_errors="replace",
            timeout=OPENING_TIMEOUT_S,
        ) as box:
            yield box
    except (av.FFmpegError, EOFError, UnicodeError, IndexError, MemoryError):
        raise NoSound(DAMAGED) from None


def _stream(box: Any) -> Any:
    """The sound. A cover picture may lie beside it, a film may not."""
    if any(not stream.disposition & Disposition.attached_pic for stream in box.streams.video):
        raise NoSound("It holds pictures where only sound belongs.")
    stream = next(iter(box.streams.audio), None)
    if stream is None or stream.codec_context is None or stream.codec_context.codec.name not in CODECS:
        raise NoSound("It holds no sound that the studio can play.")
    stream.codec_context.thread_count = 1
    return stream


def _length_s(box: Any, stream: Any) -> float:
    """Seconds that can be decoded, as far as LONGEST_S. A stray broken piece is skipped, as players do."""
    seconds, good, bad, until = 0.0, 0, 0, monotonic() + PATIENCE_S
    for packet in box.demux(stream):
        heard_s = _decoded_s(packet)
        good, bad = good + (heard_s is not None), bad + (heard_s is None)
        seconds += heard_s or 0
        if seconds > LONGEST_S or bad > max(JUDGED_AFTER, good * MOST_BROKEN):
            break
        if monotonic() > until:
            raise NoSound("It takes too long to play through.")
    if not seconds:
        raise NoSound("There is no sound in it.")
    if bad > good * MOST_BROKEN:
        raise NoSound(DAMAGED)
    return seconds


def _decoded_s(packet: Any) -> float | None:
    """Seconds of sound in one piece; None when it is broken."""
    try:
        frames = packet.decode()
    except av.FFmpegError:
        return None
    if any(frame.is_corrupt or not frame.sample_rate for frame in frames):
        return None
    return float(sum(frame.samples / frame.sample_rate for frame in frames))
