"""Fixtures of the tests in a browser."""

from collections.abc import Iterator
from pathlib import Path
from threading import Condition

import pytest
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from catalog.models import AIModel
from tests.factories import make_avatar, make_model, png, wav

from .accessible import LOOKS

COLOURS = ("#b45309", "#0369a1", "#15803d", "#7c3aed")


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


# Models with inputs, and files for them


@pytest.fixture
def avatar(owner: User) -> AIModel:
    return make_avatar()


@pytest.fixture
def starter(owner: User) -> AIModel:
    """Starts from one image."""
    return make_model(name="Sora 2 Pro I2V", requires_start_frame=True)


@pytest.fixture
def referrer(owner: User) -> AIModel:
    """Takes up to four reference images."""
    slot = {"role": "reference", "type": "image", "min_count": 0, "max_count": 4, "min_dimension_px": 50}
    return make_model(name="Vidu Reference", inputs=[{"mode": "reference", "slots": [slot]}])


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"frame-{number}.png" for number in range(len(COLOURS))]
    for path, colour in zip(paths, COLOURS, strict=True):
        path.write_bytes(png(320, 180, colour))
    return paths


@pytest.fixture
def voices(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "anna.wav", tmp_path / "ben.wav"]
    for path, seconds in zip(paths, (8, 4), strict=True):
        path.write_bytes(wav(seconds))
    return paths
