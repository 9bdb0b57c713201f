"""Asking a service for prices in the background, within its budget."""

import json
import logging
from datetime import timedelta
from time import monotonic

from django.db.models import F, Q
from django.utils import timezone

from catalog.models import Account, AskedPrice
from catalog.models.asked_price import FRESH_FOR
from catalog.services import PRICED_BY_CALL
from clients.errors import RateLimited, Rejected, ServiceError, Unauthorized

log = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(days=1)
KEPT_FOR = timedelta(days=30)
CLAIMED_FOR = timedelta(minutes=1)
MOST_FAILURES = 3
"""One price may be unreadable; after so many the service is in trouble."""
PAUSE_S = 10.0
"""After a trouble without a word of when to come back."""
KEPT_FREE = 10
"""Calls of a burst that are left to what people wait for."""


class Asker:
    """Looks for prices that are due, and leaves a service alone that wants to be."""

    def __init__(self) -> None:
        self._resume_at = 0.0

    def step(self) -> None:
        """Everything that may be asked now. Cheap when there is nothing."""
        if monotonic() < self._resume_at:
            return
        for account in Account.objects.connected():
            if account.service in PRICED_BY_CALL and (pause_s := ask_due(account)):
                self._resume_at = monotonic() + pause_s


def ask_due(account: Account) -> float | None:
    """Ask for every price that is due. Answers the seconds to wait when the service has to be left alone."""
    failed = 0
    while row := _claimed(account):
        try:
            _ask(account, row)
        except RateLimited as error:
            AskedPrice.objects.filter(pk=row.pk).update(asked_at=None)
            return max(error.retry_after or PAUSE_S, 1.0)
        except ServiceError as error:
            log.info("a price waits: %s (%s)", error, error.detail)
            # It stays claimed for a while, so that others come before it.
            AskedPrice.objects.filter(pk=row.pk).update(error=str(error))
            failed += 1
            if failed == MOST_FAILURES:
                return PAUSE_S
    return None


def forget_old() -> None:
    """Prices that nobody has looked at for long."""
    AskedPrice.objects.filter(wanted_at__lt=timezone.now() - KEPT_FOR).delete()


def _claimed(account: Account) -> AskedPrice | None:
    """The next row, which no other process asks for now: unanswered first, of these the latest wish."""
    now = timezone.now()
    free = Q(asked_at=None) | Q(asked_at__lt=now - CLAIMED_FOR)
    stale = Q(answered_at=None) | Q(answered_at__lt=now - FRESH_FOR)
    wanted = AskedPrice.objects.filter(
        free, stale, model__account=account, model__retired_at=None, wanted_at__gt=now - FORGOTTEN_AFTER
    )
    unanswered_first = F("answered_at").asc(nulls_first=True)
    untried_first = F("asked_at").asc(nulls_first=True)
    for row in wanted.order_by(unanswered_first, untried_first, "-wanted_at", "pk").select_related("model")[
        :5
    ]:
        if AskedPrice.objects.filter(free, stale, pk=row.pk).update(asked_at=now):
            return row
    return None


def _ask(account: Account, row: AskedPrice) -> None:
    """Raises ServiceError; that this can't be priced is an answer too, and is kept as one."""
    asked = json.loads(row.parameters)
    try:
        price = account.hoox(keep=KEPT_FREE).price(
            row.model.slug,
            duration_ms=asked.get("duration_ms"),
            resolution=asked.get("resolution", ""),
            settings=asked.get("settings", {}),
            image_count=asked.get("images", 0),
        )
    except Rejected as error:
        if is_of_key(error):
            raise
        row.credits, row.error = None, str(error)
    else:
        row.credits, row.error, row.normalized = price.cost_per_generation, "", price.normalized
    row.answered_at = timezone.now()
    row.save(update_fields=["credits", "error", "normalized", "answered_at"])


def is_of_key(error: Rejected) -> bool:
    """Whether the key itself was refused, and not this question of it."""
    return isinstance(error, Unauthorized) and error.status == 401
