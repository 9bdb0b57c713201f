"""What a service tells of a model only when asked about it alone: its settings and its inputs by name."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog.mirror import diary
from catalog.mirror.sync import DETAILED, columns
from catalog.models import Account, AIModel
from clients.answers import AIModel as RemoteModel
from clients.errors import RateLimited, ServiceError

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(days=1)
MOST_FAILURES = 3
"""One model may be unreadable; after so many the service is in trouble."""
KEPT_FREE = 20
"""Calls of a burst that are left to prices, which people wait for."""


def read_details(account: Account) -> int:
    """Ask about each model whose details are missing, old, or in doubt since its row in the list has changed.

    Answers how many were read. Stops when the budget is used up or the service is in trouble: the rest waits.
    """
    read = failed = 0
    for model in _due(account):
        try:
            answer = account.hoox(keep=KEPT_FREE).model(model.slug)
        except ServiceError as error:
            log.info("the details of %s wait: %s (%s)", model.slug, error, error.detail)
            failed += 1
            if isinstance(error, RateLimited) or failed == MOST_FAILURES:
                break
        else:
            _keep(account, model.pk, answer)
            read += 1
    return read


def _due(account: Account) -> list[AIModel]:
    due = Q(detail_at=None) | Q(detail_due=True) | Q(detail_at__lt=timezone.now() - FRESH_FOR)
    models = AIModel.objects.filter(due, account=account, retired_at=None).exclude(slug="")
    return list(models.order_by("-detail_due", F("detail_at").asc(nulls_first=True), "position"))


@transaction.atomic
def _keep(account: Account, pk: int, answer: RemoteModel) -> None:
    # As a sync does, so that the two don't write over each other.
    Account.objects.select_for_update().get(pk=account.pk)
    model = AIModel.objects.select_related("account").get(pk=pk)
    before, known, asked_before = diary.snapshot(model), columns(answer), model.detail_at
    for name in DETAILED:
        setattr(model, name, known[name])
    model.detail_at, model.detail_due = timezone.now(), False
    model.save(update_fields=[*DETAILED, "detail_at", "detail_due"])
    if asked_before:  # what is learned the first time has not changed
        diary.record(account, model.detail_at, before, model)
    account.touch()
