from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from catalog.models import Account
from tests.clients.server import ScriptedServer


@pytest.fixture
def service() -> Iterator[ScriptedServer]:
    """Hedra's place, on a real socket, answering as the test says."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's pauses between tries are not waited for."""
    monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda _: None)


@pytest.fixture
def account(db: None, settings: Settings, service: ScriptedServer) -> Account:
    settings.HEDRA_URL, settings.HEDRA_KEY, settings.SANDBOX = (
        service.url + "/web-app/public",
        "sandbox",
        True,
    )
    return Account.objects.current()
