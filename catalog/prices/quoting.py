"""What a shot costs, and the arithmetic behind it. Pure functions on Decimal; no number is ever guessed.

Order of trust: `pricing`, then the older `price_details`, then "unknown" with its reason.
Hedra's rule (its Pricing schema): credits = ceil((base_cost + credits_per_second × seconds) × Π modifiers);
only factors other than 1 are listed, so a missing dimension or option means 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, Context, Decimal
from functools import lru_cache
from typing import Any, Protocol

from catalog.prices import durations

# Beyond these a figure is a mistake of the answer, not a price.
_LARGEST = Decimal(10) ** 12
_LARGEST_PRICE = Decimal(10) ** 9
# Exact for products of many float-born factors; Decimal's default of 28 digits is not.
_EXACTLY = Context(prec=200)
_SECONDS_OF = {"second": 1, "seconds": 1, "minute": 60, "minutes": 60}
_EACH = {"generation": "each", "generations": "each", "image": "per image", "video": "per video"}
_SOUND = {"audio", "generate_audio"}
_ON = {"true", "on", "yes", "1", "with_audio", "audio"}
_OFF = {"false", "off", "no", "0", "without_audio", "no_audio"}


class Priced(Protocol):
    """What a price is made from; the AI model of the catalog is one."""

    @property
    def pricing(self) -> Any: ...
    @property
    def pricing_rate(self) -> "Rate | None":
        """What `pricing_rate` reads from its pricing."""

    @property
    def price_details(self) -> Any: ...
    @property
    def base_cost(self) -> Decimal | None:
        """What the service's usual shot costs, where only a call can price any other."""

    @property
    def default_resolution_or_first(self) -> str: ...
    @property
    def duration_choices_ms(self) -> list[int]: ...
    @property
    def longest_ms(self) -> int | None: ...
    @property
    def length_source(self) -> str:
        """Whose length decides: "audio", "video", or "" when people choose it."""


@dataclass(frozen=True, slots=True)
class Shot:
    """What is to be made, as far as it decides the price. Its duration is None while nobody knows it."""

    duration_ms: int | None = None
    resolution: str = ""
    aspect_ratio: str = ""
    audio: bool | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    characters: int | None = None
    images: int = 0
    """How many pictures it is made from; some models price each."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A price before, with its arithmetic; or no price, with the reason in `unknown`."""

    credits: Decimal | None
    arithmetic: str = ""
    unknown: str = ""
    base: Decimal | None = None
    """Without a price: what the service's usual shot costs ("from 7.5"), while this one's is asked for."""
    note: str = ""
    """What the service priced instead of what was asked: "priced as 6 s"."""

    @property
    def known(self) -> bool:
        return self.credits is not None

    @property
    def figure(self) -> str:
        """The credits as people read them: "84", "17.5"; "" when unknown."""
        return "" if self.credits is None else number(self.credits)

    def times(self, count: int) -> "Quote":
        """The price of `count` takes of the shot, each rounded up by itself: no source says otherwise."""
        if self.credits is None or count == 1:
            return self
        total = self.credits * count
        return replace(self, credits=total, arithmetic=f"{self.arithmetic}, × {count} = {number(total)}")


@dataclass(frozen=True, slots=True)
class Rate:
    """The price list's entry in the form both kinds share: a flat part, a part by length and factors."""

    flat: Decimal
    per_second: Decimal
    words: str


def quote(model: Priced, shot: Shot) -> Quote:
    """The price of one take of the shot on the model."""
    rate = model.pricing_rate
    if rate:
        return _by_rate(model, rate, shot)
    return _by_details(model, shot)


def snap(model: Priced, duration_ms: int | None) -> int | None:
    """The duration the model would make: the next it offers from the wanted one up, else its longest."""
    if duration_ms is None:
        return None
    choices = model.duration_choices_ms
    if choices:
        return next((choice for choice in choices if choice >= duration_ms), choices[-1])
    longest = model.longest_ms
    return min(duration_ms, longest) if longest else duration_ms


