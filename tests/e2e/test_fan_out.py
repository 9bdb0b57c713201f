"""One shot for several models, and from draft to final, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from tests.factories import make_model
from tests.project.running import Running, prepare, wait_for

from .accessible import hold_accessible
from .showcase import make_ready, set_up

PATIENCE_MS = 60_000
GROK, KLING, HAILUO = "Grok Video T2V", "Kling 2.5 Turbo T2V", "MiniMax Hailuo 2.3 Standard T2V"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("studio")
    prepare(folder / "data")
    with Running(folder / "data", SANDBOX_SPEED=20) as running:
        running.ready_line()
        yield running


def address(running: Running, path: str = "/") -> str:
    return f"http://127.0.0.1:{running.port}{path}"


def write_shot(page: Page, running: Running, prompt: str) -> None:
    def offered() -> bool:
        page.goto(address(running, "/create/?new=1"))
        return page.get_by_label("Prompt", exact=True).count() == 1

    wait_for(offered, "the catalog")
    page.get_by_label("Prompt", exact=True).fill(prompt)


def test_what_is_ticked_while_an_answer_is_under_way_stays(page: Page, running: Running) -> None:
    """The answer knows only what was ticked when it was asked for."""
    write_shot(page, running, "A fox asleep")
    page.get_by_role("button", name="Several models").click()
    expect(page.get_by_role("checkbox", name=GROK)).to_be_checked()
    held: list[Route] = []
    page.route("**/create/several/", lambda route: held.append(route), times=1)
    with page.expect_request("**/create/several/"):
        page.get_by_role("spinbutton", name="Cap").press("Enter")
    page.get_by_role("checkbox", name=KLING).check()
    page.get_by_role("checkbox", name=HAILUO).check()
    held[0].continue_()
    expect(page.get_by_role("button", name="Order 3 takes · 121 credits")).to_be_visible()


def test_from_the_list_to_the_comparison(page: Page, running: Running) -> None:
    write_shot(page, running, "A fox trots over the ice")
    page.get_by_role("button", name="Several models").click()
    expect(page.get_by_role("checkbox", name=GROK)).to_be_checked()
    page.get_by_role("checkbox", name=KLING).check()
    page.get_by_role("checkbox", name=HAILUO).check()
    order = page.get_by_role("button", name="Order 3 takes · 121 credits")
    order.click()
    expect(
        page.get_by_role("alert").get_by_text("121 credits at Hedra are more than your cap of 100.")
    ).to_be_visible()
    expect(page.get_by_role("checkbox", name=KLING)).to_be_checked()

    # Enter counts anew; it must not press Generate, which is the form's first button.
    page.get_by_role("spinbutton", name="Cap").fill("130")
    page.get_by_role("spinbutton", name="Cap").press("Enter")
    expect(page.get_by_text("121 credits of at most 130")).to_be_visible()
    order.click()
    expect(page.get_by_text("3 takes on their way.")).to_be_visible()
    expect(page.locator("#latest article", has_text="A fox trots over the ice")).to_have_count(3)

    page.get_by_role("link", name="Compare them side by side").click()
    expect(page.get_by_role("heading", name="One prompt, 3 models")).to_be_visible()
    expect(page.locator("article.is-complete")).to_have_count(3, timeout=PATIENCE_MS)
    for name, price in ((GROK, "35 cr"), (KLING, "50 cr"), (HAILUO, "36 cr")):
        expect(page.locator("article", has_text=name)).to_contain_text(price)


def test_the_list_follows_the_shot(page: Page, running: Running) -> None:
    write_shot(page, running, "A fox")
    page.get_by_role("button", name="Several models").click()
    expect(page.get_by_role("button", name="Order 1 take · 35 credits")).to_be_visible()
    page.get_by_role("radio", name="8 s", exact=True).check()
    expect(page.get_by_role("button", name="Order 1 take · 56 credits")).to_be_visible()
    page.get_by_role("radio", name="9:16").check()
    expect(page.get_by_role("checkbox", name=HAILUO)).to_have_count(0)
    page.get_by_role("button", name="Close the list of models").click()
    expect(page.get_by_role("button", name="Several models")).to_be_visible()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A fox")


def test_a_list_is_put_away_at_once(page: Page, running: Running) -> None:
    """Whatever it still asks for."""
    write_shot(page, running, "A fox")
    page.get_by_role("button", name="Several models").click()
    expect(page.get_by_role("button", name="Order 1 take · 35 credits")).to_be_visible()
    held: list[Route] = []
    page.route("**/several/", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/several/"):
        page.get_by_role("radio", name="8 s", exact=True).check()
    page.get_by_role("radio", name="9:16").check()
    page.wait_for_function(
        "() => document.getElementById('fan-out')['htmx-internal-data'].queuedRequests?.length"
    )
    page.get_by_role("button", name="Close the list of models").click()
    expect(page.get_by_role("button", name="Several models")).to_be_visible()


def test_an_order_on_its_way_is_waited_for(page: Page, running: Running) -> None:
    """The list can't be put away before what was paid for is shown."""
    write_shot(page, running, "A lynx waits")
    page.get_by_role("button", name="Several models").click()
    held: list[Route] = []
    page.route("**/several/order/", lambda route: held.append(route))
    with page.expect_request("**/several/order/"):
        page.get_by_role("button", name="Order 1 take").click()
    expect(page.get_by_role("button", name="Close the list of models")).to_be_disabled()
    held[0].continue_()
    expect(page.get_by_text("1 take on its way.")).to_be_visible()


