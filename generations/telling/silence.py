"""All that a file tells besides its pictures and sound, taken out: for those who should see only these.

What is kept is named; anything else goes, and so does what follows the file's end. Each raises Unexpected."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from generations.media import boxes, tags
from generations.media.boxes import Part, size_of

from .pictures import PNG_END, SCAN, jpeg_parts, png_chunks, without
from .sounds import clamped_chunks, number
from .splice import Blank, Segment, Slice, Unexpected

_KEPT_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"ssix", b"styp"})
_KEPT_PNG = frozenset({b"IHDR", b"PLTE", b"IDAT", PNG_END, b"acTL", b"fcTL", b"fdAT"})
_KEPT_PNG |= {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYS", b"sBIT", b"cICP"}
_KEPT_JPEG = frozenset({*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF})
_KEPT_APPS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
"""The picture's density, its colours, and how they are to be read."""
_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")
"""Among the data of a scan, where a byte of 255 is followed by a zero, and some count parts."""
_JPEG_END = 0xD9
_MOST_JPEG = 256 * 1024 * 1024
_KEPT_WAV = tags.KEPT_WAV - {b"JUNK"}
_KEPT_FLAC = tags.KEPT_FLAC - {tags.FREE_FLAC}
_KEPT_WEBP = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_TELLING_BITS = 0x0C
_ID3V1 = 128
_INFO, _TITLE = b"\x15\x49\xa9\x66", b"\x7b\xa9"


def quiet_film(file: BinaryIO) -> list[Segment]:
    """What tells becomes free space, so that nothing moves."""
    outer = list(boxes.boxes(file, 0, size_of(file)))
    if not {b"moov", b"mdat"} <= {box.name for box in outer}:
        raise Unexpected("no film")
    end, at, found = outer[-1].end, 0, list[Segment]()
    for box in _telling_boxes(file, outer):
        name = box.start + 4
        found += [Slice(at, name), b"free", Slice(name + 4, box.content), Blank(box.end - box.content)]
        at = box.end
    return [*found, Slice(at, end)]


def _telling_boxes(file: BinaryIO, outer: list[Part]) -> Iterator[Part]:
    for box in outer:
        if box.name == b"moov":
            _hold_whole(file, box)
            yield from boxes.told(file, box.content, box.end)
        elif box.name not in _KEPT_BOXES:
            yield box


def _hold_whole(file: BinaryIO, outer: Part) -> None:
    """What isn't read as a box isn't seen to tell."""
    inner = list(boxes.boxes(file, outer.content, outer.end))
    if outer.content < outer.end and (not inner or inner[-1].end != outer.end):
        raise Unexpected("boxes with gaps")
    for box in inner:
        if box.name in boxes.OUTER:
            _hold_whole(file, box)


def quiet_webm(file: BinaryIO) -> list[Segment]:
    size, at, found = size_of(file), 0, list[Segment]()
    segment = next((one for one in boxes.elements(file, 0, size) if one.name == boxes.SEGMENT), None)
    if segment is None:
        raise Unexpected("no segment")
    for one in _telling_elements(file, segment):
        found += [Slice(at, one.start), *_void(one.end - one.start)]
        at = one.end
    return [*found, Slice(at, segment.end)]


def _telling_elements(file: BinaryIO, segment: Part) -> Iterator[Part]:
    outer = list(boxes.elements(file, segment.content, segment.end))
    if not outer or outer[-1].end != segment.end:
        raise Unexpected("elements with gaps")
    for one in outer:
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
    chunks = list(png_chunks(file))
    if not chunks or chunks[-1].name != PNG_END:
        raise Unexpected("no end")
    return without([chunk for chunk in chunks if chunk.name not in _KEPT_PNG], 0, chunks[-1].end)


def quiet_jpeg(file: BinaryIO) -> list[Segment]:
    parts = list(jpeg_parts(file))
    behind, end = _scanned(file, parts[-1].end if parts else 2)
    return without([part for part in (*parts, *behind) if _tells(file, part)], 0, end)


def _scanned(file: BinaryIO, start: int) -> tuple[list[Part], int]:
    """The parts among the scans, these too, and where the picture ends."""
    if size_of(file) > _MOST_JPEG:
        raise Unexpected("too large a picture")
    file.seek(start)
    content, at, found = file.read(), 0, list[Part]()
    while (match := _MARKER.search(content, at)) and match[1][0] != _JPEG_END:
        begin, inner = match.start(), match.end() + 2
        at = match.end() + int.from_bytes(content[match.end() : inner])
        if not inner <= at <= len(content):
            raise Unexpected("a part with gaps")
        found.append(Part(match[1], start + begin, start + inner, start + at))
    if not match or SCAN not in {part.name[0] for part in found}:
        raise Unexpected("no end, or no picture before it")
    return found, start + match.end()


def _tells(file: BinaryIO, part: Part) -> bool:
    marker = part.name[0]
    if marker not in _KEPT_APPS:
        return marker not in _KEPT_JPEG
    file.seek(part.content)
    return not file.read(12).startswith(_KEPT_APPS[marker])


def quiet_wav(file: BinaryIO) -> list[Segment]:
    at, found = 0, list[Segment]()
    chunks = clamped_chunks(file)
    if not any(chunk.name == b"data" and chunk.end > chunk.content for chunk in chunks):
        raise Unexpected("no sound")
    for chunk in chunks:
        if chunk.name not in _KEPT_WAV:
            length = Slice(chunk.start + 4, chunk.content)
            found += [Slice(at, chunk.start), b"JUNK", length, Blank(chunk.end - chunk.content)]
            at = chunk.end
    return [*found, Slice(at, chunks[-1].end)]


def quiet_webp(file: BinaryIO) -> list[Segment]:
    """Its header says which kinds of pieces follow, so it is written anew."""
    chunks = clamped_chunks(file)
    if not chunks:
        raise Unexpected("no picture")
    cut, end = [chunk for chunk in chunks if chunk.name not in _KEPT_WEBP], chunks[-1].end
    left = end - 8 - sum(chunk.end - chunk.start for chunk in cut)
    begin: list[Segment] = [b"RIFF" + struct.pack("<I", left)]
    if chunks[0].name != b"VP8X":
        return begin + without(cut, 8, end)
    flags = chunks[0].content
    file.seek(flags)
    kept = bytes([file.read(1)[0] & ~_TELLING_BITS])
    return [*begin, Slice(8, flags), kept, *without(cut, flags + 1, end)]


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
        if header[0] & 0x7F not in _KEPT_FLAC:
            kind = bytes([header[0] & 0x80 | tags.FREE_FLAC])
            found += [Slice(done, at), kind, Slice(at + 1, at + 4), Blank(block.end - block.content)]
            done = block.end
        at = block.end
        if header[0] & 0x80:
            break
    return [*found, Slice(done, size)]
