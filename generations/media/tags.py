"""What sounds tell of themselves, overwritten in place: an empty tag of the same length stays."""

from __future__ import annotations

import struct
from pathlib import Path

from generations.media.boxes import blank, size_of

KEPT_WAV = frozenset({b"fmt ", b"fact", b"data", b"JUNK"})
KEPT_FLAC = frozenset({0, 1, 3, 5})
"""Its layout, free space, places to jump to, and a list of pieces."""
FREE_FLAC = 1
MOST_PIECES = 1000


def blank_id3(path: Path) -> None:
    """The tag before the sound; zeros count as its padding."""
    with path.open("r+b") as file:
        head = file.read(10)
        if not head.startswith(b"ID3"):
            return
        length = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        file.seek(5)
        file.write(b"\0")  # no extended header and no footer any more
        blank(file, 10, min(10 + length, size_of(file)))


def blank_riff(path: Path) -> None:
    with path.open("r+b") as file:
        at, size = 12, size_of(file)
        for _ in range(MOST_PIECES):
            file.seek(at)
            header = file.read(8)
            if len(header) < 8:
                return
            name, length = struct.unpack("<4sI", header)
            end = min(at + 8 + length, size)
            if name not in KEPT_WAV:
                file.seek(at)
                file.write(b"JUNK")
                blank(file, at + 8, end)
            at = end + end % 2


def blank_flac(path: Path) -> None:
    with path.open("r+b") as file:
        at, size = 4, size_of(file)
        for _ in range(MOST_PIECES):
            file.seek(at)
            header = file.read(4)
            if len(header) < 4:
                return
            last, kind, end = header[0] & 0x80, header[0] & 0x7F, at + 4 + int.from_bytes(header[1:])
            if kind not in KEPT_FLAC:
                file.seek(at)
                file.write(bytes([last | FREE_FLAC]))
                blank(file, at + 4, min(end, size))
            at = end
            if last:
                return
