"""One of the two services the sandbox stands in for: where it is found, and whose money it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.accounts import Accounts
from sandbox.generations import Generations
from sandbox.ledger import Ledger
from sandbox.wire import HttpError, Response

Endpoint = Callable[..., Response]
Route = tuple[str, str, Endpoint]
"""Method, pattern below the base path, and what answers; groups of the pattern go in as arguments."""


@dataclass(frozen=True)
class Service:
    name: str
    base_path: str
    order_path: str
    """Where a POST costs money."""
    accounts: Accounts
    ledger: Ledger
    generations: Generations
    routes: list[Route]
    error: Callable[[int, str], HttpError] = HttpError
    """A plain error in the service's own form."""

    def covers(self, path: str) -> bool:
        return path.startswith(self.base_path + "/")

    def compiled(self) -> list[tuple[str, re.Pattern[str], Endpoint]]:
        return [
            (method, re.compile(self.base_path + pattern), endpoint)
            for method, pattern, endpoint in self.routes
        ]
