"""The catalog's filters: read from the address, applied, and offered as links and form fields.

All state is in the query string, so that going back, sharing and working without script come for free.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from catalog import inputs, words
from catalog.durations import length
from catalog.models import AIModel
from catalog.quoting import Shot, number, snap

TEXT_ONLY = "text"
NEEDS = {TEXT_ONLY: "Text only", **{role: word.capitalize() for role, word in inputs.WORDS.items()}}
SORTS = {"price": "Price", "name": "Name", "eta": "Waiting time", "order": "Service order"}
LENGTHS_S = (3, 5, 8, 10, 15, 30, 60)

_DEFAULT_MS = 5000
_LONGEST_S = 3600
_LARGEST_PRICE = 10**9
_LONGEST_NUMBER = 40


@dataclass(frozen=True)
class Criteria:
    """What people asked for. Values nobody could have meant are left out, never an error."""

    q: str = ""
    types: tuple[str, ...] = ()
    ratios: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    max_price: Decimal | None = None
    unread_price: str = ""
    """What stands in the price's place and is no number. It narrows nothing and is in no address."""
    shot_ms: int = _DEFAULT_MS
    sort: str = "price"
    descending: bool = False

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        sort = query.get("sort", "").strip()
        price = query.get("max_price", "").replace("\0", "").strip()
        max_price = _credits(price)
        seconds = _decimal(query.get("seconds", ""), low="0.1", high=_LONGEST_S)
        return cls(
            q=" ".join(query.get("q", "").replace("\0", "").split())[:200],
            types=_known(query.getlist("type"), bool),
            ratios=_known(query.getlist("ratio"), words.is_ratio),
            needs=_known(query.getlist("needs"), NEEDS.__contains__),
            max_price=max_price,
            unread_price=price[:_LONGEST_NUMBER] if max_price is None else "",
            shot_ms=int(seconds * 1000) if seconds else _DEFAULT_MS,
            sort=sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "price",
            descending=sort.startswith("-") and sort[1:] in SORTS,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The query string's pairs; what stands at its default is left out."""
        several = [("type", self.types), ("ratio", self.ratios), ("needs", self.needs)]
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name, values in several for value in values]
        if self.max_price is not None:
            pairs.append(("max_price", _plain(self.max_price)))
        if self.shot_ms != _DEFAULT_MS:
            pairs.append(("seconds", self.seconds))
        if self.sort != "price" or self.descending:
            pairs.append(("sort", self.sort_value))
        return pairs

    @property
    def seconds(self) -> str:
        return _plain(Decimal(self.shot_ms).scaleb(-3))

    @property
    def sort_value(self) -> str:
        return f"-{self.sort}" if self.descending else self.sort

    @property
    def querystring(self) -> str:
        return urlencode(self.pairs(), safe=":")

    @property
    def url(self) -> str:
        """The page in this state."""
        return f"{reverse('catalog')}?{self.querystring}" if self.pairs() else reverse("catalog")

    @property
    def narrowed(self) -> bool:
        """Whether any model may be left out."""
        return bool(self.q or self.types or self.ratios or self.needs or self.max_price is not None)


@dataclass(frozen=True)
class Option:
    """One choice of a filter: a checkbox `name=value`, or a link that switches it."""

    name: str
    value: str
    label: str
    active: bool
    url: str
    count: int = 0
    """How many models would be shown with it."""
    direction: str = ""
    """Of the active sort: "ascending" or "descending"."""


