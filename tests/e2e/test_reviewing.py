"""Culling by keyboard alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from generations.models import Generation
from tests.factories import make_take

from .showcase import make_ready

pytestmark = pytest.mark.django_db(transaction=True)

TAKES = 50
KEYS = {"keep": ("y", "Enter"), "reject": ("n", "Backspace")}


@pytest.fixture
def takes(owner: User) -> list[Generation]:
    """As they arrived."""
    now = timezone.now()
    clip = make_ready(owner)
    files = {name: getattr(clip, name) for name in ("result", "poster", "content_type", "duration_ms")}
    clip.delete_softly()
    return [
        make_take(
            owner, unseen=True, finished_at=now + timedelta(seconds=place), prompt=f"No. {place}", **files
        )
        for place in range(TAKES)
    ]


def test_fifty_takes_are_culled_by_keyboard_alone(
    page: Page, live_server: LiveServer, takes: list[Generation], complaints: list[str]
) -> None:
    """Every fifth press is taken back and said otherwise; the database agrees with what was meant."""

    def at(place: int) -> None:
        expect(page.locator(".review-take")).to_have_attribute("data-take", str(takes[place].pk))

    page.goto(f"{live_server.url}/gallery/review/")
    expect(page.locator(".review-waits")).to_have_text("50 unseen · 1,750 credits waiting")
    page.wait_for_function("() => player.muted && player.loop && player.currentTime > 0")
    meant = {}
    for place in range(TAKES):
        at(place)
        meant[takes[place].pk] = "keep" if place % 3 else "reject"
        page.keyboard.press(
            {"keep": ("y", "Enter")[place % 2], "reject": ("n", "Backspace")[place % 2]}[
                meant[takes[place].pk]
            ]
        )
        if place % 5 == 4 and place < TAKES - 1:
            at(place + 1)
            page.keyboard.press("u" if place % 2 else "Control+z")
            at(place)
            page.keyboard.press("y")
            meant[takes[place].pk] = "keep"
    expect(page.get_by_role("heading", name="All seen")).to_be_visible()
    expect(page.locator("#count-unseen")).to_contain_text("0")
    # Several steps back, the last ones first.
    for place in (TAKES - 1, TAKES - 2, TAKES - 3):
        page.keyboard.press("u")
        at(place)
        meant[takes[place].pk] = ""
    assert dict(Generation.objects.filter(pk__in=meant).values_list("pk", "verdict")) == meant
    assert {take.pk for take in Generation.objects.unseen()} == {take.pk for take in takes[-3:]}
    assert complaints == []


def test_keys_of_the_player_and_the_skip_judge_nothing(
    page: Page, live_server: LiveServer, takes: list[Generation]
) -> None:
    page.goto(f"{live_server.url}/gallery/review/")
    for key in ("j", "k", "l", ",", ".", " "):
        page.keyboard.press(key)
    page.keyboard.press("?")
    for key in ("y", "n", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".review-take")).to_have_attribute("data-take", str(takes[1].pk))
    assert not Generation.objects.exclude(verdict="").exists()
    page.reload()
    expect(page.locator(".review-take")).to_have_attribute("data-take", str(takes[1].pk))
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".review-take")).to_have_attribute("data-take", str(takes[0].pk))
    # By its button: the focus stays on it, also where there is no way further back.
    before = page.get_by_role("link", name="The take before")
    expect(before).to_be_disabled()
    page.keyboard.press("ArrowRight")
    expect(before).to_be_enabled()
    before.press("Enter")
    expect(before).to_be_disabled()
    expect(before).to_be_focused()


def test_the_take_on_the_desk_becomes_a_favorite_by_its_key(
    page: Page, live_server: LiveServer, takes: list[Generation], complaints: list[str]
) -> None:
    """It stays on the desk, as with stars: neither is a verdict."""
    page.goto(f"{live_server.url}/gallery/review/")
    page.wait_for_function("() => window.htmx !== undefined")
    heart = page.get_by_role("button", name="Favorite")
    page.keyboard.press("f")
    expect(heart).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".review-take")).to_have_attribute("data-take", str(takes[0].pk))
    expect(page.locator("#count-favorites")).to_contain_text("1")
    page.keyboard.press("4")
    expect(page.get_by_role("button", name="4 stars")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".review-take")).to_have_attribute("data-take", str(takes[0].pk))
    page.keyboard.press("y")
    expect(page.locator(".review-take")).to_have_attribute("data-take", str(takes[1].pk))
    expect(heart).to_have_attribute("aria-pressed", "false")
    assert complaints == []


def test_a_verdict_may_follow_stars_and_a_heart_at_once(
    page: Page, live_server: LiveServer, takes: list[Generation], complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/gallery/review/")
    page.wait_for_function("() => window.htmx !== undefined")
    held: list[Route] = []
    page.route("**/favorite/", lambda route: held.append(route))
    page.keyboard.press("5")
    with page.expect_request("**/favorite/"):
        page.keyboard.press("f")
    page.keyboard.press("y")
    held[0].continue_()
    expect(page.locator(".review-take")).to_have_attribute("data-take", str(takes[1].pk))
    expect(page.locator("#count-favorites")).to_contain_text("1")
    takes[0].refresh_from_db()
    assert (takes[0].favorite, takes[0].rating, takes[0].verdict) == (True, 5, "keep")
    assert complaints == []
