"""The library of inputs: what a person has uploaded, and what their takes have made, to be picked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property

from .gallery.cursors import cursor_of, moment_of, parse_cursor
from .gallery.filters import Option
from .models import Asset, Generation, Input, Status

PAGE_SIZE = 30
KINDS = {"image": "Images", "audio": "Sounds", "video": "Videos"}
TABS = {"": "Uploads", "takes": "Takes", "hidden": "Hidden"}


@dataclass(frozen=True)
class LibraryFilters:
    """What of the library is asked for; unknown values count as not asked."""

    q: str = ""
    kind: str = ""
    tab: str = ""
    role: str = ""
    """The slot of the shot for which something is picked."""
    model: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> LibraryFilters:
        return cls(
            q=" ".join(query.get("q", "").replace("\0", "").split())[:200],
            kind=query.get("kind", "") if query.get("kind") in KINDS else "",
            tab=query.get("tab", "") if query.get("tab") in TABS else "",
            role=query.get("for", "")[:40],
            model=query.get("model", "")[:60],
        )

    def url(self, **changes: str) -> str:
        asked = {"for": self.role, "model": self.model, "kind": self.kind, "tab": self.tab, "q": self.q}
        query = urlencode({name: value for name, value in (asked | changes).items() if value})
        return reverse("library") + (f"?{query}" if query else "")

    @property
    def kinds(self) -> list[Option]:
        """None in front of a slot, which takes one kind alone."""
        options = [Option("", "All", not self.kind, self.url(kind=""))]
        more = [Option(kind, name, self.kind == kind, self.url(kind=kind)) for kind, name in KINDS.items()]
        return [] if self.role else options + more

    @property
    def tabs(self) -> list[Option]:
        shown = {tab: name for tab, name in TABS.items() if not (self.role and tab == "hidden")}
        return [Option(tab, name, self.tab == tab, self.url(tab=tab)) for tab, name in shown.items()]


class LibraryPage:
    """Up to thirty assets or takes that follow the cursor, last used first."""

    def __init__(self, owner: User, filters: LibraryFilters, cursor: str = "") -> None:
        self.owner, self.filters, self.place = owner, filters, parse_cursor(cursor)

    @cached_property
    def assets(self) -> list[Asset]:
        return self._asset_rows[:PAGE_SIZE]

    @cached_property
    def takes(self) -> list[Generation]:
        return self._take_rows[:PAGE_SIZE]

    @cached_property
    def _asset_rows(self) -> list[Asset]:
        if self.filters.tab == "takes":
            return []
        rows = self._found(Asset.objects.owned_by(self.owner).annotate(takes_made=_takes_made()))
        if self.place:
            used, pk = self.place
            rows = rows.filter(used__lte=used).exclude(used=used, pk__gte=pk)
        return list(rows.order_by("-used", "-pk")[: PAGE_SIZE + 1])

    def _found(self, rows: QuerySet[Asset]) -> QuerySet[Asset]:
        rows = rows.filter(hidden_at__isnull=self.filters.tab != "hidden")
        if self.filters.kind:
            rows = rows.filter(kind=self.filters.kind)
        for word in self.filters.q.split():
            rows = rows.filter(name__icontains=word)
        return rows

    @cached_property
    def _take_rows(self) -> list[Generation]:
        if self.filters.tab != "takes":
            return []
        takes = Generation.objects.owned_by(self.owner).filter(status=Status.COMPLETE).exclude(result="")
        if self.filters.kind:
            takes = takes.of_kind(self.filters.kind)
        for word in self.filters.q.split():
            takes = takes.filter(Q(prompt__icontains=word) | Q(model_name__icontains=word))
        if self.place:
            takes = takes.after(*self.place)
        return list(takes.newest_first()[: PAGE_SIZE + 1])

    @property
    def next_url(self) -> str | None:
        if len(self._asset_rows) > PAGE_SIZE:
            return self.filters.url(before=moment_of(self.assets[-1].used, self.assets[-1].pk))
        if len(self._take_rows) > PAGE_SIZE:
            return self.filters.url(before=cursor_of(self.takes[-1]))
        return None

    @property
    def empty_kind(self) -> str | None:
        """Why nothing is shown: "filtered" differs from "never" used."""
        if self.assets or self.takes or self.place:
            return None
        return "filtered" if self.filters.q or (self.filters.kind and not self.filters.role) else "never"


def _takes_made() -> Coalesce:
    """In how many takes an asset was used, however many places it had there."""
    uses = Input.objects.filter(asset=OuterRef("pk")).order_by().values("asset")
    return Coalesce(Subquery(uses.annotate(n=Count("generation", distinct=True)).values("n")), 0)


def hide(asset: Asset, at: datetime | None) -> None:
    """Take it out of the library, or put it back; takes made with it keep it either way."""
    asset.hidden_at = at
    asset.save(update_fields=["hidden_at"])
