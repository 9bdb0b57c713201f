"""SIGKILL at each step of a take, and of everything at once: it costs time, never a clip or a credit."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import pytest

from sandbox.server import Handle
from tests.project.running import prepare

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


class Site:
    """A studio's folder, its worker process, and a look into its database from outside."""

    presser = "tests.processes.press"

    def __init__(self, sandbox: Handle, folder: Path) -> None:
        self.sandbox, self.folder = sandbox, folder
        self.key = f"sk_sandbox_{uuid4().hex}"
        self.worker: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.processes.settings",
            "HEDRA_API_KEY": self.key,
            "HEDRA_BASE_URL": self.sandbox.api_url,
            "STUDIO_DATA_DIR": str(self.folder),
            "DATABASE_URL": "",
        }

    def press(self, count: int = 1) -> list[int]:
        if not (self.folder / "studio.sqlite3").exists():
            prepare(self.folder)
        command = [sys.executable, "-m", self.presser, str(count)]
        printed = subprocess.run(command, cwd=ROOT, env=self.env, check=True, capture_output=True, timeout=60)
        return list(json.loads(printed.stdout))

    def start_worker(self, *options: str) -> None:
        log = (self.folder / "worker.log").open("ab")
        command = [sys.executable, "manage.py", "run_worker", *options]
        self.worker = subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def kill_worker(self) -> None:
        if self.worker:
            self.worker.send_signal(signal.SIGKILL)
            self.worker.wait()

    def takes(self) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(self.folder / "studio.sqlite3", timeout=20)) as connection:
            connection.row_factory = sqlite3.Row
            return [
                dict(row)
                for row in connection.execute(
                    "SELECT * FROM generations_generation WHERE NOT imported ORDER BY id"
                )
            ]

    def log(self) -> str:
        return (self.folder / "worker.log").read_text()[-4000:]

    def statuses(self) -> set[str]:
        return {take["status"] for take in self.takes()}

    def wait(self, reached: Callable[[], bool]) -> None:
        end, pause = monotonic() + PATIENCE_S, Event()
        while not reached():
            assert monotonic() < end, f"{self.takes()}\n{self.log()}"
            pause.wait(0.02)

    def assert_all_is_well(self) -> None:
        """Every take is complete and on disk; the sandbox charged each once, and exactly what we show."""
        takes = self.takes()
        assert {take["status"] for take in takes} == {"complete"}
        assert all((self.folder / "media" / take["result"]).stat().st_size for take in takes)
        ids = {take["remote_id"].replace("-", ""): take for take in takes}
        entries = self.sandbox.ledger(self.key)["entries"]
        ours = [entry for entry in entries if entry["generation_id"].replace("-", "") in ids]
        assert sorted(entry["generation_id"].replace("-", "") for entry in ours) == sorted(ids)
        for entry in ours:
            take = ids[entry["generation_id"].replace("-", "")]
            assert (entry["kind"], abs(entry["credits"])) == ("charge", take["charged"])
        ordered = [
            request["body"]["generation_id"].replace("-", "") for request in self.sandbox.requests(self.key)
        ]
        assert set(ordered) == set(ids)  # never under an id that isn't the take's own


@pytest.fixture
def site(sandbox: Handle, tmp_path: Path) -> Iterator[Site]:
    site = Site(sandbox, tmp_path)
    yield site
    site.kill_worker()
    sandbox.clear_faults()


HELD_REQUESTS = {
    "creating the asset": {"method": "POST", "path": "/assets"},
    "uploading the image": {"method": "POST", "path": "/assets/*/upload"},
    "ordering": {"method": "POST", "path": "/generations"},
    "downloading": {"method": "GET", "path": "/media/clips/{order}.*"},
}
"""`{order}` is the take's own id: the account's past is fetched at the same time."""


@pytest.mark.parametrize("match", HELD_REQUESTS.values(), ids=HELD_REQUESTS)
def test_killed_in_the_middle_of_a_request(site: Site, match: dict[str, str]) -> None:
    site.press()
    [take] = site.takes()
    path = match["path"].format(order=UUID(take["remote_id"]))
    site.sandbox.fault("latency", match=match | {"path": path}, latency_ms=1500)
    site.start_worker()
    site.wait(lambda: not site.sandbox.app.faults.waiting())
    site.kill_worker()
    assert site.statuses() & {"preparing", "submitting", "downloading"}
    site.start_worker()
    site.wait(lambda: site.statuses() == {"complete"})
    site.assert_all_is_well()


@pytest.mark.parametrize("kind", ["cut", "cut_after"])
def test_killed_after_an_answer_got_lost(site: Site, kind: str) -> None:
    """The take doesn't know whether its order arrived; the new worker asks before it orders again."""
    site.press()
    site.sandbox.fault(kind, match={"method": "POST", "path": "/generations"})
    site.start_worker()
    site.wait(lambda: not site.sandbox.app.faults.waiting())
    site.kill_worker()
    site.start_worker()
    site.wait(lambda: site.statuses() == {"complete"})
    site.assert_all_is_well()


def test_killed_while_the_service_renders(site: Site) -> None:
    site.press()
    site.start_worker()
    site.wait(lambda: bool(site.statuses() & {"queued", "processing", "finalizing"}))
    site.kill_worker()
    site.start_worker()
    site.wait(lambda: site.statuses() == {"complete"})
    site.assert_all_is_well()


def test_killed_again_and_again(site: Site) -> None:
    """Four takes, a kill every time one of them has moved."""
    site.press(4)
    for _ in range(6):
        before = [(take["status"], take["attempts"]) for take in site.takes()]
        site.start_worker()
        site.wait(lambda before=before: [(t["status"], t["attempts"]) for t in site.takes()] != before)  # type: ignore[misc]
        site.kill_worker()
    site.start_worker()
    site.wait(lambda: site.statuses() == {"complete"})
    site.assert_all_is_well()
