"""Selecting tiles in the gallery, and what the bar then does; with script and without."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from generations.models import Collection, Generation, Status
from tests.factories import make_take

from .accessible import hold_accessible
from .showcase import make_ready

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def takes(owner: User) -> list[Generation]:
    """Eight, as they stand on the page."""
    now = timezone.now()
    return [make_take(owner, prompt=f"Take number {n}", created=now - timedelta(minutes=n)) for n in range(8)]


@pytest.fixture
def gallery(page: Page, live_server: LiveServer, takes: list[Generation]) -> Page:
    page.goto(f"{live_server.url}/gallery/")
    page.wait_for_function("() => window.htmx !== undefined")
    return page


def box(page: Page, take: Generation) -> Locator:
    return page.locator(f"#take-{take.pk} .take-pick")


def test_a_range_is_selected_with_shift_and_deleted_with_one_undo(
    gallery: Page, takes: list[Generation], complaints: list[str]
) -> None:
    bar = gallery.locator("#bulk")
    expect(bar).to_be_hidden()
    box(gallery, takes[1]).check()
    gallery.locator(f"#take-{takes[4].pk} .take-link").click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 selected")
    box(gallery, takes[5]).click(modifiers=["Shift"])
    expect(bar).to_contain_text("5 selected")
    box(gallery, takes[5]).click()
    expect(bar).to_contain_text("4 selected")
    bar.get_by_role("button", name="Delete").click()
    expect(bar).to_contain_text("4 takes deleted.")
    expect(gallery.locator(".take.is-deleted")).to_have_count(4)
    expect(gallery.locator("#count-takes")).to_contain_text("4")
    expect(gallery.locator(".gallery-count")).to_have_text("4 takes")
    bar.get_by_role("button", name="Undo").click()
    expect(bar).to_contain_text("4 takes restored.")
    expect(gallery.locator(".gallery-count")).to_have_text("8 takes")
    expect(gallery.locator(".take.is-deleted")).to_have_count(0)
    assert not Generation.objects.exclude(deleted_at=None).exists()
    # What was done long ago takes back no tick that came after it.
    box(gallery, takes[1]).check()
    bar.get_by_role("button", name="Delete").click()
    expect(bar).to_contain_text("1 take deleted.")
    box(gallery, takes[2]).check()
    bar.get_by_label("that match").check()
    gallery.evaluate(
        """pk => new Promise((done) => {
            document.addEventListener("htmx:afterSettle", () => setTimeout(done), { once: true });
            document.getElementById(`favorite-${pk}`).click();
        })""",
        takes[5].pk,
    )
    expect(bar.get_by_label("that match")).to_be_checked()
    assert complaints == []


def test_a_selection_outlives_the_poll_and_what_was_done_to_it(
    gallery: Page, takes: list[Generation], live_server: LiveServer
) -> None:
    running = takes[0]
    Generation.objects.filter(pk=running.pk).update(status=Status.PROCESSING, next_attempt_at=timezone.now())
    gallery.reload()
    box(gallery, running).check()
    box(gallery, takes[2]).check()
    Generation.objects.filter(pk=running.pk).update(progress=0.5, updated=timezone.now())
    expect(gallery.locator(f"#take-{running.pk} progress")).to_have_attribute("value", "50")
    expect(box(gallery, running)).to_be_checked()
    gallery.locator("#bulk").get_by_role("button", name="Rate 4").click()
    expect(gallery.locator(f"#take-{takes[2].pk}")).to_contain_text("4★")
    expect(box(gallery, takes[2])).to_be_checked()
    expect(gallery.locator("#bulk")).to_contain_text("2 selected")


def test_all_inverse_and_everything_that_matches(
    gallery: Page, takes: list[Generation], live_server: LiveServer
) -> None:
    bar = gallery.locator("#bulk")
    box(gallery, takes[0]).check()
    bar.get_by_role("button", name="Inverse").click()
    expect(bar).to_contain_text("7 selected")
    gallery.keyboard.press("Control+a")
    expect(bar).to_contain_text("8 selected")
    bar.get_by_label("All 8 that match").check()
    expect(bar).to_contain_text("8 selected")
    bar.get_by_label("Collection").fill("Fox film")
    bar.get_by_label("Collection").press("Enter")
    expect(bar).to_contain_text("8 takes put into “Fox film”.")
    assert Collection.objects.get(name="Fox film").takes.count() == 8
    box(gallery, takes[3]).uncheck()
    expect(bar).to_contain_text("7 selected")
    gallery.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(box(gallery, takes[3])).not_to_be_checked()


def test_two_to_four_can_be_compared(gallery: Page, takes: list[Generation]) -> None:
    link = gallery.locator(".bulk-compare")
    box(gallery, takes[0]).check()
    expect(link).to_be_hidden()
    box(gallery, takes[1]).check()
    expect(link).to_have_attribute("href", f"/gallery/compare/?take={takes[0].pk}&take={takes[1].pk}")
    for take in takes[2:5]:
        box(gallery, take).check()
    expect(link).to_be_hidden()


def test_without_script_tiles_are_ticked_and_the_form_is_sent(
    browser: Browser, live_server: LiveServer, takes: list[Generation]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/gallery/")
    box(page, takes[0]).check()
    box(page, takes[1]).check()
    page.get_by_role("button", name="Unfavorite").scroll_into_view_if_needed()
    page.locator("#bulk").get_by_role("button", name="Favorite", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("2 takes added to your favorites.")
    page.get_by_role("button", name="Large tiles").click()
    expect(page.locator(".takes")).to_have_attribute("data-tiles", "large")
    assert Generation.objects.filter(favorite=True).count() == 2
    context.close()


def test_the_size_of_the_tiles_changes_at_once_and_is_kept(gallery: Page) -> None:
    width = "() => document.querySelector('.take').offsetWidth"
    before = gallery.evaluate(width)
    gallery.get_by_role("button", name="Large tiles").click()
    expect(gallery.get_by_role("button", name="Large tiles")).to_have_attribute("aria-pressed", "true")
    assert gallery.evaluate(width) > before
    gallery.reload()
    expect(gallery.locator(".takes")).to_have_attribute("data-tiles", "large")
    gallery.get_by_role("button", name="Small tiles").click()
    assert gallery.evaluate(width) < before


def test_older_takes_can_be_tried_again_after_the_studio_was_away(
    page: Page, live_server: LiveServer, owner: User
) -> None:
    for n in range(30):
        make_take(owner, created=timezone.now() - timedelta(minutes=n))
    page.route("**/gallery/?before=*", lambda route: route.abort())
    page.goto(f"{live_server.url}/gallery/")
    page.locator(".takes-more").scroll_into_view_if_needed()
    expect(page.locator("#notice")).to_contain_text("can’t be reached")
    expect(page.locator(".takes-more")).to_be_visible()
    page.unroute("**/gallery/?before=*")
    page.locator(".takes-more").click()
    expect(page.locator(".take")).to_have_count(30)
    expect(page.locator(".takes-end")).to_have_text("No more takes")


def test_the_pointer_scrubs_through_the_clip_and_leaves_nothing_behind(
    page: Page, live_server: LiveServer, owner: User
) -> None:
    from generations import pictures

    take = make_ready(owner)
    Generation.objects.filter(pk=take.pk).update(preview="")
    pictures.want(take.pk)
    pictures.make_wanted()
    page.goto(f"{live_server.url}/gallery/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    media = page.locator(f"#take-{take.pk} .take-media").bounding_box()
    assert media
    page.mouse.move(media["x"] + 60, media["y"] + 20)
    expect(page.locator(".take-sprite")).to_be_attached()
    expect(page.locator(".take-sprite.is-over")).to_have_count(0)
    place = "() => document.querySelector('.take-sprite > div').style.backgroundPositionX"
    for share, frame in ((0.02, 0), (0.5, 6), (0.98, 11)):
        page.mouse.move(media["x"] + share * media["width"], media["y"] + 0.9 * media["height"])
        expect(page.locator(".take-sprite.is-over")).to_be_attached()
        assert float(page.evaluate(place).rstrip("%")) == pytest.approx(100 * frame / 11, abs=0.1)
    page.mouse.move(5, 5)
    expect(page.locator(".take-sprite, .take-preview")).to_have_count(0)
    assert {"preview", "sprite"} <= set(asked)
    assert "result" not in asked


def test_the_bar_and_the_sheet_of_keys_have_no_violations(
    themed: Page, live_server: LiveServer, owner: User
) -> None:
    take, other = make_ready(owner, rating=3), make_ready(owner)
    themed.goto(f"{live_server.url}/gallery/")
    for each in (take, other):
        box(themed, each).check()
    themed.keyboard.press("Delete")
    expect(themed.locator("#bulk")).to_contain_text("2 takes deleted.")
    hold_accessible(themed)
    themed.locator("#bulk").get_by_role("button", name="Undo").click()
    box(themed, take).check()
    hold_accessible(themed)
    themed.keyboard.press("?")
    expect(themed.locator("#keys")).to_be_visible()
    hold_accessible(themed)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_bar_s_field_leaves_the_page_where_it_is(
    page: Page, live_server: LiveServer, owner: User, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    takes = [make_take(owner) for _ in range(24)]
    page.goto(f"{live_server.url}/gallery/")
    page.wait_for_function("() => window.htmx !== undefined")
    box(page, takes[-1]).check()
    before = page.evaluate("scrollY")
    place = page.locator(".bulk-collect input").bounding_box()
    assert place
    page.mouse.click(place["x"] + 9, place["y"] + 9)  # a click by its name would scroll by itself
    page.keyboard.type("Best")
    assert page.evaluate("scrollY") == before
