"""The What changed page in a browser: filters without a reload, older entries, axe, keyboard, no script."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import Account, AIModel, Change
from catalog.models.change import Kind
from tests.factories import make_model

from .accessible import hold_accessible

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/catalog/changes/"


@pytest.fixture
def fox(owner: User) -> AIModel:
    """One that got cheaper lately, among many whose ratios changed long ago."""
    account = Account.objects.current()
    account.synced_at = account.sync_tried_at = timezone.now()
    account.sync_report = {"updated": 2, "prices": 1}
    account.save()
    fox, owl = make_model(account, name="Fox 1"), make_model(account, name="Owl 2")
    rates = [{"pricing": {"credits_per_second": credits}} for credits in (7, 6)]
    ratios = {"before": {"aspect_ratios": ["4:3"]}, "after": {"aspect_ratios": ["16:9"]}}
    days = (timezone.now() - timedelta(days=n) for n in range(1, 80))
    changes = [Change(account=account, model=owl, at=day, kind=Kind.RATIOS, **ratios) for day in days]
    price = Change(account=account, model=fox, at=timezone.now(), kind=Kind.PRICE)
    price.before, price.after = rates
    price.credits_before, price.credits_after = Decimal(35), Decimal(30)
    Change.objects.bulk_create([*changes, price])
    return fox


def test_a_chip_narrows_in_place_and_back_widens_again(
    page: Page, live_server: LiveServer, fox: AIModel
) -> None:
    page.goto(live_server.url + PATH)
    page.evaluate("() => { window.sameDocument = true }")
    page.locator("#kind-price").click()

    expect(page.locator(".change")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?kind=price$"))
    expect(page.get_by_role("status").filter(has_text="1 of 80 changes")).to_be_visible()
    assert page.evaluate("() => window.sameDocument")
    page.go_back()
    expect(page).to_have_url(live_server.url + PATH)
    expect(page.get_by_role("status").filter(has_text="80 changes since")).to_be_visible()


def test_typing_narrows_and_keeps_the_chips(page: Page, live_server: LiveServer, fox: AIModel) -> None:
    page.goto(f"{live_server.url}{PATH}?kind=price&kind=ratios")
    page.get_by_label("Search models").press_sequentially("fox")

    expect(page.locator(".change")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=fox"))
    expect(page).to_have_url(re.compile(r"kind=price&kind=ratios"))
    expect(page.get_by_label("Search models")).to_be_focused()


def test_older_changes_follow_when_they_are_reached(
    page: Page, live_server: LiveServer, fox: AIModel
) -> None:
    page.goto(live_server.url + PATH)
    expect(page.locator(".change")).to_have_count(50)
    page.get_by_role("link", name="Older changes").scroll_into_view_if_needed()
    expect(page.locator(".change")).to_have_count(80)
    expect(page.get_by_role("link", name="Older changes")).to_have_count(0)
    expect(page).to_have_url(live_server.url + PATH)


def test_everything_can_be_reached_by_keyboard(page: Page, live_server: LiveServer, fox: AIModel) -> None:
    page.goto(live_server.url + PATH)
    page.locator("#q").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#kind-price")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".change")).to_have_count(1)
    page.get_by_role("link", name="Show all").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Fox 1")).to_be_focused()


def test_all_of_it_works_without_scripts(browser: Browser, live_server: LiveServer, fox: AIModel) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + PATH)
    page.get_by_role("link", name="Older changes").click()
    expect(page.locator(".change")).to_have_count(30)
    page.get_by_label("Search models").fill("fox")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".change")).to_have_count(1)
    expect(page.locator(".change")).to_contain_text("7 cr/s → 6 cr/s")
    page.get_by_role("link", name="Fox 1").click()
    expect(page.get_by_role("heading", name="Fox 1")).to_be_visible()
    context.close()


@pytest.mark.parametrize("state", ["full", "filtered", "failed", "quiet", "never"])
def test_has_no_violations_and_fits(themed: Page, live_server: LiveServer, fox: AIModel, state: str) -> None:
    if state == "failed":
        Account.objects.update(sync_error="Hedra could not be reached. Nothing was changed.")
    if state in ("quiet", "never"):
        Change.objects.all().delete()
        Account.objects.update(synced_at=None if state == "never" else timezone.now())
    themed.goto(f"{live_server.url}{PATH}{'?q=nothing' if state == 'filtered' else ''}")
    hold_accessible(themed)


def test_the_chart_has_no_violations(themed: Page, live_server: LiveServer, fox: AIModel) -> None:
    themed.goto(f"{live_server.url}/catalog/models/{fox.pk}/")
    expect(themed.get_by_role("img", name="Price over time")).to_be_visible()
    hold_accessible(themed, ".chart")
