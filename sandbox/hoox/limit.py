"""So many requests a minute for each account, by the wall clock whatever the sandbox's speed."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from sandbox.hoox.errors import HooxError
from sandbox.settings import Settings

WINDOW_S = 60


class RateLimit:
    """A window begins with the first request after the one before has passed. In memory only."""

    def __init__(self, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self._settings = settings
        self._now = now
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[float, int]] = {}

    def count(self, account: str) -> dict[str, str]:
        """One more request: the headers that tell where the account stands. Raises HooxError 429."""
        with self._lock:
            now = self._now()
            began, used = self._windows.get(account, (now, 0))
            if now >= began + WINDOW_S:
                began, used = now, 0
            self._windows[account] = began, used + 1
        return self._told(used + 1, began + WINDOW_S)

    def _told(self, used: int, ends: float) -> dict[str, str]:
        limit = self._settings.hoox_rate_limit
        headers = {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - used)),
            "X-RateLimit-Reset": str(math.ceil(ends)),
        }
        if used > limit:
            raise HooxError(429, f"More than {limit} requests in a minute.", headers=headers)
        return headers
