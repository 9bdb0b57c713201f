"""PNG and JPEG: the story in a few small pieces before the picture's data."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from generations.media.boxes import Part, size_of

from .splice import Segment, Slice, Unexpected
from .story import Story

PNG = b"\x89PNG\r\n\x1a\n"
PNG_END = b"IEND"
JPEG = b"\xff\xd8\xff"
TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
MOST_PIECES = 100_000
_KEYWORDS = (b"Title", b"Comment", b"Software")
SCAN = 0xDA
_APPS, _COMMENT, _FILL = range(0xE0, 0xF0), 0xFE, 0xFF
_LONGEST_SEGMENT = 65_533


def png_segments(file: BinaryIO, story: Story) -> list[Segment]:
    """Before its pixels; earlier texts of the same names give way. Raises Unexpected."""
    size, cut, pixels = size_of(file), list[Part](), 0
    for chunk in png_chunks(file):
        if chunk.name == b"IDAT":
            pixels = chunk.start
            break
        if chunk.name in TEXTS and _keyword(file, chunk) in _KEYWORDS:
            cut.append(chunk)
    if not pixels:
        raise Unexpected("no pixels")
    texts = zip(_KEYWORDS, (story.title, story.comment, story.program), strict=True)
    told = b"".join(_itxt(keyword, text) for keyword, text in texts)
    return [*without(cut, 0, pixels), told, Slice(pixels, size)]


def png_chunks(file: BinaryIO) -> Iterator[Part]:
    """All of them up to the one that ends the picture. Raises Unexpected where one can't be."""
    size, at = size_of(file), len(PNG)
    for number in range(MOST_PIECES):
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            return
        length, name = struct.unpack(">I4s", header)
        end = at + 12 + length
        if end > size or (number == 0 and name != b"IHDR"):
            raise Unexpected("chunks with gaps")
        yield Part(name, at, at + 8, end)
        if name == PNG_END:
            return
        at = end


def _keyword(file: BinaryIO, chunk: Part) -> bytes:
    file.seek(chunk.content)
    return file.read(80).partition(b"\0")[0]


def _itxt(keyword: bytes, text: str) -> bytes:
    """Uncompressed, in no language."""
    content = keyword + bytes(5) + text.encode()
    check = zlib.crc32(b"iTXt" + content)
    return struct.pack(">I4s", len(content), b"iTXt") + content + struct.pack(">I", check)


def jpeg_segments(file: BinaryIO, story: Story) -> list[Segment]:
    """A comment behind what belongs to the beginning. Raises Unexpected."""
    size, at, cut = size_of(file), 2, list[Part]()
    for part in jpeg_parts(file):
        if part.name[0] not in (*_APPS, _COMMENT):
            break
        if part.name[0] == _COMMENT:
            cut.append(part)
        at = part.end
    comment = story.comment.encode()
    if len(comment) > _LONGEST_SEGMENT:
        raise Unexpected("no room for the story")
    told = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment
    return [*without(cut, 0, at), told, Slice(at, size)]


def jpeg_parts(file: BinaryIO) -> Iterator[Part]:
    """Those before the scan; a part's name is its marker. Raises Unexpected."""
    size, at = size_of(file), 2
    for _ in range(MOST_PIECES):
        file.seek(at)
        header = file.read(4)
        if len(header) < 4 or header[0] != 0xFF or header[1] == 0x00:
            raise Unexpected("no marker where one belongs")
        if header[1] == _FILL:
            at += 1
            continue
        if header[1] == SCAN:
            return
        end = at + 2 + int.from_bytes(header[2:])
        if end > size or end < at + 4:
            raise Unexpected("a part with gaps")
        yield Part(header[1:2], at, at + 4, end)
        at = end


def without(cut: list[Part], start: int, end: int) -> list[Segment]:
    """The file from `start` to `end`, less these parts of it."""
    found, at = list[Segment](), start
    for part in cut:
        found.append(Slice(at, part.start))
        at = part.end
    return [*found, Slice(at, end)]
