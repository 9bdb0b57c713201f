"""The processes of a studio and of the service's stand-in, to be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import requests

from tests.environment import BLANK
from tests.project.running import free_port

ROOT = Path(__file__).resolve().parents[2]
SPEED = 40
PATIENCE_S = 60


def environment(folder: Path, key: str, database: str) -> dict[str, str]:
    """What each process of the studio is started with, and the one that judges it, too."""
    sandbox = free_port()
    return {
        **BLANK,
        "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "STUDIO_DATA_DIR": str(folder),
        "DATABASE_URL": database,
        "STUDIO_PORT": str(free_port()),
        "SANDBOX_PORT": str(sandbox),
        "HEDRA_API_KEY": key,
        "HEDRA_BASE_URL": f"http://127.0.0.1:{sandbox}/web-app/public",
    }


class Process:
    """One process in a session of its own, so that a kill takes its children along."""

    def __init__(self, name: str, command: list[str], log: Path) -> None:
        self.name, self._command, self._log = name, [sys.executable, *command], log
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                self._command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    def signal(self, number: signal.Signals) -> None:
        if self._running:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, number)

    def kill(self) -> None:
        if self._running:
            self.signal(signal.SIGKILL)
            self._running.wait()
            self._running = None

    @property
    def is_running(self) -> bool:
        return self._running is not None and self._running.poll() is None


class Sandbox:
    """The service's stand-in through its control endpoint."""

    def __init__(self, port: str, key: str) -> None:
        self.url, self._key = f"http://127.0.0.1:{port}/sandbox", key
        self._wire = requests.Session()

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        answer = self._wire.request(method, f"{self.url}/{path}", timeout=PATIENCE_S, **options)
        answer.raise_for_status()
        return answer.json()

    def is_ready(self) -> bool:
        try:
            return bool(self._ask("GET", "ready"))
        except requests.RequestException:
            return False

    def add(self, fault: dict[str, Any]) -> None:
        self._ask("POST", "faults", json=fault)

    def waiting(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "faults"))

    def clear(self) -> None:
        self._ask("DELETE", "faults")

    def enrich(self) -> None:
        self._ask("POST", "settings", json={"key": self._key, "balance": 10_000_000})

    def entries(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "ledger", params={"key": self._key})["entries"])

    def orders(self) -> list[dict[str, Any]]:
        return list(self._ask("GET", "requests", params={"key": self._key}))


class Site:
    """One sandbox, one web process, two workers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port = os.environ["SANDBOX_PORT"]
        self.url = f"http://127.0.0.1:{os.environ['STUDIO_PORT']}"
        self.sandbox = Sandbox(port, os.environ["HEDRA_API_KEY"])
        state = ["--state", str(folder / "sandbox"), "--speed", str(SPEED), "--parent-pid", str(os.getpid())]
        log = folder / "log"
        self._service = Process("sandbox", ["-m", "sandbox", "--port", port, *state], log)
        self.web = Process("web", ["manage.py", "serve"], log)
        self.workers = [
            Process(f"worker {n}", ["manage.py", "run_worker", "--threads", "4"], log) for n in (1, 2)
        ]

    def __enter__(self) -> Self:
        self._service.start()
        self.wait_for(self.sandbox.is_ready)
        return self

    def start(self) -> None:
        for process in self.processes:
            process.start()

    def __exit__(self, *_: object) -> None:
        for process in (*self.processes, self._service):
            process.kill()

    @property
    def processes(self) -> list[Process]:
        return [self.web, *self.workers]

    def wait_for(self, reached: Any) -> None:
        end = time.monotonic() + PATIENCE_S
        while not reached():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {PATIENCE_S} s; see {self.folder / 'log'}")
            time.sleep(0.05)

    def set_clock(self, ahead_s: float) -> None:
        """For all processes at once, this one too; moved into place, so that none reads half of it."""
        new = self.folder / "clock.new"
        new.write_text(f"{ahead_s}")
        new.replace(self.folder / "clock")
