"""The sandbox as a process: ready, restarted, killed, orphaned."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
import requests

from tests.sandbox.conftest import PATIENCE_S, Api, image_bytes, video

ROOT = Path(__file__).parents[2]
Start = Callable[..., subprocess.Popen[str]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def url(port: int, path: str) -> str:
    return f"http://127.0.0.1:{port}{path}"


def api_get(port: int, path: str) -> requests.Response:
    return requests.get(url(port, "/web-app/public" + path), headers={"X-API-Key": "sandbox"}, timeout=5)


def order(port: int, **changes: object) -> requests.Response:
    return requests.post(
        url(port, "/web-app/public/generations"),
        json=video(**changes),
        headers={"X-API-Key": "sandbox"},
        timeout=5,
    )


def wait_for(reached: Callable[[], bool]) -> None:
    end, pause = monotonic() + PATIENCE_S, Event()
    while not reached():
        assert monotonic() < end
        pause.wait(0.02)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def begin(port: int, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "sandbox", "--port", str(port), "--state", str(tmp_path / "state")]
        process = subprocess.Popen(
            [*command, *options], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_one_line_when_ready_and_a_quick_end(begin: Start) -> None:
    port = free_port()
    process = begin(port)

    assert first_line(process) == f"Sandbox ready at {url(port, '/web-app/public')}"
    api_get(port, "/generations")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0
    assert process.communicate() == ("", "")


def test_ctrl_c_ends_it_too(begin: Start) -> None:
    process = begin(free_port())
    first_line(process)
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=5) == 0


def test_a_taken_port_is_one_clear_line(begin: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = begin(taken.getsockname()[1])
        out, error = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 2
    assert out == ""
    assert error.count("\n") == 1
    assert "Address already in use" in error


def test_a_state_folder_that_cannot_be_written(begin: Start, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    process = begin(free_port())
    _, error = process.communicate(timeout=PATIENCE_S)

    assert (process.returncode, error.count("\n")) == (2, 1)


def test_killed_in_the_middle_it_finishes_after_a_restart(begin: Start) -> None:
    port = free_port()
    process = begin(port, "--speed", "100")
    first_line(process)
    made = order(port, batch_size=2, inputs={"duration_ms": 8000}).json()
    process.kill()
    process.wait()
    second = begin(port, "--speed", "100")
    first_line(second)

    for item in made["batch_results"]:
        path = f"/generations/{item['id']}/status"
        wait_for(lambda path=path: api_get(port, path).json()["status"] == "complete")  # type: ignore[misc]
        link = api_get(port, path).json()["url"]
        assert len(requests.get(link, timeout=PATIENCE_S).content) > 10_000


def test_it_ends_when_its_parent_is_gone(tmp_path: Path) -> None:
    port = free_port()
    code = (
        "import os, subprocess, sys, time\n"
        f"command = [sys.executable, '-m', 'sandbox', '--port', '{port}', '--state', {str(tmp_path)!r}]\n"
        "child = subprocess.Popen([*command, '--parent-pid', str(os.getpid())], stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    child = int(first_line(parent))
    parent.kill()
    parent.communicate()

    wait_for(lambda: gone(child))


def test_nothing_is_forgotten_over_a_restart(restarted: Callable[[], Api]) -> None:
    before = restarted()
    asset_id = before.upload("image", image_bytes(), "kept.png")
    take = before.finished(before.generate(video())["id"])
    before.sandbox.settings(paging="flat")
    entries, balance = before.entries, before.balance
    after = restarted()

    assert (after.entries, after.balance) == (entries, balance)
    assert [row["name"] for row in after.get("/assets", type="image", ids=asset_id).json()] == ["kept.png"]
    assert after.listed(take["id"])["status"] == "complete"
    assert after.get("/generations", limit=1).json()["page_info"]["limit"] == 1
    assert after.post("/generations", video(generation_id=take["id"])).status_code == 409


def test_links_of_before_a_restart_still_open(restarted: Callable[[], Api]) -> None:
    before = restarted()
    asset_id = before.upload("image", image_bytes())
    (asset,) = before.get("/assets", type="image", ids=asset_id).json()
    old = before.sandbox.url
    after = restarted()

    moved = asset["asset"]["url"].replace(old, after.sandbox.url)
    assert requests.get(moved, timeout=5).status_code == 200


def test_a_refund_is_given_once_over_restarts(restarted: Callable[[], Api]) -> None:
    before = restarted()
    before.sandbox.fault("fail")
    take = before.generate(video())
    after = restarted()
    after.finished(take["id"])
    again = restarted()

    assert again.balance == 12_480
    assert [row["kind"] for row in again.entries if row["generation_id"] == take["id"]] == [
        "charge",
        "refund",
    ]
