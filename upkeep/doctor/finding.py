"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works, and somebody should look at it
    BAD = "bad"  # something that people count on doesn't work


@dataclass(frozen=True)
class Finding:
    check: str
    level: Level
    says: str
    do: str = ""
    """What whoever reads it can do, where something is to be done."""


def ok(check: str, says: str) -> Finding:
    return Finding(check, Level.OK, says)


def warn(check: str, says: str, do: str) -> Finding:
    return Finding(check, Level.WARN, says, do)


def bad(check: str, says: str, do: str) -> Finding:
    return Finding(check, Level.BAD, says, do)
