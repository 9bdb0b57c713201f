"""The keys: each of the table does something, none does while typing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from generations.models import Generation
from hedra_studio.keys import GROUPS, every_key

from .showcase import make_ready

pytestmark = pytest.mark.django_db(transaction=True)

ELSEWHERE = {"j", "l", ",", ".", "m", "y", "n"}
"""Those of the player and the verdict, on a take's page."""
REVIEWING = {"u", "Backspace"}
"""Held by the tests of the review."""


@pytest.fixture
def takes(owner: User) -> list[Generation]:
    """Eight with files, as they stand on the page: four to a row."""
    now = timezone.now()
    return [make_ready(owner, prompt=f"Take {n}", created=now - timedelta(minutes=n)) for n in range(8)]


@pytest.fixture
def gallery(page: Page, live_server: LiveServer, takes: list[Generation]) -> Page:
    page.goto(f"{live_server.url}/gallery/")
    page.wait_for_function("() => window.htmx !== undefined")
    return page


def focus(page: Page, take: Generation) -> None:
    page.locator(f"#take-{take.pk} .take-link").focus()


def has_focus(page: Page, take: Generation) -> None:
    expect(page.locator(f"#take-{take.pk} .take-link")).to_be_focused()


def now(take: Generation) -> Generation:
    return Generation.objects.get(pk=take.pk)


# What each does, with the third take in focus


