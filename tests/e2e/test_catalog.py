"""The catalog in a browser: by keyboard, without script, back and forth, prices arriving by themselves."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import Account, AIModel, CallBudget, Pin, Rest
from catalog.prices.asking import ask_due
from tests.sandboxed import Studio

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture(autouse=True)
def connected(studio: Studio, hoox: Account) -> None:
    """Both services."""


@pytest.fixture
def silent(browser: Browser) -> Iterator[Page]:
    """A browser without script."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def answer_all(account: Account) -> None:
    while ask_due(account) is not None:
        CallBudget.objects.all().delete()
        Rest.objects.all().delete()


def test_the_shot_is_said_by_keyboard_and_back_takes_it_back(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/catalog/")
    page.get_by_role("radio", name="5 s", exact=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"seconds=8$"))
    page.get_by_role("checkbox", name="Text only").focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"seconds=8&have=text$"))
    expect(page.locator("tr.is-beyond", has_text="Needs start frame").first).to_be_visible()

    page.go_back()

    expect(page).to_have_url(re.compile(r"seconds=8$"))
    expect(page.get_by_role("radio", name="8 s", exact=True)).to_be_checked()
    expect(page.get_by_role("checkbox", name="Text only")).not_to_be_checked()


def test_filters_stay_open_pins_and_comparison_are_kept(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/catalog/?service=hedra")
    page.get_by_text("More filters").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("^Google")).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("maker=Google"))
    page.get_by_role("link", name=re.compile("^Google")).click()
    expect(page).not_to_have_url(re.compile("maker"))
    expect(page.get_by_role("group", name="Price")).to_be_visible()

    page.get_by_role("button", name="Pin Grok Video T2V").click()
    expect(page.get_by_role("button", name="Pin Grok Video T2V")).to_have_attribute("aria-pressed", "true")
    assert [pin.model.name for pin in Pin.objects.all()] == ["Grok Video T2V"]
    for name in ("Grok Video T2V", "Veo 3 T2V"):
        page.get_by_role("link", name=f"Compare {name}", exact=True).click()
        expect(page.get_by_label("Chosen to compare")).to_contain_text(name)
    page.get_by_role("link", name="Compare 2").click()
    expect(page.get_by_role("columnheader", name=re.compile("Veo 3 T2V"))).to_be_visible()


def test_prices_that_are_asked_for_arrive_by_themselves(
    page: Page, live_server: LiveServer, hoox: Account
) -> None:
    page.goto(f"{live_server.url}/catalog/?service=hoox")
    line = page.locator("tr", has_text="Kling 2.6 Pro").first
    expect(line).to_contain_text("From 7.5 cr")
    expect(page.get_by_text("Asking for the exact price")).to_be_visible()

    answer_all(hoox)

    expect(line).to_contain_text(re.compile(r"7\.5\s*cr"), timeout=10_000)
    expect(page.get_by_text("Asking for the exact price")).to_have_count(0)


def test_without_script_every_step_is_a_link_or_a_form(
    silent: Page, live_server: LiveServer, hoox: Account
) -> None:
    page = silent
    page.goto(f"{live_server.url}/catalog/")
    page.get_by_role("radio", name="10 s", exact=True).check()
    page.get_by_role("checkbox", name="Start frame").check()
    page.get_by_role("button", name="Apply").first.click()
    expect(page).to_have_url(re.compile("seconds=10.*have=start_frame"))
    page.get_by_role("link", name=re.compile("^Hedra [0-9]")).click()
    expect(page).to_have_url(re.compile("have=start_frame.*service=hedra"))
    expect(page.get_by_role("radio", name="10 s", exact=True)).to_be_checked()
    page.get_by_role("link", name="Name", exact=True).click()
    expect(page).to_have_url(re.compile("sort=name"))
    name = page.locator("tbody th a").first.inner_text()
    page.get_by_role("button", name=f"Pin {name}", exact=True).click()
    expect(page).to_have_url(re.compile("sort=name"))
    assert Pin.objects.get().model.name == name
    page.get_by_role("link", name=f"Compare {name}", exact=True).click()
    expect(page.get_by_label("Chosen to compare")).to_contain_text(name)
    page.locator("tbody th a").first.click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_the_cheapest_fit_leads_to_its_page(page: Page, live_server: LiveServer) -> None:
    page.goto(f"{live_server.url}/catalog/?shot_resolution=1080p&shot_ratio=9:16")
    page.locator(".cheapest a").first.click()

    expect(page.get_by_text("your shot").first).to_be_visible()
    assert AIModel.objects.filter(name=page.get_by_role("heading", level=1).inner_text()).exists()


def test_a_price_that_is_on_its_way_brings_no_older_shot_back(page: Page, live_server: LiveServer) -> None:
    page.route("**/catalog/prices/**", lambda route: None)  # never answered
    page.goto(f"{live_server.url}/catalog/?service=hoox")
    with page.expect_request("**/catalog/prices/**"):
        pass

    with page.expect_event("requestfailed", lambda request: "/catalog/prices/" in request.url):
        page.get_by_role("radio", name="8 s", exact=True).check()

    expect(page.locator("tbody th a").first).to_have_attribute("href", re.compile("seconds=8"))


@pytest.mark.parametrize("width", [1024, 1140, 1280, 1366])
@pytest.mark.parametrize("path", ["/catalog/", "/catalog/voices/"])
def test_nothing_scrolls_sideways_in_between(
    page: Page, live_server: LiveServer, width: int, path: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(live_server.url + path)

    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
