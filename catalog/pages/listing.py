"""The models on offer, kept in memory until the catalog changes, and each held against a shot.

A page over thousands of models reads none of them from the database: what follows from their rows is worked
out once for every revision of the accounts' catalogs, the prices once for every shot that people ask about.
"""

import gc
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from django.utils import timezone

from catalog.mirror import diary
from catalog.mirror.diary import Trend
from catalog.models import Account, AIModel
from catalog.pages.fitting import Fit, fit
from catalog.pages.traits import Traits, traits_of
from catalog.pages.wishes import Wish

T = TypeVar("T")

_EDITIONS_KEPT = 2
_SHOTS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Entry:
    """A model with all that filters ask of it."""

    model: AIModel
    traits: Traits


@dataclass(frozen=True, slots=True)
class Row:
    """An entry held against a shot."""

    entry: Entry
    fit: Fit

    @property
    def model(self) -> AIModel:
        return self.entry.model


@dataclass
class Edition:
    """The catalog as it is between two changes."""

    entries: list[Entry]
    """In the services' own order."""
    trends: dict[int, Trend]
    """By model."""
    _shots: OrderedDict[Hashable, list[Row]] = field(default_factory=OrderedDict)

    def rows(self, wish: Wish, kinds: tuple[str, ...] = ()) -> list[Row]:
        """The entries held against the shot. `kinds` are those that people asked for."""
        found = _obtained(self._shots, (wish, kinds))
        if found is None:
            found = [Row(entry, fit(entry.model, wish, kinds)) for entry in self.entries]
            _keep(self._shots, (wish, kinds), found, _SHOTS_KEPT)
        return found


_lock = Lock()
_editions: OrderedDict[Hashable, Edition] = OrderedDict()


def current(accounts: Sequence[Account]) -> Edition:
    """Two queries after a change of the catalog, and on a new day; else none."""
    revisions = tuple((account.pk, account.revision) for account in accounts)
    key = (revisions, timezone.now().date())
    found = _obtained(_editions, key)
    if found is None:
        found = Edition(_read(accounts), diary.trends(accounts))
        _keep(_editions, key, found, _EDITIONS_KEPT)
        gc.freeze()  # What stays need not be walked by every collection: pages would wait 0.1 s for it.
    return found


def forget() -> None:
    """Drop all that is kept, where revisions begin anew: in tests, whose databases come and go."""
    _editions.clear()


def _obtained(kept: OrderedDict[Hashable, T], key: Hashable) -> T | None:
    with _lock:
        if key in kept:
            kept.move_to_end(key)
        return kept.get(key)


def _keep(kept: OrderedDict[Hashable, T], key: Hashable, value: T, most: int) -> None:
    """The ones used last. Two threads may make the same one; either serves."""
    with _lock:
        kept[key] = value
        while len(kept) > most:
            kept.popitem(last=False)


def _read(accounts: Sequence[Account]) -> list[Entry]:
    offered = AIModel.objects.filter(account__in=accounts, retired_at=None).in_service_order()
    models = list(offered.select_related("logo").defer("raw"))
    place = {account.pk: (number, account) for number, account in enumerate(accounts)}
    for model in models:
        model.account = place[model.account_id][1]
    models.sort(key=lambda model: place[model.account_id][0])
    ratios = {ratio for model in models for ratio in model.ratios}
    return [Entry(model, traits_of(model, ratios)) for model in models]
