"""The take in a sheet over the gallery, and the player in it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from generations.models import Asset, Generation, Status
from tests.factories import make_model, make_take, mp4

from .accessible import hold_accessible
from .showcase import make_ready, set_up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def takes(owner: User) -> list[Generation]:
    """Three, the newest first."""
    now = timezone.now()
    ages = range(3)
    return [make_ready(owner, prompt=f"Fox {age}", created=now - timedelta(hours=age)) for age in ages]


def open_sheet(page: Page, live_server: LiveServer, take: Generation, query: str = "") -> None:
    page.goto(f"{live_server.url}/gallery/{query}")
    page.locator(f"#take-{take.pk} .take-link").click()
    expect(page.get_by_role("dialog").locator("#state")).to_be_visible()


def clip_is(page: Page, condition: str) -> None:
    page.wait_for_function(f"() => {{ const clip = document.querySelector('#player'); return {condition} }}")


def test_back_shows_what_was_judged_since(
    page: Page, live_server: LiveServer, takes: list[Generation], complaints: list[str]
) -> None:
    """On phones a take opens as a page, and the browser keeps the gallery as it was: said by the event."""
    page.goto(f"{live_server.url}/gallery/")
    judged, gone, _ = takes
    judged.judge(rating=4, verdict="keep")
    judged.set_favorite(True)
    gone.delete_softly()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    card = page.locator(f"#take-{judged.pk}")
    expect(card.get_by_role("button", name="Favorite")).to_have_attribute("aria-pressed", "true")
    expect(card.locator(".take-judged")).to_have_text("4★")
    expect(page.locator(f"#take-{gone.pk}")).to_contain_text("Undo")
    expect(page.locator("#count-favorites")).to_contain_text("1")
    expect(page.locator("#announcer")).to_be_empty()
    assert complaints == []


def test_the_sheet_has_its_own_address_and_walks_the_list(
    page: Page, live_server: LiveServer, takes: list[Generation], complaints: list[str]
) -> None:
    sheet = page.get_by_role("dialog")
    open_sheet(page, live_server, takes[0], "?q=Fox")
    expect(page).to_have_url(f"{live_server.url}/gallery/{takes[0].pk}/?in=q%3DFox")
    page.keyboard.press("ArrowRight")
    expect(sheet).to_contain_text("Fox 1")
    expect(page).to_have_url(f"{live_server.url}/gallery/{takes[1].pk}/?in=q%3DFox")
    sheet.get_by_role("link", name="Older take").click()
    expect(sheet).to_contain_text("Fox 2")
    page.keyboard.press("ArrowLeft")
    expect(sheet).to_contain_text("Fox 1")
    # One step back leads out, however far one has walked; focus is on the take that was seen last.
    page.go_back()
    expect(sheet).to_be_hidden()
    expect(page).to_have_url(f"{live_server.url}/gallery/?q=Fox")
    expect(page.locator(f"#take-{takes[1].pk} .take-link")).to_be_focused()
    page.go_forward()
    expect(sheet).to_contain_text("Fox 1")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page).to_have_url(f"{live_server.url}/gallery/?q=Fox")
    assert complaints == []


def test_a_reload_shows_the_page_and_back_the_gallery(
    page: Page, live_server: LiveServer, takes: list[Generation]
) -> None:
    open_sheet(page, live_server, takes[1])
    page.reload()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".main #state")).to_contain_text("Fox 1")
    # A link to a part of the page leaves it as it is.
    pages: list[str] = []
    page.on("request", lambda request: pages.append(request.url) if request.is_navigation_request() else None)
    page.evaluate("() => { location.hash = 'main'; return fetch('/healthz') }")
    assert pages == []
    page.keyboard.press("ArrowRight")
    expect(page.locator(".main #state")).to_contain_text("Fox 2")
    for _ in range(3):
        page.go_back()
    expect(page.locator(".takes .take")).to_have_count(3)
    expect(page).to_have_url(f"{live_server.url}/gallery/")


def test_judgements_in_the_sheet_are_on_the_card_below(
    page: Page, live_server: LiveServer, takes: list[Generation]
) -> None:
    Generation.objects.filter(pk=takes[0].pk).update(unseen=True)
    open_sheet(page, live_server, takes[0])
    expect(page.locator("#count-unseen")).to_contain_text("0")
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="4 stars").click()
    sheet.get_by_role("button", name="Keep").click()
    sheet.get_by_role("button", name="Favorite").click()
    expect(page.locator("#count-favorites")).to_contain_text("1")
    sheet.get_by_role("button", name="Close", exact=True).click()
    card = page.locator(f"#take-{takes[0].pk}")
    expect(card.get_by_role("img", name="Kept, 4 stars")).to_be_visible()
    expect(card.get_by_role("button", name="Favorite")).to_have_attribute("aria-pressed", "true")
    card.get_by_role("button", name="Favorite").click()
    expect(page.locator("#count-favorites")).to_contain_text("0")


def test_a_playing_clip_is_not_interrupted_by_what_the_polls_bring(
    page: Page, live_server: LiveServer, owner: User, takes: list[Generation]
) -> None:
    running = make_take(owner, status=Status.PROCESSING, prompt="Under way")
    open_sheet(page, live_server, takes[0])
    page.evaluate("() => { document.querySelector('#player').dataset.same = 'yes' }")
    page.keyboard.press("k")
    clip_is(page, "!clip.paused && clip.currentTime > 0")
    page.evaluate("() => { window.stops = 0; player.addEventListener('pause', () => stops++) }")
    page.evaluate("() => player.addEventListener('emptied', () => stops++)")
    Generation.objects.filter(pk=running.pk).update(
        status=Status.COMPLETE, next_attempt_at=None, updated=timezone.now()
    )
    expect(page.locator(f"#take-{running.pk}")).to_have_class(re.compile("is-complete"))
    clip_is(page, "clip.dataset.same === 'yes' && !clip.paused && !clip.muted")
    assert page.evaluate("stops") == 0


def test_loop_and_speed_are_remembered_and_keys_wind(
    page: Page, live_server: LiveServer, owner: User
) -> None:
    content = mp4(6)
    take = make_take(owner, content_type="video/mp4", duration_ms=6000, width=128, height=72)
    take.result.save("takes/long.mp4", ContentFile(content))
    page.goto(live_server.url + take.get_absolute_url())
    clip_is(page, "clip.readyState >= 2 && clip.loop")
    page.get_by_role("button", name="Loop").click()
    page.get_by_label("Speed").select_option("0.5")
    page.reload()
    clip_is(page, "clip.readyState >= 2 && !clip.loop && clip.playbackRate === 0.5")
    expect(page.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "false")
    page.get_by_label("Speed").select_option("1")
    page.locator("h1").first.click(force=True)  # away from the field
    page.keyboard.press("l")
    clip_is(page, "!clip.paused && clip.playbackRate === 1")
    page.keyboard.press("l")
    clip_is(page, "clip.playbackRate === 2")
    clip_is(page, "clip.currentTime > 1")
    page.keyboard.press("k")
    clip_is(page, "clip.paused && clip.playbackRate === 1")
    before = page.evaluate("player.currentTime")
    page.keyboard.press("j")
    page.keyboard.press("j")
    clip_is(page, f"clip.currentTime < {before} - 0.3")
    page.keyboard.press("k")
    page.evaluate("() => { player.currentTime = 2 }")
    clip_is(page, "!clip.seeking")
    page.get_by_role("button", name="One frame on").click()
    clip_is(page, "Math.floor(clip.currentTime * 24) === 49")
    page.keyboard.press(",")
    clip_is(page, "Math.floor(clip.currentTime * 24) === 48")


def test_notes_and_frames_are_of_the_moment_that_is_shown(
    page: Page, live_server: LiveServer, owner: User
) -> None:
    make_model(name="Grok Video I2V", requires_start_frame=True)
    open_sheet(page, live_server, make_ready(owner))
    clip_is(page, "clip.readyState >= 2")
    page.evaluate("() => { player.currentTime = 0.65 }")
    sheet = page.get_by_role("dialog")
    expect(sheet.locator("[data-player=time]")).to_contain_text("0:00.6")
    sheet.get_by_role("textbox", name="Note").fill("k l j . ,")
    sheet.get_by_role("textbox", name="Note").press("Enter")
    moment = sheet.get_by_role("link", name="0:00.6")
    page.evaluate("() => { player.currentTime = 0 }")
    moment.click()
    clip_is(page, "clip.currentTime === 0.6")
    sheet.get_by_role("button", name="Use this frame as start").click()
    page.wait_for_url("**/create/?*")
    assert Asset.objects.filter(name__endswith="frame-600.png").exists()


def test_escape_pressed_again_and_again_leads_back_once(
    page: Page, live_server: LiveServer, takes: list[Generation]
) -> None:
    """A browser that is asked twice closes a dialog by itself, while the way back is still under way."""
    page.goto(f"{live_server.url}/collections/")
    open_sheet(page, live_server, takes[0])
    page.get_by_role("dialog").get_by_role("textbox", name="Note").fill("not sent")
    for _ in range(3):
        page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page).to_have_url(f"{live_server.url}/gallery/")
    expect(page.locator(f"#take-{takes[0].pk} .take-link")).to_be_focused()


def test_a_take_that_does_not_come_can_be_asked_for_again(
    page: Page, live_server: LiveServer, takes: list[Generation]
) -> None:
    open_sheet(page, live_server, takes[0])
    page.context.set_offline(True)
    page.keyboard.press("ArrowRight")
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_role("alert")).to_contain_text("The studio can’t be reached.")
    page.context.set_offline(False)
    sheet.get_by_role("button", name="Try again").click()
    expect(sheet.locator("#state")).to_contain_text("Fox 1")
    expect(sheet.get_by_role("alert")).to_be_hidden()
    takes[2].delete_softly()
    sheet.get_by_role("link", name="Older take").click()
    expect(sheet.get_by_role("alert")).to_contain_text("no longer exists")
    expect(page.locator("#sheet-body")).not_to_have_attribute("aria-busy", "true")


def test_a_sheet_without_its_player_still_shows_the_take(
    page: Page, live_server: LiveServer, takes: list[Generation]
) -> None:
    page.route("**/player*.js", lambda route: route.abort())
    open_sheet(page, live_server, takes[0])
    page.unroute("**/player*.js")


def test_a_deletion_in_the_sheet_stays_in_the_list(
    page: Page, live_server: LiveServer, takes: list[Generation]
) -> None:
    open_sheet(page, live_server, takes[0], "?q=Fox")
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page).to_have_url(f"{live_server.url}/gallery/?q=Fox")
    expect(page.locator(".takes .take")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".takes .take")).to_have_count(3)


def test_without_script_or_room_a_tile_leads_to_the_page(
    browser: Browser, page: Page, live_server: LiveServer, takes: list[Generation]
) -> None:
    plain = browser.new_context(java_script_enabled=False).new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    for each in (plain, page):
        each.goto(f"{live_server.url}/gallery/?q=Fox")
        each.locator(f"#take-{takes[0].pk} .take-link").click()
        expect(each.locator(".main #state")).to_be_visible()
        each.get_by_role("link", name="Older take").click()
        expect(each).to_have_url(f"{live_server.url}/gallery/{takes[1].pk}/?in=q%3DFox")
    plain.get_by_role("button", name="2 stars").click()
    expect(plain.get_by_role("button", name="2 stars")).to_have_attribute("aria-pressed", "true")
    plain.get_by_role("textbox", name="Note").fill("Too dark")
    plain.get_by_label("At which moment").fill("0:00.5")
    plain.locator("#notes").get_by_role("button", name="Add").click()
    expect(plain.get_by_role("link", name="0:00.5")).to_have_attribute(
        "href", f"/gallery/{takes[1].pk}/result#t=0.500"
    )
    plain.context.close()


def test_the_open_sheet_is_accessible(themed: Page, live_server: LiveServer, owner: User) -> None:
    shown = set_up(owner)
    themed.goto(f"{live_server.url}/gallery/")
    themed.locator(f"#take-{shown.ready.pk} .take-link").click()
    expect(themed.locator("#player")).to_be_visible()
    hold_accessible(themed)
