"""The sandbox as one object: takes a request, meets its faults, routes it, answers.

Paths: the services' contracts under ``/web-app/public`` and ``/api/public/v1``, files under ``/media``,
presigned uploads under ``/uploads``, the control endpoint under ``/sandbox``.
"""

from __future__ import annotations

import contextlib
import re
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from sandbox.accounts import Accounts
from sandbox.answers import Answers
from sandbox.assets import Assets
from sandbox.catalog import Catalog
from sandbox.clock import Clock
from sandbox.control import Control
from sandbox.endpoints import Endpoints
from sandbox.faults import Fault, Faults
from sandbox.files import Files
from sandbox.generations import Generations
from sandbox.history import History
from sandbox.hoox.half import HooxHalf
from sandbox.journal import Journal
from sandbox.ledger import Ledger
from sandbox.links import Links
from sandbox.service import Endpoint, Route, Service
from sandbox.settings import Settings
from sandbox.state import Store
from sandbox.voices import Voices
from sandbox.wire import CutWire, HttpError, Request, Response
from sandbox.workshop import Workshop

BASE_PATH = "/web-app/public"
BEFORE = ("answer", "cut")
AFTER = ("answer_after", "cut_after")


class App:
    def __init__(self, folder: Path, speed: float) -> None:
        self._folder = folder
        self._speed = speed
        self.faults = Faults()
        self._closed = False
        self.base_url = ""
        """Where links lead that no request asked for."""

    def open(self) -> None:
        """Read the state and start rendering what is left of it."""
        self.store = store = Store(self._folder)
        self.clock = Clock(store, self._speed)
        self.settings = Settings(store)
        self.ledger = Ledger(store)
        self.links = Links(store)
        self.journal = Journal(store)
        self.assets = Assets(store)
        self.catalog = Catalog()
        self.generations = Generations(store, self.clock, self.ledger, self.assets)
        self.workshop = Workshop(store, self.generations, self.assets)
        self.history = History(store, self.ledger, self.assets, self.catalog)
        self.accounts = Accounts(store, self.ledger, self.history.furnish)
        self.voices = Voices(store)
        hoox = HooxHalf(self)
        self.webhooks = hoox.webhooks
        self.services = {half.name: half for half in (self._hedra_half(), hoox.service())}
        self.control = Control(self.clock, self.settings, self.faults, self.journal, self.services)
        files = Files(self.links, self.settings, self.assets, self.generations, self.workshop, self.voices)
        self._routes = [
            *(route for half in self.services.values() for route in half.compiled()),
            *_file_routes(files),
        ]
        self.workshop.start()
        self.webhooks.start()

    def _hedra_half(self) -> Service:
        return Service(
            "hedra",
            BASE_PATH,
            "/generations",
            self.accounts,
            self.ledger,
            self.generations,
            _routes(Endpoints(self)),
        )

    def close(self) -> None:
        self._closed = True
        self.workshop.close()
        self.webhooks.close()
        self.store.close()

    def answers(self, request: Request) -> Answers:
        return Answers(request.base_url, self.links, self.settings, self.clock, self.generations, self.assets)

    def handle(self, request: Request) -> Response:
        """Raises CutWire; everything else becomes an answer."""
        if request.path.startswith("/sandbox/"):
            return self._safely(self.control.handle, request)
        method = "GET" if request.method == "HEAD" else request.method
        service = self._service_of(request)
        path = request.path.removeprefix(service.base_path) if service else request.path
        # First of all: a fault is met when the order is here, so who waits for the fault may end its sender.
        entry = self._noted(request, service) if service else None
        request.faults = self.faults.take(method, path, service.name if service else "")
        time.sleep(sum(fault.latency_ms for fault in request.faults) / 1000)
        response = self._met(request)
        if entry:
            self.journal.answered(entry, response.status)
        return response

    def _service_of(self, request: Request) -> Service | None:
        return next((half for half in self.services.values() if half.covers(request.path)), None)

    def _error(self, request: Request, status: int, message: str) -> HttpError:
        """In the form of the service that was asked."""
        service = self._service_of(request)
        return (service.error if service else HttpError)(status, message)

    def _noted(self, request: Request, service: Service) -> int | None:
        """An order is written down whatever becomes of it; one that cannot be read is not."""
        if (request.method, request.path) != ("POST", service.base_path + service.order_path):
            return None
        with contextlib.suppress(HttpError):
            return self.journal.received(service.accounts.of_request(request), request.json())
        return None

    def _met(self, request: Request) -> Response:
        if early := self._instead_of_answer(request, BEFORE):
            return early
        response = self._safely(self._dispatch, request)
        response.truncate = any(fault.kind == "truncate" for fault in request.faults)
        return self._instead_of_answer(request, AFTER) or response

    def _instead_of_answer(self, request: Request, kinds: tuple[str, str]) -> Response | None:
        """The answer a fault puts in place of the real one. Raises CutWire."""
        for fault in request.faults:
            if fault.kind == kinds[1]:
                raise CutWire
            if fault.kind == kinds[0]:
                message = fault.message or f"Sandbox fault {fault.status}"
                return _made_up(fault, self._error(request, fault.status, message))
        return None

    def _safely(self, handle: Callable[[Request], Response], request: Request) -> Response:
        try:
            return handle(request)
        except HttpError as error:
            return error.response()
        except (CutWire, ConnectionError, TimeoutError):
            raise
        except Exception as error:
            if self._closed:
                raise CutWire from error
            traceback.print_exc(file=sys.stderr)
            return self._error(request, 500, "Internal Server Error").response()

    def _dispatch(self, request: Request) -> Response:
        known = False
        for method, pattern, endpoint in self._routes:
            if found := pattern.fullmatch(request.path):
                known = True
                if method == request.method or (method == "GET" and request.method == "HEAD"):
                    return endpoint(request, *found.groups())
        status, message = (405, "Method Not Allowed") if known else (404, "Not Found")
        raise self._error(request, status, message)


def _made_up(fault: Fault, usual: HttpError) -> Response:
    response = usual.response() if fault.body is None else Response.of(fault.body, fault.status)
    if isinstance(fault.body, str):
        response.body, response.content_type = fault.body.encode(), "text/html"
    if fault.retry_after is not None:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    return response


def _routes(api: Endpoints) -> list[Route]:
    return [
        ("GET", "/models", api.models),
        ("GET", "/voices", api.voices),
        ("GET", "/assets", api.list_assets),
        ("POST", "/assets", api.create_asset),
        ("POST", "/assets/([^/]+)/upload", api.upload_asset),
        ("GET", "/generations", api.list_generations),
        ("POST", "/generations", api.generate),
        ("GET", "/generations/([^/]+)/status", api.status),
        ("GET", "/billing/credits", api.credits),
    ]


def _file_routes(files: Files) -> list[tuple[str, re.Pattern[str], Endpoint]]:
    table: list[Route] = [
        ("PUT", "/uploads/([^/]+)", files.receive),
        ("GET", "/media/(clips|images|sounds|posters|thumbnails|previews)/([^/.]+)\\.\\w+", files.result),
        ("GET", "/media/assets/([^/]+)", files.upload),
        ("GET", "/media/asset-thumbnails/([^/]+)", files.upload_thumbnail),
        ("GET", "/media/voices/([^/.]+)\\.wav", files.voice),
        ("GET", "/media/logos/([a-z]+)\\.svg", files.logo),
    ]
    return [(method, re.compile(pattern), endpoint) for method, pattern, endpoint in table]