def test_without_script_to_the_comparison(browser: Browser, running: Running) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    write_shot(page, running, "A heron lifts off")
    page.get_by_role("button", name="Several models").click()
    expect(page.get_by_role("heading", name="Several models", exact=True)).to_be_visible()
    page.get_by_role("checkbox", name=HAILUO).check()
    page.get_by_role("button", name="Order").click()
    # The total of what is ticked was not on the page yet: it is shown before anything is ordered.
    expect(page.get_by_text("This comes to 71 credits. Nothing was ordered")).to_be_visible()
    page.get_by_role("button", name="Order 2 takes · 71 credits").click()
    expect(page).to_have_url(re.compile(r"/gallery/\?fan_out="))
    expect(page.locator("article")).to_have_count(2)
    context.close()


def test_from_draft_to_final(page: Page, running: Running) -> None:
    write_shot(page, running, "A whale under the pier")
    page.get_by_role("radio", name="8 s", exact=True).check()
    expect(page.get_by_role("button", name="Generate · 56 credits")).to_be_visible()
    page.get_by_role("button", name="Draft · 28 credits").click()
    card = page.locator("article", has_text="A whale under the pier")
    expect(card).to_have_class(re.compile("is-complete"), timeout=PATIENCE_MS)
    expect(card).to_contain_text("480p")
    expect(page.get_by_role("radio", name="720p")).to_be_checked()

    card.get_by_role("link").click()
    page.get_by_role("link", name="Make final").click()
    page.get_by_role("radio", name="10 s", exact=True).check()
    page.get_by_role("button", name="Make final · 70 credits").click()
    expect(page.get_by_text("Final of A whale under the pier")).to_be_visible()
    expect(page.locator("#state")).to_have_class(re.compile("is-complete"), timeout=PATIENCE_MS)
    page.get_by_role("link", name="A whale under the pier").click()
    expect(page.get_by_text("Its final:")).to_be_visible()


def test_a_final_without_script(browser: Browser, running: Running) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    write_shot(page, running, "Rain on a tin roof")
    page.get_by_role("button", name="Draft · 18 credits").click()

    def ready() -> bool:
        page.goto(address(running, "/gallery/?q=tin+roof"))
        return "is-complete" in (page.locator("article").first.get_attribute("class") or "")

    wait_for(ready, "the draft to be ready", PATIENCE_MS / 1000)
    page.locator("article").first.get_by_role("link").click()
    page.get_by_role("link", name="Make final").click()
    page.get_by_role("radio", name="6 s", exact=True).check()
    page.get_by_role("button", name="Show the price").click()
    page.get_by_role("button", name="Make final · 42 credits").click()
    expect(page).to_have_url(re.compile(r"/gallery/\d+/$"))
    expect(page.get_by_text("Final of Rain on a tin roof")).to_be_visible()
    context.close()


# What every page has to hold


@pytest.fixture
def models(owner: User) -> list[AIModel]:
    set_up(owner)
    return [
        make_model(name="Veo 9 T2V", durations=["8000"], resolutions=["1080p"]),
        make_model(name="Veo 9 Fast T2V", aspect_ratios=["1:1"]),
        make_model(name="Kling 9 T2V", pricing=None),
    ]


@pytest.mark.django_db(transaction=True)
def test_the_list_has_no_violations(themed: Page, live_server: LiveServer, models: list[AIModel]) -> None:
    themed.goto(f"{live_server.url}/create/?new=1")
    themed.get_by_role("button", name="Several models").click()
    themed.get_by_text("can't make this shot").click()
    hold_accessible(themed)
    themed.get_by_role("spinbutton", name="Cap").fill("1")
    themed.get_by_role("spinbutton", name="Cap").press("Tab")
    expect(themed.get_by_text("over the cap")).to_be_visible()
    themed.get_by_role("button", name="Order 1 take").click()
    expect(themed.get_by_text("more than your cap of 1")).to_be_visible()
    hold_accessible(themed)


@pytest.mark.django_db(transaction=True)
def test_its_own_page_has_no_violations(themed: Page, live_server: LiveServer, models: list[AIModel]) -> None:
    themed.goto(f"{live_server.url}/create/several/?prompt=A+fox")
    hold_accessible(themed)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("alone", [False, True], ids=["on the take", "its own page"])
def test_the_final_has_no_violations(
    themed: Page, live_server: LiveServer, models: list[AIModel], owner: User, alone: bool
) -> None:
    body = {
        "type": "video",
        "generated_video_inputs": {"text_prompt": "A fox", "resolution": "480p", "duration_ms": 5000},
    }
    take = make_ready(owner, ai_model=AIModel.objects.get(name=GROK), resolution="480p", body=body)
    themed.goto(f"{live_server.url}{take.get_absolute_url()}{'final/' if alone else ''}")
    if not alone:
        themed.get_by_role("link", name="Make final").click()
    expect(themed.get_by_role("button", name="Make final · 35 credits")).to_be_visible()
    hold_accessible(themed)
