"""SIGKILL at each step of a take at Hoox, where no order can be looked up: never two orders for one take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from sandbox.server import Handle
from tests.processes.test_sigkill import Site

START = {"method": "POST", "path": "/asset/start"}
DONE = {"complete", "unclear"}


class HooxSite(Site):
    """A studio whose takes are made at the second service."""

    presser = "tests.processes.press_hoox"

    def __init__(self, sandbox: Handle, folder: Path) -> None:
        super().__init__(sandbox, folder)
        self.hoox_key = f"hx_sandbox_{uuid4().hex}"

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, "HOOX_API_KEY": self.hoox_key, "HOOX_BASE_URL": self.sandbox.hoox_url}

    def orders(self) -> list[str]:
        """The takes whose orders arrived, as often as they did."""
        return [entry["body"]["file_name"] for entry in self.sandbox.requests(self.hoox_key, "hoox")]

    def assert_all_is_well(self) -> None:
        """No take was ordered twice, and what is shown as charged is what the ledger holds for it."""
        assert set(Counter(self.orders()).values()) <= {1}
        entries = self.sandbox.ledger(self.hoox_key, "hoox")["entries"]
        charged = {entry["generation_id"]: entry["credits"] for entry in entries}
        assert len(charged) == len(entries) <= len(self.takes())
        for take in self.takes():
            if take["status"] == "complete":
                assert Decimal(str(take["charged"])) == charged[take["service_id"]]
                assert (self.folder / "media" / take["result"]).stat().st_size
            else:
                assert (take["status"], take["charged"], take["service_id"]) == ("unclear", None, "")


@pytest.fixture
def site(sandbox: Handle, tmp_path: Path) -> Iterator[HooxSite]:
    sandbox.settings(hoox_rate_limit=100_000)
    site = HooxSite(sandbox, tmp_path)
    yield site
    site.kill_worker()
    sandbox.clear_faults()


def restarted(site: HooxSite) -> set[str]:
    """What becomes of the takes once the worker is back."""
    site.kill_worker()
    site.start_worker()
    site.wait(lambda: site.statuses() <= DONE)
    site.assert_all_is_well()
    return site.statuses()


def test_killed_while_it_orders(site: HooxSite) -> None:
    site.press()
    site.sandbox.fault("latency", match=START, latency_ms=1500)
    site.start_worker()
    site.wait(lambda: not site.sandbox.app.faults.waiting())
    assert restarted(site) == {"unclear"}
    site.wait(lambda: len(site.orders()) == 1)


@pytest.mark.parametrize("kind", ["cut", "cut_after"])
def test_killed_after_an_answer_got_lost(site: HooxSite, kind: str) -> None:
    site.press()
    site.sandbox.fault(kind, match=START)
    site.start_worker()
    site.wait(lambda: not site.sandbox.app.faults.waiting())
    assert restarted(site) == {"unclear"}
    assert len(site.orders()) == 1


HELD_REQUESTS = {
    "looking": {"method": "GET", "path": "/asset/status/*"},
    "downloading": {"method": "GET", "path": "/media/posters/*"},
}


@pytest.mark.parametrize("match", HELD_REQUESTS.values(), ids=HELD_REQUESTS)
def test_killed_after_the_order_was_answered(site: HooxSite, match: dict[str, str]) -> None:
    site.press()
    site.sandbox.fault("latency", match=match, latency_ms=1500)
    site.start_worker()
    site.wait(lambda: not site.sandbox.app.faults.waiting())
    assert restarted(site) == {"complete"}
    assert len(site.orders()) == 1


def test_killed_again_and_again(site: HooxSite) -> None:
    """Four takes, a kill every time one of them has moved."""
    site.press(4)
    for _ in range(6):
        before = [(take["status"], take["attempts"]) for take in site.takes()]
        if {status for status, _ in before} <= DONE:
            break
        site.start_worker()
        site.wait(lambda before=before: [(t["status"], t["attempts"]) for t in site.takes()] != before)  # type: ignore[misc]
        site.kill_worker()
    restarted(site)
