"""Filters and new takes of the gallery, in a browser."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from generations.models import SavedSearch
from tests.e2e.accessible import hold_accessible
from tests.e2e.showcase import make_ready
from tests.factories import make_model, make_take


def top(part: Locator) -> float:
    return float(part.evaluate("(part) => part.getBoundingClientRect().top"))


def bottom(part: Locator) -> float:
    return float(part.evaluate("(part) => part.getBoundingClientRect().bottom"))


def test_the_filters_are_a_sheet_and_a_page(themed: Page, live_server: LiveServer, owner: User) -> None:
    make_take(owner, ai_model=make_model(name="Veo 3"), maker="Google", service="hedra", aspect_ratio="9:16")
    SavedSearch.objects.create(owner=owner, name="Foxes at night", query="q=fox")
    themed.goto(f"{live_server.url}/gallery/?q=fox&maker=Google&stacked=1")
    sheet = themed.locator(".filters-sheet")
    sheet.locator("summary").first.click()
    expect(sheet.get_by_label("Maker")).to_have_value("Google")
    hold_accessible(themed)
    themed.keyboard.press("Escape")
    expect(sheet).not_to_have_attribute("open", "")
    themed.goto(f"{live_server.url}/gallery/filters/?q=fox")
    hold_accessible(themed)


def test_filters_are_chosen_and_taken_off(
    page: Page, complaints: list[str], live_server: LiveServer, owner: User
) -> None:
    make_take(owner, prompt="A fox", maker="Google")
    make_take(owner, prompt="A wolf", maker="xAI")
    page.goto(f"{live_server.url}/gallery/")
    page.locator(".filters-sheet > summary").click()
    page.get_by_label("Maker").select_option("Google")
    page.get_by_role("button", name="Show takes").click()
    expect(page.locator(".take")).to_have_count(1)
    page.get_by_role("link", name="Google Remove this filter").click()
    expect(page.locator(".take")).to_have_count(2)
    assert complaints == []


def test_new_takes_come_on_top_when_they_are_asked_for(
    page: Page, complaints: list[str], live_server: LiveServer, owner: User
) -> None:
    now = timezone.now()
    for n in range(24):
        make_ready(owner, prompt=f"Old {n}", created=now - timedelta(minutes=n))
    page.goto(f"{live_server.url}/gallery/")
    seen = page.locator(".take", has_text="Old 16")
    seen.scroll_into_view_if_needed()
    before = seen.bounding_box()
    for n in range(3):
        make_ready(owner, prompt=f"New {n}")
    page.evaluate("htmx.trigger('#poll', 'retry')")
    new = page.get_by_role("link", name="3 new takes: show")
    expect(new).to_be_in_viewport()
    assert bottom(page.locator(".gallery-filters")) <= top(new), "every filter can be pressed"
    assert seen.bounding_box() == before
    new.click()
    expect(page.locator(".take")).to_have_count(27)
    expect(page.locator(".take").first).to_contain_text("New 2")
    expect(page.get_by_text("3 new takes on top.")).to_have_count(1)
    assert complaints == []


@pytest.mark.parametrize("width", [1440, 390])
def test_the_filters_stay_while_takes_scroll(
    page: Page, live_server: LiveServer, owner: User, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for n in range(24):
        make_ready(owner, prompt=f"Fox {n}")
    page.goto(f"{live_server.url}/gallery/")
    last = page.locator(".take", has_text="Fox 0")
    last.scroll_into_view_if_needed()
    filters = page.locator(".filters-sheet > summary")
    expect(filters).to_be_in_viewport(ratio=1)
    last.locator(".take-link").focus()
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    focused = page.locator(".take:focus-within")
    bar = page.locator(".gallery-filters" if width > 1200 else ".gallery-find")
    assert bottom(bar) <= top(focused), "what has the focus is seen whole"
