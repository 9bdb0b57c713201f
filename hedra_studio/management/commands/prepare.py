from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hedra_studio import prepared


class Command(BaseCommand):
    help = "Bring database, queue and static files up to date, before `serve` and `run_worker` start."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--static", action="store_true", help="the static files only, as an image needs them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """On several machines at once, too: one of them migrates, the others wait for it."""
        prepared.static_files()
        if options["static"]:
            return
        with prepared.refusing():
            if prepared.servers():
                self.stdout.write("The database is up to date now.")
