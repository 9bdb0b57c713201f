"""Fixtures of the tests in a browser."""

from collections.abc import Iterator
from threading import Condition

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

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


class InFlight:
    """The requests that the studio is answering at the moment."""

    def __init__(self) -> None:
        self._count, self._changed = 0, Condition()

    def start(self, **_: object) -> None:
        self._add(1)

    def finish(self, **_: object) -> None:
        self._add(-1)

    def _add(self, number: int) -> None:
        with self._changed:
            self._count += number
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._count <= 0, timeout=10)


@pytest.fixture(autouse=True)
def quiet_at_the_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """Pages go on asking and keeping drafts; the database is emptied when none of them can any more."""
    if not {"context", "live_server"} <= set(request.fixturenames):
        yield
        return
    request.getfixturevalue("live_server")
    context: BrowserContext = request.getfixturevalue("context")
    requests = InFlight()
    request_started.connect(requests.start)
    request_finished.connect(requests.finish)
    yield
    context.set_offline(True)
    requests.wait()
    request_started.disconnect(requests.start)
    request_finished.disconnect(requests.finish)
