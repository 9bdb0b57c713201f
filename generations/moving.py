"""A new key of an account that is known by an older one: what was made with that one goes on with this."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from catalog.models import Account, AIModel
from clients.errors import NotFound

from .models import Entry, FailedTry, Generation, Upload

log = logging.getLogger(__name__)


@transaction.atomic
def move(former: Account, account: Account) -> None:
    """Give the account all that hangs on its former key. Takes that it has already stay where they are."""
    log.info("the key of account %s is one more of account %s", account.pk, former.pk)
    mine, theirs = (Generation.objects.filter(account=one) for one in (account, former))
    known = Q(remote_id__in=mine.values("remote_id"))
    known |= Q(service_id__in=mine.exclude(service_id="").values("service_id"))
    theirs.exclude(known).update(account=account)
    Entry.objects.filter(account=former, take__account=account).hand_over(account)
    FailedTry.objects.filter(account=former).update(account=account)
    sent = Upload.objects.filter(account=account).values("asset")
    Upload.objects.filter(account=former).exclude(asset__in=sent).update(account=account)
    adopt_models(account)


def move_card(take: Generation, account: Account) -> None:
    """The same for one take alone."""
    Generation.objects.filter(pk=take.pk).update(account=account)
    Entry.objects.filter(take=take).hand_over(account)
    FailedTry.objects.filter(generation=take).update(account=account)
    take.account = account
    adopt_models(account)


def adopt_models(account: Account) -> None:
    """Tie moved takes to the account's own rows of their models: the former's are not priced any more.

    Those that the account's catalog doesn't hold yet stay; the next call finds them."""
    takes = Generation.objects.filter(account=account)
    others = AIModel.objects.filter(account__service=account.service).exclude(account=account)
    for model in others.filter(Exists(takes.filter(ai_model=OuterRef("pk")))):
        if own := _same(model, account):
            takes.filter(ai_model=model).update(ai_model=own)


def _same(model: AIModel, account: Account) -> AIModel | None:
    """By slug, else by id, as a sync finds rows."""
    for name in ("slug", "remote_id"):
        key = getattr(model, name)
        if key and (own := AIModel.objects.filter(account=account, **{name: key}).first()):
            return own
    return None


def find_former(account: Account) -> None:
    """Where nothing is listed, an older key is known by what it made: the service tells of that to all keys
    of the same account, and to no others. Raises ServiceError, save of what it doesn't know."""
    kin = Account.objects.filter(service=account.service, sandbox=account.sandbox).exclude(pk=account.pk)
    for former in kin:
        made = Generation.objects.filter(account=former).exclude(service_id="")
        if (take := made.order_by("-created").first()) and _knows(account, take.service_id):
            move(former, account)


def _knows(account: Account, service_id: str) -> bool:
    try:
        account.hoox().status(service_id)
    except NotFound:
        return False
    return True
