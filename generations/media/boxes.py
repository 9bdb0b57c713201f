"""What films tell of themselves, overwritten in place: no byte of pictures or sound moves.

MP4 and QuickTime are boxes in boxes; WebM is elements in elements. What tells something becomes free space.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

OUTER = frozenset({b"moov", b"trak", b"mdia"})
TELLING = frozenset({b"udta", b"meta", b"uuid", b"ilst", b"\xa9xyz"})
PLAYED = frozenset({b"vide", b"soun"})
MOST_DEPTH = 4
MOST_BOXES = 20_000
BLOCK = 64 * 1024

SEGMENT, TAGS, ATTACHMENTS = b"\x18\x53\x80\x67", b"\x12\x54\xc3\x67", b"\x19\x41\xa4\x69"
VOID = b"\xec"
LONGEST_ID = 4


@dataclass(frozen=True)
class Part:
    """A box or an element: where it begins, where its content does, where it ends."""

    name: bytes
    start: int
    content: int
    end: int


# MP4 and QuickTime


def blank_told(path: Path) -> None:
    """Free the boxes that hold place, names and covers."""
    with path.open("r+b") as file:
        for box in list(told(file, 0, size_of(file))):
            file.seek(box.start + 4)
            file.write(b"free")
            blank(file, box.content, box.end)


def told(file: BinaryIO, start: int, end: int, depth: int = 0) -> Iterator[Part]:
    for box in boxes(file, start, end):
        if box.name in TELLING:
            yield box
        elif box.name in OUTER and depth < MOST_DEPTH:
            yield from told(file, box.content, box.end, depth + 1)


def has_other_tracks(path: Path) -> bool:
    """Whether something is neither picture nor sound: a path, subtitles, chapters."""
    with path.open("rb") as file:
        return any(kind not in PLAYED for kind in handlers(file, 0, size_of(file)))


def handlers(file: BinaryIO, start: int, end: int, depth: int = 0) -> Iterator[bytes]:
    """What each track holds."""
    for box in boxes(file, start, end):
        if box.name == b"hdlr" and depth == len(OUTER):
            file.seek(box.content + 8)
            yield file.read(4)
        elif box.name in OUTER and depth < MOST_DEPTH:
            yield from handlers(file, box.content, box.end, depth + 1)


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Part]:
    """Those of one level. What can't be a box ends the list."""
    for _ in range(MOST_BOXES):
        file.seek(start)
        header = file.read(16)
        if start + 8 > end or len(header) < 8:
            return
        size, name, content = int.from_bytes(header[:4]), header[4:8], start + 8
        if size == 1:
            size, content = int.from_bytes(header[8:16]), start + 16
        stop = end if size == 0 else start + size
        if not content <= stop <= end:
            return
        yield Part(name, start, content, stop)
        start = stop


# WebM


def blank_tags(path: Path) -> None:
    """Free the elements that hold tags and attached files."""
    with path.open("r+b") as file:
        segment = next((one for one in elements(file, 0, size_of(file)) if one.name == SEGMENT), None)
        if segment is None:
            return
        for one in list(elements(file, segment.content, segment.end)):
            if one.name in (TAGS, ATTACHMENTS) and one.end - one.start >= 9:
                blank(file, one.start, one.end)
                file.seek(one.start)
                file.write(VOID + b"\x01" + (one.end - one.start - 9).to_bytes(7))


def elements(file: BinaryIO, start: int, end: int) -> Iterator[Part]:
    """Those of one level. One of unknown length, as streams have, is the last."""
    for _ in range(MOST_BOXES):
        file.seek(start)
        header = file.read(LONGEST_ID + 8)
        id_length = 9 - header[0].bit_length() if header and header[0] else 9
        if start >= end or id_length > LONGEST_ID or len(header) <= id_length or not header[id_length]:
            return
        first = header[id_length]
        length = 9 - first.bit_length()
        size = int.from_bytes(header[id_length : id_length + length]) & ((1 << 7 * length) - 1)
        content = start + id_length + length
        stop = end if size == (1 << 7 * length) - 1 else content + size
        if stop > end:
            return
        yield Part(header[:id_length], start, content, stop)
        start = stop


def blank(file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    for at in range(start, end, BLOCK):
        file.write(bytes(min(BLOCK, end - at)))


def size_of(file: BinaryIO) -> int:
    return file.seek(0, 2)
