"""The whole main job in a real browser, on a studio started as people start it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import png
from tests.project.running import Running, descendants, is_alive, prepare, wait_for

SPEED = 20
PATIENCE_MS = 60_000


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "fox at dawn.png"
    path.write_bytes(png(720, 1280))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def running(data: Path) -> Iterator[Running]:
    prepare(data)
    with Running(data, SANDBOX_SPEED=SPEED) as running:
        running.ready_line()
        yield running


def address(running: Running, path: str = "/") -> str:
    return f"http://127.0.0.1:{running.port}{path}"


def choose_model(page: Page, running: Running, *, script: bool = True) -> None:
    """By the catalog: what makes upright video from an image and lets its length be chosen."""

    def is_there() -> bool:
        page.goto(address(running, "/catalog/"))
        return page.locator("tbody tr").count() > 0

    wait_for(is_there, "the first catalog", PATIENCE_MS / 1000)
    page.get_by_role("radiogroup", name="Aspect ratio").get_by_role("radio", name="9:16").check()
    if not script:
        page.get_by_role("button", name="Apply").first.click()
    page.wait_for_url("**/catalog/?*shot_ratio=9*")
    row = page.locator("tr", has_text="Grok Video I2V")
    expect(row).to_contain_text("35 cr")
    # What can't make it comes after all that can.
    expect(page.locator("tr", has_text="MiniMax Hailuo 2.3 Fast Standard I2V")).to_have_count(0)
    row.get_by_role("link", name="Use").click()
    page.wait_for_url("**/create/?*")


def watch_until_ready(page: Page, prompt: str) -> None:
    card = page.locator("article", has_text=prompt).first
    expect(card).to_have_class(r"take is-complete", timeout=PATIENCE_MS)


def plays(page: Page) -> None:
    """The clip has data, its time moves on, and seeking lands where it was asked to."""
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    page.evaluate("() => { const v = document.querySelector('video'); v.muted = true; return v.play(); }")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    page.evaluate("() => { const v = document.querySelector('video'); v.pause(); v.currentTime = 3.5; }")
    page.wait_for_function("() => (v => !v.seeking && v.readyState >= 2)(document.querySelector('video'))")
    assert abs(page.evaluate("() => document.querySelector('video').currentTime") - 3.5) < 0.1


def test_from_the_catalog_to_a_favourite_that_outlives_a_restart(
    page: Page, running: Running, data: Path, image: Path
) -> None:
    choose_model(page, running)
    page.get_by_label("Prompt", exact=True).fill("A fox walks out of the fog")
    page.get_by_label("Start frame").set_input_files(image)
    expect(page.get_by_text("720 × 1280")).to_be_visible()
    page.get_by_role("radio", name="9:16").check()
    page.get_by_role("radio", name="5 s", exact=True).check()
    button = page.get_by_role("button", name="Generate")
    expect(button).to_have_text("Generate · 35 credits")
    button.click()
    expect(page.locator("article", has_text="A fox walks out of the fog")).to_be_visible()
    watch_until_ready(page, "A fox walks out of the fog")

    page.get_by_role("link", name="A fox walks out of the fog").click()
    expect(page.get_by_text("35 credits").first).to_be_visible()
    plays(page)
    page.get_by_role("button", name="Favorite").click()
    expect(page.get_by_role("button", name="Favorite")).to_have_attribute("aria-pressed", "true")
    url = page.url.partition(f":{running.port}")[2]
    assert running.stop()[1] == 0

    with Running(data, SANDBOX_SPEED=SPEED) as again:
        again.ready_line()
        page.goto(address(again, "/gallery/?favorite=1"))
        expect(page.locator("article", has_text="A fox walks out of the fog")).to_have_count(1)
        page.goto(address(again, url))
        plays(page)
        expect(page.get_by_role("button", name="Favorite")).to_have_attribute("aria-pressed", "true")


def test_to_its_end_without_script(browser: Browser, running: Running, image: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    choose_model(page, running, script=False)
    page.get_by_label("Prompt", exact=True).fill("A heron lifts off")
    page.get_by_label("Start frame").set_input_files(image)
    page.get_by_role("radio", name="9:16").check()
    page.get_by_role("button", name="Generate").click()
    expect(page).to_have_url(address(running, "/gallery/"))

    def ready() -> bool:
        page.reload()
        card = page.locator("article", has_text="A heron lifts off")
        return "is-complete" in (card.get_attribute("class") or "")

    wait_for(ready, "the take to be ready", PATIENCE_MS / 1000)
    page.locator("article", has_text="A heron lifts off").get_by_role("button", name="Favorite").click()
    expect(page).to_have_url(address(running, "/gallery/"))
    page.goto(address(running, "/gallery/?favorite=1"))
    page.get_by_role("link", name="A heron lifts off").click()
    source = page.locator("video").get_attribute("src")
    response = context.request.get(address(running, source or ""), headers={"Range": "bytes=0-99"})
    assert (response.status, len(response.body())) == (206, 100)
    context.close()


def test_everything_killed_at_once_while_takes_run(page: Page, data: Path) -> None:
    """Supervisor, web, worker and sandbox die by SIGKILL; a new start finishes every take."""
    prepare(data)
    with Running(data, SANDBOX_SPEED=4) as first:
        first.ready_line()
        page.goto(address(first, "/create/"))
        page.get_by_label("Prompt", exact=True).fill("Rain on a tin roof")
        page.get_by_role("radio", name="4", exact=True).check()
        expect(page.get_by_role("button", name="Generate")).to_contain_text("· 140 credits")
        page.get_by_role("button", name="Generate").click()
        expect(page.locator("article", has_text="Rain on a tin roof")).to_have_count(4)
        under_way = page.locator("article.is-processing, article.is-queued")
        expect(under_way.first).to_be_visible(timeout=PATIENCE_MS)
        everything = [first.process.pid, *descendants(first.process.pid)]
        for pid in everything:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(is_alive(pid) for pid in everything[1:]), "all processes to be gone")
    with Running(data, SANDBOX_SPEED=SPEED) as second:
        second.ready_line()
        page.goto(address(second, "/gallery/?q=rain+on+a+tin+roof"))
        ready = page.locator("article.is-complete", has_text="Rain on a tin roof")
        expect(ready).to_have_count(4, timeout=PATIENCE_MS)
        for card in page.locator("article", has_text="Rain on a tin roof").all():
            expect(card).to_contain_text("35 cr")
        ledger = page.request.get(
            f"http://127.0.0.1:{second.env['SANDBOX_PORT']}/sandbox/ledger?key=sandbox"
        ).json()
        balance = page.request.get(address(second, "/gallery/")).text()
        assert f"{ledger['balance']:,}" in balance
