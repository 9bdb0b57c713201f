"""The same press of a list of models, arriving many times at the same moment, over the real web server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import requests

from tests.project.running import Running, prepare, wait_for

AT_ONCE = 10
MODELS = ("Grok Video T2V", "Kling 2.5 Turbo T2V", "MiniMax Hailuo 2.3 Standard T2V")
Pairs = list[tuple[str, str]]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    prepare(tmp_path / "data")
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


def fields(page: str, of: str = "panel several") -> Pairs:
    """The hidden fields of the form of this class."""
    form = page[page.index(f'class="{of}"') :]
    return re.findall(r'<input type="hidden" name="([^"]+)"(?: id="id_shot")? value="([^"]*)"', form)


def pressed_at_once(running: Running, session: requests.Session, path: str, form: Pairs) -> set[str]:
    """Where the answers to the same press lead."""
    together = Barrier(AT_ONCE)

    def press(_: int) -> str:
        together.wait(30)
        cookies = session.cookies.get_dict()
        answer = requests.post(at(running, path), form, cookies=cookies, allow_redirects=False, timeout=60)
        return f"{answer.status_code} {answer.headers.get('Location')}"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return set(pool.map(press, range(AT_ONCE)))


def takes_in(page: str) -> list[str]:
    return re.findall(r'<article id="take-(\d+)"', page)


def test_each_model_is_ordered_once(running: Running) -> None:
    session = requests.Session()
    form = pressed(running, session)
    compared = f"/gallery/?fan_out={dict(form)['shot']}"
    assert pressed_at_once(running, session, "/create/several/order/", form) == {f"302 {compared}"}
    page = read(running, compared)
    assert len(takes_in(page)) == len(MODELS)
    assert all(name in page for name in MODELS)


def test_a_draft_becomes_one_final(running: Running) -> None:
    session = requests.Session()
    draft = drafted(running, session)
    page = session.get(at(running, f"/gallery/{draft}/final/"), timeout=30).text
    form = [*fields(page, "final dims"), ("resolution", "720p"), ("duration_ms", "5000")]
    [answer] = pressed_at_once(running, session, f"/gallery/{draft}/final/", form)
    assert re.fullmatch(r"302 /gallery/\d+/", answer)
    finals = set(takes_in(read(running, "/gallery/?q=only+once"))) - {draft}
    assert len(finals) == 1


def drafted(running: Running, session: requests.Session) -> str:
    """A finished take of 480p."""
    page = session.get(
        at(running, "/create/several/?prompt=A+fox+only+once&resolution=480p"), timeout=30
    ).text
    form = [*fields(page), ("several", dict(fields(page))["model"])]
    session.post(at(running, "/create/several/order/"), form, timeout=30)
    wait_for(lambda: "take is-complete" in read(running, "/gallery/?q=only+once"), "the draft")
    [take] = takes_in(read(running, "/gallery/?q=only+once"))
    return take
