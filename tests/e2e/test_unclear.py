"""The page of an order whose answer got lost: what people found decides, also without script."""

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import Account
from generations.models import Generation, Status
from tests.factories import make_take

from .accessible import hold_accessible

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lost(owner: User, hoox: Account) -> Generation:
    return make_take(
        owner,
        account=hoox,
        status=Status.UNCLEAR,
        error_code="UNCLEAR",
        next_attempt_at=None,
        sent_at=timezone.now(),
        charged=None,
        body={"model": "z-image-turbo", "file_name": "hedra-studio-0b6d7a4e-8b0c-4c5f-9d66-3f0f6a1c2b3d"},
    )


@pytest.mark.parametrize("where", ["its page", "the gallery"])
def test_it_can_be_read_by_everyone(
    themed: Page, live_server: LiveServer, lost: Generation, where: str
) -> None:
    path = lost.get_absolute_url() if where == "its page" else "/gallery/?state=failed"
    themed.goto(live_server.url + path)
    expect(themed.get_by_text("Hoox's answer got lost").first).to_be_visible()
    hold_accessible(themed)


def test_an_id_that_is_none_is_refused_in_words(
    page: Page, live_server: LiveServer, lost: Generation, complaints: list[str]
) -> None:
    page.goto(live_server.url + lost.get_absolute_url())
    page.get_by_label("Its asset id").fill("6912f0a1b2c3d4e5f6a7b8c9")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Hoox doesn't know an asset with this id.")).to_be_visible()
    expect(page.get_by_role("button", name="I checked: it ran")).to_be_visible()
    assert complaints == []


def test_without_script_what_never_ran_can_be_retried(
    browser: Browser, live_server: LiveServer, lost: Generation
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + "/gallery/?state=failed")
    page.get_by_role("link", name="Say what you found").click()
    page.get_by_role("button", name="I checked: it never ran").click()
    expect(page.get_by_role("heading", name="The order never ran")).to_be_visible()
    expect(page.get_by_text("Nothing was charged.")).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    context.close()
