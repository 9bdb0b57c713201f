"""The models on offer, kept in memory until the catalog changes, and each priced for a shot.

A page over thousands of models reads none of them from the database: what follows from their rows is worked
out once for every revision of the accounts' catalogs, the prices once for every shot that people ask about.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from catalog.models import Account, AIModel
from catalog.pages.fitting import Fit, fit
from catalog.pages.traits import Traits, traits_of
from catalog.pages.wishes import Wish

T = TypeVar("T")
Edition = tuple[tuple[int, int], ...]
"""(account, revision) of each: what is kept holds for this."""

_EDITIONS_KEPT = 4
_SHOTS_KEPT = 24


@dataclass(frozen=True)
class Entry:
    """A model with all that filters ask of it."""

    model: AIModel
    traits: Traits


@dataclass(frozen=True)
class Row:
    """An entry held against a shot."""

    entry: Entry
    fit: Fit

    @property
    def model(self) -> AIModel:
        return self.entry.model


class _Kept(OrderedDict[Any, Any]):
    """The values used last, up to `most`. Two threads may make the same one; the later one stays."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._lock = Lock()

    def obtain(self, key: Any, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self:
                self.move_to_end(key)
                found: T = self[key]
                return found
        made = make()
        with self._lock:
            self[key] = made
            while len(self) > self._most:
                self.popitem(last=False)
        return made


_entries = _Kept(_EDITIONS_KEPT)
_rows = _Kept(_SHOTS_KEPT)


def edition(accounts: Sequence[Account]) -> Edition:
    return tuple((account.pk, account.revision) for account in accounts)


def entries(accounts: Sequence[Account]) -> list[Entry]:
    """The models on offer in the services' own order. At most one query."""
    return _entries.obtain(edition(accounts), lambda: _read(accounts))


def rows(accounts: Sequence[Account], wish: Wish, kinds: tuple[str, ...] = ()) -> list[Row]:
    """The entries held against the shot. `kinds` are those that people asked for."""
    key = (edition(accounts), wish, kinds)
    return _rows.obtain(
        key, lambda: [Row(entry, fit(entry.model, wish, kinds)) for entry in entries(accounts)]
    )


def forget() -> None:
    """Drop all that is kept, where revisions begin anew: in tests, whose databases come and go."""
    _entries.clear()
    _rows.clear()


def _read(accounts: Sequence[Account]) -> list[Entry]:
    offered = AIModel.objects.filter(account__in=accounts, retired_at=None).in_service_order()
    models = list(offered.select_related("logo").defer("raw"))
    by_pk = {account.pk: account for account in accounts}
    for model in models:
        model.account = by_pk[model.account_id]
    place = {account.pk: number for number, account in enumerate(accounts)}
    models.sort(key=lambda model: place[model.account_id])
    ratios = {ratio for model in models for ratio in model.ratios}
    return [Entry(model, traits_of(model, ratios)) for model in models]
