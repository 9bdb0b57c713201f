"""What keeps the mirror of the services true, run by the worker."""

from __future__ import annotations

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from catalog.models import Account
from catalog.sync import sync_if_due


@db_periodic_task(crontab(minute="*"))
def keep_fresh() -> None:
    for account in Account.objects.connected():
        refresh(account)


def refresh(account: Account) -> None:
    """All that is due for the account, one after the other. Never raises for a service that is down."""
    sync_if_due(account)
