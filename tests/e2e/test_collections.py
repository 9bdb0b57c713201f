"""Collections in a browser: their order by keys and by drag, and what a share link shows to a stranger."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from generations import collections
from generations.models import Collection, Generation

from .accessible import hold_accessible
from .showcase import make_image, make_ready, make_sound

pytestmark = pytest.mark.django_db(transaction=True)


def make_collection(owner: User, count: int) -> tuple[Collection, list[int]]:
    takes = [make_ready(owner, prompt=f"Number {n}") for n in range(count)]
    pks = [take.pk for take in takes]
    collections.collect(owner, "Best of", Generation.objects.filter(pk__in=pks).order_by("pk"))
    return Collection.objects.get(), pks


def order(found: Collection) -> list[int]:
    return [place.take_id for place in collections.shown(found)]


def shown(page: Page) -> list[int]:
    found = page.locator("[data-order] > [data-take]")
    return [int(pk) for pk in found.evaluate_all("all => all.map(one => one.dataset.take)")]


def test_takes_are_put_in_order_by_keys_and_by_drag(
    page: Page, live_server: LiveServer, owner: User, complaints: list[str]
) -> None:
    found, (a, b, c, d, e) = make_collection(owner, 5)
    page.goto(f"{live_server.url}/collections/{found.pk}/")

    def moving() -> object:
        return page.expect_response(lambda answer: answer.url.endswith("/move/") and answer.status == 204)

    handles = page.locator("[data-handle]")
    handles.nth(0).focus()
    with moving():  # type: ignore[attr-defined]
        page.keyboard.press("ArrowRight")
    assert shown(page) == order(found) == [b, a, c, d, e]
    expect(page.locator("#announcer")).to_contain_text("Place 2 of 5")
    with moving():  # type: ignore[attr-defined]
        page.keyboard.press("ArrowDown")  # to the second row: the handle has kept the focus
    assert shown(page) == order(found) == [b, c, d, e, a]

    handles.nth(2).hover()
    page.mouse.down()
    target = page.locator("[data-take]").nth(0).bounding_box()
    assert target
    page.mouse.move(target["x"] + 20, target["y"] + 60, steps=8)
    with moving():  # type: ignore[attr-defined]
        page.mouse.up()
    assert shown(page) == order(found) == [d, b, c, e, a]

    with moving():  # type: ignore[attr-defined]
        page.locator("[data-take]").nth(1).get_by_role("button", name="Move later").click()
    assert shown(page) == order(found) == [d, c, b, e, a]
    page.reload()
    assert shown(page) == order(found)
    assert complaints == []


def test_what_the_studio_refuses_is_put_back(page: Page, live_server: LiveServer, owner: User) -> None:
    """Signed out meanwhile, the answer is the page to sign in on."""
    found, pks = make_collection(owner, 2)
    page.goto(f"{live_server.url}/collections/{found.pk}/")
    page.route("**/move/", lambda route: route.fulfill(status=200, body="Sign in"))
    page.locator("[data-handle]").nth(0).press("ArrowRight")
    expect(page.locator("#announcer")).to_contain_text("is back where it was")
    assert shown(page) == pks
    page.unroute("**/move/")
    found.delete()
    page.locator("[data-handle]").nth(0).press("ArrowRight")
    expect(page.locator("#announcer")).to_contain_text("is back where it was")
    assert shown(page) == pks


def test_the_link_is_copied_by_a_press(page: Page, live_server: LiveServer, owner: User) -> None:
    found, _ = make_collection(owner, 1)
    collections.share(found, "1", hides_prompts=False)
    found.refresh_from_db()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{live_server.url}/collections/{found.pk}/")
    page.get_by_text("Shared until").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = f"{live_server.url}/share/{found.share_token}/"
    assert page.evaluate("() => navigator.clipboard.readText()") == link


def test_a_stranger_with_the_link_can_look_and_play(
    browser: Browser, live_server: LiveServer, owner: User, settings: Settings
) -> None:
    settings.SOLO = False
    make_image(owner)
    make_sound(owner)
    found, _ = make_collection(owner, 1)
    collections.collect(owner, "Best of", Generation.objects.all())
    collections.share(found, "1", hides_prompts=True)
    found.refresh_from_db()
    context = browser.new_context(viewport={"width": 390, "height": 844}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{live_server.url}/share/{found.share_token}/")
    expect(page.get_by_role("heading", name="Best of")).to_be_visible()
    expect(page.locator(".shared-take")).to_have_count(3)
    page.wait_for_function("() => [...document.images].every(one => one.complete && one.naturalWidth)")
    page.evaluate("() => document.querySelector('video').play()")
    page.wait_for_function("() => document.querySelector('video').currentTime > 0")
    hold_accessible(page)
    context.close()
