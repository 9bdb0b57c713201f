"""The price of a usual shot over time, as steps that a template draws."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.formats import date_format

from catalog.models.change import Change, Kind
from catalog.prices.quoting import number

WIDTH, HEIGHT = 600, 120
TELLING = (Kind.PRICE, Kind.ARRIVED, Kind.RETIRED, Kind.RETURNED)
"""The entries of the diary that tell a price, or that there is none."""
_SHORTEST = timedelta(seconds=1)


@dataclass(frozen=True)
class Stretch:
    """A time of one price; None while it was unknown or the model wasn't offered."""

    start: datetime
    end: datetime
    credits: Decimal | None

    @property
    def words(self) -> str:
        return "unknown" if self.credits is None else f"{number(self.credits)} cr"

    @property
    def since(self) -> str:
        return date_format(self.start, "j M Y")


@dataclass(frozen=True)
class Dot:
    """Where the price of a stretch begins to hold."""

    x: str
    y: str
    words: str


@dataclass(frozen=True)
class PriceChart:
    """What `catalog/_chart.html` draws, in a box of WIDTH × HEIGHT that may be stretched."""

    stretches: list[Stretch]
    path: str
    """The line; "" when no price was ever known."""
    dots: list[Dot]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def known(self) -> bool:
        return bool(self.path)

    @property
    def top(self) -> str:
        """The label of the upper edge; for a single price the only one."""
        return number(max(self._prices))

    @property
    def bottom(self) -> str:
        lowest, highest = min(self._prices), max(self._prices)
        return number(lowest) if lowest != highest else ""

    @property
    def start(self) -> str:
        return self.stretches[0].since

    @property
    def sentence(self) -> str:
        """ "A usual shot costs 30 cr now, 35 cr on 3 Nov 2026." """
        first, last = self.stretches[0], self.stretches[-1]
        now = (
            f"A usual shot costs {last.words} now" if last.credits is not None else "The price now is unknown"
        )
        if len(self.stretches) == 1:
            return f"{now}, unchanged since {first.since}."
        before = f"on {first.since} it was {first.words}"
        return f"{now}, as on {first.since}." if first.credits == last.credits else f"{now}; {before}."

    @property
    def _prices(self) -> list[Decimal]:
        return [stretch.credits for stretch in self.stretches if stretch.credits is not None]


def price_chart(
    changes: Iterable[Change],
    first_seen: datetime,
    now: datetime,
    current: Decimal | None,
    retired_at: datetime | None = None,
) -> PriceChart:
    """From a model's diary, in any order; `current` is what the usual shot costs by its latest price list,
    None when unknown. Since `retired_at` there is no price: nobody can have it."""
    telling = sorted(
        (change for change in changes if change.kind in TELLING), key=lambda one: (one.at, one.pk)
    )
    if retired_at and (not telling or telling[-1].kind != Kind.RETIRED):
        telling.append(_missed_retirement(telling, retired_at, current))
    stretches = _stretches(telling, first_seen, now, current)
    scale = _Scale(stretches)
    return PriceChart(stretches, scale.path(), scale.dots())


def _missed_retirement(changes: list[Change], at: datetime, credits: Decimal | None) -> Change:
    """Of a model that went before the diary began."""
    latest = max([at, *(change.at for change in changes)])
    return Change(kind=Kind.RETIRED, at=latest, credits_before=credits)


def _stretches(
    changes: list[Change], first_seen: datetime, now: datetime, current: Decimal | None
) -> list[Stretch]:
    first = min([first_seen, *(change.at for change in changes)])
    last = max([now, *(moment + _SHORTEST for moment in [first, *(change.at for change in changes)])])
    prices = [*map(_price_before, changes[:1]), *(change.credits_after for change in changes)] or [current]
    if not changes or changes[-1].kind != Kind.RETIRED:
        # The diary tells when the price list changed; the model itself what a usual shot costs by it.
        prices[-1] = current
    times = [first, *(change.at for change in changes), last]
    found: list[Stretch] = []
    for start, end, credits in zip(times, times[1:], prices, strict=False):
        _append(found, Stretch(start, end, credits))
    return found


def _price_before(change: Change) -> Decimal | None:
    """Of an arrival there is nothing before; it may have been seen a moment earlier."""
    return change.credits_after if change.kind == Kind.ARRIVED else change.credits_before


def _append(found: list[Stretch], new: Stretch) -> None:
    """Stretches of one price are one; one that took no time at all is none."""
    if found and found[-1].credits == new.credits:
        found[-1] = Stretch(found[-1].start, new.end, new.credits)
    elif new.start < new.end:
        found.append(new)


class _Scale:
    """Places moments and prices in the box, with a margin so that the line isn't cut."""

    MARGIN = 8

    def __init__(self, stretches: list[Stretch]) -> None:
        self.stretches = stretches
        self.first, self.last = stretches[0].start, stretches[-1].end
        self.known = [stretch for stretch in stretches if stretch.credits is not None]
        prices = [stretch.credits for stretch in stretches if stretch.credits is not None]
        self.low, self.high = min(prices, default=Decimal(0)), max(prices, default=Decimal(0))

    def path(self) -> str:
        """Steps: level while a price holds, straight to the next, and a gap where nothing is known."""
        steps: list[str] = []
        previous: Stretch | None = None
        for stretch in self.known:
            joined = previous is not None and previous.end == stretch.start
            steps.append(f"V{self.y(stretch)}" if joined else f"M{self.x(stretch.start)} {self.y(stretch)}")
            steps.append(f"H{self.x(stretch.end)}")
            previous = stretch
        return "".join(steps)

    def dots(self) -> list[Dot]:
        return [
            Dot(self.x(stretch.start), self.y(stretch), f"{stretch.words} since {stretch.since}")
            for stretch in self.known
        ]

    def x(self, moment: datetime) -> str:
        share = (moment - self.first) / (self.last - self.first)
        return f"{self.MARGIN + share * (WIDTH - 2 * self.MARGIN):.1f}"

    def y(self, stretch: Stretch) -> str:
        """One price alone lies in the middle."""
        rise = self.high - self.low
        share = float(((stretch.credits or 0) - self.low) / rise) if rise else 0.5
        return f"{HEIGHT - self.MARGIN - share * (HEIGHT - 2 * self.MARGIN):.1f}"
