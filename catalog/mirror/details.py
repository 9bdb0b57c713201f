"""What a service tells of a model only when asked about it alone: its settings and its inputs by name."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog.mirror import diary
from catalog.mirror.sync import DETAILED, columns
from catalog.models import Account, AIModel
from catalog.prices.asking import is_of_key
from clients.answers import AIModel as RemoteModel
from clients.errors import RateLimited, Rejected, ServiceError

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(days=1)
MOST_FAILURES = 3
"""One model may be unreadable; after so many the service is in trouble."""
CLAIMED_FOR = timedelta(minutes=1)
KEPT_FREE = 20
"""Calls of a burst that are left to prices, which people wait for."""


def read_details(account: Account) -> int:
    """Ask about each model whose details are missing, old, or in doubt since its row in the list has changed.

    Answers how many were read. Stops when the budget is used up or the service is in trouble: the rest waits.
    """
    read = failed = 0
    changed = False
    for model in _due(account):
        if not _claim(model):
            continue
        try:
            answer = account.hoox(keep=KEPT_FREE).model(model.slug)
        except RateLimited:
            AIModel.objects.filter(pk=model.pk).update(detail_tried_at=None)
            break
        except ServiceError as error:
            log.info("the details of %s wait: %s (%s)", model.slug, error, error.detail)
            failed += not isinstance(error, Rejected) or is_of_key(error)
            if failed == MOST_FAILURES:
                break
        else:
            changed = _keep(account, model.pk, answer) or changed
            read += 1
    if changed:
        account.touch()
    return read


def _due(account: Account) -> list[AIModel]:
    """Those that were never tried come first: one that can't be read keeps none of them waiting."""
    now = timezone.now()
    due = Q(detail_at=None) | Q(detail_due=True) | Q(detail_at__lt=now - FRESH_FOR)
    models = AIModel.objects.filter(due, _free(now), account=account, retired_at=None).exclude(slug="")
    tried, read = F("detail_tried_at").asc(nulls_first=True), F("detail_at").asc(nulls_first=True)
    return list(models.order_by(tried, "-detail_due", read, "position"))


def _free(now: datetime) -> Q:
    return Q(detail_tried_at=None) | Q(detail_tried_at__lt=now - CLAIMED_FOR)


def _claim(model: AIModel) -> bool:
    """Whether this process is the one that asks now."""
    now = timezone.now()
    return bool(AIModel.objects.filter(_free(now), pk=model.pk).update(detail_tried_at=now))


@transaction.atomic
def _keep(account: Account, pk: int, answer: RemoteModel) -> bool:
    """Whether anything is different now."""
    # As a sync does, so that the two don't write over each other.
    Account.objects.select_for_update().get(pk=account.pk)
    model = AIModel.objects.select_related("account").get(pk=pk)
    before, known, asked_before = diary.snapshot(model), columns(answer), model.detail_at
    for name in DETAILED:
        if known[name] not in (None, ""):  # what it is silent about stays as the list told it
            setattr(model, name, known[name])
    model.detail_at, model.detail_due, model.detail_tried_at = timezone.now(), False, None
    model.save(update_fields=[*DETAILED, "detail_at", "detail_due", "detail_tried_at"])
    if all(getattr(before, name) == getattr(model, name) for name in DETAILED):
        return False
    model.asked_prices.all().forget_answers()
    if asked_before:  # what is learned the first time has not changed
        diary.record(account, model.detail_at, before, model)
    return True
