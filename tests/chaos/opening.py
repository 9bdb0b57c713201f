"""A studio before the storm: tables, a catalog, and the account's past as if it had long been fetched."""

from __future__ import annotations

from django.core.management import call_command

from catalog.mirror.sync import sync
from catalog.models import Account
from generations.history import import_history
from generations.models import Generation, Status
from hedra_studio.middleware import local_owner

from .site import Site


def open_studio(site: Site) -> None:
    call_command("migrate", verbosity=0)
    account = Account.objects.current()
    report = sync(account)
    if report.error:
        raise SystemExit(report.error)
    site.sandbox.enrich()
    import_history(account, local_owner())
    Generation.objects.update(status=Status.COMPLETE, next_attempt_at=None, deadline_at=None)
