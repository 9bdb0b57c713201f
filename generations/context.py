"""What the rail shows on every page; read only when a template asks for it."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalog.models import Account
from catalog.models.rest import value_of

from . import buying, room
from .models import Generation, Status, Worker
from .models.counting import MOST, at_most, count_words, figures, scalar
from .models.worker import a_while_ago

USUALLY = 200
"""So many of the latest takes tell what one usually costs."""


def rail(request: HttpRequest) -> dict[str, object]:
    user = getattr(request, "user", None)  # absent where a page failed before the sign-in was looked at
    return {"rail": SimpleLazyObject(lambda: _rail(request, user))} if user and user.is_authenticated else {}


def _rail(request: HttpRequest, user: User) -> dict[str, object]:
    accounts = Account.objects.all_of_request(request)
    account = accounts[0]
    left = buying.left(account)
    mine = Generation.objects.owned_by(user)
    running, latest = mine.running().values("pk"), mine.newest_first().values("pk")[:USUALLY]
    usual = Generation.objects.filter(pk__in=latest, charged__gt=0, account=account).values("charged")
    counts = figures(
        takes=scalar(at_most(mine)),
        favorites=scalar(at_most(mine.filter(favorite=True))),
        unseen=scalar(mine.unseen().values("pk")[: MOST + 1]),
        held=scalar(running.filter(status=Status.DOWNLOADING, note=room.HELD)),
        waiting=scalar(running.filter(next_attempt_at__lt=a_while_ago())),
        usual=scalar(usual, "AVG(charged)"),
    )
    return {
        "takes": count_words(counts["takes"]),
        "favorites": count_words(counts["favorites"]),
        "unseen": counts["unseen"],
        "unseen_words": count_words(counts["unseen"]),
        "models": sum(each.models_offered for each in accounts),
        "no_worker": Worker.objects.are_missing(waited_for=counts["waiting"] > 0),
        "problem": next((each.sync_error for each in accounts if each.sync_error and not each.synced_at), ""),
        "rests": (rests := [rest for each in accounts if (rest := each.resting) and rest.is_told]),
        "rests_value": value_of(rests),
        "shortage": room.shortage() or (room.ELSEWHERE if counts["held"] else None),
        "balance": left,
        "balance_at": account.balance_at,
        "clips_left": _clips(left, counts["usual"]),
    }


def _clips(left: int | None, usual: Decimal | float | None) -> int | None:
    """How many clips the balance buys at what this person's latest takes have cost on average."""
    return int(left / float(usual)) if left is not None and usual else None
