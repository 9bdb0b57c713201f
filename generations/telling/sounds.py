"""WAV and MP3: the story behind the sound, or before it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from generations.media.boxes import Part, size_of

from .splice import Segment, Slice, Unexpected
from .story import Story

MOST_CHUNKS = 1000
MOST_TAG = 1024 * 1024
_MOST_RIFF = 2**32 - 1
_UTF16 = b"\x01"
_OURS = (b"TIT2", b"COMM", b"TSSE")


def wav_segments(file: BinaryIO, story: Story) -> list[Segment]:
    """A list of texts behind all else. Raises Unexpected, also of a file whose length nobody has written."""
    size = size_of(file)
    *_, last = riff_chunks(file)
    texts = [(b"INAM", story.title), (b"ICMT", story.comment), (b"ISFT", story.program)]
    listed = b"INFO" + b"".join(_chunk(name, text.encode() + b"\0") for name, text in texts)
    told = bytes(last.end - size) + _chunk(b"LIST", listed)  # the pad byte that some programs leave out
    whole = size + len(told) - 8
    if whole > _MOST_RIFF:
        raise Unexpected("too large for its header")
    return [b"RIFF" + struct.pack("<I", whole), Slice(8, size), told]


def riff_chunks(file: BinaryIO) -> Iterator[Part]:
    """Each with its pad byte; the last may lack it. Raises Unexpected when the lengths don't fit the file."""
    size, at = size_of(file), 12
    file.seek(4)
    stated = int.from_bytes(file.read(4), "little") + 8
    if stated not in (size, size + 1):
        raise Unexpected("a length that is not the file's")
    for _ in range(MOST_CHUNKS):
        if at >= size:
            return
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            raise Unexpected("half a chunk")
        name, length = struct.unpack("<4sI", header)
        end = at + 8 + length + length % 2
        if end > size + length % 2:
            raise Unexpected("a chunk longer than the file")
        yield Part(name, at, at + 8, end)
        at = end
    raise Unexpected("too many chunks")


def clamped_chunks(file: BinaryIO) -> list[Part]:
    """Each as far as the file goes: one that was streamed states no lengths that are true. What is no whole
    piece at the end is left out."""
    size, at, found = size_of(file), 12, list[Part]()
    file.seek(4)
    stated = int.from_bytes(file.read(4), "little")
    end = min(size, stated + 8 + stated % 2) if stated else size
    for _ in range(MOST_CHUNKS):
        file.seek(at)
        header = file.read(8)
        if at + 8 > end or len(header) < 8:
            return found
        name, length = struct.unpack("<4sI", header)
        stop = min(at + 8 + length + length % 2, end)
        found.append(Part(name, at, at + 8, stop))
        at = stop
    raise Unexpected("too many chunks")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + bytes(len(content) % 2)


def mp3_segments(file: BinaryIO, story: Story) -> list[Segment]:
    """A tag in front; what else an earlier one says goes into it. Raises Unexpected."""
    size = size_of(file)
    version, frames, sound = _tag_of(file, size)
    file.seek(sound)
    start = file.read(2)
    if len(start) < 2 or start[0] != 0xFF or start[1] & 0xE0 != 0xE0:
        raise Unexpected("no sound where it begins")
    frames += _frame(version, b"TIT2", _text(story.title))
    frames += _frame(version, b"TSSE", _text(story.program))
    comment = _UTF16 + b"eng" + "\ufeff".encode("utf-16-le") + bytes(2) + _text(story.comment)[1:]
    frames += _frame(version, b"COMM", comment)
    return [b"ID3" + bytes([version, 0, 0]) + _synchsafe(len(frames)) + frames, Slice(sound, size)]


def _tag_of(file: BinaryIO, size: int) -> tuple[int, bytes, int]:
    """The version of the tag, its frames but ours, and where the sound begins."""
    file.seek(0)
    header = file.read(10)
    if not header.startswith(b"ID3"):
        return 4, b"", 0
    version, flags, length = header[3], header[5], number(header[6:10])
    if version not in (3, 4) or flags or length > MOST_TAG or 10 + length > size:
        raise Unexpected("a tag of another kind")
    return version, _others(version, file.read(length)), 10 + length


def _others(version: int, tag: bytes) -> bytes:
    found, at = b"", 0
    while at + 10 <= len(tag) and tag[at]:
        length = tag[at + 4 : at + 8]
        end = at + 10 + (number(length) if version == 4 else int.from_bytes(length))
        if end > len(tag):
            raise Unexpected("a frame longer than its tag")
        if tag[at : at + 4] not in _OURS:
            found += tag[at:end]
        at = end
    return found


def _frame(version: int, name: bytes, content: bytes) -> bytes:
    length = _synchsafe(len(content)) if version == 4 else struct.pack(">I", len(content))
    return name + length + bytes(2) + content


def _text(text: str) -> bytes:
    """Both versions of tags know UTF-16."""
    return _UTF16 + f"\ufeff{text}".encode("utf-16-le")


def number(four: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))


def _synchsafe(number: int) -> bytes:
    return bytes((number >> shift) & 0x7F for shift in (21, 14, 7, 0))
