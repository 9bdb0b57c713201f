"""Two processes that sync at the same moment: nothing twice, nothing lost, on either database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from tests.catalog.factories import rate, row
from tests.clients.server import Answer, Handler, ScriptedServer, json_answer
from tests.environment import BLANK

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


class Site:
    """A studio's folder and database, and processes that work on them."""

    def __init__(self, service: ScriptedServer, folder: Path, database_url: str) -> None:
        self.service = service
        self.env = {
            **os.environ,
            **BLANK,
            "DJANGO_SETTINGS_MODULE": "hedra_studio.settings",
            "HEDRA_API_KEY": "sk_hedra_tests",
            "HEDRA_BASE_URL": service.url + "/web-app/public",
            "STUDIO_DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
        }

    def start(self, *actions: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.processes.syncing", *actions]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=pipe, stderr=pipe, text=True)

    def run(self, *actions: str) -> Any:
        return _answer(self.start(*actions))

    def sync_at_once(self, *bodies: Any) -> list[str]:
        """As many processes as bodies; each is answered only once all have asked."""
        all_asked = Barrier(len(bodies))
        self.service.will(*(_once(all_asked, body) for body in bodies))
        return sorted(_answer(process) for process in [self.start("sync") for _ in bodies])


def _once(all_asked: Barrier, body: Any) -> Answer:
    def step(handler: Handler) -> None:
        all_asked.wait(PATIENCE_S)
        json_answer(body)(handler)

    return step


def _answer(process: subprocess.Popen[str]) -> Any:
    out, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, errors
    return json.loads(out)


@pytest.fixture
def site(service: ScriptedServer, tmp_path: Path, database_url: str) -> Site:
    return Site(service, tmp_path, database_url)


def offer(price: int, *names: str) -> list[dict[str, Any]]:
    return [row(name, slug=f"at-once/{name}", id=f"id-{name}", pricing=rate(price)) for name in names]


def test_two_first_syncs_make_each_model_once(site: Site) -> None:
    site.run("migrate")
    names = [f"m{n:02}" for n in range(40)]
    reports = site.sync_at_once(offer(7, *names), offer(7, *names))

    told = site.run("tell")
    assert reports == ["40 added", "no changes"]
    assert [name for name, _ in told["models"]] == names
    assert told["diary"] == []


def test_two_syncs_write_each_entry_once(site: Site) -> None:
    old_form = {**offer(7, "moving")[0], "slug": None}
    site.service.will(json_answer([*offer(7, "cheaper", "gone", "same"), old_form]))
    site.run("migrate", "sync")
    now = [*offer(6, "cheaper", "moving"), *offer(7, "same", "new")]
    reports = site.sync_at_once(now, now, now)

    told = site.run("tell")
    assert reports == ["1 added, 2 updated, 1 retired, 2 prices changed", "no changes", "no changes"]
    assert sorted(told["diary"], key=str) == [
        ["cheaper", "price", 35, 30],
        ["gone", "retired", 35, None],
        ["moving", "price", 35, 30],
        ["new", "arrived", None, 35],
    ]
    assert ["moving", "at-once/moving"] in told["models"]
    assert len(told["models"]) == 5


def test_different_answers_leave_a_diary_without_a_gap(site: Site) -> None:
    """The entries lead step by step to what stands; an answer that was overtaken changes nothing."""
    site.service.will(json_answer(offer(7, "a", "b")))
    site.run("migrate", "sync")
    site.sync_at_once(offer(8, "a", "b"), offer(9, "a", "b"))

    told = site.run("tell")
    for name in ("a", "b"):
        steps = [entry[2:] for entry in told["diary"] if entry[0] == name]
        assert steps in ([[35, 40]], [[35, 45]], [[35, 40], [40, 45]], [[35, 45], [45, 40]])
        assert told["offered"][name] == f"{steps[-1][1] // 5} cr/s"
