"""The control endpoint under ``/sandbox/``: not part of the contract, open to this machine only."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from decimal import Decimal
from ipaddress import ip_address
from typing import Any

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.journal import Journal
from sandbox.service import Service
from sandbox.settings import Settings
from sandbox.wire import HttpError, Json, Request, Response


class Control:
    def __init__(
        self,
        clock: Clock,
        settings: Settings,
        faults: Faults,
        journal: Journal,
        services: Mapping[str, Service],
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._faults = faults
        self._journal = journal
        self._services = services
        self._routes: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "ready"): self._ready,
            ("GET", "ledger"): lambda request: self.ledger_of(*_whose(request)),
            ("GET", "requests"): lambda request: self.requests_of(*_whose(request)),
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

    def ledger_of(self, key: str, service: str = "hedra") -> Json:
        half = self._half(service)
        account = half.accounts.opened(key)
        half.generations.settle(account)
        return {
            "account": account,
            "balance": half.ledger.balance(account),
            "used": half.ledger.used(account),
            "entries": half.ledger.entries(account),
        }

    def requests_of(self, key: str, service: str = "hedra") -> list[Json]:
        return self._journal.entries(self._half(service).accounts.opened(key))

    def _half(self, service: str) -> Service:
        if service not in self._services:
            raise ValueError(f"unknown service {service!r}; one of {', '.join(self._services)}")
        return self._services[service]

    def change_settings(self, values: dict[str, Any]) -> Json:
        """``speed``, ``balance`` (of ``key`` at ``service``), and what Settings keeps. Raises ValueError."""
        values = dict(values)
        key, half = values.pop("key", "sandbox"), self._half(values.pop("service", "hedra"))
        speed, balance = values.pop("speed", None), values.pop("balance", None)
        if speed is not None and not (isinstance(speed, (int, float)) and speed > 0):
            raise ValueError("speed must be a number above 0")
        credits = None if balance is None else _credits(half, balance)
        if values:
            self._settings.change(values)
        if speed is not None:
            self._clock.set_speed(float(speed))
        if credits is not None:
            half.accounts.set_balance(half.accounts.opened(key), credits)
        return {**self._settings.as_dict(), "speed": self._clock.speed}


def _whose(request: Request) -> tuple[str, str]:
    return request.last("key") or "sandbox", request.last("service") or "hedra"


def _credits(half: Service, value: Any) -> Decimal:
    """Raises ValueError for what is no amount the service's ledger can hold."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueError("balance must be a number")
    credits = Decimal(str(value))
    half.ledger.units(credits)
    return credits


def _object(request: Request) -> dict[str, Any]:
    data = request.json()
    if not isinstance(data, dict):
        raise ValueError("a JSON object is needed")
    return data
