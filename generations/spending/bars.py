"""Spending over time as bars that a template draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.formats import date_format

from generations.models.phrases import credits_words

WIDTH, HEIGHT, GAP = 600, 120, 0.25
"""The gap between bars is a share of a bar's room."""


@dataclass(frozen=True)
class Bar:
    """A day or a month."""

    label: str
    credits: Decimal
    x: str
    y: str
    width: str
    height: str

    @property
    def words(self) -> str:
        return f"{self.label}: {credits_words(self.credits)} cr"


@dataclass(frozen=True)
class Bars:
    """What `generations/_bars.html` draws, in a box of WIDTH × HEIGHT that may be stretched."""

    bars: list[Bar]
    by_month: bool
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def most(self) -> Bar:
        return max(self.bars, key=lambda bar: bar.credits)

    @property
    def sentence(self) -> str:
        each = "month" if self.by_month else "day"
        return f"Most in one {each}: {credits_words(self.most.credits)} credits, {self.most.label}."


def bars_of(sums: Mapping[date, Decimal], first: date, last: date, *, by_month: bool) -> Bars:
    """One bar for each day, or month by its first day, from `first` to `last`, spent or not."""
    steps = _months(first, last) if by_month else _days(first, last)
    top = max([*(sums.get(step, Decimal(0)) for step in steps), Decimal(0)])
    room = WIDTH / len(steps)
    bars = []
    for place, step in enumerate(steps):
        credits = sums.get(step, Decimal(0))
        # A period in which more was given back than spent has no height; its figure says so.
        height = float(max(credits, Decimal(0)) / top) * HEIGHT if top else 0.0
        label = date_format(step, "M Y" if by_month else "j M")
        left, wide = (place + GAP / 2) * room, room * (1 - GAP)
        figures = (left, HEIGHT - height, wide, height)
        bars.append(Bar(label, credits, *(f"{figure:.2f}" for figure in figures)))
    return Bars(bars, by_month)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    numbers = range(first.month - 1, first.month - 1 + count)
    return [date(first.year + number // 12, number % 12 + 1, 1) for number in numbers]
