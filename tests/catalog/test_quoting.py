"""Prices and their arithmetic."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import AIModel
from catalog.prices.quoting import Quote, Shot, quote, rate_words, snap
from tests.catalog.factories import details, rate

pytestmark = pytest.mark.any_database


def price(pricing: Any, shot: Shot, **fields: Any) -> Quote:
    return quote(AIModel(type="video", pricing=pricing, **fields), shot)


HALF = {"540p": 0.5, "1080p": 1.5}


@pytest.mark.parametrize(
    ("pricing", "shot", "credits", "arithmetic"),
    [
        (rate(7), Shot(5000), 35, "7 cr/s × 5 s = 35"),
        (rate(18), Shot(5000), 90, "18 cr/s × 5 s = 90"),
        (rate(55), Shot(8000), 440, "55 cr/s × 8 s = 440"),
        (rate(7, resolution=HALF), Shot(5000, "540p"), 18, "7 cr/s × 5 s × 0.5 (540p) = 17.5 → 18"),
        (
            rate(7, resolution={"1080p": 3.0}, generate_audio={"true": 1.2}),
            Shot(5000, "1080p", audio=True),
            126,
            "7 cr/s × 5 s × 3 (1080p) × 1.2 (with audio) = 126",
        ),
        (rate(base=5, resolution={"2K": 1.5}), Shot(resolution="2K"), 8, "5 cr × 1.5 (2K) = 7.5 → 8"),
        (rate(7, resolution=HALF), Shot(8000, "1080p"), 84, "7 cr/s × 8 s × 1.5 (1080p) = 84"),
    ],
)
def test_worked_examples(pricing: Any, shot: Shot, credits: int, arithmetic: str) -> None:
    assert price(pricing, shot) == Quote(Decimal(credits), arithmetic)


def test_a_batch_is_priced_take_by_take() -> None:
    four = price(rate(7), Shot(5000)).times(4)

    assert four == Quote(Decimal(140), "7 cr/s × 5 s = 35, × 4 = 140")
    assert price(rate(7, resolution=HALF), Shot(5000, "540p")).times(2).credits == 36, "2 × 18, not 35"


def test_one_take_is_the_quote_itself() -> None:
    single = price(rate(7), Shot(5000))

    assert single.times(1) is single


@pytest.mark.parametrize(
    ("seconds", "factor", "credits"), [(10, 0.1, 1), (3, 1.1, 4), (10, 1.1, 11), (30, 0.7, 21)]
)
def test_factors_are_exact(seconds: int, factor: float, credits: int) -> None:
    """0.1 × 3 is 0.30000000000000004 in binary, and would be rounded up to a credit too many."""
    quoted = price(rate(1, resolution={"720p": factor}), Shot(seconds * 1000, "720p"))

    assert quoted.credits == credits


def test_base_and_rate_add_up_before_the_factors() -> None:
    both = rate(7, base=5, resolution=HALF)

    assert price(both, Shot(5000, "540p")).arithmetic == "(5 cr + 7 cr/s × 5 s) × 0.5 (540p) = 20"
    assert price(both, Shot(5000, "720p")).arithmetic == "5 cr + 7 cr/s × 5 s = 40"


def test_a_flat_price_needs_no_length_and_no_sum() -> None:
    assert price(rate(base=5), Shot()) == Quote(Decimal(5), "5 cr")


def test_what_is_free_is_known_to_be() -> None:
    assert price(rate(0), Shot()).credits == 0


def test_fractions_of_a_second_count() -> None:
    assert price(rate(7), Shot(4970)) == Quote(Decimal(35), "7 cr/s × 4.97 s = 34.79 → 35")


@pytest.mark.parametrize(
    ("pricing", "credits"),
    [
        (rate(base=999_999_999), 999_999_999),
        (rate(base=10**9), None),
        (rate(2**31 - 1, base=2**31 - 1, resolution={"720p": 2**31 - 1}), None),
    ],
)
def test_a_price_that_nobody_could_mean_is_unknown(pricing: Any, credits: int | None) -> None:
    quoted = price(pricing, Shot(5000, "720p"))

    assert quoted.credits == credits
    assert quoted.unknown == ("" if credits else "the price list is unreadable")


def test_large_figures_are_grouped() -> None:
    assert price(rate(70), Shot(600_000)).arithmetic == "70 cr/s × 600 s = 42,000"


# Factors by dimension


@pytest.mark.parametrize(
    ("modifiers", "shot", "credits"),
    [
        ({"aspect_ratio": {"9:16": 2}}, Shot(5000, aspect_ratio="9:16"), 20),
        ({"aspect_ratio": {"9:16": 2}}, Shot(5000, aspect_ratio="16:9"), 10),
        ({"duration": {"5s": 3}}, Shot(5000), 30),
        ({"duration": {"10000": 3}}, Shot(5000), 10),
        ({"quality": {"high": 4}}, Shot(5000, options={"quality": "High"}), 40),
        ({"quality": {"high": 4}}, Shot(5000), 10),
        ({"generate_audio": {"false": 0.5}}, Shot(5000, audio=False), 5),
        ({"generate_audio": {"true": 2}}, Shot(5000, audio=False), 10),
        ({"generate_audio": {"true": 2}}, Shot(5000), 10),
        ({"audio": {"on": 2}}, Shot(5000, audio=True), 20),
        ({"audio": {"stereo": 2}}, Shot(5000, options={"audio": "stereo"}), 20),
        ({"resolution": {"1080P": 2}}, Shot(5000, "1080p"), 20),
        ({}, Shot(5000, "1080p"), 10),
        (None, Shot(5000, "1080p"), 10),
        ({"resolution": None}, Shot(5000, "1080p"), 10),
    ],
)
def test_factors_of_any_dimension(modifiers: Any, shot: Shot, credits: int) -> None:
    pricing = {"base_cost": None, "credits_per_second": 2, "modifiers": modifiers}

    assert price(pricing, shot).credits == credits


def test_without_a_chosen_resolution_the_services_default_is_priced() -> None:
    quoted = price(rate(2, resolution={"1080p": 2}), Shot(5000), default_resolution="1080p")

    assert quoted.credits == 20


# What can't be known


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        ({"requires_audio_input": True}, "priced by the length of your audio: 7 cr/s"),
        ({"requires_input_video": True}, "priced by the length of your video: 7 cr/s"),
        ({}, "choose a duration: 7 cr/s"),
        ({"durations": ["5000"], "requires_input_video": True}, "choose a duration: 7 cr/s"),
    ],
)
def test_an_unknown_length_has_no_price_but_a_reason(flags: dict[str, Any], reason: str) -> None:
    quoted = price(rate(7), Shot(), **flags)

    assert quoted == Quote(None, unknown=reason)
    assert not quoted.known
    assert quoted.times(4) == quoted


@pytest.mark.parametrize(
    "pricing",
    [
        None,
        {},
        [],
        "7",
        rate(),
        rate(-1),
        rate("7"),
        rate(True),
        rate(float("inf")),
        rate(float("nan")),
        rate(10**15),
        rate(10**5000),
        rate(7, base="free"),
    ],
)
def test_a_price_that_is_none_is_unknown(pricing: Any) -> None:
    quoted = price(pricing, Shot(5000))

    assert quoted == Quote(None, unknown="the service gives no price")
    assert rate_words(AIModel(pricing=pricing)) == ""


@pytest.mark.parametrize("factor", ["1.5", None, -2, True, float("nan")])
def test_an_unreadable_factor_spoils_only_its_own_option(factor: Any) -> None:
    pricing = rate(7, resolution={"1080p": factor})

    assert price(pricing, Shot(5000, "1080p")) == Quote(None, unknown="its price for 1080p is unreadable")
    assert price(pricing, Shot(5000, "720p")).credits == 35


# The older form


@pytest.mark.parametrize(
    ("price_details", "shot", "credits", "arithmetic"),
    [
        (details(5, 1, "generation"), Shot(), 5, "5 cr"),
        (details(6, 1, "second"), Shot(5000), 30, "6 cr × 5 s = 30"),
        (details(1, 2, "seconds"), Shot(5000), 3, "1 cr × 5 s ÷ 2 = 2.5 → 3"),
        (details(60, 1, "minute"), Shot(30_000), 30, "60 cr × 30 s ÷ 60 = 30"),
        (details(15, 1000, "character"), Shot(characters=120), 2, "15 cr × 120 characters ÷ 1,000 = 1.8 → 2"),
        (details(1, 3, "second"), Shot(10_000), 4, "1 cr × 10 s ÷ 3 = 3.3333… → 4"),
    ],
)
def test_price_details_stand_in(price_details: Any, shot: Shot, credits: int, arithmetic: str) -> None:
    assert price(None, shot, price_details=price_details) == Quote(Decimal(credits), arithmetic)


def test_pricing_is_trusted_before_price_details() -> None:
    assert price(rate(7), Shot(5000), price_details=details(1, 1, "second")).credits == 35


@pytest.mark.parametrize(
    ("price_details", "reason"),
    [
        (details(15, 1000, "character"), "priced by the length of your text: 15 cr per 1,000 characters"),
        (details(6, 1, "second"), "choose a duration: 6 cr/s"),
        (details(2, 1, "frame"), "priced per frame, which can't be known before"),
        (details(None, None, None), "the service gives no price"),
        (details(5, 0, "generation"), "the service gives no price"),
        (details(5, 1, ""), "the service gives no price"),
        (details(-5, 1, "generation"), "the service gives no price"),
        ("5", "the service gives no price"),
    ],
)
def test_price_details_can_be_unknown_too(price_details: Any, reason: str) -> None:
    assert price(None, Shot(), price_details=price_details) == Quote(None, unknown=reason)


# Words and lengths


@pytest.mark.parametrize(
    ("pricing", "price_details", "words"),
    [
        (rate(7), None, "7 cr/s"),
        (rate(base=5), None, "5 cr each"),
        (rate(7, base=5), None, "5 cr + 7 cr/s"),
        (rate(2.5), None, "2.5 cr/s"),
        (None, details(5, 1, "generation"), "5 cr each"),
        (None, details(6, 1, "second"), "6 cr/s"),
        (None, details(6, 1, "seconds"), "6 cr/s"),
        (None, details(60, 1, "minute"), "60 cr per minute"),
        (None, details(15, 1000, "character"), "15 cr per 1,000 characters"),
        (None, None, ""),
    ],
)
def test_rates_in_words(pricing: Any, price_details: Any, words: str) -> None:
    assert rate_words(AIModel(pricing=pricing, price_details=price_details)) == words


@pytest.mark.parametrize(
    ("fields", "wanted_ms", "snapped_ms"),
    [
        ({"durations": ["4", "6", "8"]}, 5000, 6000),
        ({"durations": ["4", "6", "8"]}, 6000, 6000),
        ({"durations": ["4", "6", "8"]}, 20_000, 8000),
        ({"durations": ["4", "6", "8"]}, 1, 4000),
        ({"durations": ["auto"], "max_duration_ms": 8000}, 10_000, 8000),
        ({"durations": ["auto"], "max_duration_ms": 8000}, 5500, 5500),
        ({"durations": ["auto"]}, 5500, 5500),
        ({}, 5500, 5500),
        ({"durations": ["4"]}, None, None),
    ],
)
def test_a_length_snaps_to_what_is_offered(
    fields: dict[str, Any], wanted_ms: int | None, snapped_ms: int | None
) -> None:
    assert snap(AIModel(type="video", **fields), wanted_ms) == snapped_ms
