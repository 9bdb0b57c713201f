"""A scripted HTTP server on a real socket: each request takes the next answer of the script."""

import hashlib
import json
import re
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEPT_BODY_BYTES = 64 * 1024


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    """The first 64 KB."""
    body_size: int
    body_sha256: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # its wait for the client's next word costs 40 ms an answer
    server: "ScriptedServer"

    def answer(self) -> None:
        seen = self.read_request()
        self.server.seen.append(seen)
        step = (
            self.server.script.popleft()
            if self.server.script
            else json_answer({"detail": "script is over"}, 418)
        )
        step(self)

    do_GET = do_POST = do_PUT = answer  # noqa: N815 - the names that http.server looks for

    def read_request(self) -> Seen:
        left = size = int(self.headers.get("Content-Length", 0))
        kept, digest = bytearray(), hashlib.sha256()
        while left:
            piece = self.rfile.read(min(left, 1 << 20))
            kept += piece[: KEPT_BODY_BYTES - len(kept)]
            digest.update(piece)
            left -= len(piece)
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Seen(
            self.command, parts.path, parse_qs(parts.query), headers, bytes(kept), size, digest.hexdigest()
        )

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        # The library adds a date of its own.
        (self.send_response_only if "Date" in headers else self.send_response)(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class ScriptedServer(ThreadingHTTPServer):
    """Start with `with`; `url` is its base, `script` what it will answer, `seen` what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: deque[Answer] = deque()
        self.seen: list[Seen] = []
        self.over = Event()
        self._thread = Thread(target=self.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def will(self, *answers: Answer) -> None:
        self.script.extend(answers)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Quiet about clients that hang up: some tests are about just that."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def __enter__(self) -> "ScriptedServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


def json_answer(body: Any, status: int = 200, **headers: str) -> Answer:
    return text_answer(json.dumps(body), status, "application/json", **headers)


def text_answer(text: str, status: int = 200, content_type: str = "text/plain", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.send(status, text.encode(), {"Content-Type": content_type, **named})


def rate_limited(retry_after: str) -> Answer:
    return json_answer({"detail": "slow down"}, 429, Retry_After=retry_after)


def server_error(status: int = 500) -> Answer:
    return text_answer("<html><body>Bad Gateway</body></html>", status, "text/html")


def redirect(location: str) -> Answer:
    return lambda handler: handler.send(302, b"", {"Location": location})


def cut(handler: Handler) -> None:
    """Take the request and hang up without a word."""
    handler.close_connection = True


def silence(handler: Handler) -> None:
    """Take the request and say nothing until the test is over."""
    handler.server.over.wait(30)
    handler.close_connection = True


def cut_body(body: bytes, announced: int, **headers: str) -> Answer:
    """Announce more bytes than come."""

    def step(handler: Handler) -> None:
        handler.send(200, body, {"Content-Length": str(announced), **headers})
        handler.close_connection = True

    return step


def trickle(content_type: str) -> Answer:
    """A blank now and then, each well within the read timeout, until the client has enough of it."""

    def step(handler: Handler) -> None:
        handler.send(200, b"", {"Content-Length": "1000000", "Content-Type": content_type})
        while not handler.server.over.wait(0.02):
            handler.wfile.write(b" ")

    return step


def file_answer(content: bytes, content_type: str = "video/mp4") -> Answer:
    """A file server that knows ranges."""

    def step(handler: Handler) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        first = int(wanted.group(1)) if wanted else 0
        headers = {"Content-Type": content_type}
        if wanted and first >= len(content):
            handler.send(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        elif wanted:
            headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
            handler.send(206, content[first:], headers)
        else:
            handler.send(200, content, headers)

    return step
