import logging
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.mirror.sync import sync
from catalog.models import Account


class Command(BaseCommand):
    help = "Fetch the catalog of every service in use and print what changed; exit status 1 when one fails."

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verbosity"] < 2:
            # The one line below says it; the details are for who asks for more.
            logging.getLogger("catalog.mirror.sync").setLevel(logging.ERROR)
        failures = [error for account in Account.objects.connected() if (error := self.sync(account))]
        if failures:
            raise CommandError(" ".join(failures))

    def sync(self, account: Account) -> str:
        """The error, if there is one."""
        report = sync(account)
        if not report.error:
            self.stdout.write(f"{account.label}: {account.models_offered} models; {report}.")
        return report.error
