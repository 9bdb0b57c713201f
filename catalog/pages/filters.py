"""The catalog's list: the models that are asked for, held against the shot, priced, sorted and counted."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.functional import cached_property

from catalog.models import Account, AIModel
from catalog.pages import listing
from catalog.pages.criteria import MOST_COMPARED, SORTS, Criteria
from catalog.pages.facets import FACETS, Facet, Option, Tally, options
from catalog.pages.fitting import CANNOT, FITS, Fit
from catalog.pages.learnt import Learnt
from catalog.pages.listing import Row
from catalog.pages.offers import use_query
from catalog.pages.traits import YES, ValuesByFacet
from catalog.prices.asked import AskedPrices
from catalog.prices.quoting import Quote

if TYPE_CHECKING:
    from catalog.mirror.diary import Trend

PAGE_SIZE = 60
_PINNED = frozenset({YES})


@dataclass
class Line:
    """A model with the price of the shot, as a line of the list shows it."""

    model: AIModel
    fit: Fit
    each: Quote
    """The price of one take."""
    count: int = 1
    """How many takes."""
    pinned: bool = False
    compared: bool = False
    learnt: Learnt | None = None
    """What the asker's own takes with it have taught."""
    compare_url: str = ""
    use_query: str = ""
    trend: "Trend | None" = None

    @property
    def total(self) -> Quote:
        """The price of all takes."""
        return self.each.times(self.count)

    @cached_property
    def credits(self) -> Decimal | None:
        """Of all takes; None when the price is unknown, or the shot can't be made."""
        each = None if self.cannot else self.each.credits
        return None if each is None else each * self.count

    @cached_property
    def cannot(self) -> bool:
        return self.fit.rank == CANNOT

    @property
    def remarks(self) -> str:
        """How what is priced differs from the shot, and what nobody states about it."""
        return ", ".join(filter(None, [*self.fit.notes, self.each.note, *self.fit.doubts]))


