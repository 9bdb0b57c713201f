"""The keys of the studio as one table: the `?` sheet shows it, and `static/js/keys.js` acts by it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_NAMES = {
    "ArrowLeft": "←",
    "ArrowRight": "→",
    "ArrowUp": "↑",
    "ArrowDown": "↓",
    "Escape": "Esc",
    "Delete": "Del",
}


@dataclass(frozen=True)
class Key:
    """Keys that do the same, as browsers name them, and what they do in words."""

    keys: tuple[str, ...]
    words: str

    @property
    def value(self) -> str:
        return " ".join(self.keys)

    @property
    def names(self) -> list[str]:
        """As they are written on keyboards."""
        return [_NAMES.get(key, key.upper() if len(key) == 1 else key) for key in self.keys]


@dataclass(frozen=True)
class Group:
    """Where these keys work."""

    title: str
    keys: tuple[Key, ...]


GROUPS = (
    Group(
        "Everywhere",
        (
            Key(("?",), "Show these keys"),
            Key(("/",), "Search"),
            Key(("Escape",), "Close what is open, or clear the selection"),
        ),
    ),
    Group(
        "A take",
        (
            Key(("f",), "Favorite"),
            Key(("1", "2", "3", "4", "5"), "Rate"),
            Key(("0",), "Clear the rating"),
            Key(("y",), "Keep"),
            Key(("n",), "Reject"),
            Key(("r",), "Make another like it"),
            Key(("d",), "Download"),
        ),
    ),
    Group(
        "Gallery",
        (
            Key(("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"), "Move between tiles"),
            Key(("Enter",), "Open the take"),
            Key(("x",), "Select or deselect"),
            Key(("c",), "Compare the two to four that are selected"),
            Key(("Delete",), "Delete what is selected"),
        ),
    ),
    Group(
        "Playing",
        (
            Key(("Space", "k"), "Play or pause"),
            Key(("j", "l"), "Back, on"),
            Key((",", "."), "One frame back, one frame on"),
            Key(("m",), "Sound on or off"),
        ),
    ),
    Group(
        "Review",
        (
            Key(("y", "Enter"), "Keep, and go on"),
            Key(("n", "Backspace"), "Reject, and go on"),
            Key(("u",), "Take back"),
            Key(("ArrowRight",), "Skip"),
            Key(("ArrowLeft",), "Back to the take before"),
        ),
    ),
)


def every_key() -> Iterator[str]:
    return (key for group in GROUPS for row in group.keys for key in row.keys)
