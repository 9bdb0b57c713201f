"""What every choice of a model costs: its lengths down, its resolutions (and sound) across."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, TypeVar

from django.utils.functional import cached_property

from catalog.models import AIModel
from catalog.prices.asked import AskedPrices, parameters
from catalog.prices.durations import length
from catalog.prices.quoting import Quote, Shot, prices_sound

EXAMPLES_MS = (10_000, 30_000, 60_000)
"""Lengths to show where people bring their own, or may choose any."""
EXAMPLES_OF_TEXT = (100, 500, 1000, 5000)
MOST_LINES, MOST_COLUMNS = 16, 8
MOST_ASKED = 30
"""So many prices of one model may be asked for at once: the service takes a hundred requests a minute."""
_SHOWN_ACROSS_OR_DOWN = {
    *("resolution", "audio", "generate_audio"),
    *("duration", "durations", "duration_ms", "duration_seconds"),
}
_SOUND = {True: "with sound", False: "no sound"}
_Value = TypeVar("_Value", bound=Hashable)


@dataclass(frozen=True)
class Cell:
    """One choice and its price."""

    label: str
    """The choice in words: "5 s, 720p"."""
    quote: Quote
    chosen: bool
    """Whether it is the shot that people described."""


@dataclass(frozen=True)
class Line:
    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Column:
    """A resolution and, where that has a price, with or without sound."""

    resolution: str
    audio: bool | None
    sound: str = ""

    @property
    def label(self) -> str:
        return ", ".join(filter(None, [self.resolution, self.sound]))


@dataclass(frozen=True)
class _Choice:
    """A line's heading, and the fields of the shot that it stands for."""

    label: str
    fields: Mapping[str, Any]


