import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Account
from catalog.sync import sync


class Command(BaseCommand):
    help = "Fetch the service's catalog and print what changed; exit status 1 when that fails."

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verbosity"] < 2:
            # The one line below says it; the details are for who asks for more.
            logging.getLogger("catalog.sync").setLevel(logging.ERROR)
        account = Account.objects.current()
        report = sync(account)
        if report.error:
            raise CommandError(report.error)
        self.stdout.write(f"{account.label}: {account.models_offered} models; {report}.")
