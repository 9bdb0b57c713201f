"""Amounts and times as the pages say them."""

from __future__ import annotations

from decimal import Decimal


def credits_words(credits: Decimal | None) -> str:
    """12480 → "12,480"; 7.5 → "7.5"."""
    if credits is None:
        return "–"
    whole = credits == credits.to_integral_value()
    return f"{credits:,.0f}" if whole else f"{credits.normalize():,f}"


def charged_words(charged: Decimal | None, *, sent: bool, given_back: Decimal = Decimal(0)) -> str:
    """What a failed order cost; `given_back` is no part of the charge any more."""
    if charged is None and sent:
        return "Whether it was charged is not known yet."
    if charged:
        return f"{credits_words(charged)} credits were charged."
    if given_back:
        return f"{credits_words(given_back)} credits were charged and given back."
    return "Nothing was charged."


def clock_words(duration_ms: int) -> str:
    """8000 → "0:08"."""
    seconds = round(duration_ms / 1000)
    return f"{seconds // 60}:{seconds % 60:02}"


def about_words(seconds: float) -> str:
    """A rounded wait: "about 40 s left", "about 2 min left"."""
    if seconds < 5:
        return "a few seconds left"
    if seconds < 90:
        return f"about {max(5, round(seconds / 5) * 5)} s left"
    return f"about {round(seconds / 60)} min left"
