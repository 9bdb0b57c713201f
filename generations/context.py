"""What the rail shows on every page; read only when a template asks for it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.functional import cached_property

from catalog.models import Account
from catalog.models.rest import Rest, value_of

from . import buying, room
from .models import Generation, Status, Worker
from .models.counting import MOST, at_most, count_words, figures, scalar
from .models.worker import a_while_ago

USUALLY = 200
"""So many of the latest takes tell what one usually costs."""


def rail(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)  # absent where a page failed before the sign-in was looked at
    return {"rail": Rail(request, user)} if user and user.is_authenticated else {}


class Rail:
    """What it shows is read when it is asked for: parts of a page need little of it, and no counts."""

    def __init__(self, request: HttpRequest, user: User) -> None:
        self._request, self._user = request, user

    @cached_property
    def _accounts(self) -> list[Account]:
        return Account.objects.all_of_request(self._request)

    @cached_property
    def _counts(self) -> dict[str, Any]:
        running = Generation.objects.owned_by(self._user).running().values("pk")
        waiting = scalar(running.filter(next_attempt_at__lt=a_while_ago()))
        return figures(waiting=waiting, **_figures_of(self._user.pk, self._accounts[0].pk))

    @property
    def takes(self) -> str:
        return count_words(self._counts["takes"])

    @property
    def favorites(self) -> str:
        return count_words(self._counts["favorites"])

    @property
    def unseen(self) -> int:
        return int(self._counts["unseen"])

    @property
    def unseen_words(self) -> str:
        return count_words(self.unseen)

    @property
    def models(self) -> int:
        return sum(each.models_offered for each in self._accounts)

    @cached_property
    def no_worker(self) -> bool:
        return Worker.objects.are_missing(waited_for=self._counts["waiting"] > 0)

    @property
    def problem(self) -> str:
        """Why there is no catalog yet."""
        failed = (each.sync_error for each in self._accounts if each.sync_error and not each.synced_at)
        return next(failed, "")

    @cached_property
    def rests(self) -> list[Rest]:
        return [rest for each in self._accounts if (rest := each.resting) and rest.is_told]

    @property
    def rests_value(self) -> str:
        return value_of(self.rests)

    @cached_property
    def shortage(self) -> room.Shortage | None:
        return room.shortage() or (room.ELSEWHERE if self._counts["held"] else None)

    @cached_property
    def balance(self) -> int | None:
        return buying.left(self._accounts[0])

    @property
    def clips_left(self) -> int | None:
        """How many clips the balance buys at what this person's latest takes have cost on average."""
        usual = self._counts["usual"]
        return int(self.balance / float(usual)) if self.balance is not None and usual else None


@lru_cache(maxsize=500)  # writing them costs more than asking them
def _figures_of(owner: int, account: int) -> dict[str, tuple[str, tuple[Any, ...]]]:
    """What `figures` can ask whenever it is."""
    mine = Generation.objects.owned_by(User(pk=owner))
    running, latest = mine.running().values("pk"), mine.newest_first().values("pk")[:USUALLY]
    usual = Generation.objects.filter(pk__in=latest, charged__gt=0, account=account)
    return {
        "takes": scalar(at_most(mine)),
        "favorites": scalar(at_most(mine.filter(favorite=True))),
        "unseen": scalar(mine.unseen().values("pk")[: MOST + 1]),
        "held": scalar(running.filter(status=Status.DOWNLOADING, note=room.HELD)),
        "usual": scalar(usual.values("charged"), "AVG(charged)"),
    }
