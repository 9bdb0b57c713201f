"""Up to four models side by side, fact by fact, and which of the facts differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property

from catalog.models import AIModel
from catalog.pages.criteria import Criteria
from catalog.pages.facts import Fact, sections
from catalog.pages.offers import Offer
from catalog.prices.asked import AskedPrices

_NOT_ITS_OWN = Fact("", "none", absent=True)


@dataclass(frozen=True)
class Row:
    """One fact of every model."""

    label: str
    cells: Sequence[Fact]

    @property
    def differs(self) -> bool:
        """What isn't stated may well be the same, as what doesn't concern one of them: neither has words."""
        return len({(cell.words, cell.note) for cell in self.cells}) > 1

    @property
    def concerns_any(self) -> bool:
        return not all(cell.absent for cell in self.cells)


@dataclass(frozen=True)
class Group:
    title: str
    rows: Sequence[Row]


class Comparison:
    """The models in the order they were chosen, each with the price of the shot."""

    def __init__(
        self, models: Sequence[AIModel], criteria: Criteria, *, only_differences: bool = False
    ) -> None:
        self.criteria = replace(criteria, compare=tuple(model.pk for model in models))
        # One model differs from nothing: all of it is shown.
        self.only_differences = only_differences and len(models) > 1
        self.offers = [Offer(model, criteria.shot) for model in models]
        self._prices = AskedPrices([(offer.model, offer.shot) for offer in self.offers if offer.offered])
        for offer in self.offers:
            offer.each = self._prices.quote(offer.model, offer.shot)

    @property
    def pending(self) -> int:
        """How many prices a service has yet to tell."""
        return self._prices.pending

    def want(self) -> None:
        """Have the missing prices asked for."""
        self._prices.want()

    @cached_property
    def groups(self) -> list[Group]:
        found = [(group.title, list(filter(self._is_shown, group.rows))) for group in self._all]
        return [Group(title, rows) for title, rows in found if rows]

    @property
    def alike(self) -> int:
        """How many facts are the same for all."""
        return sum(row.concerns_any and not row.differs for group in self._all for row in group.rows)

    @property
    def mixed_services(self) -> list[str]:
        """The services compared, when they are several: their credits are different money."""
        names = list(dict.fromkeys(offer.model.account.service_label for offer in self.offers))
        return names if len(names) > 1 else []

    def _is_shown(self, row: Row) -> bool:
        return row.concerns_any and (row.differs or not self.only_differences)

    @cached_property
    def _all(self) -> list[Group]:
        told = zip(*(sections(offer.model) for offer in self.offers), strict=True)
        return [Group(parts[0].title, list(_rows([part.facts for part in parts]))) for parts in told]

    # Links: the whole state is in the address, that of the list too

    @property
    def columns(self) -> list[tuple[Offer, str]]:
        """Each offer with the address of the page without it."""
        return [(offer, self._without(offer.model)) for offer in self.offers]

    @property
    def switch_url(self) -> str:
        """With only the differences shown, or all facts again."""
        return self.url_of(self.criteria, only_differences=not self.only_differences)

    @property
    def url(self) -> str:
        return self.url_of(self.criteria, only_differences=self.only_differences)

    def _without(self, model: AIModel) -> str:
        others = tuple(pk for pk in self.criteria.compare if pk != model.pk)
        return self.url_of(replace(self.criteria, compare=others), only_differences=self.only_differences)

    @staticmethod
    def url_of(criteria: Criteria, *, only_differences: bool = False) -> str:
        pairs = criteria.pairs() + ([("only", "differences")] if only_differences else [])
        query = urlencode(pairs, safe=":")
        return reverse("compare") + (f"?{query}" if query else "")


def _rows(told: Sequence[Sequence[Fact]]) -> Iterator[Row]:
    """A row for whatever any of them has, in the order of first mention."""
    labels = dict.fromkeys(fact.label for facts in told for fact in facts)
    by_label = [{fact.label: fact for fact in facts} for facts in told]
    for label in labels:
        yield Row(label, [facts.get(label, _NOT_ITS_OWN) for facts in by_label])
