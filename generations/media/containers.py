"""Opening audio and video: a named format, local files only, one thread, known decoders.

A playlist or script (HLS, ffconcat, SDP …) never opens, because the format is chosen here by the first
bytes and never guessed, and because only the `file` protocol is allowed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition

from generations.media.errors import ACCEPTED, DAMAGED, BadMedia

CODECS = frozenset(
    {
        *("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "prores"),
        *("mp3", "aac", "opus", "vorbis", "flac", "alac"),
        *("pcm_u8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be"),
        *("pcm_f32le", "pcm_f64le"),
    }
)
DECODERS = ",".join(sorted({*CODECS, "libdav1d", "libvpx-vp9", "libvpx", "mp3float", "libopus", "libvorbis"}))
OPTIONS = {
    "protocol_whitelist": "file",
    "codec_whitelist": DECODERS,
    "max_streams": "16",
}
OPENING_TIMEOUT_S = 4.0

STILL_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})
OLD_QUICKTIME = frozenset({b"moov", b"mdat", b"wide"})
HEAD_BYTES = 4096
"""How much of a file is looked at to tell its format."""


@dataclass(frozen=True)
class Container:
    """A container format: FFmpeg's name, and what browsers call a file of it."""

    demuxer: str
    audio: tuple[str, str]
    """Content type and extension when it holds sound only."""
    video: tuple[str, str] | None = None
    """The same when it holds pictures; None when it must not."""
    states_length: bool = False
    """Whether its header holds the true length, so that a shorter file is a cut one."""
    ends_whole: bool = True
    """Whether a partial last packet is damage; a WAV that was streamed often ends with one."""


MP4 = Container("mov", ("audio/mp4", "m4a"), ("video/mp4", "mp4"), states_length=True)
MOV = Container("mov", ("audio/mp4", "m4a"), ("video/quicktime", "mov"), states_length=True)
WEBM = Container("matroska", ("audio/webm", "webm"), ("video/webm", "webm"), states_length=True)
WAV = Container("wav", ("audio/wav", "wav"), states_length=True, ends_whole=False)
FLAC = Container("flac", ("audio/flac", "flac"), states_length=True)
OGG = Container("ogg", ("audio/ogg", "ogg"))
MP3 = Container("mp3", ("audio/mpeg", "mp3"))
AAC = Container("aac", ("audio/aac", "aac"))


def container_of(head: bytes) -> Container | None:
    """The container that begins like this, if it is one that we take. Raises BadMedia for phone stills."""
    if head[4:8] == b"ftyp":
        if head[8:12] in STILL_BRANDS:
            raise BadMedia("This is a HEIC or AVIF photo, which models don't take. Save it as JPEG or PNG.")
        return MOV if head[8:12] == b"qt  " else MP4
    if head[4:8] in OLD_QUICKTIME:
        return MOV
    if head.startswith(b"\x1aE\xdf\xa3"):
        return WEBM if b"webm" in head[:64] else None
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return WAV
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"OggS"):
        return OGG
    return bare_audio(head)


def bare_audio(head: bytes) -> Container | None:
    """MP3 or AAC frames, which have no container around them; an ID3 tag may come first."""
    if head.startswith(b"ID3"):
        return MP3
    if len(head) < 2 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    return MP3 if head[1] & 0xE6 == 0xE2 else None


@contextmanager
def open_media(path: Path, container: Container) -> Iterator[Any]:
    """PyAV's container. Raises BadMedia, also for what the caller's reading meets."""
    try:
        # An absolute path: one that begins like "concat:" would be taken for a protocol. Tags are often
        # not UTF-8, whatever their header says.
        with av.open(
            str(path.resolve()),
            format=container.demuxer,
            options=OPTIONS,
            metadata_errors="replace",
            timeout=OPENING_TIMEOUT_S,
        ) as opened:
            yield opened
    except (av.FFmpegError, EOFError, UnicodeError, IndexError, MemoryError):
        raise BadMedia(DAMAGED) from None


def main_stream(opened: Any, container: Container) -> Any:
    """The picture stream, else the sound, set to one thread. Raises BadMedia when neither can be used."""
    pictures = [stream for stream in opened.streams.video if not is_cover(stream)]
    if pictures and container.video is None:
        raise BadMedia(f"This file holds pictures where only sound belongs. {ACCEPTED}")
    streams = pictures or list(opened.streams.audio)
    if not streams:
        raise BadMedia(f"This file holds neither pictures nor sound; its end may be missing. {ACCEPTED}")
    stream = streams[0]
    refuse_codec(stream)
    stream.codec_context.thread_count = 1
    return stream


def sound_stream(opened: Any) -> Any:
    """The first sound of a song or a film, set to one thread. Raises BadMedia when there is none."""
    stream = next(iter(opened.streams.audio), None)
    if stream is None:
        raise BadMedia("This file has no sound.")
    refuse_codec(stream)
    stream.codec_context.thread_count = 1
    return stream


def is_cover(stream: Any) -> bool:
    """Whether this "video" is the cover picture of a song."""
    return bool(stream.disposition & Disposition.attached_pic)


def refuse_codec(stream: Any) -> None:
    context = stream.codec_context
    name = context.codec.canonical_name if context else "an unknown codec"
    if name not in CODECS:
        kind = "Pictures" if stream.type == "video" else "Sound"
        raise BadMedia(f"{kind} in {name} cannot be used. Convert the file: H.264 and AAC always work.")
