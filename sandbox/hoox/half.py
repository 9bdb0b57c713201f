"""Puts Hoox's half together: its accounts, its ledger in hundredths of a credit, its routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.generations import Generations
from sandbox.hoox.accounts import HooxAccounts
from sandbox.hoox.endpoints import HooxEndpoints
from sandbox.hoox.errors import HooxError
from sandbox.hoox.limit import RateLimit
from sandbox.ledger import Ledger
from sandbox.service import Endpoint, Service
from sandbox.wire import Request, Response

if TYPE_CHECKING:
    from sandbox.app import App

BASE_PATH = "/api/public/v1"


def hoox_half(app: App) -> Service:
    ledger = Ledger(app.store, places=2)
    generations = Generations(app.store, app.clock, ledger, app.assets)
    accounts = HooxAccounts(app.store, ledger, furnish=lambda account: None)
    api, door = HooxEndpoints(app), _Door(accounts, generations, RateLimit(app.settings))
    routes = [
        ("GET", "/asset/models", door.before(api.models)),
        ("GET", "/asset/models/([^/]+)", door.before(api.model)),
        ("POST", "/asset/pricing", door.before(api.pricing)),
    ]
    return Service("hoox", BASE_PATH, "/asset/start", accounts, ledger, generations, routes, HooxError)


class _Door:
    """What every call passes: the key, the rate limit, and refunds that are due."""

    def __init__(self, accounts: HooxAccounts, generations: Generations, limit: RateLimit) -> None:
        self._accounts = accounts
        self._generations = generations
        self._limit = limit

    def before(self, endpoint: Endpoint) -> Endpoint:
        def enter(request: Request, *groups: str) -> Response:
            account = self._accounts.of_request(request)
            standing = self._limit.count(account)
            self._generations.settle(account)
            response = _answered(endpoint, request, account, *groups)
            response.headers.update(standing)
            return response

        return enter


def _answered(endpoint: Endpoint, *arguments: object) -> Response:
    try:
        return endpoint(*arguments)
    except HooxError as error:
        return error.response()
