"""Every page, in both themes and at both widths: no axe violation, no sideways scrolling, a quiet console."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from generations.gallery.page import PAGE_SIZE

from .accessible import hold_accessible
from .showcase import Showcase, set_up

pytestmark = pytest.mark.django_db(transaction=True)

PAGES: dict[str, Callable[[Showcase], str]] = {
    "catalog": lambda shown: "/catalog/",
    "catalog without a match": lambda shown: "/catalog/?q=nothing+like+it",
    "catalog of a shot": lambda shown: "/catalog/?shot_ratio=9:16&takes=4&have=text&max_price=x",
    "create": lambda shown: "/create/",
    "gallery": lambda shown: "/gallery/",
    "trash": lambda shown: "/gallery/?state=trash",
    "keys": lambda shown: "/keys/",
    "gallery without a match": lambda shown: "/gallery/?q=nothing+like+it",
    "take": lambda shown: shown.ready.get_absolute_url(),
    "running take": lambda shown: shown.running.get_absolute_url(),
    "failed take": lambda shown: shown.failed.get_absolute_url(),
    "lost take": lambda shown: shown.lost.get_absolute_url(),
    "image": lambda shown: shown.image.get_absolute_url(),
    "sound": lambda shown: shown.sound.get_absolute_url(),
    "voice": lambda shown: shown.voice.get_absolute_url(),
    "review": lambda shown: "/gallery/review/",
    "review of what was skipped": lambda shown: "/gallery/review/?after=99999999999999999-1",
    "clips side by side": lambda shown: f"/gallery/compare/?take={shown.ready.pk}&take={shown.lost.pk}",
    "takes of all kinds side by side": lambda shown: (
        f"/gallery/compare/?take={shown.ready.pk}&take={shown.image.pk}&take={shown.sound.pk}&take={shown.failed.pk}"
    ),
    "pictures side by side": lambda shown: f"/gallery/compare/?take={shown.image.pk}&take={shown.voice.pk}",
    "one take beside nothing": lambda shown: f"/gallery/compare/?take={shown.ready.pk}",
    "answers of several models": lambda shown: f"/gallery/?fan_out={shown.answers[0].fan_out}",
    "collections": lambda shown: "/collections/",
    "collection": lambda shown: f"/collections/{shown.collection}/",
    "shared collection": lambda shown: f"/share/{shown.share_token}/",
    "question before the trash is emptied": lambda shown: "/gallery/trash/empty/",
    "what keepers cost": lambda shown: "/spend/keepers/",
    "spend": lambda shown: "/spend/",
    "spend of a month without any": lambda shown: "/spend/?period=2025-02",
    "missing page": lambda shown: "/nowhere/",
}


@pytest.fixture
def shown(owner: User) -> Showcase:
    return set_up(owner)


@pytest.mark.parametrize("name", PAGES)
def test_has_no_violations_and_fits(
    themed: Page, live_server: LiveServer, shown: Showcase, name: str
) -> None:
    themed.goto(live_server.url + PAGES[name](shown))
    hold_accessible(themed)


def test_a_full_disk_is_said_to_everybody_until_it_has_room(
    themed: Page, live_server: LiveServer, shown: Showcase, settings: Settings
) -> None:
    settings.KEEP_FREE = 1 << 60
    themed.clock.install()
    themed.goto(f"{live_server.url}/gallery/")
    expect(themed.get_by_role("alert")).to_contain_text("The studio's disk is too full")
    hold_accessible(themed)
    settings.KEEP_FREE = 0
    themed.clock.fast_forward(15_000)
    expect(themed.get_by_text("The studio's disk is too full")).to_have_count(0)


@pytest.mark.parametrize("name", [name for name in PAGES if name != "missing page"])
def test_keeps_to_the_content_security_policy(
    page: Page, live_server: LiveServer, shown: Showcase, complaints: list[str], name: str
) -> None:
    page.goto(live_server.url + PAGES[name](shown))
    page.wait_for_function("() => window.htmx !== undefined || !document.querySelector('script')")
    assert complaints == []


def test_a_page_of_cards_stays_lean(page: Page, live_server: LiveServer, shown: Showcase) -> None:
    page.goto(f"{live_server.url}/gallery/")
    count = "all => all.map(card => card.querySelectorAll('*').length + 1)"
    sizes = page.locator(".take").evaluate_all(count)
    everything = page.evaluate("() => document.querySelectorAll('*').length")
    assert everything - sum(sizes) + PAGE_SIZE * max(sizes) <= 900
