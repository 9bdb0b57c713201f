"""Fixtures that every folder of tests may use."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as examples
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.fixtures import Settings

from catalog.models import Account
from catalog.pages import listing
from catalog.services import HOOX
from generations import learning, pictures, room
from sandbox.server import Handle, start
from tests.browsing import CHROMIUM_ARGS, MISSING, chromium
from tests.sandboxed import Studio, fill_catalog

# Whatever else the machine does, no test fails for being slow. Examples may share a test's rows: those who
# mind make an account of their own for each.
examples.register_profile(
    "ours", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
examples.load_profile("ours")


def pytest_report_header() -> str:
    return f"browser: {chromium() or f'browser tests skip, {MISSING}'}"


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """Databases come and go between tests, and their rows take the same numbers again."""
    listing.forget()
    room.forget()
    pictures.forget()
    learning.forget()
    caches["template_fragments"].clear()


@pytest.fixture
def owner(db: None) -> User:
    from hedra_studio.middleware import local_owner

    return local_owner()


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("stranger")


@pytest.fixture
def client(owner: User) -> Client:
    """A browser of the local owner's."""
    return Client()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handle]:
    """The service's stand-in on a port of its own; takes are ready within a second."""
    with start(state_dir=tmp_path_factory.mktemp("sandbox"), speed=60) as handle:
        yield handle


@pytest.fixture
def studio(sandbox: Handle, settings: Settings, owner: User) -> Iterator[Studio]:
    """A studio with a catalog, at an account of its own."""
    settings.HEDRA_URL, settings.HEDRA_KEY = sandbox.api_url, f"sk_sandbox_{uuid4().hex}"
    studio = Studio(sandbox, settings.HEDRA_KEY)
    fill_catalog(Account.objects.current())
    yield studio
    sandbox.clear_faults()


@pytest.fixture
def hoox(sandbox: Handle, settings: Settings, db: None) -> Iterator[Account]:
    """An account of its own at the second service, with its catalog."""
    settings.HOOX_URL, settings.HOOX_KEY = sandbox.hoox_url, f"hx_sandbox_{uuid4().hex}"
    sandbox.settings(hoox_rate_limit=100_000)
    account = Account.objects.current(HOOX)
    fill_catalog(account)
    yield account
    sandbox.clear_faults()


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """A database of this test's own on the server that tests may use."""
    if not (server_url := os.environ.get("TEST_DATABASE_URL")):
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL server")
    name = f"studio_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield f"{server_url.rpartition('/')[0]}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Of a studio's own: "" for a file in its folder, or one on the server."""
    return "" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if not path:
        pytest.skip(MISSING)
    # Playwright keeps an event loop in this thread, and Django would take each query for a mistake.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own for each test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
