"""A model's page and the comparison in a browser: accessible, by keyboard, without script, on a phone."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.models import Account, AIModel, AskedPrice, Change, Pin
from tests.factories import make_model

from .accessible import hold_accessible
from .showcase import make_ready

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model(owner: User) -> AIModel:
    """With everything that its page can show."""
    model = make_model(premium=True, description="Made for tests.")
    make_ready(owner, ai_model=model)
    Change.objects.create(
        account=model.account,
        model=model,
        at=timezone.now(),
        kind="price",
        before={"pricing": {"credits_per_second": 8}},
        after={"pricing": model.pricing},
        credits_before=Decimal(40),
        credits_after=Decimal(35),
    )
    return model


@pytest.fixture
def asked(settings: Settings, owner: User) -> AIModel:
    """One whose prices only its service can tell."""
    settings.HOOX_KEY, settings.HOOX_URL = "hx_test", "http://127.0.0.1:9/nowhere"
    return make_model(
        Account.objects.current("hoox"), pricing=None, base_cost=Decimal("7.5"), durations=["5"]
    )


def comparison(*models: AIModel) -> str:
    return "/catalog/compare/?" + "&".join(f"compare={model.pk}" for model in models)


PAGES: dict[str, Callable[[AIModel], str]] = {
    "model": lambda model: f"/catalog/models/{model.pk}/",
    "model without a price": lambda _: f"/catalog/models/{make_model(pricing=None).pk}/",
    "retired model": lambda _: f"/catalog/models/{make_model(retired_at=timezone.now()).pk}/",
    "comparison": lambda model: comparison(model, *(make_model(resolutions=["1080p"]) for _ in range(3))),
    "comparison of one": comparison,
    "comparison of none": lambda _: "/catalog/compare/",
}


@pytest.mark.parametrize("name", PAGES)
def test_has_no_violations_and_fits(themed: Page, live_server: LiveServer, model: AIModel, name: str) -> None:
    themed.goto(live_server.url + PAGES[name](model))
    themed.wait_for_load_state("networkidle")
    hold_accessible(themed)


@pytest.mark.parametrize("name", PAGES)
def test_keeps_to_the_content_security_policy(
    page: Page, live_server: LiveServer, model: AIModel, complaints: list[str], name: str
) -> None:
    page.goto(live_server.url + PAGES[name](model))
    page.wait_for_load_state("networkidle")
    assert complaints == []


def test_a_pin_is_set_by_keyboard_and_keeps_the_focus(
    page: Page, live_server: LiveServer, model: AIModel
) -> None:
    page.goto(f"{live_server.url}/catalog/models/{model.pk}/")
    pin = page.get_by_role("button", name="Pin")
    pin.focus()
    page.keyboard.press("Enter")
    expect(pin).to_have_attribute("aria-pressed", "true")
    expect(pin).to_be_focused()
    assert Pin.objects.filter(model=model).exists()
    page.keyboard.press("Enter")
    expect(pin).to_have_attribute("aria-pressed", "false")


def test_the_takes_arrive_by_themselves(page: Page, live_server: LiveServer, model: AIModel) -> None:
    page.goto(f"{live_server.url}/catalog/models/{model.pk}/")
    takes = page.get_by_role("region", name="Your takes with it")
    expect(takes).to_contain_text("1 take · 35 credits charged")
    takes.get_by_role("link", name="Show it in the gallery").click()
    expect(page.get_by_role("navigation", name="Filters that are on")).to_contain_text(model.name)


def test_prices_arrive_and_then_the_page_rests(page: Page, live_server: LiveServer, asked: AIModel) -> None:
    page.clock.install()
    page.goto(f"{live_server.url}/catalog/models/{asked.pk}/")
    prices = page.get_by_role("region", name="What it costs")
    expect(prices).to_contain_text("2 prices still to come")
    AskedPrice.objects.update(credits=Decimal("8.25"), answered_at=timezone.now())
    with page.expect_response(lambda response: f"/catalog/models/{asked.pk}/" in response.url):
        page.clock.run_for(3000)
    expect(prices).to_contain_text("8.25 credits")
    expect(prices).not_to_contain_text("still to come")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.clock.run_for(30_000)
    assert requests == []


def test_a_wide_comparison_is_scrolled_by_keyboard_on_a_phone(
    page: Page, live_server: LiveServer, model: AIModel
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + comparison(model, *(make_model() for _ in range(3))))
    sides = page.get_by_role("region", name="Models side by side")
    sides.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.sides').scrollLeft > 0")
    label = page.get_by_role("rowheader", name="Aspect ratios").bounding_box()
    assert label is not None
    assert label["x"] >= 0, "the facts' names stay in sight"


def test_names_stay_in_sight_while_a_comparison_is_read(
    page: Page, live_server: LiveServer, model: AIModel
) -> None:
    page.set_viewport_size({"width": 1440, "height": 500})
    page.goto(live_server.url + comparison(model, make_model(name="Veo 3 T2V")))
    page.get_by_role("rowheader", name="Tags").scroll_into_view_if_needed()
    expect(page.get_by_role("link", name="Veo 3 T2V", exact=True)).to_be_in_viewport()


def test_all_of_it_works_without_script(browser: Browser, live_server: LiveServer, model: AIModel) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/catalog/models/{model.pk}/?seconds=8")
    page.get_by_role("button", name="Pin").click()
    expect(page.get_by_role("button", name="Pin")).to_have_attribute("aria-pressed", "true")
    assert page.url.endswith(f"/catalog/models/{model.pk}/?seconds=8")

    page.goto(live_server.url + comparison(model, make_model(resolutions=["1080p"])))
    page.get_by_role("link", name="Only differences").click()
    expect(page.get_by_role("rowheader", name="Resolutions")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Durations")).to_have_count(0)
    page.get_by_role("link", name="Remove").first.click()
    expect(page.get_by_text("One model stands alone")).to_be_visible()
    context.close()
