"""MP4 and QuickTime: the story in `moov`, in the list of tags that players read.

Chunks of pictures and sound are found by their place in the file: where `moov` comes before them and grows,
their places grow with it."""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

from generations.media.boxes import Part, boxes, size_of

from .splice import Segment, Slice, Unexpected
from .story import Story

MOST_MOOV = 8 * 1024 * 1024
"""Bytes of it that are held in memory; an hour of film has about 3 MB."""
_PIECEMEAL = {b"moof", b"sidx", b"ssix", b"mfra", b"meta", b"mvex"}
"""What names further places in the file."""
_PLACES = (b"saio", b"iloc")
_WAY_TO_CHUNKS = (b"trak", b"mdia", b"minf", b"stbl")
_TITLE, _COMMENT, _PROGRAM = b"\xa9nam", b"\xa9cmt", b"\xa9too"
_HANDLER = bytes(8) + b"mdirappl" + bytes(9)
_UTF8 = struct.pack(">II", 1, 0)
_MOST_PLACE = 2**32 - 1
_END = bytes(4)
"""What QuickTime may write behind the last thing told."""


def film_segments(file: BinaryIO, story: Story) -> list[Segment]:
    """Raises Unexpected."""
    size = size_of(file)
    outer = _all(file, 0, size)
    moovs = [box for box in outer if box.name == b"moov"]
    if len(moovs) != 1 or _PIECEMEAL & {box.name for box in outer}:
        raise Unexpected("not one whole film")
    moov = moovs[0]
    return [Slice(0, moov.start), _retold(file, moov, story), Slice(moov.end, size)]


def _retold(file: BinaryIO, moov: Part, story: Story) -> bytes:
    if moov.end - moov.start > MOST_MOOV:
        raise Unexpected("too long a list of places")
    file.seek(moov.content)
    content = bytearray(file.read(moov.end - moov.content))
    if any(name in content for name in _PLACES):
        raise Unexpected("names places that are not chunks")
    view = io.BytesIO(bytes(content))
    inner = _all(view, 0, len(content))
    if _PIECEMEAL - {b"meta"} & {box.name for box in inner}:
        raise Unexpected("comes piece by piece")
    told = [box for box in inner if box.name == b"udta"]
    tags = _udta(view, told, story)
    kept = sum(box.end - box.start for box in inner if box not in told)
    grown = 8 + kept + len(tags) - (moov.end - moov.start)
    for table in _tables(view, inner):
        _shift(content, table, moov, grown)
    rest = b"".join(content[box.start : box.end] for box in inner if box not in told)
    return _box(b"moov", rest + tags)


def _all(file: BinaryIO, start: int, end: int) -> list[Part]:
    """The boxes, which must fill their place, each with a length of its own."""
    found = list(boxes(file, start, end))
    if not found or found[-1].end != end:
        raise Unexpected("boxes with gaps")
    for box in found:
        file.seek(box.start)
        if box.name in (b"moov", b"udta", b"trak") and file.read(4) == bytes(4):
            raise Unexpected("a box without a length")
    return found


def _tables(file: BinaryIO, inner: list[Part]) -> list[Part]:
    """The lists of the chunks' places, of each track."""
    found = inner
    for name in _WAY_TO_CHUNKS:
        found = [child for box in found if box.name == name for child in _children(file, box)]
    return [box for box in found if box.name in (b"stco", b"co64")]


def _children(file: BinaryIO, box: Part) -> list[Part]:
    return list(boxes(file, box.content, box.end))


def _shift(content: bytearray, table: Part, moov: Part, by: int) -> None:
    """What lies behind `moov` moves with it."""
    letter, width = ("I", 4) if table.name == b"stco" else ("Q", 8)
    (count,) = struct.unpack_from(">I", content, table.content + 4)
    start = table.content + 8
    if start + count * width > table.end:
        raise Unexpected("a list longer than its box")
    places = struct.unpack_from(f">{count}{letter}", content, start)
    if any(moov.start <= place < moov.end for place in places):
        raise Unexpected("chunks where there are none")
    moved = [place + by if place >= moov.end else place for place in places]
    if width == 4 and any(place > _MOST_PLACE for place in moved):
        raise Unexpected("places too far away")
    struct.pack_into(f">{count}{letter}", content, start, *moved)


def _udta(file: BinaryIO, told: list[Part], story: Story) -> bytes:
    """What else it tells stays; the three tags are ours."""
    if len(told) > 1:
        raise Unexpected("tells things twice")
    others, tags = list[bytes](), list[bytes]()
    inner = _children(file, told[0]) if told else []
    if told and told[0].end - (inner[-1].end if inner else told[0].content) > len(_END):
        raise Unexpected("tells things in another way")
    for box in inner:
        if box.name == b"meta":
            tags = _tags(file, box)
        else:
            others.append(_bytes(file, box))
    tags += [_tag(_TITLE, story.title), _tag(_COMMENT, story.comment), _tag(_PROGRAM, story.program)]
    listed = _box(b"hdlr", _HANDLER) + _box(b"ilst", b"".join(tags))
    return _box(b"udta", b"".join(others) + _box(b"meta", bytes(4) + listed))


def _tags(file: BinaryIO, meta: Part) -> list[bytes]:
    """Those that are there already and not ours to say."""
    parts = {box.name: box for box in boxes(file, meta.content + 4, meta.end)}
    handler, listed = parts.get(b"hdlr"), parts.get(b"ilst")
    if handler is None or listed is None:
        raise Unexpected("tags of another kind")
    file.seek(handler.content + 8)
    if file.read(4) != b"mdir":
        raise Unexpected("tags of another kind")
    ours = (_TITLE, _COMMENT, _PROGRAM)
    return [_bytes(file, box) for box in _children(file, listed) if box.name not in ours]


def _tag(name: bytes, text: str) -> bytes:
    return _box(name, _box(b"data", _UTF8 + text.encode()))


def _bytes(file: BinaryIO, box: Part) -> bytes:
    file.seek(box.start)
    return file.read(box.end - box.start)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content
