"""The leases that this process holds: kept while a step takes long, given back when it has to stop."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .models import Generation, lease_end

_held: set[str] = set()
_change = threading.Condition()
_giving_back = threading.Event()


@contextmanager
def holding(takes: Sequence[Generation]) -> Iterator[None]:
    """Keep the claim on these takes alive until the block ends."""
    tokens = {take.lease_owner for take in takes if take.lease_owner}
    with _change:
        _held.update(tokens)
    try:
        yield
    finally:
        with _change:
            _held.difference_update(tokens)
            _change.notify_all()


def renew() -> int:
    """Extend every lease this process holds; the number of rows kept."""
    with _change:
        tokens = list(_held)
    if not tokens:
        return 0
    return Generation.objects.filter(lease_owner__in=tokens).update(lease_until=lease_end())


def are_given_back() -> bool:
    """Whether this process stops: no step is begun any more, so that none has to be broken off."""
    return _giving_back.is_set()


def give_back(grace_s: float) -> int:
    """Let what is at work end, then free every row still held, for others to take at once; how many.

    Whoever still works on one can't write to it any more. A paid request that is out stays written down as
    sent: who takes the row looks the order up, or calls it unclear, as after any lost answer."""
    _giving_back.set()
    with _change:
        _change.wait_for(lambda: not _held, timeout=grace_s)
        tokens = list(_held)
        _held.clear()
    if not tokens:
        return 0
    return Generation.objects.filter(lease_owner__in=tokens).update(lease_owner=None, lease_until=None)
