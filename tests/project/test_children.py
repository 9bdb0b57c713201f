"""What the supervisor knows of one child: its log and its pauses."""

import time
from pathlib import Path

import pytest

from hedra_studio import children
from hedra_studio.children import Child, Spec, shorten


@pytest.fixture
def child(tmp_path: Path) -> Child:
    return Child(Spec("worker", ["true"]), tmp_path / "worker.log")


def test_pauses_grow_and_are_short_again_after_a_steady_run(child: Child) -> None:
    child.started_at = time.monotonic()
    pauses = [child.plan_restart() for _ in range(8)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30]
    child.started_at = time.monotonic() - children.STEADY_AFTER_S - 1
    assert child.plan_restart() == 0.5


def test_the_last_words_are_the_last_line_of_the_log(child: Child) -> None:
    assert child.last_words() == ""
    child.log.write_bytes(b"noise\n" * 1000 + b"ValueError: no \xff such thing\n\n")
    assert child.last_words() == "ValueError: no \ufffd such thing"


def test_a_long_log_starts_anew_under_its_writer(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "LOG_LIMIT_BYTES", 10)
    with child.log.open("ab", buffering=0) as writer:
        writer.write(b"a long first line\n")
        shorten(child.log)
        writer.write(b"second\n")
    assert child.log.read_bytes() == b"second\n"
    assert child.log.with_name("worker.log.1").read_bytes() == b"a long first line\n"


def test_a_child_that_ends_says_how(child: Child) -> None:
    child.start()
    assert child.process
    child.process.wait()
    assert child.exit_words() == "ended with exit code 0"
    assert child.exit_words() == ""
