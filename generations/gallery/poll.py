"""The poll that keeps a page's running takes fresh."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.contrib.auth.models import User

from generations.models import Generation
from generations.models.worker import a_while_ago


class Poll:
    """The one poll of a page: which running takes it shows, each with the version that is on the screen."""

    def __init__(self, takes: Iterable[Generation]) -> None:
        self.seen = {take.pk: take.version for take in takes if take.is_running}
        self.gone: set[int] = set()
        self.waits_long = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Poll:
        """What the page that asks has on the screen; what can't be read is left out."""
        poll = cls([])
        for part in query.get("seen", "").split(",")[:500]:
            pk, _, seen = part.partition(":")
            if pk.isdecimal() and len(pk) < 19:
                poll.seen[int(pk)] = seen
        return poll

    @property
    def running(self) -> bool:
        return bool(self.seen)

    @property
    def seen_value(self) -> str:
        return ",".join(f"{pk}:{seen}" for pk, seen in self.seen.items())

    def changed(self, owner: User) -> list[Generation]:
        """The takes that no longer look as they do on the screen; one query when there are none.

        Those that are no longer there, as they were deleted in another tab, are `gone` from now on."""
        mine = Generation.objects.owned_by(owner)
        rows = list(mine.filter(pk__in=self.seen).only("updated", "next_attempt_at"))
        now = {take.pk: take.version for take in rows}
        self.waits_long = any(take.next_attempt_at and take.next_attempt_at < a_while_ago() for take in rows)
        self.gone = self.seen.keys() - now.keys()
        changed = [pk for pk, version in now.items() if version != self.seen[pk]]
        return mine.filter(pk__in=changed).for_cards().drawn() if changed else []

    def after(self, drawn: Sequence[Generation]) -> Poll:
        """The poll of the page once these takes are drawn on it, as they are now."""
        poll = Poll(drawn)
        others = self.seen.keys() - {take.pk for take in drawn} - self.gone
        poll.seen |= {pk: self.seen[pk] for pk in others}
        return poll
