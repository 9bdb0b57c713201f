import json
import sys
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from hedra_studio.logs import DiscreetFormatter
from upkeep.doctor import Finding, Level, examine


class Command(BaseCommand):
    help = (
        "Look at all that the studio needs and say what is wrong and what to do about it;"
        " exit status 1 when something is bad. It changes nothing, and asks each service one small question."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the findings as JSON, for a monitor")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in map(discreetly, examine()):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(in_words(finding))
        if options["json"]:
            self.stdout.write(json.dumps([vars(finding) for finding in findings], indent=2))
        else:
            self.stdout.write(f"\n{summary([finding.level for finding in findings])}")
        if any(finding.level == Level.BAD for finding in findings):
            sys.exit(1)


def discreetly(finding: Finding) -> Finding:
    """Errors may quote what they met: the same cleaning as of the logs."""
    return replace(finding, says=DiscreetFormatter(secrets=settings.LOG_SECRETS).clean(finding.says))


def in_words(finding: Finding) -> str:
    line = f"{finding.level:<5} {finding.check:<11} {finding.says}"
    return f"{line}\n{'':<18}{finding.do}" if finding.do else line


def summary(levels: list[Level]) -> str:
    bad, warned = levels.count(Level.BAD), levels.count(Level.WARN)
    if bad:
        return f"Not well: {bad} bad, {warned} to look at."
    return f"All works; {warned} to look at." if warned else "All is well."
