"""What people ask of the list of voices, read from the address; and what it shows for it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import quote, urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from catalog.mirror.voice_labels import FILTERED
from catalog.models import Voice

PAGE_SIZE = 60
SHOWN_CHOICES = 8
"""Of a filter; the rarer ones are behind a fold."""
TITLES = {"language": "Language", "gender": "Gender", "age": "Age", "accent": "Accent"}
AGES = ("child", "teen", "young", "adult", "middle-aged", "old", "senior")
"""In people's order; others come after them."""

_LONGEST_QUESTION = 200
_LONGEST_VALUE = 60
_MOST_VALUES = 20


@dataclass(frozen=True)
class VoiceCriteria:
    """What people asked for. Values nobody could have meant are left out, never an error."""

    q: str = ""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(filter, its values without capitals), for those that narrow. Any of them will do."""
    page: int = 1

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        chosen = ((name, _values(query.getlist(name))) for name in FILTERED)
        page = query.get("page", "")
        return cls(
            q=" ".join(query.get("q", "").replace("\0", "").split())[:_LONGEST_QUESTION],
            chosen=tuple((name, values) for name, values in chosen if values),
            page=int(page) if re.fullmatch(r"[1-9][0-9]{0,4}", page) else 1,
        )

    def values(self, name: str) -> tuple[str, ...]:
        """What was chosen of a filter."""
        return next((values for filter_, values in self.chosen if filter_ == name), ())

    def switching(self, name: str, value: str) -> "VoiceCriteria":
        """With this value of a filter, or without it when it was chosen; from the first page on."""
        chosen = dict(self.chosen)
        before = chosen.get(name, ())
        chosen[name] = tuple(v for v in before if v != value) if value in before else (*before, value)
        ordered = tuple((filter_, chosen[filter_]) for filter_ in FILTERED if chosen.get(filter_))
        return replace(self, chosen=ordered, page=1)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The query string's pairs; what stands at its default is left out."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(name, value) for name, values in self.chosen for value in values]
        return pairs + ([("page", str(self.page))] if self.page > 1 else [])

    @property
    def url(self) -> str:
        """The page in this state."""
        query = urlencode(self.pairs)
        return f"{reverse('voices')}?{query}" if query else reverse("voices")

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.chosen)


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    name: str
    value: str
    label: str
    active: bool
    url: str
    count: int
    """How many voices would be shown with it, if it were the only one of its filter."""

    @property
    def id(self) -> str:
        return f"{self.name}-{quote(self.value, safe='')}"


@dataclass(frozen=True)
class Facet:
    """One filter with what it offers."""

    name: str
    title: str
    choices: Sequence[Choice]
    further: Sequence[Choice]
    """Rarer ones, that are not in sight at first."""


class VoiceFilters:
    """The voices on offer under what people asked for."""

    def __init__(self, voices: Iterable[Voice], criteria: VoiceCriteria) -> None:
        self._voices = sorted(voices, key=lambda voice: (voice.name.casefold(), voice.pk))
        self._asked = criteria
        self._words = criteria.q.casefold().split()
        self.total = len(self._voices)

    @cached_property
    def criteria(self) -> VoiceCriteria:
        """As asked for; a page beyond the last one is the last one."""
        return replace(self._asked, page=min(self._asked.page, self.pages))

    @cached_property
    def _said(self) -> list[Voice]:
        """The voices that hold every word."""
        return [voice for voice in self._voices if not self._words or self._holds_words(voice)]

    @cached_property
    def _found(self) -> list[Voice]:
        return [voice for voice in self._said if self._passes(voice, FILTERED)]

    @property
    def shown(self) -> int:
        """How many are found, on all pages."""
        return len(self._found)

    @property
    def pages(self) -> int:
        return max(1, -(-self.shown // PAGE_SIZE))

    @property
    def voices(self) -> list[Voice]:
        """Those of this page."""
        start = (self.criteria.page - 1) * PAGE_SIZE
        return self._found[start : start + PAGE_SIZE]

    @property
    def first(self) -> int:
        """The place of this page's first voice among all that are found."""
        return (self.criteria.page - 1) * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        return self.first + len(self.voices) - 1

    @property
    def previous_url(self) -> str:
        page = self.criteria.page
        return replace(self.criteria, page=page - 1).url if page > 1 else ""

    @property
    def next_url(self) -> str:
        page = self.criteria.page
        return replace(self.criteria, page=page + 1).url if page < self.pages else ""

    @property
    def has_sources(self) -> bool:
        """Whether more than one source is told of, so that naming it tells anything."""
        return len({voice.source for voice in self._voices}) > 1

    @cached_property
    def facets(self) -> list[Facet]:
        """Each filter that tells anything apart, or that is in use."""
        facets = (self._facet(name) for name in FILTERED)
        return [facet for facet in facets if len(facet.choices) > 1 or self.criteria.values(facet.name)]

    def _facet(self, name: str) -> Facet:
        labels = {voice_value(voice, name): getattr(voice, name) for voice in self._voices}
        labels.pop("", None)
        others = [facet for facet in FILTERED if facet != name]
        counts = Counter(voice_value(voice, name) for voice in self._said if self._passes(voice, others))
        chosen = self.criteria.values(name)
        labels |= {value: value for value in chosen if value not in labels}
        choices = [
            Choice(name, value, labels[value], value in chosen, self._url(name, value), counts[value])
            for value in sorted(labels, key=self._place(name))
        ]
        return _facet(name, choices)

    def _place(self, name: str) -> Callable[[str], tuple[int, str]]:
        """Ages in their order; else the commonest first, whatever is chosen: chips must not jump about."""
        if name == "age":
            return lambda value: (AGES.index(value) if value in AGES else len(AGES), value)
        common = Counter(voice_value(voice, name) for voice in self._voices)
        return lambda value: (-common[value], value)

    def _url(self, name: str, value: str) -> str:
        return self.criteria.switching(name, value).url

    def _passes(self, voice: Voice, names: Sequence[str]) -> bool:
        return all(voice_value(voice, name) in values for name, values in self._asked.chosen if name in names)

    def _holds_words(self, voice: Voice) -> bool:
        labels = (voice.language, voice.gender, voice.age, voice.accent, *voice.labels.values())
        text = " ".join((voice.name, voice.description, voice.source, *labels)).casefold()
        return all(word in text for word in self._words)


def voice_value(voice: Voice, name: str) -> str:
    """As the address holds it."""
    value: str = getattr(voice, name)
    return value.casefold()


def _values(texts: list[str]) -> tuple[str, ...]:
    clean = (text.replace("\0", "").strip().casefold()[:_LONGEST_VALUE] for text in texts)
    return tuple(dict.fromkeys(text for text in clean if text))[:_MOST_VALUES]


def _facet(name: str, choices: list[Choice]) -> Facet:
    """In sight are the first ones and whatever is chosen; a fold for a single one would save nothing."""
    further = [choice for choice in choices[SHOWN_CHOICES:] if not choice.active]
    if len(further) < 2:
        return Facet(name, TITLES[name], choices, ())
    return Facet(name, TITLES[name], [choice for choice in choices if choice not in further], further)
