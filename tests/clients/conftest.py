from collections.abc import Iterator

import pytest

from clients.hedra import HedraClient
from clients.hoox import HooxClient
from tests.clients.server import ScriptedServer

KEY = "sk_hedra_4f1c9e7ab2d8466f"
HOOX_KEY = "hx_live_" + "4f1c9e7ab2d8466f" * 4


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, in seconds; none is waited for."""
    taken: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", taken.append)
    return taken


@pytest.fixture
def client(server: ScriptedServer) -> HedraClient:
    return HedraClient(
        server.url + "/web-app/public", KEY, connect_timeout=2, read_timeout=1, upload_timeout=1
    )


@pytest.fixture
def hoox(server: ScriptedServer) -> HooxClient:
    return HooxClient(server.url + "/api/public/v1", HOOX_KEY, connect_timeout=2, read_timeout=1)
