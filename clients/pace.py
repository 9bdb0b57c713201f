"""Reading a body from a peer that may be slow on purpose: a timeout limits only the wait for each byte."""

from collections.abc import Iterator
from time import monotonic

import requests

SLOWEST_BYTES_PER_S = 10_000


def pieces(response: requests.Response, size: int, window_s: float) -> Iterator[bytes]:
    """The body as it comes, at most `size` bytes at once. Raises what requests and urllib3 raise, and
    ReadTimeout when less than `SLOWEST_BYTES_PER_S` came on average over `window_s` seconds of waiting."""
    raw, waited_s, came = response.raw, 0.0, 0
    while True:
        begun = monotonic()
        piece: bytes = raw.read1(min(size, raw.length_remaining or size), decode_content=True)
        waited_s += monotonic() - begun
        if not piece:
            return
        yield piece
        came += len(piece)
        if waited_s >= window_s and raw.length_remaining != 0:
            if came < waited_s * SLOWEST_BYTES_PER_S:
                raise requests.ReadTimeout("too slow")
            waited_s, came = 0.0, 0
