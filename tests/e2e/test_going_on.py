"""Going on from a finished take, in a real browser."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.factories import make_model

from .showcase import make_image, make_sound, set_up

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_image_opens_alone_and_becomes_a_start_frame_by_keyboard(
    page: Page, live_server: LiveServer, owner: User, complaints: list[str]
) -> None:
    make_model(name="Grok Video I2V", requires_start_frame=True)
    take = make_image(owner)
    page.goto(f"{live_server.url}{take.get_absolute_url()}")
    expect(page.locator("a.detail-open")).to_have_attribute("href", f"/gallery/{take.pk}/result")
    page.get_by_role("button", name="Use as start frame").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/create/?*")
    slot = page.locator(".slot", has_text="Start frame")
    expect(slot.locator("input[type=checkbox]:checked")).to_have_count(1)
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A lighthouse in a storm")
    expect(page.get_by_role("button", name="Generate")).to_contain_text("35 credits")
    assert complaints == []


def test_speech_can_be_heard_on_its_page(page: Page, live_server: LiveServer, owner: User) -> None:
    page.goto(f"{live_server.url}{make_sound(owner).get_absolute_url()}")
    page.wait_for_function("() => document.querySelector('#player').duration > 1.5")
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('#player').currentTime > 0")


def test_cards_of_sound_and_images_play_nothing_by_themselves(
    page: Page, live_server: LiveServer, owner: User
) -> None:
    set_up(owner)
    page.goto(f"{live_server.url}/gallery/?kind=audio")
    expect(page.locator(".take")).to_have_count(2)
    expect(page.locator("[data-preview]")).to_have_count(0)
    page.get_by_role("link", name="Image", exact=True).click()
    expect(page.locator(".take .take-link")).to_have_text("A lighthouse in a storm")
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator(".take")).to_have_count(10)
