"""What of the gallery is asked for, read from the URL and written to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils.functional import cached_property

from catalog.models import AIModel
from catalog.services import LABELS
from generations.models import RUNNING, Collected, Generation, GenerationQuerySet, Verdict
from generations.models.judged import RATINGS, standing
from generations.models.sought import COSTS, LENGTHS, is_failed, is_rated, is_ready
from hedra_studio.web import number

from .asked import day_of, day_words, end_of, start_of, text_of, uuid_of
from .search import Search
from .sorting import SORTS, Sorting

KINDS = {"video": "Video", "image": "Image", "audio": "Audio"}
STATES = {"running": "Running", "ready": "Ready", "failed": "Failed", "trash": "Trash"}
VERDICTS = {"kept": "Kept", "rejected": "Rejected", "unjudged": "Not judged"}
STARS = {
    str(least): f"{least} stars or more" if least < max(RATINGS) else f"{least} stars" for least in RATINGS
}
STARS["1"] = "Rated"
_VERDICTS = {"kept": Verdict.KEEP, "rejected": Verdict.REJECT, "unjudged": ""}
_CHOICES: dict[str, Mapping[str, str]] = {
    "kind": KINDS,
    "state": STATES,
    "rating": STARS,
    "verdict": VERDICTS,
    "length": LENGTHS,
    "cost": COSTS,
    "sort": SORTS,
}
_SWITCHES = {
    "favorite": "Favorites",
    "unseen": "Not seen yet",
    "recovered": "Recovered",
    "stacked": "Stacked",
}
_TEXTS = {"q": 200, "maker": 60, "service": 20, "ratio": 20}
_COLUMNS = {"maker": "maker", "service": "service", "ratio": "aspect_ratio", "length": "length_class"}
_COLUMNS |= {"cost": "cost_class", "kind": "kind", "shot": "shot", "fan_out": "fan_out", "model": "ai_model"}
ORDER = (
    *("q", "kind", "state", "favorite", "model", "maker", "service", "rating", "verdict", "collection"),
    *("since", "until", "ratio", "length", "cost", "unseen", "recovered", "shot", "fan_out"),
    *("sort", "stacked", "day"),
)
"""Of the names in an address."""
_VIEWS = {"sort", "stacked", "day"}
"""These say how takes are shown and not which."""


@dataclass(frozen=True)
class Option:
    """One chip: pressing it shows `url`."""

    value: str
    label: str
    active: bool
    url: str


class GalleryFilters:
    """What of the gallery is asked for; unknown values count as not asked."""

    def __init__(self, query: Mapping[str, str], *, drawn: bool = False) -> None:
        """`drawn`: the query was written by these filters, and its model need not be looked up once more."""
        texts = {name: text_of(query.get(name, ""), longest) for name, longest in _TEXTS.items()}
        choices = {name: query.get(name, "") for name, known in _CHOICES.items() if query.get(name) in known}
        switches = {name: "1" for name in _SWITCHES if query.get(name) == "1"}
        self.collection = number(query.get("collection", ""))
        self.shot, self.fan_out = uuid_of(query.get("shot", "")), uuid_of(query.get("fan_out", ""))
        self._days = {name: day_of(query.get(name, "")) for name in ("since", "until", "day")}
        self._model = number(query.get("model", ""))
        if not (drawn or self.model):
            self._model = None
        rest: dict[str, object] = {"model": self._model, "collection": self.collection}
        rest |= {"shot": self.shot, "fan_out": self.fan_out, **self._days}
        found = texts | choices | switches | {name: str(value or "") for name, value in rest.items()}
        self.asked = {name: found[name] for name in ORDER if found.get(name)}
        """The values by their names in addresses, without those that are empty or unknown."""

    def get(self, name: str) -> str:
        return self.asked.get(name, "")

    @property
    def q(self) -> str:
        return self.get("q")

    @property
    def kind(self) -> str:
        return self.get("kind")

    @property
    def state(self) -> str:
        return self.get("state")

    @property
    def favorite(self) -> bool:
        return bool(self.get("favorite"))

    @property
    def since(self) -> str:
        return self.get("since")

    @property
    def until(self) -> str:
        return self.get("until")

    @property
    def day_value(self) -> str:
        return self.get("day")

    @property
    def unseen(self) -> bool:
        return bool(self.get("unseen"))

    @property
    def recovered(self) -> bool:
        return bool(self.get("recovered"))

    @property
    def stacked(self) -> bool:
        """Takes of one shot as one, unless it is the takes of a shot that are asked for."""
        return bool(self.get("stacked")) and not self.shot

    @cached_property
    def model(self) -> AIModel | None:
        """The one whose takes are wanted; asked for only when the address names one."""
        if self._model is None:
            return None
        return AIModel.objects.only("name").filter(pk=self._model).first()

    @property
    def day(self) -> date | None:
        """Where a page begins that follows no cursor."""
        return self._days["day"]

    @property
    def active(self) -> bool:
        return bool(self.asked.keys() - _VIEWS)

    @property
    def only(self) -> str:
        """What is asked for, such as "kind=image", when it is one thing alone; else ""."""
        asked = [f"{name}={value}" for name, value in self.asked.items() if name not in _VIEWS]
        return asked[0] if len(asked) == 1 else ""

    @cached_property
    def search(self) -> Search:
        return Search(self.q)

    @cached_property
    def sorting(self) -> Sorting:
        return Sorting(self.get("sort"))

    def drawer(self, owner: User | OuterRef) -> GenerationQuerySet:
        """Where these filters look: in the trash, or among all that isn't deleted."""
        if self.state == "trash":
            return Generation.objects.in_trash_of(owner)
        return Generation.objects.owned_by(owner)

    def apply(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        return self.search.filter(self.apply_others(takes), few=self.state == "trash")

    def apply_others(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        """All but the search."""
        return self._by_collection(self.apply_columns(takes))

    def apply_columns(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        """All but the search and the collection."""
        return self._by_stack(self._by_columns(takes))

    def _by_columns(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        takes = takes.filter(
            **{_COLUMNS[name]: value for name, value in self.asked.items() if name in _COLUMNS}
        )
        for apply in (self._by_state, self._by_verdict, self._by_days):
            takes = apply(takes)
        return takes

    def _by_state(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        if self.state == "running":
            return takes.running().in_status(RUNNING)
        said = {"ready": is_ready, "failed": is_failed}.get(self.state)
        return takes.filter(said()) if said else takes

    def _by_verdict(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        for name in ("favorite", "unseen", "recovered"):
            takes = takes.filter(**{name: True}) if self.get(name) else takes
        if self.get("rating"):
            takes = takes.filter(is_rated(int(self.get("rating"))))
        return takes.filter(verdict=_VERDICTS[self.get("verdict")]) if self.get("verdict") else takes

    def _by_days(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        since, until = self._days["since"], self._days["until"]
        takes = takes.filter(created__gte=start_of(since)) if since else takes
        return takes.filter(created__lt=end_of(until)) if until else takes

    def _by_collection(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        """In one of the same person's."""
        if self.collection is None:
            return takes
        own = Collected.objects.filter(collection=self.collection, collection__owner=F("take__owner"))
        return takes.filter(pk__in=own.values("take"))

    def _by_stack(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        """The best of its shot among those that all other filters leave."""
        if not self.stacked:
            return takes
        left = self._by_collection(self._by_columns(self.drawer(OuterRef("owner"))))
        same = left.alias(standing=standing()).filter(shot=OuterRef("shot"))
        better = self.search.filter(same.filter(standing__gt=OuterRef("standing")), few=True)
        return takes.alias(standing=standing()).filter(~Exists(better))

    def url(self, **changes: str) -> str:
        return self._to(reverse("gallery"), changes)

    def _to(self, path: str, changes: Mapping[str, str]) -> str:
        asked = self.asked | dict(changes)
        names = [*(name for name in ORDER if name in asked), *(asked.keys() - set(ORDER))]
        query = urlencode({name: asked[name] for name in names if asked[name]})
        return path + (f"?{query}" if query else "")

    def without(self, *names: str) -> str:
        return self.url(**dict.fromkeys(names, ""))

    @property
    def query(self) -> str:
        """Of the address, without its question mark."""
        return urlencode(self.asked)

    @property
    def sheet_url(self) -> str:
        """Where all filters are."""
        return self._to(reverse("gallery_filters"), {})

    @property
    def count_url(self) -> str:
        """Where it is counted what they let through."""
        return self._to(reverse("gallery_count"), {})

    @property
    def kinds(self) -> list[Option]:
        everything = not (self.kind or self.state or self.favorite)
        options = [Option("", "All", everything, self.without("kind", "state", "favorite"))]
        return options + self._chips("kind", KINDS)

    @property
    def states(self) -> list[Option]:
        """Pressing the active one again takes it off."""
        return self._chips("state", {name: label for name, label in STATES.items() if name != "ready"})

    def _chips(self, name: str, labels: Mapping[str, str]) -> list[Option]:
        return [
            Option(
                value,
                label,
                self.get(name) == value,
                self.url(**{name: "" if self.get(name) == value else value}),
            )
            for value, label in labels.items()
        ]

    @property
    def favorites(self) -> Option:
        return Option("1", "Favorites", self.favorite, self.url(favorite="" if self.favorite else "1"))

    @property
    def stacks(self) -> Option:
        is_on = bool(self.get("stacked"))
        return Option("1", "Stack takes of a shot", is_on, self.url(stacked="" if is_on else "1"))

    @property
    def removable(self) -> list[Option]:
        """What is asked for beside the chips that are always there; pressing one takes it off."""
        return [Option(self.get(name), label, True, self.without(name)) for name, label in self._said()]

    def _said(self) -> Iterator[tuple[str, str]]:
        if self.state == "ready":
            yield "state", STATES["ready"]
        if self.model:
            yield "model", self.model.name
        for name in ("maker", "service", "ratio"):
            if self.get(name):
                yield (
                    name,
                    LABELS.get(self.get(name), self.get(name)) if name == "service" else self.get(name),
                )
        for name in ("rating", "verdict", "length", "cost"):
            if self.get(name):
                yield (
                    name,
                    _CHOICES[name][self.get(name)]
                    + (" credits" if name == "cost" and self.get(name) != "0" else ""),
                )
        yield from ((name, _SWITCHES[name]) for name in ("unseen", "recovered") if self.get(name))
        if self.collection is not None:
            yield "collection", "Collection"
        for name, word in {"since": "From", "until": "Until", "day": "Back from"}.items():
            if day := self._days[name]:
                yield name, f"{word} {day_words(day)}"
        yield from (
            (name, label)
            for name, label in {"shot": "One shot", "fan_out": "One prompt"}.items()
            if self.get(name)
        )
