"""Two to four takes side by side: what differs in how they were made."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, groupby
from operator import and_, itemgetter
from typing import NamedTuple

from django.utils.functional import cached_property

from generations.models import Generation

FEWEST, MOST = 2, 4
LETTERS = "ABCD"
LONGEST = 300  # words of prompts that are held against each other word by word


class Piece(NamedTuple):
    """Some words of a prompt, and whether the other prompts say something else there."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Row:
    """One setting, with what each take has of it."""

    label: str
    values: tuple[str, ...]


_SETTINGS: tuple[tuple[str, Callable[[Generation], str]], ...] = (
    ("Kind", lambda take: take.kind_words),
    ("Model", lambda take: take.model_name),
    ("Service", lambda take: take.account.service_label),
    ("Aspect ratio", lambda take: take.aspect_ratio),
    ("Resolution", lambda take: take.resolution),
    ("Size", lambda take: f"{take.width} × {take.height} px" if take.width else ""),
    ("Duration", lambda take: take.duration_words),
    ("Cost", lambda take: take.cost_words),
    ("Made in", lambda take: take.took_words),
    ("Rating", lambda take: f"{take.rating} of 5" if take.rating else ""),
)


class Comparison:
    """In the order in which they were named; each has its letter."""

    def __init__(self, takes: Sequence[Generation]) -> None:
        self.takes = takes

    @property
    def lettered(self) -> list[tuple[str, Generation]]:
        return list(zip(LETTERS, self.takes, strict=False))

    @property
    def clips(self) -> list[Generation]:
        """Those that play."""
        return [take for take in self.takes if take.result_url and take.result_kind != "image"]

    @property
    def may_wipe(self) -> bool:
        """Whether one can lie on the other: two of a kind that is seen."""
        kinds = {take.result_kind for take in self.takes if take.result_url}
        shown = all(take.result_url and not take.is_oversized for take in self.takes)
        return len(self.takes) == FEWEST and shown and kinds in ({"video"}, {"image"})

    @property
    def all_images(self) -> bool:
        return all(take.result_url and take.result_kind == "image" for take in self.takes)

    @cached_property
    def rows(self) -> list[Row]:
        """Only what isn't the same for all."""
        found = [Row(label, tuple(tell(take) or "–" for take in self.takes)) for label, tell in _SETTINGS]
        return [row for row in found if len(set(row.values)) > 1]

    @cached_property
    def prompts(self) -> list[list[Piece]]:
        """Each take's prompt in pieces; empty when all say the same."""
        words = [re.findall(r"\s*\S+", take.prompt) for take in self.takes]
        if len({take.prompt for take in self.takes}) == 1:
            return []
        return [_pieces(each, held) for each, held in zip(words, _held(words), strict=True)]


def _pieces(words: list[str], common: list[bool]) -> list[Piece]:
    """The words in runs, by whether every other prompt has them at their place."""
    runs = groupby(zip(words, common, strict=True), key=itemgetter(1))
    pieces = [Piece("".join(word for word, _ in run), not is_common) for is_common, run in runs]
    return [part for piece in pieces for part in _apart(piece)]


def _apart(piece: Piece) -> list[Piece]:
    """The space before the words that differ isn't marked with them."""
    space = piece.text[: len(piece.text) - len(piece.text.lstrip())]
    return [Piece(space, False), Piece(piece.text.lstrip(), True)] if piece.differs and space else [piece]


def _held(prompts: list[list[str]]) -> list[list[bool]]:
    """Of each word of each prompt, whether all others have it; two are held against each other once."""
    held = [[True] * len(words) for words in prompts]
    for a, b in combinations(range(len(prompts)), 2):
        one, other = _common(prompts[a], prompts[b])
        held[a] = [*map(and_, held[a], one)]
        held[b] = [*map(and_, held[b], other)]
    return held


def _common(words: list[str], others: list[str]) -> tuple[list[bool], list[bool]]:
    one, other = [False] * len(words), [False] * len(others)
    if len(words) * len(others) > LONGEST**2:
        return one, other
    matcher = SequenceMatcher(None, [w.strip() for w in words], [w.strip() for w in others], autojunk=False)
    for block in matcher.get_matching_blocks():
        one[block.a : block.a + block.size] = [True] * block.size
        other[block.b : block.b + block.size] = [True] * block.size
    return one, other
