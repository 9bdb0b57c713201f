"""All that a file tells besides its pictures and sound, taken out: for those who should see only these."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from generations.media import boxes, tags
from generations.media.boxes import Part, size_of

from .pictures import TEXTS, jpeg_parts, png_chunks, without
from .sounds import number, riff_chunks
from .splice import Blank, Segment, Slice, Unexpected

_TELLING_PNG = TEXTS | {b"eXIf", b"tIME"}
_KEPT_APPS = {0xE0, 0xE2, 0xEE}
"""The picture's density, its colours, and how they are to be read."""
_TELLING_WEBP = {b"EXIF", b"XMP "}
_TELLING_BITS = 0x0C
_ID3V1 = 128
_INFO, _TITLE = b"\x15\x49\xa9\x66", b"\x7b\xa9"


def quiet_film(file: BinaryIO) -> list[Segment]:
    """What tells becomes free space, so that nothing moves."""
    size, at, found = size_of(file), 0, list[Segment]()
    for box in boxes.told(file, 0, size):
        name = box.start + 4
        found += [Slice(at, name), b"free", Slice(name + 4, box.content), Blank(box.end - box.content)]
        at = box.end
    return [*found, Slice(at, size)]


def quiet_webm(file: BinaryIO) -> list[Segment]:
    size, at, found = size_of(file), 0, list[Segment]()
    segment = next((one for one in boxes.elements(file, 0, size) if one.name == boxes.SEGMENT), None)
    if segment is None:
        raise Unexpected("no segment")
    for one in _telling_elements(file, segment):
        found += [Slice(at, one.start), *_void(one.end - one.start)]
        at = one.end
    return [*found, Slice(at, size)]


def _telling_elements(file: BinaryIO, segment: Part) -> Iterator[Part]:
    for one in boxes.elements(file, segment.content, segment.end):
        if one.name in (boxes.TAGS, boxes.ATTACHMENTS):
            yield one
        elif one.name == _INFO:
            inner = list(boxes.elements(file, one.content, one.end))
            yield from (each for each in inner if each.name == _TITLE)


def _void(length: int) -> list[Segment]:
    """An element of free space that takes so many bytes, two at least."""
    if length < 9:
        return [boxes.VOID + bytes([0x80 | (length - 2)]), Blank(length - 2)]
    return [boxes.VOID + b"\x01" + (length - 9).to_bytes(7), Blank(length - 9)]


def quiet_png(file: BinaryIO) -> list[Segment]:
    cut = [chunk for chunk in png_chunks(file) if chunk.name in _TELLING_PNG]
    return without(cut, 0, size_of(file))


def quiet_jpeg(file: BinaryIO) -> list[Segment]:
    cut = [part for part in jpeg_parts(file) if _tells(part.name[0])]
    return without(cut, 0, size_of(file))


def _tells(marker: int) -> bool:
    return marker == 0xFE or (0xE0 <= marker <= 0xEF and marker not in _KEPT_APPS)


def quiet_wav(file: BinaryIO) -> list[Segment]:
    size, at, found = size_of(file), 0, list[Segment]()
    for chunk in riff_chunks(file):
        if chunk.name not in tags.KEPT_WAV:
            end = min(chunk.end, size)
            length = Slice(chunk.start + 4, chunk.content)
            found += [Slice(at, chunk.start), b"JUNK", length, Blank(end - chunk.content)]
            at = end
    return [*found, Slice(at, size)]


def quiet_webp(file: BinaryIO) -> list[Segment]:
    """Its header says which kinds of pieces follow, so it is written anew."""
    chunks, size = list(riff_chunks(file)), size_of(file)
    cut = [chunk for chunk in chunks if chunk.name in _TELLING_WEBP]
    if not cut:
        return [Slice(0, size)]
    left = size - 8 - sum(min(chunk.end, size) - chunk.start for chunk in cut)
    begin: list[Segment] = [b"RIFF" + struct.pack("<I", left)]
    if chunks[0].name != b"VP8X":
        return begin + without(cut, 8, size)
    flags = chunks[0].content
    file.seek(flags)
    kept = bytes([file.read(1)[0] & ~_TELLING_BITS])
    return [*begin, Slice(8, flags), kept, *without(cut, flags + 1, size)]


def quiet_mp3(file: BinaryIO) -> list[Segment]:
    """Without the tags before and behind the sound."""
    size, start = size_of(file), 0
    for _ in range(8):
        file.seek(start)
        head = file.read(10)
        if not head.startswith(b"ID3"):
            break
        start += 10 + number(head[6:]) + (10 if head[5] & 0x10 else 0)
    file.seek(max(start, size - _ID3V1))
    end = size - _ID3V1 if file.read(3) == b"TAG" else size
    if start >= end:
        raise Unexpected("nothing but tags")
    return [Slice(start, end)]


def quiet_flac(file: BinaryIO) -> list[Segment]:
    at, size, done, found = 4, size_of(file), 0, list[Segment]()
    for _ in range(tags.MOST_PIECES):
        file.seek(at)
        header = file.read(4)
        if len(header) < 4:
            raise Unexpected("half a block")
        block = Part(header[:1], at, at + 4, at + 4 + int.from_bytes(header[1:]))
        if block.end > size:
            raise Unexpected("a block longer than the file")
        if header[0] & 0x7F not in tags.KEPT_FLAC:
            kind = bytes([header[0] & 0x80 | tags.FREE_FLAC])
            found += [Slice(done, at), kind, Slice(at + 1, at + 4), Blank(block.end - block.content)]
            done = block.end
        at = block.end
        if header[0] & 0x80:
            break
    return [*found, Slice(done, size)]
