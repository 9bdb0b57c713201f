"""What the sandbox asks others for: links and webhooks on this machine, and nothing anywhere else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from time import monotonic
from typing import Any, cast
from urllib.error import URLError

import pytest

from sandbox.nearby import fetched, is_nearby
from tests.sandbox.conftest import PATIENCE_S, Json, image_bytes
from tests.sandbox.hoox.conftest import HooxApi
from tests.sandbox.hoox.test_orders import clip, image


class Neighbour(ThreadingHTTPServer):
    """Answers with the statuses given, then 200, and keeps what arrived."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.arrived: Queue[tuple[str, dict[str, str], Any]] = Queue()
        self.statuses: list[int] = []
        self.content = b""

    def next(self) -> tuple[str, dict[str, str], Any]:
        return self.arrived.get(timeout=PATIENCE_S)


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        server = cast(Neighbour, self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server.arrived.put((self.path, dict(self.headers), json.loads(body) if body else None))
        status = server.statuses.pop(0) if server.statuses else 200
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://192.0.2.1/")
        self.send_header("Content-Length", str(len(server.content)))
        self.end_headers()
        self.wfile.write(server.content)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def neighbour() -> Iterator[Neighbour]:
    with Neighbour() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def tries(api: HooxApi, asset_id: str) -> int:
    """How often the webhook was called, once no more calls are to come."""
    end, pause = monotonic() + PATIENCE_S, threading.Event()
    sql = "SELECT tries FROM webhooks WHERE generation_id = ? AND done = 1"
    while (row := api.sandbox.app.store.one(sql, asset_id)) is None:
        assert monotonic() < end
        pause.wait(0.02)
    return int(row["tries"])


def test_a_picture_on_this_machine_is_fetched_and_used(hoox: HooxApi, neighbour: Neighbour) -> None:
    neighbour.content = image_bytes()
    (asset_id,) = hoox.started(clip(references=[{"url": f"{neighbour.url}/start.png"}]))["asset_ids"]

    assert hoox.finished(asset_id)["status"] == "completed"
    assert neighbour.next()[0] == "/start.png"


def test_a_reference_that_is_no_picture_is_passed_over(hoox: HooxApi, neighbour: Neighbour) -> None:
    neighbour.content = b"a sound, say"
    (asset_id,) = hoox.started(clip(references=[{"url": f"{neighbour.url}/sound.wav"}]))["asset_ids"]

    assert hoox.finished(asset_id)["status"] == "completed"


@pytest.mark.parametrize("status", [404, 302])
def test_a_link_that_gives_nothing_fails_and_refunds(
    hoox: HooxApi, neighbour: Neighbour, status: int
) -> None:
    neighbour.statuses = [status]
    (asset_id,) = hoox.started(clip(references=[{"url": f"{neighbour.url}/gone.png"}]))["asset_ids"]
    asset = hoox.finished(asset_id)

    assert (asset["status"], asset["error"]["code"]) == ("failed", "GENERATION_FAILED")
    assert "could not be fetched" in asset["error"]["message"]
    assert hoox.ledger["balance"] == 1000


def test_links_elsewhere_are_named_and_not_followed(hoox: HooxApi) -> None:
    (asset_id,) = hoox.started(clip(references=[{"url": "http://192.0.2.1/a.png"}]))["asset_ids"]

    assert hoox.finished(asset_id)["status"] == "completed"
    row = hoox.sandbox.app.generations.find(asset_id)
    assert row
    assert json.loads(row["spec"])["label"].endswith("with 192.0.2.1")


def test_a_webhook_tells_of_a_finished_clip(hoox: HooxApi, neighbour: Neighbour) -> None:
    order = clip(webhook_url=f"{neighbour.url}/hook?token=1", model="grok-imagine-video")
    (asset_id,) = hoox.started(order)["asset_ids"]
    path, headers, call = neighbour.next()
    result = call.pop("result")

    assert path == "/hook?token=1"
    assert headers["X-Hoox-Webhook"] == "true"
    assert "Hoox-API" in headers["User-Agent"]
    assert call == {"task": "asset_generation", "asset_id": asset_id, "status": "completed"}
    assert (result["asset_type"], result["width"], result["duration_seconds"]) == ("video", 480, 1)
    assert hoox.http.get(result["asset_url"], timeout=5).headers["Content-Type"] == "video/mp4"


def test_each_asset_of_an_order_has_its_call(hoox: HooxApi, neighbour: Neighbour) -> None:
    order = image(webhook_url=neighbour.url, generation_count=3)
    ids = hoox.started(order)["asset_ids"]

    assert sorted(neighbour.next()[2]["asset_id"] for _ in ids) == sorted(ids)


def test_a_webhook_tells_of_a_failure(own_hoox: HooxApi, neighbour: Neighbour) -> None:
    own_hoox.sandbox.fault("fail", service="hoox", code="MODERATION_FAILED", message="No.")
    own_hoox.started(image(webhook_url=neighbour.url))
    call: Json = neighbour.next()[2]

    assert call["status"] == "failed"
    assert call["error"] == {"code": "MODERATION_FAILED", "message": "No."}


def test_a_failed_call_comes_again_three_times(own_hoox: HooxApi, neighbour: Neighbour) -> None:
    neighbour.statuses = [500, 302, 404, 503]
    (asset_id,) = own_hoox.started(image(webhook_url=neighbour.url))["asset_ids"]

    assert tries(own_hoox, asset_id) == 4
    assert [neighbour.next()[2]["asset_id"] for _ in range(4)] == [asset_id] * 4
    assert neighbour.arrived.empty()


def test_a_call_that_arrived_does_not_come_again(own_hoox: HooxApi, neighbour: Neighbour) -> None:
    neighbour.statuses = [500]
    (asset_id,) = own_hoox.started(image(webhook_url=neighbour.url))["asset_ids"]

    assert tries(own_hoox, asset_id) == 2
    assert neighbour.arrived.qsize() == 2


def test_a_webhook_elsewhere_is_accepted_and_never_called(hoox: HooxApi) -> None:
    (asset_id,) = hoox.started(image(webhook_url="https://192.0.2.1/hook"))["asset_ids"]

    assert hoox.sandbox.app.store.one("SELECT 1 FROM webhooks WHERE generation_id = ?", asset_id) is None


@pytest.mark.parametrize(
    "url", ["http://localhost:1/x", "http://127.0.0.1/", "https://127.9.9.9/", "http://[::1]:80/"]
)
def test_this_machine(url: str) -> None:
    assert is_nearby(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/",
        "http://example.com/",
        "http://localhost.example.com/",
        "http://127.0.0.1@192.0.2.1/",
        "ftp://127.0.0.1/",
        "file:///etc/hosts",
        "http://[::1",
        "",
    ],
)
def test_elsewhere_is_never_asked(url: str) -> None:
    assert not is_nearby(url)
    with pytest.raises((URLError, ValueError)):
        fetched(url, 0.1)
