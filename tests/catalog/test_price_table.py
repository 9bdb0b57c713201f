"""The price table: each cell is the price that the engine, or the service itself, gives that choice."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.models import Account, AIModel, AskedPrice
from catalog.pages.offers import Offer
from catalog.pages.wishes import Wish
from catalog.prices.asked import parameters
from catalog.prices.price_table import MOST_ASKED, MOST_COLUMNS, MOST_LINES, PriceTable
from catalog.prices.quoting import Shot
from tests.catalog.factories import details, make_model, rate

pytestmark = pytest.mark.any_database

SOUND = {
    "key": "generateAudio",
    "type": "boolean",
    "label": "Generate audio",
    "default": True,
    "options": [],
    "affects_cost": True,
}
QUALITY = {**SOUND, "key": "quality", "type": "select", "label": "Quality", "options": ["low", "high"]}


def table(model: AIModel, wish: Wish | None = None) -> PriceTable:
    offer = Offer(model, wish or Wish())
    return PriceTable(model, offer.shot, is_wanted=not offer.cannot)


def figures(prices: PriceTable) -> dict[str, list[Decimal | None]]:
    return {line.label: [cell.quote.credits for cell in line.cells] for line in prices.lines}


def columns(prices: PriceTable) -> list[str]:
    return [column.label for column in prices.columns]


def chosen(prices: PriceTable) -> list[str]:
    return [cell.label for line in prices.lines for cell in line.cells if cell.chosen]


@pytest.fixture
def hoox(db: None, settings: Settings) -> Account:
    settings.HOOX_KEY, settings.HOOX_URL = "hx_test", "http://127.0.0.1:9/nowhere"
    return Account.objects.current("hoox")


def answer(model: AIModel, shot: Shot, credits: str) -> None:
    now = timezone.now()
    asked = parameters(model, shot)
    AskedPrice.objects.create(
        model=model, parameters=asked, credits=Decimal(credits), wanted_at=now, asked_at=now, answered_at=now
    )


# Prices that we reckon ourselves


def test_lengths_go_down_and_resolutions_across(account: Account) -> None:
    model = make_model(
        account,
        pricing=rate(7, resolution={"1080p": 1.5}),
        resolutions=["720p", "1080p"],
        durations=["5", "10"],
    )

    prices = table(model)

    assert (prices.heading, columns(prices)) == ("Duration", ["720p", "1080p"])
    assert figures(prices) == {"5 s": [35, 53], "10 s": [70, 105]}
    assert prices.lines[0].cells[1].quote.arithmetic == "7 cr/s × 5 s × 1.5 (1080p) = 52.5 → 53"
    assert prices.lines[0].cells[1].label == "5 s, 1080p"


def test_each_cell_is_what_the_engine_says(account: Account) -> None:
    model = make_model(
        account,
        pricing=rate(3, 2, resolution={"1080p": 1.7}, audio={"on": 1.25}),
        resolutions=["720p", "1080p"],
    )

    prices = table(model)

    choices = [(size, sound) for size in ("720p", "1080p") for sound in (True, False)]
    reckoned = [
        [model.price(Shot(ms, size, "16:9", sound)).credits for size, sound in choices]
        for ms in (5000, 10_000)
    ]
    assert list(figures(prices).values()) == reckoned


@pytest.mark.parametrize("modifiers", [{"audio": {"on": 2}}, {"generate_audio": {"false": 0.5}}])
def test_sound_has_columns_where_it_has_a_price(account: Account, modifiers: dict[str, Any]) -> None:
    prices = table(make_model(account, pricing=rate(8, **modifiers)))

    assert columns(prices) == ["720p, with sound", "720p, no sound"]
    with_sound, silent = prices.lines[0].cells
    assert with_sound.quote.credits == 2 * (silent.quote.credits or 0)


@pytest.mark.parametrize(
    ("wish", "cells"),
    [
        (Wish(), ["5 s, 720p"]),
        (Wish(duration_ms=8000, resolution="1080P"), ["10 s, 1080p"]),
    ],
)
def test_the_shot_is_marked_as_the_model_would_make_it(
    account: Account, wish: Wish, cells: list[str]
) -> None:
    prices = table(make_model(account, resolutions=["720p", "1080p"]), wish)

    assert chosen(prices) == cells
    assert prices.quote == next(c.quote for line in prices.lines for c in line.cells if c.chosen)


@pytest.mark.parametrize(
    "wish", [Wish(duration_ms=60_000), Wish(aspect_ratio="1:1"), Wish(resolution="4K"), Wish(have=("video",))]
)
def test_no_price_is_marked_for_a_shot_that_cannot_be_made(account: Account, wish: Wish) -> None:
    prices = table(make_model(account), wish)

    assert chosen(prices) == []
    assert list(figures(prices)) == ["5 s", "10 s"]


def test_a_model_without_sound_is_priced_silent_though_sound_is_wanted(account: Account) -> None:
    model = make_model(account, has_audio=False, pricing=rate(7, audio={"on": 2}))

    assert table(model, Wish(audio=True)).quote.credits == 35


def test_a_price_for_sound_says_that_no_order_can_choose_it(account: Account) -> None:
    model = make_model(account, pricing=rate(7, audio={"on": 2}))

    assert table(model).notes == ["Sound has a price of its own, but can't be chosen in an order."]


def test_a_price_that_no_length_changes_is_one_line(account: Account) -> None:
    model = make_model(
        account, pricing=rate(base=40, resolution={"4K": 2}), resolutions=["1K", "4K"], durations=["5", "10"]
    )

    prices = table(model, Wish(duration_ms=10_000))

    assert figures(prices) == {"Any length": [40, 80]}
    assert prices.lines[0].cells[0].chosen


def test_what_has_no_length_has_one_line(account: Account) -> None:
    model = make_model(
        account, type="image", pricing=None, price_details=details(5, 1, "image"), durations=None
    )

    assert figures(table(model)) == {"Each take": [5]}


def test_lengths_that_follow_the_audio_are_shown_by_example(account: Account) -> None:
    model = make_model(account, durations=["auto"], requires_audio_input=True, max_duration_ms=45_000)

    prices = table(model, Wish(duration_ms=12_000))

    assert prices.heading == "Length of your audio"
    assert figures(prices) == {"10 s": [70], "12 s": [84], "30 s": [210], "45 s": [315]}


def test_no_example_is_longer_than_the_model_makes(account: Account) -> None:
    model = make_model(account, durations=["auto"], requires_audio_input=True, max_duration_ms=8000)

    assert list(figures(table(model, Wish(duration_ms=60_000)))) == ["8 s"]


def test_any_length_by_the_second_is_shown_by_example(account: Account) -> None:
    prices = table(make_model(account, durations=None))

    assert prices.heading == "Duration"
    assert list(figures(prices)) == ["5 s", "10 s", "30 s", "60 s"]


def test_text_is_priced_by_example_up_to_what_the_prompt_may_have(account: Account) -> None:
    model = make_model(
        account,
        type="text_to_speech",
        pricing=None,
        price_details=details(10, 1000, "character"),
        durations=None,
        resolutions=None,
        max_prompt_length=2000,
    )

    prices = table(model)

    assert prices.heading == "Length of your text"
    assert figures(prices) == {
        "100 characters": [1],
        "500 characters": [5],
        "1,000 characters": [10],
        "2,000 characters": [20],
    }


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"price_details": None}, "The service gives no price."),
        ({"price_details": details(3, 1, "token")}, "Priced per token, which can't be known before."),
    ],
)
def test_without_a_price_a_sentence_says_why(account: Account, fields: dict[str, Any], sentence: str) -> None:
    prices = table(make_model(account, pricing=None, **fields))

    assert prices.lines == []
    assert prices.sentence == sentence


def test_an_unreadable_factor_spoils_only_its_column(account: Account) -> None:
    model = make_model(account, pricing=rate(7, resolution={"4K": "much"}), resolutions=["720p", "4K"])

    assert figures(table(model))["5 s"] == [35, None]


def test_a_long_list_is_thinned_out_and_keeps_its_ends_and_the_shot(account: Account) -> None:
    model = make_model(account, durations=[str(seconds) for seconds in range(1, 61)])

    prices = table(model, Wish(duration_ms=38_000))

    labels = [line.label for line in prices.lines]
    assert len(labels) == MOST_LINES
    assert (labels[0], labels[-1]) == ("1 s", "60 s")
    assert "38 s" in labels
    assert f"{MOST_LINES} of its 60 lengths are shown." in prices.notes


def test_many_resolutions_are_thinned_out_too(account: Account) -> None:
    model = make_model(account, resolutions=[f"{lines}p" for lines in range(100, 120)])

    prices = table(model)

    assert len(prices.columns) == MOST_COLUMNS
    assert "8 of its 20 resolutions are shown." in prices.notes


def test_what_else_the_price_depends_on_is_said(account: Account) -> None:
    model = make_model(account, pricing=rate(7, aspect_ratio={"9:16": 1.2}))

    assert table(model).notes == ["Also priced by aspect ratio: 9:16 × 1.2. These prices are for 16:9."]


@pytest.mark.parametrize(
    ("pricing", "priced"),
    [("dear", 0), ([], 0), ({"modifiers": 3}, 0), ({"credits_per_second": 7, "modifiers": [1]}, 2)],
)
def test_a_malformed_price_list_breaks_nothing(account: Account, pricing: Any, priced: int) -> None:
    prices = table(make_model(account, pricing=pricing))

    assert len(prices.lines) == priced
    assert prices.notes == []


# Prices that the service is asked for


def make_asked(hoox: Account, **fields: Any) -> AIModel:
    defaults: dict[str, Any] = {"pricing": None, "base_cost": Decimal("7.5"), "durations": ["5", "10"]}
    return make_model(hoox, **{**defaults, **fields})


def test_until_the_service_has_answered_the_usual_shots_price_stands_in(hoox: Account) -> None:
    model = make_asked(hoox, resolutions=["720p", "1080p"])
    answer(model, Shot(10_000, "1080p"), "21.25")

    prices = table(model)

    assert figures(prices) == {"5 s": [None, None], "10 s": [None, Decimal("21.25")]}
    assert prices.lines[0].cells[0].quote.base == Decimal("7.5")
    assert prices.pending == 3


def test_every_cell_is_asked_for_once(hoox: Account) -> None:
    model = make_asked(hoox, resolutions=["720p", "1080p"])

    for _ in range(2):
        table(model).want()

    asked = [json.loads(row.parameters) for row in AskedPrice.objects.all()]
    assert {(each["duration_ms"], each["resolution"]) for each in asked} == {
        (ms, size) for ms in (5000, 10_000) for size in ("720p", "1080p")
    }
    assert len(asked) == 4


def test_equal_answers_fall_into_one_line_only_when_all_are_known(hoox: Account) -> None:
    model = make_asked(hoox)
    answer(model, Shot(5000, "720p"), "7.5")
    assert list(figures(table(model))) == ["5 s", "10 s"]

    answer(model, Shot(10_000, "720p"), "7.5")
    assert figures(table(model)) == {"Any length": [Decimal("7.5")]}


def test_a_switch_for_sound_has_columns(hoox: Account) -> None:
    model = make_asked(hoox, settings=[SOUND, QUALITY])

    prices = table(model)

    assert columns(prices) == ["720p, with sound", "720p, no sound"]
    assert prices.notes == ["Settings that change the price are left as the service sets them: Quality."]


@pytest.mark.parametrize(
    ("wanted", "sound"),
    [(None, "with sound"), (True, "with sound"), (False, "no sound")],
)
def test_sound_left_open_is_as_the_models_switch_stands(
    hoox: Account, wanted: bool | None, sound: str
) -> None:
    prices = table(make_asked(hoox, settings=[SOUND]), Wish(audio=wanted))

    assert chosen(prices) == [f"5 s, 720p, {sound}"]


def test_a_services_patience_is_spared(hoox: Account) -> None:
    lengths = [str(seconds) for seconds in range(1, 41)]
    model = make_asked(hoox, durations=lengths, resolutions=["480p", "720p", "1080p", "4K"], settings=[SOUND])

    prices = table(model)

    assert prices.pending <= MOST_ASKED + 1
    assert sum(len(line.cells) for line in prices.lines) <= MOST_ASKED


def test_without_lengths_or_resolutions_one_price_is_asked_for(hoox: Account) -> None:
    prices = table(make_asked(hoox, durations=None, resolutions=None))

    assert [line.label for line in prices.lines] == ["Each take"]
    assert prices.pending == 1