class PriceTable:
    """Prices of one take each, around a shot. Where the service has to be asked, they come by and by."""

    def __init__(self, model: AIModel, shot: Shot, *, is_wanted: bool = True) -> None:
        """`is_wanted`: the shot is the one that people described, and not only the nearest to it."""
        self.model, self.shot = model, shot
        self.columns = list(_columns(model, shot))
        self._chosen = replace(shot, audio=_sound_made(model, shot.audio)) if is_wanted else None
        self.heading, self._choices = _lines(model, shot, most=self._most_lines)
        shots = [self._shot(line, column) for line in self._choices for column in self.columns]
        self._prices = AskedPrices([(model, each) for each in [shot, *shots]])

    @property
    def quote(self) -> Quote:
        """Of the shot itself."""
        return self._prices.quote(self.model, self.shot)

    @property
    def pending(self) -> int:
        """How many prices the service has yet to tell."""
        return self._prices.pending

    def want(self) -> None:
        """Have the missing prices asked for."""
        self._prices.want()

    @cached_property
    def lines(self) -> list[Line]:
        """[] when no choice has a price; `sentence` says why."""
        lines = [Line(choice.label, self._cells(choice)) for choice in self._choices]
        if not any(cell.quote.known or cell.quote.base is not None for line in lines for cell in line.cells):
            return []
        return [_one_for_all(lines)] if self._same_for_all(lines) else lines

    @property
    def sentence(self) -> str:
        """Why there is no table: "The service gives no price."."""
        reason = self.quote.unknown or "the service gives no price"
        return f"{reason[:1].upper()}{reason[1:].removesuffix('.')}."

    @property
    def notes(self) -> list[str]:
        """What else the table leaves out or takes for granted."""
        about = (_other_factors(self.model, self.shot), _sound(self.model), _default_settings(self.model))
        return [*self._left_out(), *chain.from_iterable(about)]

    @property
    def _most_lines(self) -> int:
        if not self.model.is_asked_for_price:
            return MOST_LINES
        return max(2, MOST_ASKED // len(self.columns))

    def _left_out(self) -> Iterator[str]:
        offered = len(self.model.duration_choices_ms)
        shown = len(self._choices)
        if self.model.duration_choices_ms and shown < offered:
            yield f"{shown} of its {offered} lengths are shown."
        sizes = len(self.model.resolutions or [])
        if sizes > MOST_COLUMNS:
            yield f"{MOST_COLUMNS} of its {sizes} resolutions are shown."

    def _shot(self, line: _Choice, column: Column) -> Shot:
        shot = replace(self.shot, resolution=column.resolution, audio=column.audio)
        return replace(shot, **line.fields)

    def _cells(self, line: _Choice) -> list[Cell]:
        return [self._cell(line, column) for column in self.columns]

    def _cell(self, line: _Choice, column: Column) -> Cell:
        shot = self._shot(line, column)
        label = ", ".join(filter(None, [line.label, column.label]))
        return Cell(label, self._prices.quote(self.model, shot), chosen=shot == self._chosen)

    def _same_for_all(self, lines: Sequence[Line]) -> bool:
        """Whether the length, though one can choose it, makes no difference."""
        if len(lines) < 2 or not self.model.duration_choices_ms:
            return False
        prices = [[cell.quote.credits for cell in line.cells] for line in lines]
        return None not in prices[0] and all(each == prices[0] for each in prices)


def _one_for_all(lines: Sequence[Line]) -> Line:
    """The line of the shot, or the first, standing for all."""
    line = next((line for line in lines if any(cell.chosen for cell in line.cells)), lines[0])
    return Line("Any length", line.cells)


def _columns(model: AIModel, shot: Shot) -> Iterator[Column]:
    sounds: list[bool | None] = [True, False] if _has_price_for_sound(model) else [shot.audio]
    most = MOST_COLUMNS // len(sounds)
    for resolution in _spread(model.resolutions or [shot.resolution], most, keep=shot.resolution):
        for sound in sounds:
            words = _SOUND[sound] if sound is not None and len(sounds) > 1 else ""
            yield Column(resolution, sound, words)


def _sound_made(model: AIModel, wanted: bool | None) -> bool | None:
    """Of a shot that leaves it open: as the model's own switch stands, where there is one."""
    if wanted is not None or not _has_price_for_sound(model):
        return wanted
    switches = [setting["default"] for setting in _priced_settings(model) if _is_sound(setting)]
    return next((on for on in switches if isinstance(on, bool)), None)


def _has_price_for_sound(model: AIModel) -> bool:
    if model.is_asked_for_price:
        return parameters(model, Shot(audio=True)) != parameters(model, Shot(audio=False))
    return prices_sound(model)


def _lines(model: AIModel, shot: Shot, most: int) -> tuple[str, list[_Choice]]:
    """What the first column is, and its choices: found by trying what the price depends on."""
    if choices := model.duration_choices_ms:
        return "Duration", [_of_length(ms) for ms in _spread(choices, most, keep=shot.duration_ms)]
    if model.is_asked_for_price or model.price(replace(shot, duration_ms=None)).known:
        return "", [_Choice("Each take", {})]
    if model.price(replace(shot, duration_ms=EXAMPLES_MS[0])).known:
        source = model.length_source
        return f"Length of your {source}" if source else "Duration", _examples(model, shot)
    if model.price(replace(shot, characters=EXAMPLES_OF_TEXT[0])).known:
        return "Length of your text", list(_texts(model))
    return "", []


def _of_length(ms: int) -> _Choice:
    return _Choice(length(ms), {"duration_ms": ms})


def _examples(model: AIModel, shot: Shot) -> list[_Choice]:
    """The usual lengths that it can make, its longest where that is shorter, and the shot's own."""
    longest = model.longest_ms or EXAMPLES_MS[-1]
    lengths = {ms for ms in EXAMPLES_MS if ms <= longest} | {min(longest, EXAMPLES_MS[-1])}
    return [_of_length(ms) for ms in sorted(lengths | ({shot.duration_ms} if shot.duration_ms else set()))]


def _texts(model: AIModel) -> Iterator[_Choice]:
    most = model.max_prompt_length or EXAMPLES_OF_TEXT[-1]
    for count in sorted({min(count, most) for count in EXAMPLES_OF_TEXT}):
        yield _Choice(f"{count:,} characters", {"characters": count})


def _spread(values: Sequence[_Value], most: int, keep: _Value | None) -> list[_Value]:
    """At most so many, from end to end, and with the one to keep."""
    if len(values) <= most:
        return list(values)
    places = {round(n * (len(values) - 1) / (most - 1)) for n in range(most)}
    if keep in values and values.index(keep) not in places:
        kept = values.index(keep)
        places.remove(min(places - {0, len(values) - 1}, key=lambda place: abs(place - kept), default=0))
        places.add(kept)
    return [values[place] for place in sorted(places)]


def _other_factors(model: AIModel, shot: Shot) -> Iterator[str]:
    """What the price list tells apart besides: "Aspect ratio: 9:16 × 1.2."."""
    modifiers = model.pricing.get("modifiers") if isinstance(model.pricing, Mapping) else None
    others = modifiers.items() if isinstance(modifiers, Mapping) else ()
    for dimension, options in others:
        if dimension not in _SHOWN_ACROSS_OR_DOWN and isinstance(options, Mapping) and options:
            factors = ", ".join(f"{option} × {factor}" for option, factor in options.items())
            priced = f" These prices are for {shot.aspect_ratio}." if _names(dimension, shot) else ""
            yield f"Also priced by {dimension.replace('_', ' ')}: {factors}.{priced}"


def _names(dimension: str, shot: Shot) -> bool:
    return dimension == "aspect_ratio" and bool(shot.aspect_ratio)


def _sound(model: AIModel) -> Iterator[str]:
    """A price list may tell it apart, but an order has no field for it."""
    if not model.is_asked_for_price and prices_sound(model):
        yield "Sound has a price of its own, but can't be chosen in an order."


def _default_settings(model: AIModel) -> Iterator[str]:
    """The settings that a price asked for leaves as the service has them."""
    turned = _has_price_for_sound(model)
    labels = [setting["label"] for setting in _priced_settings(model) if not (turned and _is_sound(setting))]
    if labels and model.is_asked_for_price:
        yield f"Settings that change the price are left as the service sets them: {', '.join(labels)}."


def _priced_settings(model: AIModel) -> Iterable[Mapping[str, Any]]:
    return [setting for setting in model.settings or [] if setting["affects_cost"]]


def _is_sound(setting: Mapping[str, Any]) -> bool:
    return "audio" in setting["key"].lower()
