"""A studio as people start it: real processes, real ports, a data folder of its own."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Self

from tests.environment import BLANK

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_S = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, **settings: object) -> dict[str, str]:
    """What the command needs and nothing of the tests' own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    wanted = {"STUDIO_DATA_DIR": data, "STUDIO_PORT": free_port(), "SANDBOX_PORT": free_port(), **settings}
    return kept | BLANK | {name: str(value) for name, value in wanted.items()}


def manage(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


@cache
def _prepared() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hedra-studio-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = manage("prepare", env=environment(folder))
    assert made.returncode == 0, made.stderr
    return folder


def prepare(data: Path) -> None:
    """A data folder with all tables, nothing in them, and static files: not every studio has to make them."""
    shutil.copytree(_prepared(), data, dirs_exist_ok=True)


def wait_for(condition: Callable[[], bool], what: str, patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience_s} s for {what}"
        time.sleep(0.02)


def descendants(pid: int) -> dict[int, str]:
    """Process ids below this one with their commands; zombies don't count."""
    listing = subprocess.run(
        ["/bin/ps", "-A", "-ww", "-o", "pid=,ppid=,stat=,command="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split(None, 3) for line in listing.splitlines()]
    found: dict[int, str] = {}
    parents = {str(pid)}
    while parents:
        children = [row for row in rows if row[1] in parents and not row[2].startswith("Z")]
        found |= {int(row[0]): row[3] for row in children}
        parents = {row[0] for row in children}
    return found


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return not Path("/proc/self/stat").exists() or Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):  # it may end between the two looks
        return False


class Running:
    """`manage.py studio` in a session of its own, as under a terminal."""

    def __init__(self, data: Path, **settings: object) -> None:
        self.env = environment(data, **settings)
        self.port = int(self.env["STUDIO_PORT"])
        self.data = data

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, str(PROJECT / "manage.py"), "studio"],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        pids = [self.process.pid, *descendants(self.process.pid)]
        for pid in pids:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()

    def ready_line(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.process.stderr and self.process.stderr.read()
        return line

    def processes(self) -> dict[int, str]:
        return descendants(self.process.pid)

    def child(self, command: str) -> int:
        """The child that the supervisor itself started for this command."""
        wait_for(lambda: bool(self._children(command)), f"a process of {command}")
        return self._children(command)[0]

    def _children(self, command: str) -> list[int]:
        below = self.processes()
        return [pid for pid, words in below.items() if command in words and os.getpgid(pid) == pid]

    def get(self, path: str, host: str = "") -> int:
        """Status of the answer; 0 when there is none."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": host} if host else {})
            return connection.getresponse().status
        except (OSError, HTTPException):
            return 0
        finally:
            connection.close()

    def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[float, int]:
        """Seconds it took, and the exit code."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=PATIENCE_S)
        return time.monotonic() - began, code
