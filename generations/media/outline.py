"""A wave as a shape to be drawn."""

from collections.abc import Sequence

WIDTH, HEIGHT = 200, 100
"""Of the drawing, in units of its own; a peak is a share of its height."""


def outline(peaks: Sequence[int]) -> str:
    """The points of a polygon: along the upper edge and back along the lower one; "" of nothing."""
    step = WIDTH / max(1, len(peaks) - 1)
    upper = [f"{place * step:.1f},{(HEIGHT - peak) / 2:g}" for place, peak in enumerate(peaks)]
    lower = [f"{place * step:.1f},{(HEIGHT + peak) / 2:g}" for place, peak in enumerate(peaks)]
    return " ".join([*upper, *reversed(lower)])