def search(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press(key)
    expect(page.get_by_label("Search prompts")).to_be_focused()


def sheet(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press(key)
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press(key)
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def moves(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press(key)
    step = {"ArrowLeft": -1, "ArrowRight": 1, "ArrowUp": -4, "ArrowDown": 4}[key]
    if key == "ArrowUp":  # from the second row
        focus(page, takes[6])
        page.keyboard.press(key)
    has_focus(page, takes[2] if key == "ArrowUp" else takes[2 + step])


def opens(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press(key)
    page.wait_for_url(f"**{takes[2].get_absolute_url()}*")


def clears(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press("x")
    page.keyboard.press(key)
    expect(page.locator(".take-pick:checked")).to_have_count(0)


def selects(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press(key)
    expect(page.locator(f"#take-{takes[2].pk} .take-pick")).to_be_checked()
    page.keyboard.press(key)
    expect(page.locator("#bulk")).to_be_hidden()


def favors(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press(key)
    expect(page.locator(f"#favorite-{takes[2].pk}")).to_have_attribute("aria-pressed", "true")


def rates(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press(key)
    words = f"1 take rated {key}" if key != "0" else "The rating of 0 takes cleared"
    expect(page.locator("#bulk-said")).to_contain_text(words)
    # The page goes on asking for new takes.
    expect(page.locator("#poll [name=newest]")).to_have_count(1)


def remixes(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press(key)
    page.wait_for_url("**/create/?*")


def downloads(page: Page, takes: list[Generation], key: str) -> None:
    with page.expect_download() as download:
        page.keyboard.press(key)
    assert download.value.suggested_filename.endswith(".mp4")


def compares(page: Page, takes: list[Generation], key: str) -> None:
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press(key)
    page.wait_for_url(f"**/gallery/compare/?take={takes[2].pk}&take={takes[3].pk}")


def deletes(page: Page, takes: list[Generation], key: str) -> None:
    """What only has the focus stays."""
    page.keyboard.press(key)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press(key)
    expect(page.locator("#bulk-said")).to_contain_text("1 take deleted.")
    assert [now(take).deleted_at is None for take in takes[2:4]] == [True, False]


def plays(page: Page, takes: list[Generation], key: str) -> None:
    page.wait_for_function("() => document.querySelector('.take-preview')?.paused === false")
    page.keyboard.press(key)
    page.wait_for_function("() => document.querySelector('.take-preview').paused")


WHAT: dict[str, Callable[[Page, list[Generation], str], None]] = {
    "?": sheet,
    "/": search,
    "Escape": clears,
    "f": favors,
    **dict.fromkeys("012345", rates),
    "r": remixes,
    "d": downloads,
    **dict.fromkeys(("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"), moves),
    "Enter": opens,
    "x": selects,
    "c": compares,
    "Delete": deletes,
    "Space": plays,
    "k": plays,
}


def test_every_key_of_the_table_is_known_here() -> None:
    assert set(every_key()) == WHAT.keys() | ELSEWHERE | REVIEWING


@pytest.mark.parametrize("key", WHAT)
def test_in_the_gallery_a_key_acts_on_the_focused_tile(
    gallery: Page, takes: list[Generation], key: str
) -> None:
    focus(gallery, takes[2])
    WHAT[key](gallery, takes, key)


def test_on_a_takes_page_they_are_the_players(
    page: Page, live_server: LiveServer, takes: list[Generation], complaints: list[str]
) -> None:
    page.goto(live_server.url + takes[0].get_absolute_url())
    page.wait_for_function("() => document.querySelector('#player')?.readyState >= 1")
    at = "() => document.querySelector('#player').currentTime"
    for key, is_later in ((".", True), ("l", True), (",", False), ("j", False)):
        page.evaluate("() => document.querySelector('#player').pause()")  # it would run on from `before`
        before = page.evaluate(at)
        page.keyboard.press(key)
        page.wait_for_function(
            "([at, later]) => (t => later ? t > at : t < at)(document.querySelector('#player').currentTime)",
            arg=[before, is_later],
        )
    page.keyboard.press("m")
    page.wait_for_function("() => document.querySelector('#player').muted")
    for key, button in {
        "f": ".take-favorite",
        "4": "#star-4",
        "y": "#verdict-keep",
        "n": "#verdict-reject",
    }.items():
        page.keyboard.press(key)
        expect(page.locator(button)).to_have_attribute("aria-pressed", "true")
    # A digit sets, as in the bar; only 0 clears.
    page.keyboard.press("4")
    page.keyboard.press("5")
    expect(page.locator("#star-5")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("5")
    page.keyboard.press("0")
    expect(page.locator(".star.is-lit")).to_have_count(0)
    expect(page.locator("#star-0")).to_be_hidden()
    assert complaints == []


def test_in_the_sheet_over_the_gallery_they_act_on_its_take_alone(
    gallery: Page, takes: list[Generation]
) -> None:
    focus(gallery, takes[1])
    gallery.keyboard.press("x")
    focus(gallery, takes[2])
    gallery.keyboard.press("Enter")
    expect(gallery.locator("#sheet #star-3")).to_be_visible()
    gallery.keyboard.press("3")
    expect(gallery.locator("#star-3")).to_have_attribute("aria-pressed", "true")
    gallery.keyboard.press("x")
    gallery.keyboard.press("Delete")
    gallery.keyboard.press("Escape")
    expect(gallery.locator("#sheet")).to_be_hidden()
    expect(gallery.locator("#bulk")).to_contain_text("1 selected")
    assert [now(take).rating for take in takes[1:3]] == [0, 3]
    assert not Generation.objects.exclude(deleted_at=None).exists()


def test_none_acts_while_typing(gallery: Page, takes: list[Generation]) -> None:
    asked: list[str] = []
    field = gallery.get_by_label("Search prompts")
    field.focus()
    gallery.on("request", lambda request: asked.append(request.url))
    for key in every_key():
        if key != "Enter":  # which searches
            gallery.keyboard.press(key)
            expect(field).to_be_focused()
    expect(gallery.locator("#keys")).to_be_hidden()
    expect(gallery.locator(".take-pick:checked")).to_have_count(0)
    assert asked == []


def test_nor_with_ctrl_nor_behind_the_open_sheet(gallery: Page, takes: list[Generation]) -> None:
    focus(gallery, takes[2])
    gallery.keyboard.press("Control+x")
    gallery.keyboard.press("Alt+f")
    gallery.keyboard.press("?")
    gallery.keyboard.press("x")
    gallery.keyboard.press("Escape")
    expect(gallery.locator("#keys")).to_be_hidden()
    expect(gallery.locator(".take-pick:checked")).to_have_count(0)
    has_focus(gallery, takes[2])
    assert not now(takes[2]).favorite


def test_keys_act_on_all_that_are_selected(gallery: Page, takes: list[Generation]) -> None:
    focus(gallery, takes[0])
    gallery.keyboard.press("x")
    gallery.keyboard.press("ArrowDown")
    gallery.keyboard.press("x")
    gallery.keyboard.press("f")
    expect(gallery.locator("#bulk-said")).to_contain_text("2 takes added to your favorites.")
    gallery.keyboard.press("4")
    expect(gallery.locator("#bulk-said")).to_contain_text("2 takes rated 4 stars.")
    has_focus(gallery, takes[4])


def test_single_letters_can_be_switched_off_for_good(
    gallery: Page, takes: list[Generation], live_server: LiveServer
) -> None:
    """By those who dictate; the player and the review obey, too."""
    posts: list[str] = []
    gallery.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    gallery.keyboard.press("?")
    letters = gallery.get_by_label("Single-letter keys")
    letters.uncheck()
    gallery.keyboard.press("Escape")
    focus(gallery, takes[2])
    for key in ("x", "f", "4", "?", "/"):
        gallery.keyboard.press(key)
    has_focus(gallery, takes[2])
    expect(gallery.locator("#keys")).to_be_hidden()
    expect(gallery.locator(".take-pick:checked")).to_have_count(0)
    gallery.keyboard.press("Enter")
    expect(gallery.locator("#sheet #star-3")).to_be_visible()
    gallery.reload()
    gallery.wait_for_function("() => document.querySelector('#player')?.readyState >= 1")
    at = gallery.evaluate("document.querySelector('#player').currentTime")
    for key in (".", "m", "y", "5"):
        gallery.keyboard.press(key)
    assert gallery.evaluate("document.querySelector('#player').currentTime") == at
    assert not gallery.evaluate("document.querySelector('#player').muted")
    Generation.objects.update(unseen=True)
    gallery.goto(f"{live_server.url}/gallery/review/")
    expect(gallery.locator("#review-keep")).to_be_visible()
    gallery.keyboard.press("y")
    assert posts == []
    gallery.goto(f"{live_server.url}/keys/")
    expect(letters).not_to_be_checked()
    letters.check()
    letters.blur()
    gallery.keyboard.press("?")
    expect(gallery.get_by_role("dialog", name="Keys")).to_be_visible()


def test_without_script_the_keys_are_a_page(browser: Browser, live_server: LiveServer, owner: User) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(f"{live_server.url}/gallery/")
    page.get_by_role("link", name="Keys").click()
    for group in GROUPS:
        expect(page.get_by_role("heading", name=group.title, exact=True)).to_be_visible()
    context.close()
