"""The library of inputs in a real browser."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from tests.factories import make_take, png

from .inputs import open_form, slot, uploaded, values

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_upload_is_picked_from_the_library_by_keyboard(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    asset = uploaded(owner, "fox.png", png(640, 360))
    open_form(page, live_server, starter)
    page.locator("#slot-start_frame").get_by_role("button", name="From library").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Library · Start frame")
    expect(dialog.get_by_role("button", name="Use fox.png")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(slot(page, "start_frame")).to_contain_text("640 × 360")
    assert values(page, "start_frame") == [str(asset.pk)]


def test_what_a_take_has_made_is_picked(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    content = png(320, 180)
    name = default_storage.save("takes/still.png", ContentFile(content))
    make_take(
        owner, type="image", prompt="A blue wall", result=name, poster=name, content_type="image/png",
        size=len(content), width=320, height=180,
    )  # fmt: skip
    open_form(page, live_server, starter)
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Takes").click()
    dialog.get_by_role("button", name="Use A blue wall").click()
    expect(dialog).to_be_hidden()
    expect(slot(page, "start_frame")).to_contain_text("320 × 180")


def test_the_library_keeps_the_focus_where_it_was(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    uploaded(owner, "fox.png", png(640, 360))
    open_form(page, live_server, starter)
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    dialog = page.get_by_role("dialog")
    search, takes = dialog.get_by_role("searchbox"), dialog.get_by_role("link", name="Takes")
    search.fill("heron")
    search.press("Enter")
    expect(dialog.get_by_text("No name holds “heron”.")).to_be_visible()
    expect(search).to_be_focused()
    takes.press("Enter")
    expect(takes).to_have_attribute("aria-current", "page")
    expect(takes).to_be_focused()


def test_the_library_that_does_not_answer_says_so(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    uploaded(owner, "fox.png", png(640, 360))
    open_form(page, live_server, starter)
    page.context.set_offline(True)
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("can’t be reached")
    page.context.set_offline(False)
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_role("button", name="Use fox.png")).to_be_visible()
    page.keyboard.press("Escape")
    expect(slot(page, "start_frame").get_by_role("button", name="From library")).to_be_focused()


def test_without_script_the_library_is_a_page_and_nothing_typed_is_lost(
    browser: Browser, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    uploaded(owner, "fox.png", png(640, 360))
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/create/?from=1&model={starter.form_key}")
    page.get_by_label("Prompt", exact=True).fill("A fox at dawn")
    page.get_by_role("radio", name="9:16").check()
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    page.get_by_role("button", name="Use fox.png").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A fox at dawn")
    expect(page.get_by_role("radio", name="9:16")).to_be_checked()
    slot(page, "start_frame").get_by_role("button", name="Crop to 9:16").click()
    expect(slot(page, "start_frame")).to_contain_text("202 × 360")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A fox at dawn")
    page.context.close()
