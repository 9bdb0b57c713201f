"""A worker asked to stop: it ends in time, gives back what it holds, and nothing is ordered twice."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from sandbox.server import Handle
from tests.processes.test_sigkill import HELD_REQUESTS, Site
from tests.processes.test_sigkill_hoox import START, HooxSite

LONG_MS = 30_000
"""No request that is held so long ends by itself."""
HANGS_S = 20


def stop(site: Site, number: signal.Signals = signal.SIGTERM) -> int:
    assert site.worker
    began = monotonic()
    site.worker.send_signal(number)
    code = site.worker.wait(HANGS_S)
    assert monotonic() - began < HANGS_S
    return code


def workers(site: Site) -> int:
    with closing(sqlite3.connect(site.folder / "studio.sqlite3", timeout=20)) as connection:
        return int(connection.execute("SELECT count(*) FROM generations_worker").fetchone()[0])


@pytest.fixture
def site(sandbox: Handle, tmp_path: Path) -> Iterator[Site]:
    site = Site(sandbox, tmp_path)
    yield site
    site.kill_worker()
    sandbox.clear_faults()


@pytest.fixture
def hoox(sandbox: Handle, tmp_path: Path) -> Iterator[HooxSite]:
    sandbox.settings(hoox_rate_limit=100_000)
    site = HooxSite(sandbox, tmp_path)
    yield site
    site.kill_worker()
    sandbox.clear_faults()


def test_asked_in_the_middle_of_an_order_it_frees_the_take_and_the_next_one_looks_it_up(site: Site) -> None:
    site.press()
    site.sandbox.fault("latency", match=HELD_REQUESTS["ordering"], latency_ms=LONG_MS)
    site.start_worker("--grace", "0.1")
    site.wait(lambda: not site.sandbox.app.faults.waiting())
    assert workers(site) == 1
    assert stop(site) == 0
    [take] = site.takes()
    assert (take["status"], take["lease_owner"]) == ("submitting", None)
    assert take["sent_at"], "the order is not taken for one that never left"
    assert workers(site) == 0
    site.sandbox.clear_faults()
    site.start_worker()
    site.wait(lambda: site.statuses() == {"complete"})
    site.assert_all_is_well()


def test_an_order_that_cant_be_looked_up_becomes_unclear_and_is_not_sent_again(hoox: HooxSite) -> None:
    hoox.press()
    hoox.sandbox.fault("latency", match=START, latency_ms=LONG_MS)
    hoox.start_worker("--grace", "0.1")
    hoox.wait(lambda: not hoox.sandbox.app.faults.waiting())
    assert stop(hoox) == 0
    hoox.start_worker()
    hoox.wait(lambda: hoox.statuses() == {"unclear"})
    assert len(hoox.orders()) <= 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_order_that_is_answered_within_the_grace_is_kept(hoox: HooxSite, number: signal.Signals) -> None:
    hoox.press()
    hoox.sandbox.fault("latency", match=START, latency_ms=1000)
    hoox.start_worker("--grace", "15")
    hoox.wait(lambda: not hoox.sandbox.app.faults.waiting())
    assert stop(hoox, number) == 0
    [take] = hoox.takes()
    assert take["service_id"], hoox.log()
    assert take["lease_owner"] is None
    assert len(hoox.orders()) == 1
