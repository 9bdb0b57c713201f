"""What is asked before an order, and what fits the balance, in a browser, with script and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import Account
from generations.models import Generation, Purse, Status
from tests.factories import remove_takes
from tests.sandboxed import Studio

from .accessible import hold_accessible

pytestmark = pytest.mark.django_db(transaction=True)

PROMPT = "A fox in the snow"


@pytest.fixture
def written(page: Page, live_server: LiveServer, studio: Studio) -> Page:
    """The create page with the words of a shot of 35 credits."""
    return write(page, live_server)


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A page without script."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def write(page: Page, live_server: LiveServer) -> Page:
    page.goto(f"{live_server.url}/create/?new=1")
    page.get_by_label("Prompt", exact=True).fill(PROMPT)
    return page


def order(page: Page) -> None:
    page.get_by_label("Prompt", exact=True).press("Control+Enter")
    expect(page.locator("#latest article")).to_have_count(1)
    # The form of the next shot is there once the button can be pressed again.
    expect(page.locator("#generate")).to_be_enabled()


def test_pressed_twice_by_mistake_the_first_is_opened(written: Page, live_server: LiveServer) -> None:
    order(written)
    written.get_by_label("Prompt", exact=True).press("Control+Enter")
    first = written.get_by_role("link", name="Open it")
    expect(first).to_be_focused()
    expect(written.get_by_text("You ordered this just now")).to_be_visible()
    first.press("Enter")
    expect(written).to_have_url(f"{live_server.url}{Generation.objects.get().get_absolute_url()}")


def test_the_key_of_generate_never_answers_for_people(written: Page) -> None:
    order(written)
    for _ in range(2):
        with written.expect_response("**/create/") as answered:
            written.keyboard.press("Control+Enter")
        assert answered.value.status == 422
        expect(written.get_by_role("link", name="Open it")).to_be_focused()
    assert Generation.objects.count() == 1


def test_run_again_makes_another(written: Page) -> None:
    order(written)
    written.locator("#generate").click()
    written.get_by_role("button", name="Run again · 35 credits").click()
    expect(written.locator("#latest article")).to_have_count(2)
    expect(written.locator("#generate")).to_be_enabled()


def test_where_the_cards_are_out_of_sight_the_order_is_confirmed_at_the_button(written: Page) -> None:
    """And beside the form, where the card appears, nothing moves."""
    written.set_viewport_size({"width": 390, "height": 844})
    order(written)
    said = written.locator(".price-ordered")
    expect(said).to_be_in_viewport()
    expect(written.locator(".fan-out-ordered")).to_have_count(0)
    said.get_by_role("link", name="See it").click()
    expect(written.locator("#latest article")).to_be_in_viewport()
    written.set_viewport_size({"width": 1440, "height": 900})
    expect(said).to_be_hidden()
    written.get_by_label("Prompt", exact=True).fill("A wolf in the snow")
    written.get_by_label("Prompt", exact=True).blur()
    expect(said).to_have_count(0)


def test_what_would_be_left_follows_a_take_that_ends(written: Page, studio: Studio) -> None:
    """A failed one has given its credits back."""
    left = written.locator(".price-after")
    before = left.inner_text()
    order(written)
    expect(left).not_to_have_text(before)
    failed = {"status": Status.ERROR, "error_code": "INTERNAL", "charged": 0, "next_attempt_at": None}
    Generation.objects.update(**failed, updated=timezone.now(), finished_at=timezone.now())
    expect(left).to_have_text(before, timeout=15_000)


def test_other_words_end_the_question(written: Page) -> None:
    order(written)
    written.locator("#generate").click()
    expect(written.get_by_role("link", name="Open it")).to_be_focused()
    words = written.get_by_label("Prompt", exact=True)
    words.fill("A whale")
    words.blur()
    expect(written.get_by_role("link", name="Open it")).to_have_count(0)
    expect(written.locator("#generate")).to_be_visible()


def test_the_amount_is_chosen_and_asked_about(written: Page) -> None:
    written.get_by_text("Never asks before spending").click()
    amount = written.get_by_label("Ask before spending more than")
    amount.fill("20")
    amount.press("Enter")
    expect(written.get_by_text("Asks before spending more than 20 credits")).to_be_visible()
    assert not Generation.objects.exists()

    written.locator("#generate").click()
    expect(written.get_by_text("This costs 35 credits, more than the 20 you chose.")).to_be_visible()
    written.get_by_role("button", name="Not now").click()
    written.locator("#generate").click()
    written.get_by_role("button", name="Order it · 35 credits").click()
    expect(written.locator("#latest article")).to_have_count(1)


def test_what_fits_is_taken_over_with_the_words(page: Page, live_server: LiveServer, studio: Studio) -> None:
    studio.sandbox.settings(key=studio.key, balance=20)
    write(page, live_server)
    page.get_by_role("link", name="480p 18 cr").click()
    expect(page.locator("#generate")).to_have_text("Generate · 18 credits")
    expect(page.locator("#id_model")).to_be_focused()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(PROMPT)


def test_everything_is_answered_without_script(
    plain: Page, live_server: LiveServer, studio: Studio, owner: User
) -> None:
    for _ in range(2):
        write(plain, live_server)
        plain.locator("#generate").click()
    expect(plain.get_by_text("You ordered this just now")).to_be_visible()
    plain.get_by_role("button", name="Run again · 35 credits").click()
    expect(plain).to_have_url(f"{live_server.url}/gallery/")
    assert Generation.objects.count() == 2

    write(plain, live_server)
    plain.get_by_text("Never asks before spending").click()
    plain.get_by_label("Ask before spending more than").fill("20")
    with plain.expect_popup() as opened:
        plain.get_by_role("button", name="Save", exact=True).click()
    expect(opened.value.get_by_text("Saved. It holds from the next press on.")).to_be_visible()
    expect(plain.get_by_label("Prompt", exact=True)).to_have_value(PROMPT)
    assert Purse.objects.get(owner=owner).ask_over == 20


def test_questions_and_offers_are_accessible(themed: Page, live_server: LiveServer, studio: Studio) -> None:
    write(themed, live_server)
    order(themed)
    themed.locator("#generate").click()
    expect(themed.get_by_role("link", name="Open it")).to_be_focused()
    themed.get_by_text("Never asks before spending").click()
    hold_accessible(themed)

    studio.sandbox.settings(key=studio.key, balance=20)
    Account.objects.update(balance_tried_at=None)
    remove_takes(Generation.objects.all())
    write(themed, live_server)
    expect(themed.locator(".fit").first).to_be_visible()
    hold_accessible(themed)
