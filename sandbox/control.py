"""The control endpoint under ``/sandbox/``: not part of the contract, open to this machine only."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from ipaddress import ip_address
from typing import Any

from sandbox.accounts import Accounts
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.generations import Generations
from sandbox.journal import Journal
from sandbox.ledger import Ledger
from sandbox.settings import Settings
from sandbox.wire import HttpError, Json, Request, Response


class Control:
    def __init__(
        self,
        clock: Clock,
        settings: Settings,
        faults: Faults,
        ledger: Ledger,
        accounts: Accounts,
        generations: Generations,
        journal: Journal,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._faults = faults
        self._ledger = ledger
        self._accounts = accounts
        self._generations = generations
        self._journal = journal
        self._routes: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "ready"): self._ready,
            ("GET", "ledger"): lambda request: self.ledger_of(_key(request)),
            ("GET", "requests"): lambda request: self.requests_of(_key(request)),
            ("GET", "settings"): lambda request: self.change_settings({}),
            ("POST", "settings"): lambda request: self.change_settings(_object(request)),
            ("GET", "faults"): lambda request: self._faults.waiting(),
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
        }

    def handle(self, request: Request) -> Response:
        if not ip_address(request.client).is_loopback:
            raise HttpError(403, "The control endpoint answers this machine only")
        route = self._routes.get((request.method, request.path.removeprefix("/sandbox/")))
        if route is None:
            raise HttpError(404, "Not Found")
        try:
            return Response.of(route(request))
        except ValueError as error:
            raise HttpError(400, str(error)) from error

    def _ready(self, request: Request) -> Json:
        return {"ready": True, "pid": os.getpid(), **self.change_settings({})}

    def _add_fault(self, request: Request) -> Json:
        return asdict(self._faults.add(_object(request)))

    def _clear_faults(self, request: Request) -> Json:
        self._faults.clear()
        return {"cleared": True}

    def ledger_of(self, key: str) -> Json:
        account = self._accounts.opened(key)
        self._generations.settle(account)
        return {
            "account": account,
            "balance": self._ledger.balance(account),
            "used": self._ledger.used(account),
            "entries": self._ledger.entries(account),
        }

    def requests_of(self, key: str) -> list[Json]:
        return self._journal.entries(self._accounts.opened(key))

    def change_settings(self, values: dict[str, Any]) -> Json:
        """``speed``, ``balance`` (of ``key``), and what Settings keeps. Raises ValueError."""
        values = dict(values)
        key = values.pop("key", "sandbox")
        speed, balance = values.pop("speed", None), values.pop("balance", None)
        if speed is not None and not (isinstance(speed, (int, float)) and speed > 0):
            raise ValueError("speed must be a number above 0")
        if balance is not None and not isinstance(balance, int):
            raise ValueError("balance must be a whole number")
        if values:
            self._settings.change(values)
        if speed is not None:
            self._clock.set_speed(float(speed))
        if balance is not None:
            self._accounts.set_balance(self._accounts.opened(key), balance)
        return {**self._settings.as_dict(), "speed": self._clock.speed}


def _key(request: Request) -> str:
    return request.last("key") or "sandbox"


def _object(request: Request) -> dict[str, Any]:
    data = request.json()
    if not isinstance(data, dict):
        raise ValueError("a JSON object is needed")
    return data
