"""The leases that this process holds, and the heartbeat that keeps them while a step takes long."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .models import Generation, lease_end

_held: set[str] = set()
_guard = threading.Lock()


@contextmanager
def holding(takes: Sequence[Generation]) -> Iterator[None]:
    """Keep the claim on these takes alive until the block ends."""
    tokens = {take.lease_owner for take in takes if take.lease_owner}
    with _guard:
        _held.update(tokens)
    try:
        yield
    finally:
        with _guard:
            _held.difference_update(tokens)


def renew() -> int:
    """Extend every lease this process holds; the number of rows kept."""
    with _guard:
        tokens = list(_held)
    if not tokens:
        return 0
    return Generation.objects.filter(lease_owner__in=tokens).update(lease_until=lease_end())
