"""Takes in the plural: whose they are, which are due, and how a worker claims them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, OuterRef, Prefetch, Q, prefetch_related_objects
from django.utils import timezone

from catalog.models import Account, AIModel
from catalog.prices.asked import AskedPrices

from .entry import OWED, Entry
from .searched import words_of
from .sought import is_ready
from .status import TRASH_FOR, By, Status, sources
from .words import types_of

if TYPE_CHECKING:
    from .generation import Generation


_LONGEST_PAUSE = timedelta(hours=2)
"""Longer than any service may ask us to wait."""
_CLOCKS_DIFFER = timedelta(minutes=1)
"""So far apart the clocks of several machines may be."""


SAID = {"prompt", "model_name"}
"""What a take is found by."""


_LONG = ("raw", "description")
"""Of a model; no page of takes shows them."""


_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def outside(name: str, now: datetime, latest: datetime) -> Q:
    """That time has come; or it is later than we ever write, so that a clock has been set back since."""
    return Q(**{f"{name}__lte": now}) | Q(**{f"{name}__gt": latest})


def lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE_S)


def _behind_a_card() -> tuple[Prefetch[Any] | str, ...]:
    models = AIModel.objects.select_related("account").defer(*_LONG)
    account = Prefetch("account", Account.objects.select_related("rest"))
    return account, Prefetch("ai_model", models), "input_set__asset"


class GenerationQuerySet(models.QuerySet["Generation"]):
    # What takes owe is in the ledger by the same transaction: nothing is written past these two and `save`.

    def update(self, **fields: Any) -> int:
        if not (OWED | SAID) & fields.keys():
            return super().update(**fields)
        with transaction.atomic():
            pks = list(self.values_list("pk", flat=True))
            changed = super(GenerationQuerySet, self.filter(pk__in=pks)).update(**fields)
            if OWED & fields.keys():
                Entry.objects.book(self.model.objects.filter(pk__in=pks), quotes="quoted" in fields)
            if SAID & fields.keys():
                self.model.objects.filter(pk__in=pks).find_anew()
        return changed

    def find_anew(self) -> None:
        """Write down once more by which words these are found."""
        for take in self.only("owner_id", *SAID):
            super(GenerationQuerySet, self.model.objects.filter(pk=take.pk)).update(words=words_of(take))

    def bulk_create(self, objs: Iterable[Generation], *args: Any, **kwargs: Any) -> list[Generation]:
        rows = list(objs)
        with transaction.atomic():
            made = super().bulk_create(rows, *args, **kwargs)
            ids = [row.remote_id for row in rows]
            Entry.objects.book(self.model.objects.filter(remote_id__in=ids), quotes=True)
        return made

    def owned_by(self, user: User | OuterRef) -> GenerationQuerySet:
        return self.filter(owner=user, deleted_at=None)

    def deleted_by(self, user: User) -> GenerationQuerySet:
        return self.filter(owner=user, deleted_at__isnull=False)

    def at_hand(self, user: User) -> GenerationQuerySet:
        """What is there, or can be restored."""
        recent = Q(deleted_at__gt=timezone.now() - TRASH_FOR)
        return self.filter(Q(deleted_at=None) | recent, owner=user)

    def in_trash_of(self, user: User | OuterRef) -> GenerationQuerySet:
        """What can be restored."""
        return self.filter(owner=user, deleted_at__gt=timezone.now() - TRASH_FOR)

    def running(self) -> GenerationQuerySet:
        """Said by `next_attempt_at` and not by the status: with a bound parameter, SQLite's planner can tell
        that a row with a time is in the partial indexes, but not that a status in a list is. And it takes
        the index of these for the best of many that begin with the owner only when a time is asked for."""
        return self.filter(next_attempt_at__isnull=False, next_attempt_at__gt=_BEFORE_ALL)

    def in_status(self, statuses: Iterable[str]) -> GenerationQuerySet:
        return self.filter(status__in=list(statuses))

    def at_step(self, goal: Status, by: By) -> GenerationQuerySet:
        """Rows that this may take to `goal` from where they are, by the table of states."""
        return self.filter(status__in=sources(goal, by))

    def due(self, account: Account, at: datetime | None = None) -> GenerationQuerySet:
        """Rows of this account that may take their next step now, or `at` then, and that nobody holds."""
        now = timezone.now()
        free = Q(lease_until=None) | outside("lease_until", now, lease_end() + _CLOCKS_DIFFER)
        ready = outside("next_attempt_at", at or now, now + _LONGEST_PAUSE)
        wanted = Q(deleted_at=None) | ~Q(sent_at=None)  # deleted before it was ordered: it must not be
        return self.filter(free, ready, wanted, account=account, next_attempt_at__isnull=False)

    def held(self) -> GenerationQuerySet:
        """Rows that a worker has in hand."""
        return self.filter(lease_owner__isnull=False, lease_until__gt=timezone.now())

    def claim(self, account: Account, limit: int) -> list[Generation]:
        """Take up to `limit` due rows of this queryset; the conditional UPDATE decides between workers."""
        return self._claim(account, limit, timezone.now())

    def claim_with_next(
        self, account: Account, limit: int, now: datetime, together: timedelta
    ) -> list[Generation]:
        """The same for rows that one call looks at: if any is due, those due soon after `now` come along."""
        return self._claim(account, limit, now + together) if self.due(account, now).exists() else []

    def _claim(self, account: Account, limit: int, at: datetime) -> list[Generation]:
        token = uuid.uuid4().hex
        due = self.due(account, at)
        wanted = list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:limit])
        if not wanted or not due.filter(pk__in=wanted).update(lease_owner=token, lease_until=lease_end()):
            return []
        return list(self.model.objects.filter(lease_owner=token).select_related("account", "ai_model"))

    def give_time(self, extra: timedelta) -> None:
        """Let each of these rows wait for so much longer before it is given up."""
        self.filter(deadline_at__isnull=False).update(deadline_at=F("deadline_at") + extra)

    def stored(self) -> GenerationQuerySet:
        """Complete, with a file in our storage; those in the trash as well, for they may come back."""
        return self.filter(status=Status.COMPLETE).exclude(result="")

    def lost(self) -> GenerationQuerySet:
        """Complete, but the last check found their file missing or damaged."""
        return self.stored().exclude(damage="")

    def newest_first(self) -> GenerationQuerySet:
        return self.order_by("-created", "-pk")

    def unseen(self) -> GenerationQuerySet:
        """Ready, and looked at by nobody, as they arrived."""
        return self.filter(is_ready(), unseen=True).order_by("finished_at", "pk")

    def arrived_after(self, when: datetime, pk: int) -> GenerationQuerySet:
        return self.filter(finished_at__gte=when).exclude(finished_at=when, pk__lte=pk)

    def arrived_until(self, when: datetime, pk: int) -> GenerationQuerySet:
        """The row of that place included."""
        return self.filter(finished_at__lte=when).exclude(finished_at=when, pk__gt=pk)

    def of_kind(self, kind: str) -> GenerationQuerySet:
        """image, audio or video, by what the request makes."""
        return self.filter(type__in=types_of(kind))

    def in_full(self) -> GenerationQuerySet:
        """With what stands behind them; the number of queries doesn't grow with the rows."""
        rows = self.select_related("account__rest", "ai_model__account").prefetch_related("input_set__asset")
        return rows.defer("words", *(f"ai_model__{name}" for name in _LONG))

    def drawn(self) -> list[Generation]:
        """The rows for their cards. Those of ready and deleted takes speak of nothing that stands behind:
        account, model and inputs are read for the others alone, and prices where services have told them."""
        takes = list(self.defer("words"))
        others = [take for take in takes if not (take.is_complete or take.deleted_at)]
        prefetch_related_objects(others, *_behind_a_card())
        failed = [(take, take.ai_model) for take in others if take.is_error and take.ai_model]
        told = [(take, model) for take, model in failed if model.is_asked_for_price]
        prices = AskedPrices((model, take.asked) for take, model in told)
        for take, _ in told:
            take.asked_prices = prices
        return takes

    def after(self, created: datetime, pk: int) -> GenerationQuerySet:
        """The rows that follow (created, pk), newest first; in this form both databases use the index."""
        return self.filter(created__lte=created).exclude(created=created, pk__gte=pk)
