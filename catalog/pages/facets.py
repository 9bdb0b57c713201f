"""The filters of which one chooses among values: what each offers, and how many models that would leave."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from zlib import crc32

from catalog import services, words
from catalog.inputs import WORDS
from catalog.pages.criteria import Criteria
from catalog.pages.traits import YES, Values, ValuesByFacet
from catalog.pages.wishes import TEXT_ONLY


@dataclass(frozen=True)
class Facet:
    """One filter. `every`: a model must have all of the chosen values, else any of them will do."""

    name: str
    title: str
    label: Callable[[str], str]
    place: Callable[[str], Any]
    """What its values are sorted by."""
    every: bool = False
    common: bool = False
    """Whether it is always in sight."""

    def holds(self, values: Values, chosen: Sequence[str]) -> bool:
        if self.every:
            return all(value in values for value in chosen)
        return any(value in values for value in chosen)


@dataclass(frozen=True)
class Option:
    """One value of a filter, or a link of another kind that switches something."""

    name: str
    value: str
    label: str
    active: bool
    url: str
    count: int = 0
    """How many models would be shown with it."""
    direction: str = ""
    """Of the active sort: "ascending" or "descending"."""

    @property
    def anchor(self) -> str:
        """An id for the page, whatever script the value is written in."""
        return f"{self.name}-{crc32(self.value.encode()):08x}"


def _needs_label(role: str) -> str:
    return "Text only" if role == TEXT_ONLY else WORDS.get(role, role.replace("_", " ")).capitalize()


def _needs_place(role: str) -> int:
    order = [TEXT_ONLY, *WORDS]
    return order.index(role) if role in order else len(order)


def _service_place(name: str) -> int:
    order = list(services.LABELS)
    return order.index(name) if name in order else len(order)


FACETS = (
    Facet("service", "Service", lambda name: services.LABELS.get(name, name), _service_place, common=True),
    Facet("type", "Type", words.kind_label, words.kind_place, common=True),
    # What people have at hand, and the model takes.
    Facet("needs", "Needs", _needs_label, _needs_place, every=True, common=True),
    # The next cut may be for another screen.
    Facet("ratio", "Aspect ratio", str, words.ratio_place, every=True),
    Facet("pinned", "Pinned", lambda value: "Pinned" if value == YES else value, str, common=True),
    Facet("maker", "Maker", str, str.casefold),
    Facet("resolution", "Resolution", str, words.resolution_place, every=True),
    Facet(
        "length",
        "Length",
        lambda seconds: f"{seconds} s",
        lambda seconds: (len(seconds), seconds),
        every=True,
    ),
    Facet("premium", "Plan", lambda value: "Premium" if value == YES else "Every plan", str),
    Facet("tag", "Tag", words.tag_label, str.casefold, every=True),
)


class Tally:
    """Counts, in one pass over the models, how many each value of each filter would leave."""

    def __init__(self, criteria: Criteria) -> None:
        chosen = ((facet, criteria.values(facet.name)) for facet in FACETS)
        self._chosen = [(facet, values) for facet, values in chosen if values]
        self._shown: list[ValuesByFacet] = []
        self._nearly: dict[str, list[ValuesByFacet]] = {facet.name: [] for facet in FACETS}
        """Models that only this filter keeps out, where another of its values would let them in."""

    def failed(self, values: ValuesByFacet) -> list[Facet]:
        """The filters that keep a model with these values out."""
        return [facet for facet, chosen in self._chosen if not facet.holds(values[facet.name], chosen)]

    def add(self, values: ValuesByFacet, failed: list[Facet]) -> None:
        if not failed:
            self._shown.append(values)
        elif len(failed) == 1 and not failed[0].every:
            self._nearly[failed[0].name].append(values)

    def counts(self, facet: Facet) -> Counter[str]:
        """By value; all of a model's values count."""
        models = chain(self._shown, self._nearly[facet.name])
        return Counter(chain.from_iterable(values[facet.name] for values in models))


def options(facet: Facet, counts: Counter[str], criteria: Criteria) -> list[Option]:
    """A link for each value that would leave a model, and for each that is chosen."""
    offered = set(counts) | set(criteria.values(facet.name))
    return [_option(facet, value, counts[value], criteria) for value in sorted(offered, key=facet.place)]


def _option(facet: Facet, value: str, count: int, criteria: Criteria) -> Option:
    chosen = criteria.values(facet.name)
    active = value in chosen
    switched = tuple(one for one in chosen if one != value) if active else (*chosen, value)
    url = criteria.choosing(facet.name, switched).url
    return Option(facet.name, value, facet.label(value), active, url, count)
