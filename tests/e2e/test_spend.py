"""The Spend page in a browser, with script and without: period, table, caps and export."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import Account
from generations.models import Cap
from tests.factories import make_take

from .accessible import hold_accessible

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(owner: User) -> Account:
    account = Account.objects.current()
    make_take(owner, account=account, sent_at=timezone.now())
    return account


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser that runs no script."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_caps_are_saved_in_place(
    page: Page, live_server: LiveServer, account: Account, complaints: list[str]
) -> None:
    page.goto(f"{live_server.url}/spend/")
    page.get_by_label("credits a day").fill("-5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").get_by_text("Write a whole number")).to_be_visible()
    page.get_by_label("credits a day").fill("70")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    expect(page.get_by_text("35 of 70 credits spent or under way")).to_be_visible()
    assert Cap.objects.get().daily == 70
    assert [text for text in complaints if "422" not in text] == []


def test_a_period_is_an_address(page: Page, live_server: LiveServer, account: Account) -> None:
    page.goto(f"{live_server.url}/spend/")
    page.get_by_role("link", name="Last 7 days").click()
    expect(page).to_have_url(f"{live_server.url}/spend/?period=7d")
    expect(page.locator(".bars-bar")).to_have_count(7)
    page.get_by_text("As a table").click()
    expect(page.locator(".bars-table tr")).to_have_count(8)
    page.reload()
    expect(page.get_by_role("link", name="Last 7 days")).to_have_attribute("aria-current", "page")


def test_it_works_without_script(plain: Page, live_server: LiveServer, account: Account) -> None:
    plain.goto(f"{live_server.url}/spend/")
    plain.get_by_role("link", name="Since the beginning").click()
    expect(plain.locator(".spend-figure")).to_have_text("35")
    plain.get_by_label("credits a day").fill("70")
    plain.get_by_role("button", name="Save").click()
    expect(plain.get_by_text("35 of 70 credits spent or under way")).to_be_visible()
    expect(plain.get_by_text("Saved. The caps hold from the next press on.")).to_be_visible()
    with plain.expect_download() as download:
        plain.get_by_role("link", name="Export CSV").click()
    assert download.value.suggested_filename == "hedra-studio-spend-30d.csv"


def test_what_was_refused_is_accessible(themed: Page, live_server: LiveServer, account: Account) -> None:
    themed.goto(f"{live_server.url}/spend/")
    themed.get_by_text("As a table").click()
    themed.get_by_label("credits a day").fill("-5")
    themed.get_by_role("button", name="Save").click()
    expect(themed.get_by_role("alert").get_by_text("Write a whole number")).to_be_visible()
    hold_accessible(themed)
