"""A studio on several machines: folders of their own; one database, one queue, one bucket."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import requests
from psycopg.rows import dict_row

from sandbox.server import Handle
from tests.deploy.conftest import Store
from tests.environment import BLANK
from tests.project.running import PROJECT, free_port, is_alive, wait_for

PATIENCE_S = 150
Process = subprocess.Popen[bytes]


@dataclass
class Team:
    sandbox: Handle
    folder: Path
    database_url: str
    queue_url: str
    store: Store
    key: str = field(default_factory=lambda: f"sk_sandbox_{uuid4().hex}")
    port: int = field(default_factory=free_port)
    started: list[Process] = field(default_factory=list)

    def env(self, machine: str) -> dict[str, str]:
        return {
            **os.environ,
            **BLANK,
            **self.store.env,
            "DJANGO_SETTINGS_MODULE": "tests.deploy.settings",
            "STUDIO_DATA_DIR": str(self.folder / machine),
            "STUDIO_PORT": str(self.port),
            "DATABASE_URL": self.database_url,
            "QUEUE_URL": self.queue_url,
            "SECRET_KEY": "the-same-on-every-machine-of-the-team",
            "HEDRA_API_KEY": self.key,
            "HEDRA_BASE_URL": self.sandbox.api_url,
        }

    def start(self, machine: str, *arguments: str) -> Process:
        """`manage.py` with these arguments."""
        (self.folder / machine).mkdir(exist_ok=True)
        with (self.folder / machine / "log").open("ab") as log:
            command = [sys.executable, "manage.py", *arguments]
            process = subprocess.Popen(command, cwd=PROJECT, env=self.env(machine), stdout=log, stderr=log)
        self.started.append(process)
        return process

    def press(self, count: int, then: str = "wait") -> str:
        command = [sys.executable, "-m", "tests.deploy.press", str(count), then]
        done = subprocess.run(
            command, cwd=PROJECT, env=self.env("a"), capture_output=True, timeout=PATIENCE_S
        )
        assert not done.returncode, done.stderr.decode()
        return done.stdout.decode()

    def takes(self) -> list[dict[str, Any]]:
        """Those that were ordered here, oldest first."""
        with psycopg.connect(self.database_url, row_factory=dict_row) as connection:
            rows = connection.execute("SELECT * FROM generations_generation WHERE NOT imported ORDER BY id")
            return list(rows)

    def wait_until_complete(self) -> None:
        try:
            wait_for(lambda: {take["status"] for take in self.takes()} == {"complete"}, "them", PATIENCE_S)
        except AssertionError:
            raise AssertionError(f"{self.takes()}\n{self.log()[-4000:]}") from None

    def log(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*/log")))

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=30)

    def is_up(self) -> bool:
        with suppress(requests.ConnectionError):
            return self.get("/healthz").status_code == 200
        return False

    def kill(self) -> None:
        for process in filter(lambda process: is_alive(process.pid), self.started):
            process.kill()
            process.wait()
