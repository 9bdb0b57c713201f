from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from generations import verifying
from generations.models import Damage
from generations.verifying import UNREADABLE, Verdict

EVERY = 100


class Command(BaseCommand):
    help = (
        "Check every stored result by its size and hash, and note on the takes what was found; exit status 1"
        " when something is wrong. May run beside the studio and be interrupted at any time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--decode", action="store_true", help="also play each one to its end")
        parser.add_argument("--repair", action="store_true", help="fetch what is lost from the service again")
        parser.add_argument("--after", type=int, default=0, metavar="TAKE", help="begin behind this take")

    def handle(self, *args: Any, **options: Any) -> None:
        found: Counter[str] = Counter()
        last = options["after"]
        try:
            for verdict in verifying.verify(after=last, decode=options["decode"]):
                self.report(verdict, repair=options["repair"])
                found[verdict.found], last = found[verdict.found] + 1, verdict.take.pk
                if found.total() % EVERY == 0:
                    self.stdout.write(f"… {found.total():,} checked")
        except KeyboardInterrupt:
            self.stdout.write(f"Stopped. To go on from here: verify_vault --after {last}")
        self.conclude(found)

    def report(self, verdict: Verdict, *, repair: bool) -> None:
        """A line for each that is wrong."""
        if verdict.found:
            take = verdict.take
            then = f" {verifying.fetch_again(take)}" if repair and verdict.found != UNREADABLE else ""
            self.stdout.write(f"take {take.pk}: {verdict.found} ({take.result.name}).{then}")

    def conclude(self, found: Counter[str]) -> None:
        words = [f"{found['']:,} verified", f"{found[Damage.MISSING]:,} missing"]
        words.append(f"{found[Damage.DAMAGED]:,} damaged")
        if found[UNREADABLE]:
            words.append(f"{found[UNREADABLE]:,} could not be read")
        summary = ", ".join(words)
        if found.total() != found[""]:
            raise CommandError(summary)
        self.stdout.write(summary)