def rate_words(model: Priced) -> str:
    """The rate before any factor: "7 cr/s", "5 cr each"; "" when unknown."""
    rate = model.pricing_rate
    if rate:
        return rate.words
    if details := _details(model.price_details):
        return _details_words(*details)
    return "" if model.base_cost is None else f"usually {number(model.base_cost)} cr"


def prices_sound(model: Priced) -> bool:
    """Whether the price list tells sound from silence."""
    modifiers = model.pricing.get("modifiers") if isinstance(model.pricing, Mapping) else None
    return isinstance(modifiers, Mapping) and not _SOUND.isdisjoint(modifiers)


@lru_cache(maxsize=4096)
def number(value: Decimal) -> str:
    """A plain figure: "84", "17.5", "12,480"."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def pricing_rate(pricing: Any) -> Rate | None:
    """The rate that a `pricing` states, or None for anything that is none."""
    if not isinstance(pricing, Mapping):
        return None
    given = [pricing.get("base_cost"), pricing.get("credits_per_second")]
    read = [_amount(value) for value in given]
    # Null counts as 0 beside a figure; two nulls are no price, and an unreadable figure spoils the whole.
    unreadable = any(value is not None and amount is None for value, amount in zip(given, read, strict=True))
    if unreadable or read == [None, None]:
        return None
    flat, per_second = read[0] or Decimal(0), read[1] or Decimal(0)
    return Rate(flat, per_second, _rate_words(flat, per_second))


def _rate_words(flat: Decimal, per_second: Decimal) -> str:
    if not per_second:
        return f"{number(flat)} cr each"
    by_length = f"{number(per_second)} cr/s"
    return f"{number(flat)} cr + {by_length}" if flat else by_length


def _by_rate(model: Priced, rate: Rate, shot: Shot) -> Quote:
    try:
        factors = list(_factors(model, shot))
    except _UnreadableFactorError as error:
        return Quote(None, unknown=str(error))
    if rate.per_second and shot.duration_ms is None:
        return Quote(None, unknown=_needs_length(model, rate.words))
    seconds = Decimal(shot.duration_ms or 0).scaleb(-3)
    exact = _EXACTLY.add(rate.flat, _EXACTLY.multiply(rate.per_second, seconds))
    for _, factor in factors:
        exact = _EXACTLY.multiply(exact, factor)
    labels = [f"{number(factor)} ({label})" for label, factor in factors]
    return _rounded(exact, " × ".join([_sum(rate, seconds, bracketed=bool(factors)), *labels]))


def _sum(rate: Rate, seconds: Decimal, *, bracketed: bool) -> str:
    if not rate.per_second:
        return f"{number(rate.flat)} cr"
    both = f"{rate.words} × {number(seconds)} s"
    return f"({both})" if rate.flat and bracketed else both


def _rounded(exact: Decimal, terms: str) -> Quote:
    credits = exact.to_integral_value(ROUND_CEILING)
    if credits >= _LARGEST_PRICE:
        return Quote(None, unknown="the price list is unreadable")
    if credits == exact and not any(sign in terms for sign in "×+÷"):
        return Quote(credits, terms)
    middle = "" if credits == exact else f"{_short(exact)} → "
    return Quote(credits, f"{terms} = {middle}{number(credits)}")


def _short(exact: Decimal) -> str:
    rounded = exact.quantize(Decimal("0.0001"))
    return number(rounded) if rounded == exact else f"{number(rounded)}…"


class _UnreadableFactorError(ValueError):
    pass


def _factors(model: Priced, shot: Shot) -> Iterator[tuple[str, Decimal]]:
    """The factors the price list holds for the shot, each with what it is for: ("1080p", 1.5)."""
    modifiers = model.pricing.get("modifiers")
    for dimension, options in modifiers.items() if isinstance(modifiers, Mapping) else ():
        for option, value in options.items() if isinstance(options, Mapping) else ():
            label = _label_if_chosen(str(dimension), str(option), model, shot)
            if label:
                factor = _amount(value)
                if factor is None:
                    raise _UnreadableFactorError(f"its price for {label} is unreadable")
                if factor != 1:
                    yield label, factor


def _label_if_chosen(dimension: str, option: str, model: Priced, shot: Shot) -> str:
    """What the option is called when it is the one the shot has, else ""."""
    if dimension in ("duration", "durations", "duration_ms", "duration_seconds"):
        ms = durations.read(option)
        return durations.length(ms) if ms and ms == shot.duration_ms else ""
    if dimension in _SOUND and dimension not in shot.options:
        return _audio_label(option, shot.audio)
    chosen = {
        "resolution": shot.resolution or model.default_resolution_or_first,
        "aspect_ratio": shot.aspect_ratio,
        **shot.options,
    }.get(dimension, "")
    if not chosen or chosen.lower() != option.lower():
        return ""
    speaks = dimension in ("resolution", "aspect_ratio")
    return option if speaks else f"{dimension.replace('_', ' ')} {option}"


def _audio_label(option: str, audio: bool | None) -> str:
    if audio is None or option.lower() not in (_ON if audio else _OFF):
        return ""
    return "with audio" if audio else "no audio"


def _needs_length(model: Priced, words: str) -> str:
    source = model.length_source
    return f"priced by the length of your {source}: {words}" if source else f"choose a duration: {words}"


def _details(details: Any) -> tuple[Decimal, Decimal, str] | None:
    """Cost, units and unit of the older price form, or None for anything half filled."""
    if not isinstance(details, Mapping):
        return None
    cost, scale = _amount(details.get("credit_cost")), _amount(details.get("unit_scale"))
    unit = details.get("billing_unit")
    if cost is None or not scale or not isinstance(unit, str) or not unit.strip():
        return None
    return cost, scale, unit.strip().lower()


def _details_words(cost: Decimal, scale: Decimal, unit: str) -> str:
    if unit in _EACH and scale == 1:
        return f"{number(cost)} cr {_EACH[unit]}"
    if unit in ("second", "seconds") and scale == 1:
        return f"{number(cost)} cr/s"
    units = f"{number(scale)} {unit.removesuffix('s')}s" if scale != 1 else unit.removesuffix("s")
    return f"{number(cost)} cr per {units}"


def _by_details(model: Priced, shot: Shot) -> Quote:
    """cost × quantity / scale: the likeliest reading of `price_details`; no source states the rule."""
    details = _details(model.price_details)
    if not details:
        return Quote(None, unknown=_without_price(model), base=model.base_cost)
    cost, scale, unit = details
    words = _details_words(*details)
    if unit in _EACH:
        return _divided(cost, scale, f"{number(cost)} cr")
    if unit in _SECONDS_OF:
        return _by_length(model, cost, scale * _SECONDS_OF[unit], shot.duration_ms, words)
    if unit in ("character", "characters"):
        return _by_characters(cost, scale, shot.characters, words)
    return Quote(None, unknown=f"priced per {unit}, which can't be known before")


def _without_price(model: Priced) -> str:
    return (
        f"from {number(model.base_cost)} cr" if model.base_cost is not None else "the service gives no price"
    )


def _by_length(model: Priced, cost: Decimal, seconds: Decimal, duration_ms: int | None, words: str) -> Quote:
    if duration_ms is None:
        return Quote(None, unknown=_needs_length(model, words))
    length_s = Decimal(duration_ms).scaleb(-3)
    return _divided(cost * length_s, seconds, f"{number(cost)} cr × {number(length_s)} s")


def _by_characters(cost: Decimal, scale: Decimal, characters: int | None, words: str) -> Quote:
    if characters is None:
        return Quote(None, unknown=f"priced by the length of your text: {words}")
    return _divided(cost * characters, scale, f"{number(cost)} cr × {characters:,} characters")


def _divided(cost: Decimal, scale: Decimal, terms: str) -> Quote:
    exact = _EXACTLY.divide(cost, scale)
    return _rounded(exact, f"{terms} ÷ {number(scale)}" if scale != 1 else terms)


def _amount(value: Any) -> Decimal | None:
    """A figure of the price list, exactly as written (0.1 stays 0.1), or None for what can't be one."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    amount = Decimal(value) if isinstance(value, int) else Decimal(str(value))
    return amount if amount.is_finite() and 0 <= amount <= _LARGEST else None
