"""What is done to the studio on its own machine: kills, freezes, locks, and a clock that jumps."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from django.conf import settings
from django.db import connection, transaction

from generations import tasks
from generations.models import Generation

from .faults import CALLS
from .person import Person
from .site import Process, Site

HELD_S = 1.2
MET_WITHIN_S = 3
LOCKED_S = 2.0
"""Twice as long as anybody waits for a lock here."""


class Violence:
    def __init__(self, site: Site, person: Person, dice: random.Random) -> None:
        self._site, self._person, self._dice = site, person, dice
        self._hands = ThreadPoolExecutor(2)
        self._ahead_s = 0.0
        self.killed_at: Counter[str] = Counter()
        """By the state of the takes that a worker had in hand when it was killed."""
        self._deeds: dict[str, Callable[[], None]] = {
            "SIGKILL worker": lambda: self._kill(self._dice.choice(site.workers)),
            "SIGKILL worker in a request": self._kill_in_a_request,
            "SIGKILL web": lambda: self._kill(site.web),
            "SIGKILL web in a press": self._kill_in_a_press,
            "SIGKILL everything": lambda: self._kill(*site.processes),
            "worker frozen past its lease": self._freeze,
            "database locked": self._lock_database,
            "queue locked": self._lock_queue,
            "clock jump": self._jump,
            "message doubled": self._double_a_message,
            "press doubled": self._double_a_press,
        }

    def do(self, name: str) -> None:
        self._deeds[name]()

    def _kill(self, *processes: Process) -> None:
        if any(process in self._site.workers for process in processes):
            self.killed_at.update(Generation.objects.held().values_list("status", flat=True))
        for process in processes:
            process.kill()
        for process in processes:
            process.start()

    def _kill_in_a_request(self) -> None:
        """Both workers, while one of them waits for the service's answer to this call."""
        match = self._dice.choice([call for name, call in CALLS.items() if name != "credits"])
        held = {"kind": "latency", "latency_ms": int(HELD_S * 1000), "match": match, "times": 1}
        before = self._waiting(match)
        self._site.sandbox.add(held)
        end = time.monotonic() + MET_WITHIN_S
        while self._waiting(match) > before and time.monotonic() < end:
            time.sleep(0.02)
        self._kill(*self._site.workers)

    def _waiting(self, match: dict[str, str]) -> int:
        return sum(
            fault["kind"] == "latency" and fault["match"] == match for fault in self._site.sandbox.waiting()
        )

    def _kill_in_a_press(self) -> None:
        pressed = self._hands.submit(self._person.press, self._person.new_shot())
        time.sleep(self._dice.uniform(0, 0.4))
        self._kill(self._site.web)
        pressed.result()

    def _double_a_press(self) -> None:
        shot = self._person.new_shot()
        both = [self._hands.submit(self._person.press, shot) for _ in range(2)]
        for press in both:
            press.result()

    def _double_a_message(self) -> None:
        for pk in Generation.objects.running().order_by("?").values_list("pk", flat=True)[:3]:
            tasks.advance(pk)
            tasks.advance(pk)
        tasks.poll()
        tasks.poll()

    def _freeze(self) -> None:
        """It wakes up when others have taken its rows over, and goes on as if nothing had been."""
        worker = self._dice.choice(self._site.workers)
        worker.signal(signal.SIGSTOP)
        time.sleep(settings.LEASE_S * 1.5)
        worker.signal(signal.SIGCONT)

    def _lock_database(self) -> None:
        self._hands.submit(self._hold_database)

    def _hold_database(self) -> None:
        """Nobody can write, and everybody gives up waiting before it ends."""
        with closing(connection), transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("LOCK TABLE generations_generation IN EXCLUSIVE MODE")
            time.sleep(LOCKED_S)

    def _lock_queue(self) -> None:
        self._hands.submit(self._hold_queue)

    def _hold_queue(self) -> None:
        with closing(sqlite3.connect(settings.HUEY["filename"], timeout=5, isolation_level=None)) as queue:
            queue.execute("BEGIN EXCLUSIVE")
            time.sleep(LOCKED_S)
            queue.execute("ROLLBACK")

    def _jump(self) -> None:
        """Ahead by seconds, an hour or a day and more; back a little, or by hours."""
        self.jump(self._dice.choice([-5 * 3600, -15, -1, 20, 90, 2000, 3700, 25 * 3600]))

    def jump(self, seconds: float) -> None:
        self._ahead_s += seconds
        self._site.set_clock(self._ahead_s)
