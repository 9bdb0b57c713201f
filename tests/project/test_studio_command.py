"""The supervised command with real processes: start, stop, kill, restart."""

import os
import re
import signal
from pathlib import Path

import pytest

from tests.project.running import Running, is_alive, manage, wait_for

pytestmark = pytest.mark.slow

HANGS_S = 15
"""Nothing is waited for that long; how fast a start and a stop are, `make bench-start` tells."""
COMMANDS = ("manage.py serve", "manage.py run_worker", "-m sandbox")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that has been started on once: what most starts find."""
    folder = tmp_path_factory.mktemp("studio") / "data"
    with Running(folder) as studio:
        studio.ready_line()
        assert studio.stop()[1] == 0
    return folder


def test_a_first_start_prints_one_line_and_serves(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as studio:
        line = studio.ready_line()
        assert re.search(rf"http://127\.0\.0\.1:{studio.port}/", line)
        assert studio.get("/gallery/") == 200
        assert studio.get("/gallery/", host="evil.example") == 400
        for command in COMMANDS:
            assert is_alive(studio.child(command))
        studio.stop()
        assert studio.process.communicate() == ("", "")
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_second_start_finds_everything_in_place(data: Path) -> None:
    stamp = (data / "static.stamp").stat().st_mtime_ns
    with Running(data) as studio:
        studio.ready_line()
        assert studio.get("/gallery/") == 200
    assert (data / "static.stamp").stat().st_mtime_ns == stamp, "nothing was collected anew"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_cleanly(data: Path, number: signal.Signals) -> None:
    with Running(data) as studio:
        studio.ready_line()
        pids = list(studio.processes())
        seconds, code = studio.stop(number)
        assert code == 0
        assert seconds < HANGS_S
        assert len(pids) >= 3
        assert not any(is_alive(pid) for pid in pids)
        assert studio.process.communicate() == ("", "")


def test_it_stops_while_it_is_still_starting(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as studio:
        wait_for(lambda: bool(studio.processes()), "the first child")
        pids = list(studio.processes())
        seconds, code = studio.stop()
        assert code == 0
        assert seconds < HANGS_S
        assert not any(is_alive(pid) for pid in pids)
        assert studio.process.communicate() == ("", "")
    with Running(tmp_path / "data") as studio:
        studio.ready_line()


def test_a_child_that_does_not_listen_is_killed_in_time(data: Path) -> None:
    with Running(data) as studio:
        studio.ready_line()
        worker = studio.child("run_worker")
        os.kill(worker, signal.SIGSTOP)
        seconds, code = studio.stop()
        assert code == 0
        assert seconds < HANGS_S
        assert not is_alive(worker)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_child_that_dies_is_started_again(data: Path, command: str) -> None:
    with Running(data) as studio:
        studio.ready_line()
        before = studio.child(command)
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: not is_alive(before) and studio.child(command) != before, f"a new {command}")
        wait_for(lambda: studio.get("/healthz") == 200, "the pages")
        assert studio.stop()[1] == 0
        assert "was killed by signal 9; it starts again in" in studio.process.communicate()[1]


def test_a_killed_supervisor_leaves_no_orphan(data: Path) -> None:
    with Running(data) as studio:
        studio.ready_line()
        pids = list(studio.processes())
        os.kill(studio.process.pid, signal.SIGKILL)
        wait_for(lambda: not any(is_alive(pid) for pid in pids), "the children to end", patience_s=4)
        studio.process.wait()


def test_supervisor_and_server_killed_at_once_leave_no_orphan(data: Path) -> None:
    """The pages' own process then loses its parent, which is not the supervisor."""
    with Running(data) as studio:
        studio.ready_line()
        pids, server = list(studio.processes()), studio.child("manage.py serve")
        assert len([words for words in studio.processes().values() if "manage.py serve" in words]) == 2
        os.kill(studio.process.pid, signal.SIGKILL)
        os.kill(server, signal.SIGKILL)
        wait_for(lambda: not any(is_alive(pid) for pid in pids), "the children to end", patience_s=4)
        studio.process.wait()


def test_one_can_start_again_right_after_a_kill(data: Path) -> None:
    with Running(data) as killed:
        killed.ready_line()
        ports = {name: killed.env[name] for name in ("STUDIO_PORT", "SANDBOX_PORT")}
        killed.process.kill()
        killed.process.wait()
        with Running(data, **ports) as studio:
            studio.ready_line()
            assert studio.get("/healthz") == 200


def test_cut_uploads_are_forgotten_and_downloads_kept(data: Path) -> None:
    cut, part = data / "tmp" / "tmpabc.upload.png", data / "tmp" / "7-id.part"
    for file in (cut, part):
        file.write_bytes(b"half")
    with Running(data) as studio:
        studio.ready_line()
        assert (cut.exists(), part.exists()) == (False, True)


def test_a_second_studio_on_the_same_data_is_refused(data: Path) -> None:
    with Running(data) as studio:
        studio.ready_line()
        second = manage("studio", env=Running(data).env)
        assert second.returncode == 2
        assert second.stderr == f"A studio (process {studio.process.pid}) already runs on {data}\n"
        assert studio.get("/healthz") == 200


def test_with_a_key_no_sandbox_is_started(data: Path) -> None:
    settings = {"HEDRA_API_KEY": "sk_not_a_real_key", "HEDRA_BASE_URL": "http://127.0.0.1:9/"}
    with Running(data, **settings) as studio:
        assert "sandbox" not in studio.ready_line()
        assert not any("sandbox" in words for words in studio.processes().values())
        studio.stop()
    for log in (data / "logs").iterdir():
        assert "sk_not_a_real_key" not in log.read_text()


def test_beyond_loopback_signing_in_is_needed_and_said(data: Path) -> None:
    with Running(data, STUDIO_HOST="0.0.0.0", ALLOWED_HOSTS="studio.example.com") as studio:
        assert f"http://studio.example.com:{studio.port}/" in studio.ready_line()
        assert studio.get("/gallery/", host="studio.example.com") == 302
        assert studio.get("/gallery/", host="localhost") == 400
        studio.stop()
        hint = studio.process.communicate()[1]
    assert "`.venv/bin/python manage.py createsuperuser`" in hint
    assert "`.venv/bin/python manage.py changepassword owner`" in hint


def test_an_owner_who_does_not_exist_is_not_let_in(tmp_path: Path) -> None:
    with Running(tmp_path / "data", STUDIO_HOST="0.0.0.0", ALLOWED_HOSTS="studio.example.com") as studio:
        studio.ready_line()
        studio.stop()
        hint = studio.process.communicate()[1]
    assert "createsuperuser" in hint
    assert "owner" not in hint
