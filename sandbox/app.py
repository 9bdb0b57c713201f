"""The sandbox as one object: takes a request, meets its faults, routes it, answers.

Paths: the contract under ``/web-app/public``, files under ``/media``, presigned uploads under ``/uploads``,
the control endpoint under ``/sandbox``.
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
from sandbox.journal import Journal
from sandbox.ledger import Ledger
from sandbox.links import Links
from sandbox.settings import Settings
from sandbox.state import Store
from sandbox.voices import Voices
from sandbox.wire import CutWire, HttpError, Request, Response
from sandbox.workshop import Workshop

BASE_PATH = "/web-app/public"
BEFORE = ("answer", "cut")
AFTER = ("answer_after", "cut_after")
Endpoint = Callable[..., Response]


class App:
    def __init__(self, folder: Path, speed: float) -> None:
        self._folder = folder
        self._speed = speed
        self.faults = Faults()
        self._closed = False

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
        history = History(store, self.ledger, self.assets, self.catalog)
        self.accounts = Accounts(store, self.ledger, history.furnish)
        self.voices = Voices(store)
        self.control = Control(
            self.clock,
            self.settings,
            self.faults,
            self.ledger,
            self.accounts,
            self.generations,
            self.journal,
        )
        files = Files(self.links, self.settings, self.assets, self.generations, self.workshop, self.voices)
        self._routes = _routes(Endpoints(self), files)
        self.workshop.start()

    def close(self) -> None:
        self._closed = True
        self.workshop.close()
        self.store.close()

    def answers(self, request: Request) -> Answers:
        return Answers(request.base_url, self.links, self.settings, self.clock, self.generations, self.assets)

    def handle(self, request: Request) -> Response:
        """Raises CutWire; everything else becomes an answer."""
        if request.path.startswith("/sandbox/"):
            return self._safely(self.control.handle, request)
        method = "GET" if request.method == "HEAD" else request.method
        request.faults = self.faults.take(method, request.path.removeprefix(BASE_PATH))
        time.sleep(sum(fault.latency_ms for fault in request.faults) / 1000)
        entry = self._noted(request)
        response = self._met(request)
        if entry:
            self.journal.answered(entry, response.status)
        return response

    def _noted(self, request: Request) -> int | None:
        """An order is written down whatever becomes of it; one that cannot be read is not."""
        if (request.method, request.path) != ("POST", f"{BASE_PATH}/generations"):
            return None
        with contextlib.suppress(HttpError):
            return self.journal.received(self.accounts.of_request(request), request.json())
        return None

    def _met(self, request: Request) -> Response:
        if early := _instead_of_answer(request.faults, BEFORE):
            return early
        response = self._safely(self._dispatch, request)
        response.truncate = any(fault.kind == "truncate" for fault in request.faults)
        return _instead_of_answer(request.faults, AFTER) or response

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
            return HttpError(500, "Internal Server Error").response()

    def _dispatch(self, request: Request) -> Response:
        known = False
        for method, pattern, endpoint in self._routes:
            if found := pattern.fullmatch(request.path):
                known = True
                if method == request.method or (method == "GET" and request.method == "HEAD"):
                    return endpoint(request, *found.groups())
        raise HttpError(405, "Method Not Allowed") if known else HttpError(404, "Not Found")


def _instead_of_answer(faults: list[Fault], kinds: tuple[str, str]) -> Response | None:
    """The answer a fault puts in place of the real one. Raises CutWire."""
    for fault in faults:
        if fault.kind == kinds[1]:
            raise CutWire
        if fault.kind == kinds[0]:
            return _made_up(fault)
    return None


def _made_up(fault: Fault) -> Response:
    body = (
        fault.body if fault.body is not None else {"detail": fault.message or f"Sandbox fault {fault.status}"}
    )
    response = Response.of(body, fault.status)
    if isinstance(fault.body, str):
        response.body, response.content_type = fault.body.encode(), "text/html"
    if fault.retry_after is not None:
        response.headers["Retry-After"] = f"{fault.retry_after:g}"
    return response


def _routes(api: Endpoints, files: Files) -> list[tuple[str, re.Pattern[str], Endpoint]]:
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", f"{BASE_PATH}/models", api.models),
        ("GET", f"{BASE_PATH}/voices", api.voices),
        ("GET", f"{BASE_PATH}/assets", api.list_assets),
        ("POST", f"{BASE_PATH}/assets", api.create_asset),
        ("POST", f"{BASE_PATH}/assets/([^/]+)/upload", api.upload_asset),
        ("GET", f"{BASE_PATH}/generations", api.list_generations),
        ("POST", f"{BASE_PATH}/generations", api.generate),
        ("GET", f"{BASE_PATH}/generations/([^/]+)/status", api.status),
        ("GET", f"{BASE_PATH}/billing/credits", api.credits),
        ("PUT", "/uploads/([^/]+)", files.receive),
        ("GET", "/media/(clips|posters|thumbnails|previews)/([^/.]+)\\.\\w+", files.result),
        ("GET", "/media/assets/([^/]+)", files.upload),
        ("GET", "/media/asset-thumbnails/([^/]+)", files.upload_thumbnail),
        ("GET", "/media/voices/([^/.]+)\\.wav", files.voice),
    ]
    return [(method, re.compile(pattern), endpoint) for method, pattern, endpoint in table]
