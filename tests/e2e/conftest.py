"""Fixtures of the tests in a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from .accessible import LOOKS


@pytest.fixture(params=LOOKS)
def themed(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in each theme and at each width, on which axe can run."""
    theme, width = request.param.split()
    # Only axe needs the policy out of its way; `complaints` watches pages that keep to it.
    context = browser.new_context(
        viewport={"width": int(width), "height": 844},
        color_scheme=theme,
        bypass_csp=True,
        reduced_motion="reduce",
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the console of `page` complains of; the content security policy does so there."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found
