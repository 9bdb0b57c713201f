"""The HTTP server: one thread per connection, keep-alive, streamed bodies, wires that can be cut.

``start`` runs it in this process (tests); ``python -m sandbox`` runs the same thing on its own.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox.app import BASE_PATH, App
from sandbox.hoox.half import BASE_PATH as HOOX_BASE_PATH
from sandbox.wire import CHUNK, Body, CutWire, Request, Response

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    timeout = 120
    disable_nagle_algorithm = True

    def _handle(self) -> None:
        request = self._request()
        try:
            response = cast(Server, self.server).app.handle(request)
            request.body.drain()
            self._send(response)
        except CutWire:
            self._reset()
        except OSError:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _handle  # noqa: N815

    def _request(self) -> Request:
        url = urlsplit(self.path)
        chunked = "chunked" in (self.headers.get("Transfer-Encoding") or "").lower()
        length = self.headers.get("Content-Length") or ""
        body = Body(cast(BinaryIO, self.rfile), int(length) if length.isdigit() else None, chunked)
        host = self.headers.get("Host") or "127.0.0.1"
        query = parse_qs(url.query, keep_blank_values=True)
        return Request(
            self.command,
            unquote(url.path),
            query,
            self.headers,
            body,
            self.client_address[0],
            f"http://{host}",
        )

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(response.size))
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if response.truncate:
            self.close_connection = True
        if response.file:
            self._send_file(response.file, response)
        else:
            self.wfile.write(response.body[: len(response.body) // 2] if response.truncate else response.body)

    def _send_file(self, path: Path, response: Response) -> None:
        left = response.length // 2 if response.truncate else response.length
        with path.open("rb") as source:
            source.seek(response.start)
            while left and (data := source.read(min(CHUNK, left))):
                self.wfile.write(data)
                left -= len(data)

    def _reset(self) -> None:
        """Close so that the other side sees a reset rather than a polite end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a request line may hold a signed link."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], app: App) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        super().__init__(address, Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; real errors are answered with 500 by the app."""

    def close_connections(self) -> None:
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


@dataclass
class Handle:
    """A running sandbox. ``url`` is its root, ``api_url`` what a client takes as base URL."""

    url: str
    app: App
    _server: Server
    _thread: threading.Thread

    @property
    def api_url(self) -> str:
        return self.url + BASE_PATH

    @property
    def hoox_url(self) -> str:
        """The base URL of Hoox's half."""
        return self.url + HOOX_BASE_PATH

    def fault(self, kind: str, **fields: Any) -> None:
        """Queue a fault; the same fields as ``POST /sandbox/faults``."""
        self.app.faults.add({"kind": kind, **fields})

    def clear_faults(self) -> None:
        self.app.faults.clear()

    def settings(self, **fields: Any) -> dict[str, Any]:
        """Change settings; the same fields as ``POST /sandbox/settings``."""
        return self.app.control.change_settings(fields)

    def lengthen_history(self, count: int, created: datetime, apart: timedelta, key: str = "sandbox") -> None:
        """More of a past: see History.lengthen."""
        self.app.history.lengthen(self.app.accounts.opened(key), count, created, apart)

    def ledger(self, key: str = "sandbox", service: str = "hedra") -> dict[str, Any]:
        """Credits are whole numbers for Hedra, Decimals for Hoox."""
        return self.app.control.ledger_of(key, service)

    def requests(self, key: str = "sandbox", service: str = "hedra") -> list[dict[str, Any]]:
        """The orders received, oldest first: ``POST /generations``, or Hoox's ``POST /asset/start``."""
        return self.app.control.requests_of(key, service)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._server.close_connections()
        self._thread.join(timeout=5)
        self.app.close()

    def __enter__(self) -> Handle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    port: int = 0, state_dir: str | Path = "sandbox-state", speed: float = 1.0, host: str = "127.0.0.1"
) -> Handle:
    """Serve in a thread of this process; port 0 picks a free one. Raises OSError when the port is taken."""
    server = Server((host, port), app := App(Path(state_dir), speed))
    url = app.base_url = f"http://{host}:{server.server_address[1]}"
    app.open()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return Handle(url, app, server, thread)
