"""Failed takes as people meet them: readable and whole, the fix one press away, a wait that counts."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import Account, Rest
from clients.errors import Unavailable
from generations.models import Generation
from tests.factories import make_model
from tests.generations.test_failures import ACTIONS, OURS, failed

from .accessible import hold_accessible

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_failed_card_is_readable_and_whole(themed: Page, live_server: LiveServer, owner: User) -> None:
    for code in ACTIONS | OURS:
        failed(owner, code, charged=None, sent_at=timezone.now())
    for _ in range(3):
        Rest.objects.failed(Account.objects.current().pk, Unavailable("away"))
    themed.goto(f"{live_server.url}/gallery/?state=failed")
    expect(themed.locator("#rests")).to_contain_text("has not answered since")
    hold_accessible(themed)
    cut_off = themed.locator(".take-failure").evaluate_all(
        "all => all.filter(one => one.offsetHeight > one.parentElement.clientHeight)"
        ".map(one => one.innerText)"
    )
    assert cut_off == []


def test_a_failed_takes_page_with_earlier_tries(themed: Page, live_server: LiveServer, owner: User) -> None:
    take = failed(owner, "MODERATION_FAILED", error_part="start_frame")
    assert take.retry()
    Generation.objects.update(status="error", error_code="MISSING_CREDITS", next_attempt_at=None)
    themed.goto(live_server.url + take.get_absolute_url())
    expect(themed.get_by_role("heading", name="Earlier tries")).to_be_visible()
    hold_accessible(themed)


@pytest.mark.parametrize(
    ("code", "link", "place"),
    [
        ("MODERATION_FAILED", "Soften the prompt", "id_prompt"),
        ("FAILED_PRECONDITION", "Choose another image", "id_start_frame_file"),
        ("DEADLINE_EXCEEDED", "Make it shorter", "at-duration_ms"),
    ],
)
def test_the_fix_leads_to_where_it_is_made(
    page: Page, live_server: LiveServer, owner: User, code: str, link: str, place: str
) -> None:
    slots = [{"type": "image", "role": "start_frame", "required": True}]
    failed(owner, code, ai_model=make_model(inputs=[{"mode": "start_frame", "slots": slots}]))
    page.goto(f"{live_server.url}/gallery/")
    page.get_by_role("link", name=link).click()
    expect(page.locator("#id_prompt")).to_have_value("A fox in the snow")
    expect(page.locator(f"#{place}")).to_be_focused()


def test_a_wait_counts_down_and_then_the_retry_can_be_pressed(
    page: Page, live_server: LiveServer, owner: User
) -> None:
    page.clock.install()
    failed(owner, "RESOURCE_EXHAUSTED")
    page.goto(f"{live_server.url}/gallery/")
    button = page.locator(".take-failure button")
    expect(button).to_have_text(re.compile(r"Wait \d+ s"))
    expect(button).to_be_disabled()
    page.clock.run_for(31_000)
    expect(button).to_have_text(re.compile("Retry"))
    expect(button).to_be_enabled()
