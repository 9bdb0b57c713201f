"""Two times: the wall clock for dates and links, and work time, which ``speed`` makes run faster."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from sandbox.state import Store


class Clock:
    """Work time goes on across restarts, as it would at the service."""

    def __init__(self, store: Store, speed: float) -> None:
        self._store = store
        self._base: list[float] = store.meta("clock", [0.0, time.time(), speed])
        self.set_speed(speed)

    @property
    def speed(self) -> float:
        return self._base[2]

    def work_s(self) -> float:
        """Seconds of work time since this state began."""
        worked, since, speed = self._base
        return worked + max(0.0, time.time() - since) * speed

    def set_speed(self, speed: float) -> None:
        self._base = [self.work_s(), time.time(), speed]
        self._store.set_meta("clock", self._base)


def iso(moment: datetime) -> str:
    """Always with microseconds, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def now_iso() -> str:
    return iso(datetime.now(UTC))
