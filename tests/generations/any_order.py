"""What tests share that do things in any order: how deep they go, and a wire on which a process can die."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import settings as profile
from requests.adapters import HTTPAdapter

from generations.models import RUNNING, Generation

EXAMPLES = int(os.environ.get("STATEFUL_EXAMPLES", 0))
PROFILE = profile(
    max_examples=EXAMPLES or 8,
    stateful_step_count=50 if EXAMPLES else 25,
    derandomize=not EXAMPLES,
    database=None,
    phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Killed(BaseException):
    """The process is gone: no handler of ours runs on."""


class Wire:
    """The HTTP seam: a deed before or after the request that is so many ahead."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._send, self._ahead, self._after = HTTPAdapter.send, 0, False
        self._deed: Callable[[], None] = lambda: None
        monkeypatch.setattr(HTTPAdapter, "send", lambda *args, **options: self.send(*args, **options))

    def arm(self, ahead: int, after: bool, deed: Callable[[], None]) -> None:
        self._ahead, self._after, self._deed = ahead, after, deed

    def send(self, *args: Any, **options: Any) -> Any:
        assert not connection.in_atomic_block, "a transaction is held across a request"
        self._ahead -= 1
        is_it = self._ahead == 0
        if is_it and not self._after:
            self._deed()
        answer = self._send(*args, **options)
        if is_it and self._after:
            self._deed()
        return answer

    def kill(self, ahead: int, after: bool, work: Callable[[], None]) -> None:
        """The process that works dies at that request."""

        def die() -> None:
            raise Killed

        self.arm(ahead, after, die)
        with suppress(Killed):
            work()
        self.arm(0, False, die)

    def overtake(self, ahead: int, after: bool, work: Callable[[], None]) -> None:
        """It sleeps at that request, another takes its rows over and works; then it wakes up and goes on."""

        def sleep() -> None:
            leases_end()
            work()

        self.arm(ahead, after, sleep)
        work()
        self.arm(0, False, sleep)


def leases_end() -> None:
    Generation.objects.exclude(lease_until=None).update(lease_until=timezone.now() - timedelta(seconds=1))


def assert_not_stuck(take: Generation, lease_s: float) -> None:
    """What runs has a next try and an end; nobody holds it for longer than a lease."""
    assert (take.status in RUNNING) == (take.next_attempt_at is not None), take
    assert (take.status in RUNNING) == (take.deadline_at is not None), take
    assert take.lease_until is None or take.lease_until <= timezone.now() + timedelta(seconds=lease_s), take