class CatalogFilters:
    """The filters over these models, each priced for the shot."""

    def __init__(self, models: Sequence[AIModel], criteria: Criteria) -> None:
        self._rows = [_Row(model, criteria) for model in models]
        kinds = {*words.KINDS, *(row.kind for row in self._rows)}
        criteria = replace(criteria, types=tuple(kind for kind in criteria.types if kind in kinds))
        self.criteria = criteria
        matching = [row for row in self._rows if row.matches(criteria)]
        self.total = len(models)
        self.models = [row.model for row in _sorted(matching, criteria)]

    @property
    def q(self) -> str:
        return self.criteria.q

    @property
    def max_price(self) -> str:
        """As the form shows it."""
        limit = self.criteria.max_price
        return self.criteria.unread_price if limit is None else _plain(limit)

    @property
    def unread_price(self) -> str:
        return self.criteria.unread_price

    @property
    def seconds(self) -> str:
        return self.criteria.seconds

    @property
    def sort(self) -> str:
        return self.criteria.sort_value

    @property
    def querystring(self) -> str:
        return self.criteria.querystring

    @property
    def narrowed(self) -> bool:
        return self.criteria.narrowed

    @property
    def clear_url(self) -> str:
        """Everything shown again, for the same shot in the same order."""
        kept = Criteria(
            shot_ms=self.criteria.shot_ms, sort=self.criteria.sort, descending=self.criteria.descending
        )
        return kept.url

    @cached_property
    def unpriced(self) -> int:
        """How many models the price limit hides because their price is unknown."""
        limitless = replace(self.criteria, max_price=None)
        known = self.criteria.max_price is None
        return 0 if known else sum(row.price is None and row.matches(limitless) for row in self._rows)

    @cached_property
    def types(self) -> list[Option]:
        """Any of the chosen ones: a model is of one type only."""
        kinds = sorted({row.kind for row in self._rows} | set(self.criteria.types), key=words.kind_place)
        return [self._option("type", "types", kind, words.kind_label(kind), alone=True) for kind in kinds]

    @cached_property
    def ratios(self) -> list[Option]:
        """All of the chosen ones, since the next cut may be for another screen."""
        named = {ratio for row in self._rows for ratio in row.model.ratios} | set(self.criteria.ratios)
        return [self._option("ratio", "ratios", ratio, ratio) for ratio in words.sorted_ratios(named)]

    @cached_property
    def needs(self) -> list[Option]:
        """All of the chosen ones: what people have at hand, and the model takes."""
        used = {role for row in self._rows for role in row.takes} | {TEXT_ONLY, *self.criteria.needs}
        return [self._option("needs", "needs", role, NEEDS[role]) for role in NEEDS if role in used]

    @property
    def lengths(self) -> list[Option]:
        """The usual lengths of a shot, and the one chosen."""
        choices = sorted({seconds * 1000 for seconds in LENGTHS_S} | {self.criteria.shot_ms})
        return [self._length(ms) for ms in choices]

    @property
    def sorts(self) -> list[Option]:
        """Each way to sort; the active one's link turns it round."""
        return [self._sort(sort, label) for sort, label in SORTS.items()]

    @property
    def active(self) -> list[Option]:
        """What narrows the list now, each with the link that takes it away."""
        chosen = [option for option in [*self.types, *self.ratios, *self.needs] if option.active]
        asked = self.criteria
        if asked.q:
            chosen.append(self._chip("q", asked.q, f"“{asked.q}”", replace(asked, q="")))
        if asked.max_price is not None:
            label = f"up to {number(asked.max_price)} cr"
            chosen.append(self._chip("max_price", self.max_price, label, replace(asked, max_price=None)))
        return chosen

    def _option(self, name: str, field: str, value: str, label: str, *, alone: bool = False) -> Option:
        chosen: tuple[str, ...] = getattr(self.criteria, field)
        active = value in chosen
        switched = tuple(one for one in chosen if one != value) if active else (*chosen, value)
        counted = (value,) if alone else (*chosen, value)
        return Option(
            name=name,
            value=value,
            label=label,
            active=active,
            url=self._with(field, switched).url,
            count=self._count(self._with(field, counted)),
        )

    def _length(self, ms: int) -> Option:
        asked = replace(self.criteria, shot_ms=ms)
        return Option("seconds", asked.seconds, length(ms), ms == self.criteria.shot_ms, asked.url)

    def _sort(self, sort: str, label: str) -> Option:
        active, turned = sort == self.criteria.sort, self.criteria.descending
        url = replace(self.criteria, sort=sort, descending=active and not turned).url
        direction = ("descending" if turned else "ascending") if active else ""
        return Option("sort", sort, label, active, url, direction=direction)

    def _chip(self, name: str, value: str, label: str, without: Criteria) -> Option:
        return Option(name, value, label, True, without.url, len(self.models))

    def _with(self, field: str, values: tuple[str, ...]) -> Criteria:
        # The replacements are typed by their field; mypy can't follow a name that is a value.
        return replace(self.criteria, **{field: values})  # type: ignore[arg-type]

    def _count(self, criteria: Criteria) -> int:
        return sum(row.matches(criteria) for row in self._rows)


