"""All checks, in the order in which trouble spreads: the machine, what is stored, services, takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hedra_studio import health

from . import machine, services, stores, takes
from .finding import Finding, Level, bad

__all__ = ["Finding", "Level", "examine"]

Check = Callable[[], Iterable[Finding]]
FIRST: list[Check] = [machine.python, machine.disk, stores.database, stores.storage, stores.queue]
OF_ROWS: list[Check] = [
    machine.settings_,
    machine.public_url,
    services.answers,
    services.catalogs,
    takes.worker,
    takes.running,
]
"""These read the database; without it they could only repeat that it is away."""


def examine() -> Iterator[Finding]:
    """Look at everything, slow services included."""
    for check in FIRST:
        yield from _guarded(check)
    if health.database_answers() and health.is_migrated():
        for check in OF_ROWS:
            yield from _guarded(check)


def _guarded(check: Check) -> list[Finding]:
    """What it found; that it broke is a finding too, and the others are still looked at."""
    name = check.__name__.strip("_")
    try:
        return list(check())
    except Exception as error:
        return [bad(name, f"could not be checked ({error!r})", "This may be a mistake of the studio's own.")]
