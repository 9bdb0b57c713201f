from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from generations import tasks, worker


class Command(BaseCommand):
    help = "Make takes: send, poll and download what is due. Started by `studio`, or by itself elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--threads", type=int, default=6, help="takes worked on at the same time")
        parser.add_argument(
            "--grace", type=float, default=8, help="seconds that what is at work may take when asked to stop"
        )
        parser.add_argument("--once", action="store_true", help="do what is due now, then exit")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            tasks.drain()
        else:
            worker.run(options["threads"], options["grace"])
