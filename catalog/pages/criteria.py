"""What people ask of the catalog, read from the address.

All state is in the query string, so that going back, sharing and working without script come for free.
"""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from catalog.pages.wishes import Wish, decimal, plain
from catalog.words import ratio_value

SORTS = {
    "price": "Price",
    "name": "Name",
    "eta": "Waiting time",
    "newest": "Newest",
    "keeper": "Cost per keeper",
    "order": "Service order",
}
CHOICES = (
    "service",
    "type",
    "needs",
    "ratio",
    "maker",
    "resolution",
    "length",
    "tag",
    "premium",
    "pinned",
)
"""The filters of which one chooses among values; each is a parameter of this name."""
MOST_COMPARED = 4

_LARGEST_PRICE = 10**9
_MOST_VALUES = 20
_LONGEST_VALUE = 60
_LONGEST_NUMBER = 40
_LARGEST_PK = 2**63 - 1


@dataclass(frozen=True)
class PriceLimit:
    """An end of the price range, as typed. One that is no number narrows nothing and is in no address."""

    credits: Decimal | None = None
    unread: str = ""

    @classmethod
    def read(cls, text: str) -> Self:
        typed = text.replace("\0", "").strip()
        credits = _credits(typed)
        return cls(credits, typed[:_LONGEST_NUMBER] if credits is None else "")

    @property
    def shown(self) -> str:
        """As the form shows it."""
        return self.unread if self.credits is None else plain(self.credits)


@dataclass(frozen=True)
class Criteria:
    """What people asked for. Values nobody could have meant are left out, never an error."""

    wish: Wish = field(default_factory=Wish)
    q: str = ""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(filter, its values), for those that narrow."""
    least: PriceLimit = PriceLimit()
    most: PriceLimit = PriceLimit()
    sort: str = "price"
    descending: bool = False
    compare: tuple[int, ...] = ()
    page: int = 1

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        sort, page = query.get("sort", "").strip(), query.get("page", "")
        chosen = ((name, _values(query.getlist(name))) for name in CHOICES)
        return cls(
            wish=Wish.from_query(query),
            q=" ".join(query.get("q", "").replace("\0", "").split())[:200],
            chosen=tuple((name, values) for name, values in chosen if values),
            least=PriceLimit.read(query.get("min_price", "")),
            most=PriceLimit.read(query.get("max_price", "")),
            sort=sort.removeprefix("-") if sort.removeprefix("-") in SORTS else "price",
            descending=sort.startswith("-") and sort[1:] in SORTS,
            compare=_pks(query.getlist("compare")),
            page=int(page) if re.fullmatch(r"[1-9][0-9]{0,4}", page) else 1,
        )

    def values(self, name: str) -> tuple[str, ...]:
        """What was chosen of a filter."""
        return next((values for filter_, values in self.chosen if filter_ == name), ())

    @property
    def shot(self) -> Wish:
        """The wish; where it leaves ratio or resolution open, the only one filtered by is meant."""
        ratios, resolutions = self.values("ratio"), self.values("resolution")
        ratio = self.wish.aspect_ratio or (ratios[0] if len(ratios) == 1 and ratio_value(ratios[0]) else "")
        resolution = self.wish.resolution or (resolutions[0] if len(resolutions) == 1 else "")
        return replace(self.wish, aspect_ratio=ratio, resolution=resolution)

    def choosing(self, name: str, values: tuple[str, ...]) -> "Criteria":
        """With these values of a filter, from its first page on."""
        chosen = {**dict(self.chosen), name: values}
        ordered = tuple((filter_, chosen[filter_]) for filter_ in CHOICES if chosen.get(filter_))
        return replace(self, chosen=ordered, page=1)

    def pairs(self) -> list[tuple[str, str]]:
        """The query string's pairs; what stands at its default is left out."""
        pairs = self.wish.pairs() + ([("q", self.q)] if self.q else [])
        pairs += [(name, value) for name, values in self.chosen for value in values]
        limits = (("min_price", self.least.credits), ("max_price", self.most.credits))
        pairs += [(name, plain(credits)) for name, credits in limits if credits is not None]
        if self.sort != "price" or self.descending:
            pairs.append(("sort", self.sort_value))
        pairs += [("compare", str(pk)) for pk in self.compare]
        return pairs + ([("page", str(self.page))] if self.page > 1 else [])

    @property
    def sort_value(self) -> str:
        return f"-{self.sort}" if self.descending else self.sort

    @property
    def querystring(self) -> str:
        return urlencode(self.pairs(), safe=":")

    @property
    def url(self) -> str:
        """The page in this state."""
        query = self.querystring
        return f"{reverse('catalog')}?{query}" if query else reverse("catalog")

    @property
    def narrowed(self) -> bool:
        """Whether any model may be left out."""
        limits = (self.least.credits, self.most.credits)
        return bool(self.q or self.chosen or any(credits is not None for credits in limits))

    @property
    def everything(self) -> "Criteria":
        """Nothing left out, for the same shot in the same order."""
        return Criteria(self.wish, sort=self.sort, descending=self.descending, compare=self.compare)


def _values(texts: list[str]) -> tuple[str, ...]:
    clean = (text.replace("\0", "").strip()[:_LONGEST_VALUE] for text in texts)
    return tuple(dict.fromkeys(text for text in clean if text))[:_MOST_VALUES]


def _pks(texts: list[str]) -> tuple[int, ...]:
    numbers = [int(text) for text in texts if re.fullmatch(r"[0-9]{1,19}", text)]
    return tuple(dict.fromkeys(pk for pk in numbers if 0 < pk <= _LARGEST_PK))[:MOST_COMPARED]


def _credits(text: str) -> Decimal | None:
    """A price as people write it: "84", "12,480", "12,5", "100 cr"."""
    bare = re.sub(r"\s*(cr|credits?)\.?$", "", text[:_LONGEST_NUMBER], flags=re.IGNORECASE)
    return decimal(re.sub(r"^(\d+),(\d{1,2})$", r"\1.\2", bare), low=0, high=_LARGEST_PRICE)