class CatalogFilters:
    """The models of these accounts that the criteria leave."""

    def __init__(
        self,
        accounts: Sequence[Account],
        criteria: Criteria,
        pins: Collection[int] = (),
        learnt: Mapping[int, Learnt] | None = None,
    ) -> None:
        self.accounts, self.criteria, self._pins, self._learnt = accounts, criteria, pins, learnt or {}
        edition = listing.current(accounts)
        self._rows, self._trends = edition.rows(criteria.shot, criteria.values("type")), edition.trends
        self.asked = AskedPrices((row.model, row.fit.shot) for row in self._rows)
        self._tally = Tally(criteria)
        self._words = criteria.q.casefold().split()
        self._open: list[Row] = []
        """Rows that are shown, or would be if their price were known and within the range."""
        self.unpriced = 0
        """How many models the price range hides because their price is unknown."""
        matching = [line for row in self._rows if (line := self._admitted(row))]
        self._lines = _sorted(matching, criteria, [account.pk for account in accounts])
        self.asked.only((row.model, row.fit.shot) for row in self._open)

    def _admitted(self, row: Row) -> Line | None:
        """The row's line, if all criteria leave it; on the way it is counted for the filters."""
        text = row.entry.traits.text
        if any(word not in text for word in self._words):
            return None
        line, values = self._line(row), self._values_of(row)
        failed, within = self._tally.failed(values), self._within(line.credits)
        if not failed and not line.cannot:
            self._open.append(row)
            self.unpriced += within is None
        if within:
            self._tally.add(values, failed)
        return line if within and not failed else None

    def _line(self, row: Row) -> Line:
        fit = row.fit
        each = self.asked.quote(row.model, fit.shot) if row.model.is_asked_for_price else fit.quote
        learnt = self._learnt.get(row.model.pk)
        return Line(row.model, fit, each, self.criteria.wish.count, learnt=learnt)

    def _values_of(self, row: Row) -> ValuesByFacet:
        values = row.entry.traits.values
        return {**values, "pinned": _PINNED} if row.model.pk in self._pins else values

    def _within(self, credits: Decimal | None) -> bool | None:
        """Whether the price lies in the range; None when it is unknown and there is a range."""
        least, most = self.criteria.least.credits, self.criteria.most.credits
        if least is None and most is None:
            return True
        if credits is None:
            return None
        return (least is None or credits >= least) and (most is None or credits <= most)

    # What is shown

    @property
    def total(self) -> int:
        """How many models there are."""
        return len(self._rows)

    @property
    def shown(self) -> int:
        """How many of them the criteria leave."""
        return len(self._lines)

    @cached_property
    def lines(self) -> list[Line]:
        """Those of the page."""
        first = (self.page - 1) * PAGE_SIZE
        return [self._finished(line) for line in self._lines[first : first + PAGE_SIZE]]

    @property
    def page(self) -> int:
        return min(self.criteria.page, self.pages)

    @property
    def pages(self) -> int:
        return max(1, -(-self.shown // PAGE_SIZE))

    @property
    def previous_url(self) -> str:
        return replace(self.criteria, page=self.page - 1).url if self.page > 1 else ""

    @property
    def next_url(self) -> str:
        return replace(self.criteria, page=self.page + 1).url if self.page < self.pages else ""

    def _finished(self, line: Line) -> Line:
        pk, chosen = line.model.pk, self.criteria.compare
        line.pinned, line.compared, line.trend = pk in self._pins, pk in chosen, self._trends.get(pk)
        switched = tuple(one for one in chosen if one != pk) if line.compared else (*chosen, pk)
        if len(switched) <= MOST_COMPARED:
            line.compare_url = replace(self.criteria, compare=switched).url
        line.use_query = use_query(line.model, line.fit, self.criteria.shot)
        return line

    @cached_property
    def cheapest(self) -> list[Line]:
        """The cheapest that surely fits, at each service: their credits are different money."""
        found: dict[int, Line] = {}
        for line in self._lines:
            if line.fit.rank == FITS and line.credits is not None:
                best = found.get(line.model.account_id)
                if best is None or line.credits < (best.credits or 0):
                    found[line.model.account_id] = line
        return [found[account.pk] for account in self.accounts if account.pk in found]

    @cached_property
    def fitting(self) -> int:
        """How many of what is shown can make the shot, or may."""
        return sum(not line.cannot for line in self._lines)

    @property
    def stands_alone(self) -> bool:
        """Whether each service is sorted by itself."""
        return self.criteria.sort in _IN_CREDITS

    @property
    def mixed(self) -> bool:
        """Whether models of several services are shown."""
        return len({line.model.account_id for line in self._lines}) > 1

    @cached_property
    def compared(self) -> list[AIModel]:
        """In the order they were chosen."""
        models = {row.model.pk: row.model for row in self._rows}
        return [models[pk] for pk in self.criteria.compare if pk in models]

    @property
    def compare_query(self) -> str:
        """Of the compare page, which leads back to this very list."""
        chosen = tuple(model.pk for model in self.compared)
        return replace(self.criteria, compare=chosen).querystring

    @property
    def compare_none_url(self) -> str:
        return replace(self.criteria, compare=()).url

    @property
    def link_query(self) -> str:
        """For links to pages that take the shot along and lead back to this very list."""
        query = self.criteria.querystring
        return f"?{query}" if query else ""

    # What is offered to choose

    @cached_property
    def facets(self) -> list[tuple[Facet, list[Option]]]:
        """Each filter with its options; one that tells nothing apart is left out."""
        counted = [(facet, options(facet, self._tally.counts(facet), self.criteria)) for facet in FACETS]
        return [(facet, found) for facet, found in counted if _tells_apart(facet, found, self.shown)]

    @property
    def common_facets(self) -> list[tuple[Facet, list[Option]]]:
        return [pair for pair in self.facets if pair[0].common]

    @property
    def further_facets(self) -> list[tuple[Facet, list[Option]]]:
        return [pair for pair in self.facets if not pair[0].common]

    @property
    def further_in_use(self) -> bool:
        """Whether a filter out of sight narrows the list."""
        limits = (self.criteria.least, self.criteria.most)
        chosen = any(option.active for _, found in self.further_facets for option in found)
        return chosen or any(limit.shown for limit in limits)

    @property
    def sorts(self) -> list[Option]:
        """Each way to sort; the active one's link turns it round."""
        return [self._sort(sort, label) for sort, label in SORTS.items()]

    def _sort(self, sort: str, label: str) -> Option:
        active, turned = sort == self.criteria.sort, self.criteria.descending
        url = replace(self.criteria, sort=sort, descending=active and not turned, page=1).url
        down = turned != (sort == "newest")
        direction = ("descending" if down else "ascending") if active else ""
        return Option("sort", sort, label, active, url, direction=direction)


def _tells_apart(facet: Facet, found: list[Option], shown: int) -> bool:
    if any(option.active for option in found):
        return True
    return bool(found) and (len(found) > 1 or found[0].count < shown)


_SORT_VALUES: dict[str, Callable[[Line], Any]] = {
    "price": lambda line: line.credits,
    "name": lambda line: line.model.name.casefold(),
    "eta": lambda line: line.model.eta_ms,
    "newest": lambda line: line.model.first_seen,
    "keeper": lambda line: line.learnt and line.learnt.credits,
    "order": lambda line: line.model.display_order,
}
_IN_CREDITS = {"price", "keeper"}


def _sorted(lines: list[Line], criteria: Criteria, accounts: Sequence[int]) -> list[Line]:
    """What fits comes before what may, and that before what can't. By credits, each service stands alone:
    its credits are its own. Either way, equals stay in the service's order and the unknown comes last."""
    value = _SORT_VALUES[criteria.sort]
    backwards = criteria.descending != (criteria.sort == "newest")  # newest first
    known = [line for line in lines if value(line) is not None]
    ordered = sorted(known, key=value, reverse=backwards)
    ordered += [line for line in lines if value(line) is None]
    place = {pk: number for number, pk in enumerate(accounts)} if criteria.sort in _IN_CREDITS else {}
    return sorted(ordered, key=lambda line: (line.fit.rank, place.get(line.model.account_id, 0)))
