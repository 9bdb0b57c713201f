"""Puts Hoox's half together: its accounts, its ledger in hundredths of a credit, its routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.generations import Generations
from sandbox.hoox.accounts import HooxAccounts
from sandbox.hoox.assets import AssetAnswers
from sandbox.hoox.endpoints import HooxEndpoints
from sandbox.hoox.errors import HooxError
from sandbox.hoox.jobs import Jobs
from sandbox.hoox.limit import RateLimit
from sandbox.hoox.webhooks import Webhooks
from sandbox.ledger import Ledger
from sandbox.service import Endpoint, Route, Service
from sandbox.wire import Request, Response

if TYPE_CHECKING:
    from sandbox.app import App

BASE_PATH = "/api/public/v1"


class HooxHalf:
    def __init__(self, app: App) -> None:
        self._app = app
        self._ledger = Ledger(app.store, places=2)
        self._generations = Generations(app.store, app.clock, self._ledger, app.assets)
        self._accounts = HooxAccounts(app.store, self._ledger, furnish=lambda account: None)
        self._answers = AssetAnswers(self._generations, self._ledger)
        self.webhooks = Webhooks(app, self._answers)

    def service(self) -> Service:
        return Service(
            "hoox",
            BASE_PATH,
            "/asset/start",
            self._accounts,
            self._ledger,
            self._generations,
            self._routes(),
            HooxError,
        )

    def _routes(self) -> list[Route]:
        app = self._app
        jobs = Jobs(app.store, self._ledger, self._generations, app.workshop, self.webhooks)
        api = HooxEndpoints(app, jobs, self._answers)
        door = _Door(self._accounts, self._generations, RateLimit(app.settings))
        return [
            ("GET", "/asset/models", door.before(api.models)),
            ("GET", "/asset/models/([^/]+)", door.before(api.model)),
            ("POST", "/asset/pricing", door.before(api.pricing)),
            ("POST", "/asset/start", door.before(api.start)),
            ("GET", "/asset/status/([^/]+)", door.before(api.status)),
        ]


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
