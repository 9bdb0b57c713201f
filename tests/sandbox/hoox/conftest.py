"""A client of the other half, written for the tests."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
import requests

from sandbox.server import Handle, start
from tests.sandbox.conftest import PATIENCE_S, Json


class HooxApi:
    """Calls the sandbox as a client would, over a real socket, and reads amounts exactly."""

    def __init__(self, sandbox: Handle, key: str) -> None:
        self.sandbox, self.key = sandbox, key
        self.http = requests.Session()
        self.http.headers["Authorization"] = f"Bearer {key}"

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.http.get(self.sandbox.hoox_url + path, params=query, timeout=PATIENCE_S)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.http.post(self.sandbox.hoox_url + path, json=body, timeout=PATIENCE_S, **options)

    def models(self, **query: Any) -> Json:
        return exact(self.get("/asset/models", **query))

    def price(self, model: str, **body: Any) -> Json:
        return exact(self.post("/asset/pricing", {"model": model, **body}))

    def started(self, body: Json) -> Json:
        """An order that must be accepted."""
        return exact(self.post("/asset/start", body), 201)

    def refused(self, body: Any, path: str = "/asset/start") -> dict[str, str]:
        """The codes of an order that must be refused with 400, by field."""
        answer = exact(self.post(path, body), 400)
        return {problem["field"]: problem["code"] for problem in answer["details"]}

    def status(self, asset_id: str) -> Json:
        return exact(self.get(f"/asset/status/{asset_id}"))

    def finished(self, asset_id: str) -> Json:
        """The asset once it has ended."""
        end, pause = monotonic() + PATIENCE_S, Event()
        while (asset := self.status(asset_id))["status"] not in ("completed", "failed"):
            assert monotonic() < end, asset
            pause.wait(0.05)
        return asset

    @property
    def ledger(self) -> Json:
        return self.sandbox.ledger(self.key, "hoox")


def exact(answer: requests.Response, status: int = 200) -> Json:
    """The answer with its amounts as they were written."""
    assert answer.status_code == status, answer.text
    result: Json = answer.json(parse_float=Decimal)
    return result


@pytest.fixture(scope="session")
def hoox_shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handle]:
    """For tests that change nothing but their own account."""
    with start(state_dir=tmp_path_factory.mktemp("hoox"), speed=10_000) as handle:
        handle.settings(hoox_rate_limit=100_000)
        yield handle


@pytest.fixture
def hoox(hoox_shared: Handle) -> HooxApi:
    return HooxApi(hoox_shared, f"hx_sandbox_{uuid4().hex}")


@pytest.fixture
def own_hoox(tmp_path: Path) -> Iterator[HooxApi]:
    """For tests with faults, settings or a slow clock: a sandbox that nobody else uses."""
    with start(state_dir=tmp_path / "state", speed=10_000) as handle:
        yield HooxApi(handle, "sandbox")
