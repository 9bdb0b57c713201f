"""Clips side by side keep one clock."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from generations.models import Generation
from tests.factories import make_take, mp4

pytestmark = pytest.mark.django_db(transaction=True)

FRAME_S = 1 / 24

# How far apart the clips are at worst, looked at with every frame of the screen for so many seconds.
WORST = """seconds => new Promise((done) => {
  const [a, b] = document.querySelectorAll("video");
  const end = performance.now() + 1000 * seconds;
  let [worst, looks, from] = [0, 0, a.currentTime];
  const look = (now) => {
    worst = Math.max(worst, Math.abs(a.currentTime - b.currentTime));
    looks++;
    if (now < end) requestAnimationFrame(look);
    else done({ worst, looks, played: a.currentTime - from });
  };
  requestAnimationFrame(look);
})"""


@pytest.fixture
def takes(owner: User) -> list[Generation]:
    """Two of thirteen seconds."""
    made = [make_take(owner, content_type="video/mp4", width=128, height=72) for _ in range(2)]
    content = mp4(13)
    for take in made:
        take.result.save(f"takes/{take.pk}.mp4", ContentFile(content))
    return made


@pytest.fixture
def compared(page: Page, live_server: LiveServer, takes: list[Generation]) -> Page:
    page.goto(f"{live_server.url}/gallery/compare/?take={takes[0].pk}&take={takes[1].pk}")
    page.wait_for_function(
        "() => [...document.querySelectorAll('video')].every(clip => clip.readyState >= 3)"
    )
    return page


def test_clips_stay_within_a_frame_of_each_other(compared: Page, complaints: list[str]) -> None:
    compared.get_by_role("button", name="Play").click()
    compared.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    found = compared.evaluate(WORST, 10)
    assert found["worst"] <= FRAME_S
    assert found["played"] > 9
    assert found["looks"] > 100
    assert complaints == []


def test_a_clip_that_falls_behind_catches_up(compared: Page) -> None:
    compared.get_by_role("button", name="Play").click()
    compared.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
    for behind in (0.15, 1.5):
        compared.evaluate("by => { document.querySelectorAll('video')[1].currentTime -= by }", behind)
        compared.wait_for_function(
            "() => { const [a, b] = document.querySelectorAll('video');"
            " return !b.seeking && Math.abs(a.currentTime - b.currentTime) < 1 / 48 }"
        )
        assert compared.evaluate(WORST, 1)["worst"] <= FRAME_S


def test_one_is_heard_both_are_scrubbed_and_wiped_by_keys(compared: Page) -> None:
    muted = "() => [...document.querySelectorAll('video')].map(clip => clip.muted)"
    assert compared.evaluate(muted) == [True, True]
    compared.get_by_role("radio", name="Hear B").check(force=True)
    assert compared.evaluate(muted) == [True, False]
    compared.get_by_role("slider", name="Moment of all clips").press("PageUp")
    compared.wait_for_function(
        "() => [...document.querySelectorAll('video')].every(clip => Math.abs(clip.currentTime - 1.3) < 0.05)"
    )
    compared.get_by_role("button", name="Wipe A over B").click()
    edge = compared.get_by_role("slider", name="How much of A is shown")
    expect(edge).to_have_value("50")
    edge.press("ArrowRight")
    first = compared.locator("video").first
    expect(first).to_have_css("clip-path", "inset(0px 49% 0px 0px)")
    boxes = [compared.locator("video").nth(n).bounding_box() for n in range(2)]
    assert boxes[0] == boxes[1]


def test_the_better_one_is_kept_in_place(compared: Page, takes: list[Generation]) -> None:
    compared.get_by_role("group", name="Verdict on B").get_by_role("button", name="Keep").click()
    expect(compared.locator("#verdict-keepB")).to_have_attribute("aria-pressed", "true")
    expect(compared.locator("#verdict-keepA")).to_have_attribute("aria-pressed", "false")
    assert [take.verdict for take in Generation.objects.order_by("pk")] == ["", "keep"]
