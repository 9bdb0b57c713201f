"""A studio behind two web servers, on either database, and many people who press at the same moment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from threading import Barrier, Event
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
import requests

from sandbox.server import Handle
from tests.environment import BLANK
from tests.project.running import free_port, prepare

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
PRESSES, PRICE = 50, 35
CREDITS = 10 * PRICE + 20


class Site:
    """A studio behind two web servers, with credits for ten takes and a few over."""

    def __init__(self, sandbox: Handle, folder: Path, database_url: str) -> None:
        self.sandbox, self.folder = sandbox, folder
        self.key = f"sk_sandbox_{uuid4().hex}"
        self.env = {
            **os.environ,
            **BLANK,
            "DJANGO_SETTINGS_MODULE": "tests.processes.settings",
            "HEDRA_API_KEY": self.key,
            "HEDRA_BASE_URL": sandbox.api_url,
            "STUDIO_DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
        }
        self.running: list[subprocess.Popen[bytes]] = []
        sandbox.settings(key=self.key, balance=CREDITS)
        if not database_url:
            prepare(folder)
        self.model = self.run("prepare")
        self.urls = [self._serve() for _ in range(2)]

    def run(self, *actions: str) -> Any:
        command = [sys.executable, "-m", "tests.processes.buying", *actions]
        found = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, timeout=PATIENCE_S)
        assert found.returncode == 0, found.stderr.decode()
        return json.loads(found.stdout)

    def _serve(self) -> str:
        port = free_port()
        self.manage("serve", STUDIO_PORT=str(port))
        return f"http://127.0.0.1:{port}"

    def manage(self, command: str, **env: str) -> None:
        log = (self.folder / "processes.log").open("ab")
        words = [sys.executable, "manage.py", command]
        process = subprocess.Popen(words, cwd=ROOT, env=self.env | env, stdout=log, stderr=log)
        self.running.append(process)

    def stop(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()

    def press_at_once(self, shots: list[str], prompts: list[str]) -> list[tuple[int, str]]:
        """Every press with a browser of its own; they leave together."""
        browsers = [self._browser(self.urls[number % 2]) for number in range(len(self.urls))]
        together = Barrier(len(shots))

        def press(number: int) -> tuple[int, str]:
            url, headers = browsers[number % 2]
            data = self._shot(shots[number], prompts[number])
            together.wait(PATIENCE_S)
            answer = requests.post(f"{url}/create/", data, headers=headers, timeout=PATIENCE_S)
            return answer.status_code, answer.text

        with ThreadPoolExecutor(len(shots)) as pool:
            return list(pool.map(press, range(len(shots))))

    def _browser(self, url: str) -> tuple[str, dict[str, str]]:
        """What it sends along, once its server answers."""
        end, pause = monotonic() + PATIENCE_S, Event()
        while True:
            try:
                page = requests.get(f"{url}/create/", timeout=PATIENCE_S)
                break
            except requests.ConnectionError:
                assert monotonic() < end, (self.folder / "processes.log").read_text()[-4000:]
                pause.wait(0.05)
        assert page.status_code == 200, page.text
        token = page.cookies["hedra_studio_csrf"]
        return url, {"Cookie": f"hedra_studio_csrf={token}", "X-CSRFToken": token, "HX-Request": "true"}

    def _shot(self, shot: str, prompt: str) -> dict[str, str]:
        return {
            "shot": shot,
            "model": str(self.model),
            "prompt": prompt,
            "aspect_ratio": "16:9",
            "resolution": "720p",
            "duration_ms": "5000",
            "variations": "1",
            "seen_price": str(PRICE),
        }

    @property
    def charges(self) -> list[int]:
        """What the service took for our orders, what it gave back as negative amounts."""
        ours = {request["body"]["generation_id"] for request in self.sandbox.requests(self.key)}
        entries = [each for each in self.sandbox.ledger(self.key)["entries"] if each["generation_id"] in ours]
        signs = {"charge": 1, "refund": -1}
        return [signs[entry["kind"]] * abs(int(entry["credits"])) for entry in entries]

    @property
    def lowest_balance(self) -> int:
        return min(CREDITS - spent for spent in accumulate(self.charges))


@pytest.fixture
def site(sandbox: Handle, tmp_path: Path, database_url: str) -> Iterator[Site]:
    site = Site(sandbox, tmp_path, database_url)
    yield site
    site.stop()
