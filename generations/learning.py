"""What a person's takes teach: how many of a model's are worth keeping, and what one of those costs.

A keeper is a finished take that was kept in the review, or is a favourite, and was not deleted. What was
deleted was made and paid for all the same."""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from threading import Lock
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from catalog.models import Account, AIModel
from catalog.pages.learnt import Learnt

from .caps import CENT
from .models import Generation, Status
from .models.judged import is_kept

KEPT_FOR_S = 60
"""A page may tell what was true a minute ago: the sums are over all that a person ever made."""
_PEOPLE = 256
_COMPLETE = Q(status=Status.COMPLETE)
_UNKNOWN = Q(charged=None, sent_at__isnull=False)


def is_keeper(of: str = "") -> Q:
    """Kept, and there to be used; `of` as in `is_kept`."""
    return is_kept(of) & Q(**{f"{of}status": Status.COMPLETE, f"{of}deleted_at": None})


@dataclass(frozen=True)
class Figures:
    """Of the takes that one person made with one model."""

    account: int
    model: int | None
    """None where the catalog doesn't hold it any more."""
    name: str
    made: int
    complete: int
    kept: int
    charged: Decimal
    """Of all of them, failed and deleted ones too."""
    unknown: int
    """How many charges nobody has told yet."""

    @property
    def hit_rate(self) -> float | None:
        """Keepers of what was finished."""
        return self.kept / self.complete if self.complete else None

    @property
    def percent(self) -> int | None:
        return None if self.hit_rate is None else round(100 * self.hit_rate)

    @property
    def each(self) -> Decimal | None:
        """Credits per keeper."""
        return (self.charged / self.kept).quantize(CENT) if self.kept else None

    def __add__(self, other: Figures) -> Figures:
        """The same model under another row of the catalog."""
        sums = {name: getattr(self, name) + getattr(other, name) for name in _SUMMED}
        return Figures(self.account, self.model or other.model, self.name, **sums)


_SUMMED = ("made", "complete", "kept", "charged", "unknown")
_lock = Lock()
_kept: OrderedDict[int, tuple[float, list[Figures]]] = OrderedDict()


def figures_of(owner: User) -> list[Figures]:
    """By model, as they were at most a minute ago."""
    with _lock:
        until, found = _kept.get(owner.pk, (0.0, []))
    if time.monotonic() < until:
        return found
    found = _read(Q(owner=owner))
    with _lock:
        _kept[owner.pk] = (time.monotonic() + KEPT_FOR_S, found)
        while len(_kept) > _PEOPLE:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """In tests, whose people take the same numbers again."""
    _kept.clear()


def of_model(owner: User, model: AIModel) -> Figures | None:
    """As they are now; None where nothing was made with it."""
    return _sum(_read(Q(owner=owner, ai_model=model)))


def told(owner: User) -> Mapping[int, Learnt]:
    """For the catalog, by model."""
    by_model = defaultdict[int, list[Figures]](list)
    for each in figures_of(owner):
        if each.model:
            by_model[each.model].append(each)
    sums = {model: _sum(found) for model, found in by_model.items()}
    return {model: Learnt(sum.each, sum.kept, sum.complete) for model, sum in sums.items() if sum}


def _read(which: Q) -> list[Figures]:
    """One grouped query; the index `take_learnt` holds all that it asks for."""
    charged = Coalesce(F("charged"), Decimal(0)) + F("charged_before")
    rows = (
        Generation.objects.filter(which)
        .order_by()
        .values("account", "ai_model", "model_name")
        .annotate(
            made=Count("pk"),
            finished=Count("pk", filter=_COMPLETE),
            keepers=Count("pk", filter=is_keeper()),
            credits=Sum(charged, default=Decimal(0)),
            untold=Count("pk", filter=_UNKNOWN),
        )
    )
    return [_figures(row) for row in rows]


def _figures(row: Mapping[str, Any]) -> Figures:
    return Figures(
        account=row["account"],
        model=row["ai_model"],
        name=row["model_name"] or "Unknown model",
        made=row["made"],
        complete=row["finished"],
        kept=row["keepers"],
        charged=row["credits"].quantize(CENT),
        unknown=row["untold"],
    )


def _sum(found: Iterable[Figures]) -> Figures | None:
    total = None
    for each in found:
        total = each if total is None else total + each
    return total


# The page

SORTS = {"each": "Per keeper", "rate": "Hit rate", "kept": "Keepers", "made": "Takes", "name": "Model"}
_VALUES: dict[str, Callable[[Figures], Any]] = {
    "each": lambda each: each.each,
    "rate": lambda each: each.hit_rate,
    "kept": lambda each: each.kept,
    "made": lambda each: each.made,
    "name": lambda each: each.name.casefold(),
}
_LARGEST_FIRST = {"rate", "kept", "made"}


@dataclass(frozen=True)
class Column:
    """A heading that sorts; the active one turns round."""

    label: str
    query: str
    direction: str
    """As ARIA names it; "" of those not sorted by."""


@dataclass(frozen=True)
class Section:
    """An account: its credits are its own money."""

    account: Account
    rows: list[Figures]

    @property
    def unknown(self) -> int:
        return sum(row.unknown for row in self.rows)


class Keepers:
    """What keepers have cost a person, sorted as the address asks."""

    def __init__(self, owner: User, sort: str) -> None:
        self._owner = owner
        name = sort.removeprefix("-")
        self._sort, self._turned = (name, sort.startswith("-")) if name in SORTS else ("each", False)

    @property
    def sections(self) -> list[Section]:
        by_account = defaultdict[int, dict[str, Figures]](dict)
        for each in figures_of(self._owner):
            known = by_account[each.account].get(each.name)
            by_account[each.account][each.name] = known + each if known else each
        accounts = Account.objects.filter(pk__in=by_account)
        ordered = sorted(accounts, key=lambda account: (not account.is_current, account.service, account.pk))
        return [Section(account, self._sorted(by_account[account.pk].values())) for account in ordered]

    def _sorted(self, found: Iterable[Figures]) -> list[Figures]:
        """What can't be told comes last, either way."""
        value, by_name = _VALUES[self._sort], sorted(found, key=_VALUES["name"])
        known = [each for each in by_name if value(each) is not None]
        known.sort(key=value, reverse=self._turned != (self._sort in _LARGEST_FIRST))
        return known + [each for each in by_name if value(each) is None]

    @property
    def columns(self) -> list[Column]:
        """In the order of the table's cells."""
        return [self._column(name) for name in ("name", "made", "kept", "rate", "each")]

    def _column(self, name: str) -> Column:
        active = name == self._sort
        falling = self._turned != (name in _LARGEST_FIRST)
        direction = ("descending" if falling else "ascending") if active else ""
        return Column(SORTS[name], f"-{name}" if active and not self._turned else name, direction)
