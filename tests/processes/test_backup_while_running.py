"""A backup of a studio at work, restored elsewhere: complete takes play, running ones go on, none is ordered
twice, although the first studio went on after the backup."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from sandbox.server import Handle
from tests.processes.test_sigkill import ROOT, Site


def manage(site: Site, *arguments: str) -> None:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=site.env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def sites(sandbox: Handle, tmp_path: Path) -> Iterator[tuple[Site, Site]]:
    """Two folders for studios of one account."""
    first, second = Site(sandbox, tmp_path / "first"), Site(sandbox, tmp_path / "second")
    second.key = first.key
    for site in (first, second):
        site.folder.mkdir()
    yield first, second
    for site in (first, second):
        site.kill_worker()
    sandbox.clear_faults()


def assert_they_play(site: Site) -> None:
    for take in site.takes():
        with av.open(str(site.folder / "media" / take["result"])) as clip:
            assert len(list(clip.decode(video=0))) > 24


def test_it_goes_on_elsewhere(sites: tuple[Site, Site], tmp_path: Path) -> None:
    first, second = sites
    first.press(1)
    first.start_worker()
    first.wait(lambda: first.statuses() == {"complete"})
    first.press(2)
    first.wait(lambda: first.statuses() != {"complete"})
    manage(first, "backup", str(tmp_path / "backup.tar"))
    first.wait(lambda: first.statuses() == {"complete"})  # it goes on, and orders what was not ordered yet
    first.kill_worker()

    manage(second, "restore", str(tmp_path / "backup.tar"))
    assert "complete" in second.statuses()
    assert len(second.takes()) == 3
    second.start_worker()
    second.wait(lambda: second.statuses() == {"complete"})
    second.assert_all_is_well()
    assert_they_play(second)
