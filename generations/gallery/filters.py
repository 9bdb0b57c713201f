"""What of the gallery is asked for, read from the URL and written to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from catalog.models import AIModel
from generations.models import RUNNING, GenerationQuerySet, Status

KINDS = {"video": "Video", "image": "Image", "audio": "Audio"}
STATES = {"running": "Running", "failed": "Failed", "trash": "Trash"}
_IN_STATE = {"running": RUNNING, "failed": (Status.ERROR, Status.UNCLEAR)}


@dataclass(frozen=True)
class Option:
    """One chip: pressing it shows `url`."""

    value: str
    label: str
    active: bool
    url: str


class GalleryFilters:
    """What of the gallery is asked for; unknown values count as not asked."""

    def __init__(self, query: Mapping[str, str]) -> None:
        self.q = " ".join(query.get("q", "").replace("\0", "").split())[:200]  # PostgreSQL takes no NUL
        self.kind = query.get("kind", "") if query.get("kind") in KINDS else ""
        self.state = query.get("state", "") if query.get("state") in STATES else ""
        self.favorite = query.get("favorite") == "1"
        self.model = _model(query.get("model", ""))
        self.fan_out = _uuid(query.get("fan_out", ""))

    @property
    def active(self) -> bool:
        return bool(self.q or self.kind or self.state or self.favorite or self.model or self.fan_out)

    @property
    def only_kind(self) -> str:
        """The kind, when nothing else is asked for."""
        others = self.q or self.state or self.favorite or self.model or self.fan_out
        return "" if others else self.kind

    def apply(self, takes: GenerationQuerySet) -> GenerationQuerySet:
        if self.kind:
            takes = takes.of_kind(self.kind)
        if self.state in _IN_STATE:
            takes = takes.in_status(_IN_STATE[self.state])
        if self.favorite:
            takes = takes.filter(favorite=True)
        if self.model:
            takes = takes.filter(ai_model=self.model)
        if self.fan_out:
            takes = takes.filter(fan_out=self.fan_out)
        for word in self.q.split():
            takes = takes.filter(Q(prompt__icontains=word) | Q(model_name__icontains=word))
        return takes

    def url(self, **changes: str) -> str:
        asked = {
            "q": self.q,
            "kind": self.kind,
            "state": self.state,
            "favorite": "1" if self.favorite else "",
            "model": str(self.model.pk) if self.model else "",
            "fan_out": str(self.fan_out or ""),
        }
        query = urlencode({name: value for name, value in (asked | changes).items() if value})
        return reverse("gallery") + (f"?{query}" if query else "")

    @property
    def kinds(self) -> list[Option]:
        everything = not (self.kind or self.state or self.favorite)
        options = [Option("", "All", everything, self.url(kind="", state="", favorite=""))]
        return options + [
            Option(value, label, self.kind == value, self.url(kind="" if self.kind == value else value))
            for value, label in KINDS.items()
        ]

    @property
    def states(self) -> list[Option]:
        """Pressing the active one again takes it off."""
        return [
            Option(value, label, self.state == value, self.url(state="" if self.state == value else value))
            for value, label in STATES.items()
        ]

    @property
    def favorites(self) -> Option:
        return Option("1", "Favorites", self.favorite, self.url(favorite="" if self.favorite else "1"))

    @property
    def any_model_url(self) -> str:
        """Takes made with any model."""
        return self.url(model="")

    @property
    def any_prompt_url(self) -> str:
        """Takes of every prompt, not only of the one that went to several models."""
        return self.url(fan_out="")


def _model(pk: str) -> AIModel | None:
    """The one whose takes are wanted; asked for only when the address names one."""
    if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
        return None
    return AIModel.objects.only("name").filter(pk=int(pk)).first()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
