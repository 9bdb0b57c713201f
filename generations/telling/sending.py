"""Which file is sent how: told by its first bytes, as everywhere."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import BinaryIO

from django.db.models.fields.files import FieldFile

from generations.media.boxes import size_of
from generations.media.containers import (
    AAC,
    FLAC,
    HEAD_BYTES,
    MOV,
    MP3,
    MP4,
    WAV,
    WEBM,
    Container,
    container_of,
)
from generations.media.errors import BadMedia
from generations.models import Generation
from hedra_studio.files import Kept, Sendable

from . import silence
from .films import film_segments
from .pictures import JPEG, PNG, jpeg_segments, png_segments
from .sounds import mp3_segments, wav_segments
from .splice import Segment, Spliced, Unexpected
from .story import Story, story_of

Teller = Callable[[BinaryIO, Story], list[Segment]]
Silencer = Callable[[BinaryIO], list[Segment]]
WEBP = Container("webp", ("image/webp", "webp"))
_STILLS = {PNG: (png_segments, silence.quiet_png), JPEG: (jpeg_segments, silence.quiet_jpeg)}
_FILMS: dict[Container, tuple[Teller | None, Silencer]] = {
    MP4: (film_segments, silence.quiet_film),
    MOV: (film_segments, silence.quiet_film),
    WAV: (wav_segments, silence.quiet_wav),
    MP3: (mp3_segments, silence.quiet_mp3),
    AAC: (None, silence.quiet_mp3),
    WEBM: (None, silence.quiet_webm),
    FLAC: (None, silence.quiet_flac),
    WEBP: (None, silence.quiet_webp),
}
TELL_THEMSELVES = frozenset({"audio/ogg", "image/gif"})
"""Content types of files out of which nothing can be taken."""
_WRONG = (Unexpected, BadMedia, ValueError, IndexError, struct.error)


class CannotSilence(Exception):
    """The file may tell more than its picture and sound, and goes to nobody who should see only these."""


def told(take: Generation) -> Sendable:
    """The result with the take's story in it; as it is, where its kind has no place for one, or anything in
    it is not as expected. Raises OSError."""
    return _sent(take.result, lambda file, head: _told(file, head, take))


def silent(file: FieldFile) -> Spliced:
    """The file without anything that it tells of itself, under a tag that tells nothing either. Raises
    OSError, and CannotSilence where nobody knows all that it tells."""
    found = _sent(file, _silent)
    if not isinstance(found, Spliced):
        raise CannotSilence
    return found


def _sent(file: FieldFile, parts: Callable[[BinaryIO, bytes], list[Segment] | None]) -> Sendable:
    kept = Kept(file)
    with kept.opened() as opened:
        try:
            segments = parts(opened, opened.read(HEAD_BYTES))
        except _WRONG:
            segments = None
    return Spliced(kept, segments) if segments else kept


def _told(file: BinaryIO, head: bytes, take: Generation) -> list[Segment] | None:
    tell = _ways(head)[0]
    return tell(file, story_of(take)) if tell else None


def _silent(file: BinaryIO, head: bytes) -> list[Segment] | None:
    silence = _ways(head)[1]
    return silence(file) if silence and size_of(file) else None


def _ways(head: bytes) -> tuple[Teller | None, Silencer | None]:
    for start, ways in _STILLS.items():
        if head.startswith(start):
            return ways
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return _FILMS[WEBP]
    container = container_of(head)
    return _FILMS.get(container, (None, None)) if container else (None, None)
