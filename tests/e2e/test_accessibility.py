"""Every page, in both themes and at both widths: no axe violation, no sideways scrolling, a quiet console."""

from collections.abc import Callable, Iterator

import pytest
from axe_core_python.base import AXE_SCRIPT
from django.contrib.auth.models import User
from playwright.sync_api import Browser, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from .showcase import Showcase, set_up

pytestmark = pytest.mark.django_db(transaction=True)

PAGES: dict[str, Callable[[Showcase], str]] = {
    "catalog": lambda shown: "/catalog/",
    "catalog without a match": lambda shown: "/catalog/?q=nothing+like+it",
    "catalog of a shot": lambda shown: "/catalog/?shot_ratio=9:16&takes=4&have=text&max_price=x",
    "create": lambda shown: "/create/",
    "gallery": lambda shown: "/gallery/",
    "gallery without a match": lambda shown: "/gallery/?q=nothing+like+it",
    "take": lambda shown: shown.ready.get_absolute_url(),
    "running take": lambda shown: shown.running.get_absolute_url(),
    "failed take": lambda shown: shown.failed.get_absolute_url(),
    "missing page": lambda shown: "/nowhere/",
}


@pytest.fixture
def shown(owner: User) -> Showcase:
    return set_up(owner)


@pytest.fixture(params=["dark 1440", "light 1440", "dark 390", "light 390"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    theme, width = request.param.split()
    # Only axe needs the policy out of its way; the console is watched with the policy on, below.
    context = browser.new_context(
        viewport={"width": int(width), "height": 844},
        color_scheme=theme,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_has_no_violations_and_fits(page: Page, live_server: LiveServer, shown: Showcase, name: str) -> None:
    page.goto(live_server.url + PAGES[name](shown))
    wide, view = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert wide <= view
    page.evaluate(AXE_SCRIPT)
    violations = page.evaluate("() => axe.run()")["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in violations] == []


@pytest.mark.parametrize("name", [name for name in PAGES if name != "missing page"])
def test_keeps_to_the_content_security_policy(
    browser: Browser, live_server: LiveServer, shown: Showcase, name: str
) -> None:
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    context = browser.new_context()
    page = context.new_page()
    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(live_server.url + PAGES[name](shown))
    page.wait_for_function("() => window.htmx !== undefined")
    context.close()
    assert complaints == []


def test_forty_cards_stay_lean(page: Page, live_server: LiveServer, owner: User, shown: Showcase) -> None:
    page.goto(f"{live_server.url}/gallery/")
    sizes = page.locator(".take").evaluate_all(
        "all => all.map(card => card.querySelectorAll('*').length + 1)"
    )
    everything = page.evaluate("() => document.querySelectorAll('*').length")
    assert everything - sum(sizes) + 40 * max(sizes) <= 900
