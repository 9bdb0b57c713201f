"""The price of a usual shot over time, drawn as steps."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Change
from catalog.models.change import Kind
from catalog.prices.charts import HEIGHT, WIDTH, PriceChart, price_chart

pytestmark = pytest.mark.any_database

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = START + timedelta(days=100)


def change(day: float, before: Any, after: Any, kind: Kind = Kind.PRICE) -> Change:
    old, new = (None if value is None else Decimal(value) for value in (before, after))
    return Change(kind=kind, at=START + timedelta(days=day), credits_before=old, credits_after=new)


def chart(*changes: Change, current: Any) -> PriceChart:
    return price_chart(changes, START, NOW, None if current is None else Decimal(current))


def told(shown: PriceChart) -> list[tuple[int, str]]:
    return [((stretch.start - START).days, stretch.words) for stretch in shown.stretches]


def test_one_price_is_a_level_line_with_its_value() -> None:
    shown = chart(current=35)

    assert told(shown) == [(0, "35 cr")]
    assert shown.path == "M8.0 60.0H592.0"
    assert (shown.top, shown.bottom) == ("35", "")
    assert shown.sentence == "A usual shot costs 35 cr now, unchanged since 1 Mar 2026."


def test_each_change_is_a_step() -> None:
    shown = chart(change(50, 30, 20), change(25, 40, 30), current=20)

    assert told(shown) == [(0, "40 cr"), (25, "30 cr"), (50, "20 cr")]
    assert shown.path == "M8.0 8.0H154.0V60.0H300.0V112.0H592.0"
    assert (shown.top, shown.bottom) == ("40", "20")
    assert shown.sentence == "A usual shot costs 20 cr now; on 1 Mar 2026 it was 40 cr."
    assert [dot.words for dot in shown.dots][1] == "30 cr since 26 Mar 2026"


def test_unknown_times_are_gaps() -> None:
    retired, back = change(25, 40, None, Kind.RETIRED), change(50, None, 40, Kind.RETURNED)
    shown = chart(retired, back, current=40)

    assert told(shown) == [(0, "40 cr"), (25, "unknown"), (50, "40 cr")]
    assert shown.path == "M8.0 60.0H154.0M300.0 60.0H592.0"
    assert shown.sentence == "A usual shot costs 40 cr now, as on 1 Mar 2026."


def test_a_retired_model_has_no_price_now() -> None:
    retired = START + timedelta(days=25)
    shown = price_chart([change(25, 40, None, Kind.RETIRED)], START, NOW, Decimal(40), retired)

    assert told(shown) == [(0, "40 cr"), (25, "unknown")]
    assert shown.sentence == "The price now is unknown; on 1 Mar 2026 it was 40 cr."


@pytest.mark.parametrize(
    ("changes", "prices"),
    [
        ([], [(0, "40 cr"), (25, "unknown")]),
        ([change(10, 30, 40)], [(0, "30 cr"), (10, "40 cr"), (25, "unknown")]),
    ],
)
def test_a_retirement_that_the_diary_misses_ends_the_last_price(
    changes: list[Change], prices: list[tuple[int, str]]
) -> None:
    shown = price_chart(changes, START, NOW, Decimal(40), START + timedelta(days=25))

    assert told(shown) == prices
    assert shown.sentence.startswith("The price now is unknown; on 1 Mar 2026")


def test_a_price_that_changed_after_the_retirement_is_not_the_one_now() -> None:
    shown = price_chart([change(30, 40, 20)], START, NOW, Decimal(20), START + timedelta(days=25))

    assert shown.stretches[-1].words == "unknown"


def test_a_model_without_a_known_price_has_no_line() -> None:
    shown = chart(current=None)

    assert not shown.known
    page = render_to_string("catalog/_chart.html", {"chart": shown})
    assert "<svg" not in page
    assert "1 Mar 2026" in page


def test_what_tells_nothing_of_the_price_makes_no_step() -> None:
    shown = chart(change(10, None, None, Kind.RATIOS), change(20, 30, 30), current=30)
    assert told(shown) == [(0, "30 cr")]


def test_an_arrival_is_the_beginning() -> None:
    assert told(chart(change(0, None, 30, Kind.ARRIVED), change(9, 30, 31), current=31)) == [
        (0, "30 cr"),
        (9, "31 cr"),
    ]


def test_the_last_price_is_what_it_costs_now() -> None:
    """Its lengths may have changed since, and with them what a usual shot is."""
    assert told(chart(change(10, 35, 30), current=48)) == [(0, "35 cr"), (10, "48 cr")]


def test_clocks_that_disagree_do_no_harm() -> None:
    early, late = change(-5, 10, 20), change(200, 20, 30)
    shown = chart(late, early, current=30)

    assert [stretch.words for stretch in shown.stretches] == ["20 cr", "30 cr"]
    assert price_chart([], NOW, START, Decimal(5)).path == "M8.0 60.0H592.0"


prices = st.none() | st.decimals(0, 999_999_999, places=4)
kinds = st.sampled_from(list(Kind))
entries = st.lists(st.tuples(st.floats(-50, 150), prices, prices, kinds), max_size=8)


@given(entries=entries, current=prices)
def test_every_diary_fits_the_box(entries: list[tuple[Any, ...]], current: Decimal | None) -> None:
    shown = chart(*(change(*entry) for entry in entries), current=current)

    assert [one.end for one in shown.stretches][:-1] == [one.start for one in shown.stretches][1:]
    assert shown.sentence.endswith(".")
    for command, figures in re.findall(r"([MHV])([\d. ]+)", shown.path):
        values = [float(figure) for figure in figures.split()]
        limits = {"M": (WIDTH, HEIGHT), "H": (WIDTH,), "V": (HEIGHT,)}[command]
        assert all(0 <= value <= limit for value, limit in zip(values, limits, strict=True))


def test_the_drawing_tells_its_prices_in_words_too() -> None:
    page = render_to_string("catalog/_chart.html", {"chart": chart(change(50, 40, 30), current=30)})

    assert re.search(r"<td>20 Apr 2026</td><td>30 cr</td>", page)
    assert re.search(r'role="img" aria-labelledby="chart-title chart-desc"', page)
    assert "style=" not in page