class _Row:
    """A model with what the filters ask of it, worked out once."""

    def __init__(self, model: AIModel, criteria: Criteria) -> None:
        self.model = model
        self.kind = model.kind
        self.required = model.required_roles
        self.takes = model.roles
        self.text = f"{model.name} {model.maker} {model.slug} {model.description}".casefold()
        self.price = _price(model, criteria)

    def matches(self, criteria: Criteria) -> bool:
        limit = criteria.max_price
        return (
            (not criteria.types or self.kind in criteria.types)
            and all(self.model.offers_ratio(ratio) for ratio in criteria.ratios)
            and all(self._takes(need) for need in criteria.needs)
            and (limit is None or (self.price is not None and self.price <= limit))
            and all(word in self.text for word in criteria.q.casefold().split())
        )

    def _takes(self, need: str) -> bool:
        return not self.required if need == TEXT_ONLY else need in self.takes


def _price(model: AIModel, criteria: Criteria) -> Decimal | None:
    """Prices the model for the shot, as near as it can come to it, and notes on it what was priced."""
    wanted = next((ratio for ratio in criteria.ratios if ratio in model.ratios), "")
    shot = Shot(
        duration_ms=snap(model, criteria.shot_ms),
        resolution=model.default_resolution_or_first,
        aspect_ratio=wanted or next(iter(model.ratios), ""),
    )
    quote = model.price(shot)
    model.quote, model.shot_ms = quote, shot.duration_ms
    model.shot_note = _snapped(criteria.shot_ms, shot.duration_ms)
    model.use_query = _use_query(model, wanted)
    return quote.credits


def _use_query(model: AIModel, ratio: str) -> str:
    """Takes the priced shot along to the create page."""
    fixed = model.shot_ms if model.duration_choices_ms else None
    chosen = {"model": model.pk, "duration_ms": fixed, "aspect_ratio": ratio}
    return urlencode({name: value for name, value in chosen.items() if value}, safe=":")


def _snapped(wanted_ms: int, shot_ms: int | None) -> str:
    if shot_ms is None or shot_ms == wanted_ms:
        return ""
    return f"for {length(shot_ms)}, its longest" if shot_ms < wanted_ms else f"for {length(shot_ms)}"


_SORT_VALUES: dict[str, Callable[[_Row], Any]] = {
    "price": lambda row: row.price,
    "name": lambda row: row.model.name.casefold(),
    "eta": lambda row: row.model.eta_ms,
    "order": lambda row: row.model.display_order,
}


def _sorted(rows: Sequence[_Row], criteria: Criteria) -> list[_Row]:
    """In either direction, equals stay in the service's order and what is unknown comes last;
    by price, what the studio can't make takes with comes after what it can."""
    value = _SORT_VALUES[criteria.sort]
    known = [(found, row) for row in rows if (found := value(row)) is not None]
    ordered = sorted(known, key=lambda pair: pair[0], reverse=criteria.descending)
    listed = [row for _, row in ordered] + [row for row in rows if value(row) is None]
    return sorted(listed, key=lambda row: criteria.sort == "price" and not row.model.can_create)


def _known(values: Iterable[str], is_known: Callable[[str], bool]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in map(str.strip, values) if is_known(value)))[:20]


def _credits(text: str) -> Decimal | None:
    """A price as people write it: "84", "12,480", "12,5", "100 cr"."""
    bare = re.sub(r"\s*(cr|credits?)\.?$", "", text[:_LONGEST_NUMBER], flags=re.IGNORECASE)
    return _decimal(re.sub(r"^(\d+),(\d{1,2})$", r"\1.\2", bare), low=0, high=_LARGEST_PRICE)


def _decimal(text: str, *, low: int | str, high: int) -> Decimal | None:
    """The number, to three places; thousands may be parted as we show them: "12,480"."""
    try:
        value = Decimal(re.sub(r"(?<=\d),(?=\d{3}\b)", "", text[:_LONGEST_NUMBER].strip()))
    except InvalidOperation:
        return None
    within = value.is_finite() and Decimal(low) <= value <= high
    return value.quantize(Decimal("0.001")) if within else None


def _plain(value: Decimal) -> str:
    """As forms and addresses hold it: "84", "17.5", "12480"."""
    return number(value).replace(",", "")
