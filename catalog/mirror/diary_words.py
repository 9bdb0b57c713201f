"""How the diary tells people what changed. Pure functions on what its entries hold."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.formats import date_format

from catalog import inputs, words
from catalog.models.ai_model import AIModel
from catalog.prices import durations
from catalog.prices.quoting import number

Terms = Mapping[str, Any]
Factors = Mapping[tuple[str, str], Any]
_MOST_LISTED = 12
_LONGEST_WORD = 40
_MOST_PERCENT = 1000


def sentence(kind: str, before: Terms | None, after: Terms | None) -> str:
    """What happened, without the model's name: "7 cr/s → 6 cr/s"."""
    return _SENTENCES[kind](before or {}, after or {})


def day(moment: datetime) -> str:
    return date_format(moment, "j M")


def percent(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """How far the price moved, without a sign: whole, or to a tenth below 1; None where nobody can say."""
    if not before or after is None or before == after:
        return None
    exact = abs(after - before) / before * 100
    step = Decimal(1) if exact >= 1 else Decimal("0.1")
    return max(exact.quantize(step, ROUND_HALF_UP), step)


def share(value: Decimal | None) -> str:
    """ "10 %", "over 1,000 %"."""
    if value is None:
        return ""
    return f"over {_MOST_PERCENT:,} %" if value > _MOST_PERCENT else f"{number(value)} %"


def factors(pricing: Any) -> Factors:
    """What a price list multiplies by, by dimension and option; 1 is no factor."""
    modifiers = pricing.get("modifiers") if isinstance(pricing, Mapping) else None
    named = modifiers.items() if isinstance(modifiers, Mapping) else ()
    return {
        (str(dimension), str(option)): value
        for dimension, options in named
        for option, value in (options.items() if isinstance(options, Mapping) else ())
        if value is not None and value != 1
    }


# Prices


def _price(before: Terms, after: Terms) -> str:
    old, new = (_rate(terms) or "price unknown" for terms in (before, after))
    steps = _factor_steps(factors(before.get("pricing")), factors(after.get("pricing")))
    if old != new:
        return "; ".join([_step(old, new), *steps])
    if steps:
        return f"Price factors: {'; '.join(steps)}"
    details = [_details(terms) for terms in (before, after)]
    return f"Older price list: {_step(*details)}" if details[0] != details[1] else "Price list changed"


def _rate(terms: Terms) -> str:
    """ "7 cr/s", or "" when nobody knows."""
    base = terms.get("base_cost")
    offer = AIModel(pricing=terms.get("pricing"), price_details=terms.get("price_details"))
    offer.base_cost = Decimal(base) if base else None
    return offer.rate_words


def _details(terms: Terms) -> str:
    return AIModel(price_details=terms.get("price_details")).rate_words or "none"


def _factor_steps(before: Factors, after: Factors) -> list[str]:
    keys = [key for key in sorted({*before, *after}) if before.get(key, 1) != after.get(key, 1)]
    steps = [f"{_option(*key)} × {_figure(before, key)} → × {_figure(after, key)}" for key in keys]
    return steps[:_MOST_LISTED] + ([f"and {len(steps) - _MOST_LISTED} more"] if steps[_MOST_LISTED:] else [])


def _figure(factors: Factors, key: tuple[str, str]) -> str:
    value = factors.get(key, 1)
    return number(Decimal(str(value))) if isinstance(value, int | float) else str(value)


def _option(dimension: str, option: str) -> str:
    """What is multiplied for: "1080p", "audio on", "5 s"."""
    ms = durations.read(option) if dimension.startswith("duration") else None
    if ms:
        return durations.length(ms)
    speaks = dimension in ("resolution", "aspect_ratio")
    return _cut(option if speaks else f"{dimension.replace('_', ' ')} {option}")


# What a model offers and takes


def _ratios(before: Terms, after: Terms) -> str:
    ranges = [_range(terms.get("aspect_ratio_range")) for terms in (before, after)]
    told = _differences(before, after, "aspect_ratios")
    told += [_step(*ranges)] if ranges[0] != ranges[1] else []
    return f"Aspect ratios: {', '.join(told)}"


def _range(ends: Any) -> str:
    return words.range_words(ends) if isinstance(ends, list) and len(ends) == 2 else "named ratios only"


def _resolutions(before: Terms, after: Terms) -> str:
    usual = [_cut(terms.get("default_resolution") or "not named") for terms in (before, after)]
    told = _differences(before, after, "resolutions")
    told += [f"default {_step(*usual)}"] if usual[0] != usual[1] else []
    return f"Resolutions: {', '.join(told)}"


def _differences(before: Terms, after: Terms, name: str) -> list[str]:
    """What was added and taken away: ["+ 9:21", "− 4:3"]."""
    old, new = _texts(before.get(name)), _texts(after.get(name))
    added = [f"+ {text}" for text in _listed(text for text in new if text not in old)]
    return added + [f"− {text}" for text in _listed(text for text in old if text not in new)]


def _durations(before: Terms, after: Terms) -> str:
    spans, longest = [_span(before), _span(after)], [_longest(before), _longest(after)]
    if spans[0] != spans[1]:
        return f"Durations {_step(*spans)}"
    return f"Longest {_step(*longest)}" if longest[0] != longest[1] else "Durations changed"


def _span(terms: Terms) -> str:
    texts = terms.get("durations")
    auto, longest_ms = durations.has_auto(texts), terms.get("max_duration_ms")
    return durations.words(durations.choices_ms(texts), auto=auto, longest_ms=longest_ms) or "not named"


def _longest(terms: Terms) -> str:
    ms = terms.get("max_duration_ms")
    return durations.length(ms) if isinstance(ms, int) else "not named"


def _needs(before: Terms, after: Terms) -> str:
    return f"Needs {_step(_input_words(before), _input_words(after))}"


def _input_words(terms: Terms) -> str:
    """ "start frame + audio", "text · end frame optional"."""
    must, may = ([_role(role) for role in _texts(terms.get(name))] for name in ("required", "optional"))
    needed = " + ".join(must) or "text"
    return f"{needed} · {', '.join(may)} optional" if may else needed


def _role(role: str) -> str:
    return inputs.WORDS.get(role) or role.replace("_", " ")


# Coming and going


def _arrived(before: Terms, after: Terms) -> str:
    rate = _rate(after)
    return f"New in the catalog at {rate}" if rate else "New in the catalog"


def _returned(before: Terms, after: Terms) -> str:
    rate = _rate(after)
    return f"Offered again at {rate}" if rate else "Offered again"


def _retired(before: Terms, after: Terms) -> str:
    return "No longer offered"


_SENTENCES: dict[str, Callable[[Terms, Terms], str]] = {
    "price": _price,
    "ratios": _ratios,
    "resolutions": _resolutions,
    "durations": _durations,
    "needs": _needs,
    "arrived": _arrived,
    "retired": _retired,
    "returned": _returned,
}


def _step(before: str, after: str) -> str:
    return f"{before} → {after}"


def _texts(values: Any) -> list[str]:
    return [str(value) for value in values] if isinstance(values, list) else []


def _listed(texts: Iterable[str]) -> Sequence[str]:
    every = list(dict.fromkeys(map(_cut, texts)))
    more = len(every) - _MOST_LISTED
    return [*every[:_MOST_LISTED], f"{more} more"] if more > 0 else every


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_WORD else text[: _LONGEST_WORD - 1] + "…"
