from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Account, AIModel
from catalog.sync import sync


class Command(BaseCommand):
    help = "Fetch the service's catalog and print what changed; exit status 1 when that fails."

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.current()
        report = sync(account)
        if report.error:
            raise CommandError(report.error)
        count = AIModel.objects.current().count()
        self.stdout.write(f"{account.label}: {count} models; {report}.")
