"""The same press of a list of models, arriving many times at the same moment, over the real web server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import requests

from tests.project.running import Running, wait_for

AT_ONCE = 10
MODELS = ("Grok Video T2V", "Kling 2.5 Turbo T2V", "MiniMax Hailuo 2.3 Standard T2V")
Pairs = list[tuple[str, str]]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path / "data", SANDBOX_SPEED=20) as running:
        running.ready_line()
        wait_for(lambda: "Grok Video T2V" in read(running, "/create/several/"), "the catalog")
        yield running


def at(running: Running, path: str) -> str:
    return f"http://127.0.0.1:{running.port}{path}"


def read(running: Running, path: str) -> str:
    return requests.get(at(running, path), timeout=30).text


def pressed(running: Running, session: requests.Session) -> Pairs:
    """The form of the list with the models ticked and their total seen."""
    first = session.get(at(running, "/create/several/?prompt=A+fox&duration_ms=5000"), timeout=30).text
    models = [
        re.findall(rf'name="several" value="(\d+)"[^>]*>\s*<span[^>]*>{name} ', first)[0] for name in MODELS
    ]
    asked = [*fields(first), *(("several", model) for model in models), ("cap", "1000")]
    page = session.post(at(running, "/create/several/"), asked, timeout=30).text
    return [*fields(page), *(("several", model) for model in models), ("cap", "1000")]


def fields(page: str) -> Pairs:
    form = page[page.index('<form class="panel several"') :]
    return re.findall(r'<input type="hidden" name="([^"]+)"(?: id="id_shot")? value="([^"]*)"', form)


def test_each_model_is_ordered_once(running: Running) -> None:
    session, together = requests.Session(), Barrier(AT_ONCE)
    form = pressed(running, session)
    shot = dict(form)["shot"]

    def press(_: int) -> str:
        together.wait(30)
        cookies = session.cookies.get_dict()
        answer = requests.post(
            at(running, "/create/several/order/"), form, cookies=cookies, allow_redirects=False, timeout=60
        )
        return f"{answer.status_code} {answer.headers.get('Location')}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(press, range(AT_ONCE)))

    assert answers == [f"302 /gallery/?fan_out={shot}"] * AT_ONCE
    page = read(running, f"/gallery/?fan_out={shot}")
    assert len(re.findall(r'<article id="take-', page)) == len(MODELS)
    assert all(name in page for name in MODELS)
