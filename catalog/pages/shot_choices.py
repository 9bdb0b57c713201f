"""The bar of "Price my shot": what one may say of it, as form fields."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog import words
from catalog.pages.wishes import COUNTS, HAVE, LENGTHS_S, Wish, plain_seconds
from catalog.prices.durations import length

_USUAL_RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
_USUAL_RESOLUTIONS = ("480p", "720p", "1080p", "4K")


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    active: bool


@dataclass(frozen=True)
class ChoiceGroup:
    """Radio buttons or, where several can be true at once, checkboxes."""

    name: str
    title: str
    choices: list[Choice]
    many: bool = False


def shot_choices(wish: Wish) -> list[ChoiceGroup]:
    """The usual values and whatever else the wish holds."""
    lengths = sorted({seconds * 1000 for seconds in LENGTHS_S} | {wish.duration_ms})
    ratios = words.sorted_ratios({*_USUAL_RATIOS, wish.aspect_ratio} - {""})
    resolutions = sorted({*_USUAL_RESOLUTIONS, wish.resolution} - {""}, key=words.resolution_place)
    sound = {None: "", True: "on", False: "off"}[wish.audio]
    return [
        _group("seconds", "Length", [(plain_seconds(ms), length(ms)) for ms in lengths], wish.seconds),
        _group("shot_resolution", "Resolution", _any(resolutions), wish.resolution),
        _group("shot_ratio", "Aspect ratio", _any(ratios), wish.aspect_ratio),
        _group("audio", "Sound", [("", "Any"), ("on", "With"), ("off", "Without")], sound),
        _group("takes", "Takes", [(str(count), f"×{count}") for count in COUNTS], str(wish.count)),
        ChoiceGroup(
            "have",
            "I have",
            [Choice(role, label, role in wish.have) for role, label in HAVE.items()],
            many=True,
        ),
    ]


def _any(values: Iterable[str]) -> list[tuple[str, str]]:
    return [("", "Any"), *((value, value) for value in values)]


def _group(name: str, title: str, choices: list[tuple[str, str]], chosen: str) -> ChoiceGroup:
    return ChoiceGroup(name, title, [Choice(value, label, value == chosen) for value, label in choices])
