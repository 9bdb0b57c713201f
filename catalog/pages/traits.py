"""What filters ask of a model: its values for each of them, and its words for the search."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from catalog import words
from catalog.models import AIModel
from catalog.pages.wishes import TEXT_ONLY

Values = frozenset[str]
ValuesByFacet = Mapping[str, Values]
LENGTHS_S = (3, 4, 5, 6, 8, 10, 12, 15, 30, 60)
"""Lengths of takes to filter by, in seconds."""
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Traits:
    """`values` by filter; a filter that the service says nothing of has none."""

    values: ValuesByFacet
    text: str


def traits_of(model: AIModel, ratios: Collection[str]) -> Traits:
    """`ratios` are all that any model names: one may also lie within this model's range."""
    values = {
        "service": frozenset({model.account.service}),
        "type": frozenset({model.kind or "other"}),
        "needs": _needs(model),
        "ratio": frozenset(ratio for ratio in ratios if model.offers_ratio(ratio)),
        "maker": frozenset({model.maker} - {""}),
        "resolution": frozenset(map(words.resolution_key, model.resolutions or [])),
        "length": frozenset(_lengths(model)),
        "tag": frozenset(model.tags or []),
        "premium": _premium(model),
        "pinned": frozenset[str](),  # which differs from person to person
    }
    text = f"{model.name} {model.maker} {model.slug} {model.description}".casefold()
    return Traits(values, text)


def _needs(model: AIModel) -> Values:
    """What can be at hand for it: whatever it takes, and text alone when nothing is required."""
    alone = not model.required_roles and not model.needs_not_stated
    return frozenset(model.roles | ({TEXT_ONLY} if alone else set()))


def _lengths(model: AIModel) -> Iterator[str]:
    choices, longest = set(model.duration_choices_ms), model.longest_ms or 0
    follows = not choices and model.makes_lengths
    for seconds in LENGTHS_S:
        if seconds * 1000 in choices or (follows and seconds * 1000 <= longest):
            yield str(seconds)


def _premium(model: AIModel) -> Values:
    if model.required_plans or model.premium:
        return frozenset({YES})
    return frozenset() if model.premium is None else frozenset({NO})
