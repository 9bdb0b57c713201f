"""How large a file may be for the studio to decode it."""

MAX_PIXELS = 50_000_000
"""About what the largest phone cameras give; decoding it takes 200 MB and a second or two."""
MAX_DURATION_S = 3600


def is_oversized(width: int | None, height: int | None, duration_ms: int | None) -> bool:
    """Such a result is kept, but no picture is made of it; such an upload is refused."""
    return (width or 0) * (height or 0) > MAX_PIXELS or (duration_ms or 0) > 1000 * MAX_DURATION_S
