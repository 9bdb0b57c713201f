"""What holds for every price list, however it is filled."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from catalog.models import AIModel
from catalog.prices.quoting import Quote, Shot, quote
from tests.catalog.factories import details, rate

pytestmark = pytest.mark.any_database

rates = some.none() | some.integers(0, 10_000) | some.decimals(0, 1000, places=2).map(float)
factors = some.decimals(0, 10, places=3).map(float) | some.integers(0, 10)
lengths_ms = some.integers(0, 3_600_000)
resolutions = some.sampled_from(["", "540p", "720p", "1080p"])
ratios = some.sampled_from(["", "16:9", "9:16"])
audio = some.none() | some.booleans()
modifiers = some.fixed_dictionaries(
    {},
    optional={
        "resolution": some.dictionaries(resolutions, factors, max_size=3),
        "aspect_ratio": some.dictionaries(ratios, factors, max_size=2),
        "generate_audio": some.dictionaries(some.sampled_from(["true", "false"]), factors),
    },
)
price_lists = some.builds(
    lambda base, per_second, modifiers: rate(per_second, base, **modifiers), rates, rates, modifiers
)
shots = some.builds(Shot, lengths_ms, resolutions, ratios, audio)
units = some.sampled_from(["generation", "second", "minute", "character"])
older_lists = some.builds(details, some.integers(0, 10_000), some.integers(1, 10_000), units)
junk = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
spoilt = some.fixed_dictionaries({"base_cost": junk, "credits_per_second": junk, "modifiers": junk})


def price(pricing: Any, shot: Shot, price_details: Any = None) -> Quote:
    return quote(AIModel(pricing=pricing, price_details=price_details), shot)


def height(quoted: Quote) -> Decimal | None:
    """The credits for comparing: what was called unreadable for its size is above every price."""
    return Decimal("Infinity") if quoted.unknown == "the price list is unreadable" else quoted.credits


@given(price_lists, shots)
def test_a_price_is_a_whole_number_and_never_negative(pricing: Any, shot: Shot) -> None:
    credits = price(pricing, shot).credits

    assert credits is None or (credits >= 0 and credits == credits.to_integral_value())


@given(junk | spoilt, junk, shots)
def test_any_answer_gives_a_price_or_a_reason(pricing: Any, price_details: Any, shot: Shot) -> None:
    quoted = price(pricing, shot, price_details)

    assert quoted.known == (quoted.credits is not None and quoted.credits >= 0)
    assert quoted.known != bool(quoted.unknown)
    assert quoted.known == bool(quoted.arithmetic)


@given(price_lists, shots, lengths_ms)
@example(rate(10_000, resolution={"720p": 10}), Shot(1_000, "720p"), 3_600_000 * 10)
def test_longer_never_costs_less(pricing: Any, shot: Shot, more_ms: int) -> None:
    longer = Shot((shot.duration_ms or 0) + more_ms, shot.resolution, shot.aspect_ratio, shot.audio)
    short, long = height(price(pricing, shot)), height(price(pricing, longer))

    assert (short is None) == (long is None)
    assert short is None or long is None or short <= long


@given(older_lists, lengths_ms, lengths_ms)
@example(details(10_000, 1, "character"), 1_000, 3_600_000)
def test_longer_never_costs_less_by_the_older_form(price_details: Any, ms: int, more_ms: int) -> None:
    short = height(price(None, Shot(ms, characters=ms), price_details))
    long = height(price(None, Shot(ms + more_ms, characters=ms + more_ms), price_details))

    assert short is not None
    assert long is not None
    assert 0 <= short <= long


@given(price_lists, shots, some.integers(1, 8), some.integers(1, 8))
def test_more_takes_never_cost_less(pricing: Any, shot: Shot, few: int, more: int) -> None:
    single = price(pricing, shot)
    less, greater = single.times(few).credits, single.times(few + more).credits

    assert less is None or greater is None or less <= greater
    assert less is None or less == (single.credits or 0) * few


@given(some.integers(0, 500), lengths_ms, factors, factors)
@example(1, 3000, 0.1, 1)
@example(7, 5000, 3.0, 1.2)
def test_the_sum_is_exact_before_it_is_rounded_up(
    per_second: int, ms: int, by_resolution: float, by_audio: float
) -> None:
    pricing = rate(per_second, resolution={"1080p": by_resolution}, generate_audio={"true": by_audio})
    exact = Fraction(per_second) * ms / 1000 * Fraction(str(by_resolution)) * Fraction(str(by_audio))

    assert price(pricing, Shot(ms, "1080p", audio=True)).credits == Decimal(math.ceil(exact))
