"""The main job on two machines, with real servers: pages and worker here, another worker there."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.server import Handle
from tests.deploy.conftest import Redis, Store
from tests.deploy.team import PATIENCE_S, Team
from tests.project.running import wait_for

TAKES = 2


@pytest.fixture(params=["redis", "postgresql"])
def team(
    request: pytest.FixtureRequest, sandbox: Handle, tmp_path: Path, store: Store, database_url: str
) -> Iterator[Team]:
    queue = request.getfixturevalue("redis").url if request.param == "redis" else database_url
    team = Team(sandbox, tmp_path, database_url, queue, store)
    yield team
    team.kill()


def assert_each_was_ordered_once(team: Team) -> None:
    """And charged once, which is what we show."""
    ids = {str(take["remote_id"]): take["charged"] for take in team.takes()}
    orders = [order["body"]["generation_id"] for order in team.sandbox.requests(team.key)]
    assert sorted(orders) == sorted(ids)
    entries = team.sandbox.ledger(team.key)["entries"]
    ours = {
        entry["generation_id"]: abs(Decimal(entry["credits"]))
        for entry in entries
        if entry["generation_id"] in ids
    }
    assert ours == ids


def test_the_main_job(team: Team) -> None:
    both = [team.start(machine, "prepare") for machine in "ab"]
    assert [process.wait(PATIENCE_S) for process in both] == [0, 0], team.log()
    assert team.press(TAKES, "lose") == str(TAKES), "all of these messages are lost"
    web = team.start("a", "serve")
    workers = [team.start(machine, "run_worker") for machine in "ab"]
    team.wait_until_complete()
    assert_each_was_ordered_once(team)

    wait_for(team.is_up, "the pages")
    for take in team.takes():
        whole = team.store.client.get_object(Bucket=team.store.bucket, Key=take["result"])["Body"].read()
        assert len(whole) == take["size"]
        part = team.get(f"/gallery/{take['id']}/result", Range="bytes=100-299")
        assert (part.status_code, part.content) == (206, whole[100:300])
    assert not [*team.folder.glob("*/media/**/*")], "nothing of it is on either machine"
    assert team.store.secret_key not in team.log()

    for process in (web, *workers):
        process.send_signal(signal.SIGTERM)
    assert [process.wait(PATIENCE_S) for process in (web, *workers)] == [0, 0, 0], team.log()


def test_a_queue_that_goes_and_comes_back(
    sandbox: Handle, tmp_path: Path, store: Store, database_url: str, redis: Redis
) -> None:
    team = Team(sandbox, tmp_path, database_url, redis.url, store)
    try:
        assert team.start("a", "prepare").wait(PATIENCE_S) == 0
        team.start("a", "run_worker")
        redis.stop()
        team.press(1)  # stored, though no worker could be told
        assert {take["status"] for take in team.takes()} == {"preparing"}
        redis.start()
        team.wait_until_complete()
        assert_each_was_ordered_once(team)
    finally:
        team.kill()
