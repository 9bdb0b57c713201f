"""A file put together from parts of another and from bytes between them, sent without making a copy."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from hedra_studio.files import CHUNK, Sendable


class Unexpected(Exception):
    """The file isn't built as files of its kind are."""


@dataclass(frozen=True)
class Slice:
    """Of the file, from `start` on and before `end`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start


@dataclass(frozen=True)
class Blank:
    """So many zeros."""

    count: int

    def __len__(self) -> int:
        return self.count


Segment = Slice | Blank | bytes


class Spliced:
    """The segments one after the other."""

    def __init__(self, source: Sendable, segments: Sequence[Segment]) -> None:
        self._source, self._segments = source, [each for each in segments if len(each)]

    @property
    def name(self) -> str:
        return self._source.name

    @cached_property
    def tag(self) -> str:
        return hashlib.sha256(repr((self._source.tag, self._segments)).encode()).hexdigest()

    @cached_property
    def size(self) -> int:
        return sum(len(segment) for segment in self._segments)

    def part(self, first: int, last: int) -> Iterator[bytes]:
        """The file is opened before the first byte goes out: that it is missing can still be said. And only
        as far as it is read: each slice of it is a request of its own to a bucket."""
        wanted, at = list[tuple[Segment, int, int]](), 0
        for segment in self._segments:
            start, end = max(first - at, 0), min(last + 1 - at, len(segment))
            if start < end:
                wanted.append((segment, start, end))
            at += len(segment)
        opens = next((n for n, (segment, *_) in enumerate(wanted) if isinstance(segment, Slice)), -1) + 1
        pieces = [self._piece(*each) for each in wanted[:opens]]
        later = (self._piece(*each) for each in wanted[opens:])
        return (chunk for piece in chain(pieces, later) for chunk in piece)

    def _piece(self, segment: Segment, start: int, end: int) -> Iterator[bytes]:
        if isinstance(segment, Slice):
            return self._source.part(segment.start + start, segment.start + end - 1)
        if isinstance(segment, Blank):
            return (bytes(min(CHUNK, end - at)) for at in range(start, end, CHUNK))
        return iter([segment[start:end]])
