"""What a person's takes can be filtered by: the models, makers, services and shapes that they used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from catalog.models import AIModel
from catalog.services import LABELS
from generations.models import Collection
from generations.models.sought import COSTS, LENGTHS

from .filters import STARS, STATES, VERDICTS, GalleryFilters
from .saved import of as saved_of
from .sorting import SORTS

MOST = 50

# From one value to the next larger one, each found by the index: as many steps as there are values, not rows.
# In the order of SQLite, NULL is the smallest.
_USED = """
WITH RECURSIVE used (value) AS (
    SELECT * FROM (
        SELECT {column} FROM generations_generation
        WHERE owner_id = %s AND deleted_at IS NULL AND {column} IS NOT NULL ORDER BY {column} LIMIT 1
    ) AS smallest
    UNION ALL
    SELECT (
        SELECT {column} FROM generations_generation
        WHERE owner_id = %s AND deleted_at IS NULL AND {column} > used.value ORDER BY {column} LIMIT 1
    ) FROM used WHERE used.value IS NOT NULL
)
SELECT value FROM used WHERE value IS NOT NULL LIMIT %s
"""


@dataclass(frozen=True)
class Select:
    """A choice among values; the first is any."""

    name: str
    label: str
    any: str
    options: list[tuple[str, str]]
    value: str


class Options:
    """All filters as a form, each with the values that make sense for this person."""

    def __init__(self, owner: User, filters: GalleryFilters) -> None:
        self.owner, self.filters = owner, filters

    @property
    def selects(self) -> list[Select]:
        return [
            self._select("state", "Status", "Any", STATES.items()),
            self._select("model", "Model", "Any model", self._models()),
            self._select("maker", "Maker", "Any maker", self._used("maker")),
            self._select("service", "Service", "Any service", self._services()),
            self._select("rating", "Rating", "Any", STARS.items()),
            self._select("verdict", "Review", "Any", VERDICTS.items()),
            self._select("collection", "Collection", "Any", self._collections()),
            self._select("ratio", "Shape", "Any", self._used("aspect_ratio")),
            self._select("length", "Length", "Any", LENGTHS.items()),
            self._select("cost", "Cost in credits", "Any", COSTS.items()),
        ]

    @property
    def sort(self) -> Select:
        return self._select("sort", "Order", SORTS[""], [pair for pair in SORTS.items() if pair[0]])

    @property
    def kept(self) -> dict[str, str]:
        """What the form passes on as it is."""
        names = ("q", "kind", "favorite", "shot", "fan_out", "stacked")
        return {name: self.filters.get(name) for name in names if self.filters.get(name)}

    @property
    def kept_on_jump(self) -> dict[str, str]:
        return {name: value for name, value in self.filters.asked.items() if name != "day"}

    @property
    def saved(self) -> Any:
        return saved_of(self.owner)

    def _select(self, name: str, label: str, any_: str, options: Any) -> Select:
        """What is chosen stays among the options, however many others there are."""
        listed, chosen = list(options), self.filters.get(name)
        if chosen and chosen not in dict(listed):
            listed.append((chosen, self._name_of(name, chosen)))
        return Select(name, label, any_, listed, chosen)

    def _name_of(self, name: str, chosen: str) -> str:
        if name == "model" and self.filters.model:
            return self.filters.model.name
        if name == "collection":
            own = Collection.objects.filter(owner=self.owner, pk=chosen).first()
            return own.name if own else "Collection"
        return LABELS.get(chosen, chosen) if name == "service" else chosen

    def _models(self) -> list[tuple[str, str]]:
        found = AIModel.objects.filter(pk__in=[pk for pk, _ in self._used("ai_model_id")])
        return [(str(pk), name) for pk, name in found.order_by("name", "pk").values_list("pk", "name")]

    def _services(self) -> list[tuple[str, str]]:
        return [(name, LABELS.get(name, name)) for name, _ in self._used("service")]

    def _collections(self) -> list[tuple[str, str]]:
        own = Collection.objects.filter(owner=self.owner).order_by("name")[:MOST]
        return [(str(pk), name) for pk, name in own.values_list("pk", "name")]

    def _used(self, column: str) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(_USED.format(column=column), [self.owner.pk, self.owner.pk, MOST])
            return [(str(value), str(value)) for (value,) in cursor.fetchall() if value != ""]
