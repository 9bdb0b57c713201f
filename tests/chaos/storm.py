"""A studio at work while everything goes wrong, until so many takes have met so many faults; then calm."""

from __future__ import annotations

import random
import sqlite3
import time
from collections import Counter
from contextlib import suppress
from functools import partial

from django.db import OperationalError

from catalog.models import Rest
from generations.models import REMOTE, Generation, Status

from .faults import Fault, plan
from .person import Person
from .site import Site
from .violence import Violence

IN_FLIGHT = 40
WAITING = 16
"""So many faults wait for their requests at a time, besides those that have waited for long; and so many more
than its share has a take met at most, or the storm lets nothing through and only ever hits the same takes."""
LONG_S = 4
TICK_S = 0.1
BREATH_S = 0.8
"""Between two deeds, so that a killed worker gets somewhere before the next."""
ASKED_AGAIN = 3
STILL_S = 3
LONGEST_CALM_S = 300


class Storm:
    def __init__(self, site: Site, seed: int, takes: int, faults: int, seconds: float) -> None:
        self.dice = random.Random(seed)
        self.site, self.takes, self.faults = site, takes, faults
        self._plan = plan(seed, 10 * faults)
        self._ends = time.monotonic() + seconds
        self._let_loose: list[tuple[str, float]] = []
        self._done: Counter[str] = Counter()
        self._breath = 0.0
        self.person = Person(site.url, self.dice)
        self.violence = Violence(site, self.person, self.dice)

    @property
    def ordered(self) -> int:
        return sum(self.person.shots.values())

    def met(self) -> Counter[str]:
        """Faults that a request has met, and deeds done, by name."""
        waiting = {fault["index"] for fault in self.site.sandbox.waiting()}
        loose = enumerate(self._let_loose)
        return self._done + Counter(name for number, (name, _) in loose if number not in waiting)

    def rage(self) -> None:
        """Until enough takes were ordered and enough faults met, or the time is over."""
        while (self.ordered < self.takes or self.met().total() < self.faults) and not self.is_late:
            self._press()
            self._let_go()
            self._pass_rests()
            self._retry_something()
            self._restart_the_dead()
            time.sleep(TICK_S)

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self._ends

    def _press(self) -> None:
        if Generation.objects.running().count() < IN_FLIGHT:
            self.person.press(self.person.unanswered[0] if self.person.unanswered else self.person.new_shot())

    def _let_go(self) -> None:
        """The next of the plan, as long as there is room for it and the takes keep up with them."""
        if self.met().total() > self.faults * self.ordered / self.takes + WAITING:
            return
        since = time.monotonic() - LONG_S
        waiting = [fault["index"] for fault in self.site.sandbox.waiting() if fault["index"] >= 0]
        room = WAITING - sum(self._let_loose[number][1] > since for number in waiting)
        while self._plan and room > 0:
            name, fault = self._plan[0]
            if not fault and time.monotonic() < self._breath:
                return
            self._plan.pop(0)
            room -= 1
            self._let_loose_one(name, fault)

    def _let_loose_one(self, name: str, fault: Fault) -> None:
        if fault:
            number = len(self._let_loose)
            self.site.sandbox.add({**fault, "index": number})
            self._let_loose.append((name, time.monotonic()))
            return
        with suppress(OperationalError, sqlite3.OperationalError):  # another deed has locked the database
            self.violence.do(name)
            self._done[name] += 1
        self._breath = time.monotonic() + BREATH_S

    def _retry_something(self) -> None:
        failed = Generation.objects.in_status([Status.ERROR]).order_by("?").first()
        if failed and self.dice.random() < 0.3:
            self.person.retry(failed.pk)

    def _pass_rests(self) -> None:
        """With so many faults the service is thought to be away most of the time: nobody waits for its rests,
        the clock is set on to their ends."""
        wait_s = max((rest.wait_s for rest in Rest.objects.exclude(why="")), default=0.0)
        if wait_s > 1:
            self.violence.jump(wait_s)

    def _restart_the_dead(self) -> None:
        for process in self.site.processes:
            if not process.is_running:
                process.start()

    def calm(self) -> None:
        """No more faults: everything ends, and somebody asks again for what nobody knows the charge of."""
        self._done, self._let_loose = self.met(), []
        self.site.sandbox.clear()
        self._restart_the_dead()
        for shot in self.person.unanswered:
            self.site.wait_for(partial(self.person.press, shot))
        self._settle()
        for _ in range(ASKED_AGAIN):
            uncertain = Generation.objects.in_status([Status.ERROR]).filter(charged=None)
            for pk in uncertain.values_list("pk", flat=True):
                self.person.retry(pk)
            self._settle()

    def _settle(self) -> None:
        """Until nothing runs. When nothing has moved for a while, the clock is set on: over pauses, and then
        over the day that a take may hang at the service."""
        end, seen, moved = time.monotonic() + LONGEST_CALM_S, None, time.monotonic()
        while rows := list(Generation.objects.running().order_by("pk").values_list("pk", "status")):
            if rows != seen:
                seen, moved = rows, time.monotonic()
            elif time.monotonic() > moved + STILL_S and not Generation.objects.held().exists():
                self.violence.jump(25 * 3600 if all(status in REMOTE for _, status in rows) else 120)
                moved = time.monotonic()
            if time.monotonic() > end:
                return
            self._restart_the_dead()
            time.sleep(TICK_S)
