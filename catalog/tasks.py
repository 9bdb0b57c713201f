"""What keeps the mirror of the services true, run by the worker."""

from __future__ import annotations

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from catalog.mirror import logos, voices
from catalog.mirror.details import read_details
from catalog.mirror.sync import sync_if_due
from catalog.models import Account
from catalog.prices.asking import forget_old
from catalog.services import PRICED_BY_CALL
from hedra_studio.logs import about


@db_periodic_task(crontab(minute="*"))
def keep_fresh() -> None:
    for account in Account.objects.connected():
        refresh(account)


def refresh(account: Account) -> None:
    """All that is due for the account, one after the other. Never raises for a service that is down."""
    if account.resting:
        return
    with about(**account.log_facts):
        sync_if_due(account)
        voices.sync_if_due(account)
    if account.service in PRICED_BY_CALL:
        read_details_of(account.pk)
    logos.link(account)
    if logos.due(account).exists():
        fetch_logos(account.pk)


@db_task()
def fetch_logos(account_pk: int) -> None:
    """A task of its own: slow picture servers keep nothing else waiting."""
    account = Account.objects.get(pk=account_pk)
    with about(**account.log_facts):
        logos.fetch_due(account)


@db_task()
def read_details_of(account_pk: int) -> None:
    """Likewise: a call for each model, at the pace that the service allows."""
    account = Account.objects.get(pk=account_pk)
    with about(**account.log_facts):
        read_details(account)


@db_periodic_task(crontab(hour="4", minute="40"))
def tidy() -> None:
    forget_old()
