"""How a generation moves on with time, and how its end is told."""

from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.state import Store
from sandbox.timeline import moment
from tests.sandbox.conftest import Api, video


def row(**changes: Any) -> dict[str, Any]:
    return {"started": 100, "work_s": 20, "rendered": 1, "past": 0, "stuck": 0, "fails_at": None, **changes}


@pytest.mark.parametrize(
    ("work_s", "status", "progress", "left_s"),
    [
        (100, "queued", 0, 20),
        (101.9, "queued", 0, 18.1),
        (102, "processing", 0.1, 18),
        (110, "processing", 0.5, 10),
        (118, "finalizing", 0.9, 2),
        (120, "complete", 1, None),
        (9000, "complete", 1, None),
    ],
)
def test_the_steps_of_a_generation(work_s: float, status: str, progress: float, left_s: float | None) -> None:
    now = moment(row(), work_s)

    assert (now.status, now.progress) == (status, progress)
    assert now.left_s == (None if left_s is None else pytest.approx(left_s))


def test_it_is_not_complete_before_its_clip_is() -> None:
    now = moment(row(rendered=0), 130)

    assert (now.status, now.progress) == ("finalizing", 0.99)


def test_a_failure_comes_at_its_time() -> None:
    failing = row(fails_at=0.6)

    assert moment(failing, 111).status == "processing"
    assert moment(failing, 112).status == "error"


def test_a_stuck_one_stays() -> None:
    assert moment(row(stuck=1), 10_000).status == "processing"


def test_eta_is_in_real_seconds() -> None:
    assert moment(row(), 110).eta_s(speed=4) == 3
    assert moment(row(), 200).eta_s(speed=4) is None


def test_the_clock_goes_on_over_restarts_and_changes_of_speed(tmp_path: Any, monkeypatch: Any) -> None:
    now = 1000.0
    monkeypatch.setattr("sandbox.clock.time.time", lambda: now)
    store = Store(tmp_path)
    clock = Clock(store, speed=2)
    now = 1010.0
    assert clock.work_s() == 20
    clock.set_speed(10)
    now = 1011.0
    assert clock.work_s() == 30
    later = Clock(store, speed=1)
    now = 1016.0
    assert later.work_s() == 35


def test_a_running_take_tells_when_it_is_due(own: Api) -> None:
    own.sandbox.settings(speed=0.5)
    made = own.generate(video())
    take, status = own.listed(made["id"]), own.status(made["id"])

    assert made["eta_sec"] == 40  # 20 s of work at half speed
    assert take["status"] == status["status"] == "queued"
    assert 38 <= take["eta_sec"] <= 40
    assert take["estimated_completion_at"] > take["created_at"]
    assert take["asset"] is None
    assert status["url"] is None
    assert take["credit_cost"] == 18


def test_a_finished_take_has_its_links(api: Api) -> None:
    made = api.generate(video())
    take, status = api.finished(made["id"]), api.status(made["id"])
    inner = take["asset"]["asset"]

    assert status["progress"] == take["progress"] == 1
    assert status["url"]
    assert status["download_url"]
    assert take["eta_sec"] is take["estimated_completion_at"] is None
    for url in (inner["url"], inner["poster_url"], inner["preview_url"], take["asset"]["thumbnail_url"]):
        assert api.http.get(url, timeout=5).status_code == 200


def test_unknown_generations(api: Api) -> None:
    missing = "00000000-0000-4000-8000-000000000000"

    assert api.get(f"/generations/{missing}/status").json() == {"detail": "Generation not found"}
    assert api.get("/generations/x/status").status_code == 422
