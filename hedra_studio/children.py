"""One process that the supervisor keeps alive, its log and its pauses between starts."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from hedra_studio.lifeline import PARENT

PROJECT_DIR = Path(__file__).resolve().parent.parent
LOG_LIMIT_BYTES = 5_000_000
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 20.0


@dataclass(frozen=True)
class Spec:
    """What to start, and how to see that it is ready."""

    name: str
    command: list[str]
    ready_url: str = ""  # "": ready as soon as it runs
    ready_host: str = ""  # Host header of that request, where it differs from the address


@dataclass
class Child:
    spec: Spec
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    is_ready: bool = field(default=False)

    def start(self) -> None:
        """In a session of its own: Ctrl-C reaches the supervisor only, and the whole group can be ended."""
        shorten(self.log)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.spec.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=PROJECT_DIR,
                env={**os.environ, PARENT: str(os.getpid())},
            )
        self.started_at = time.monotonic()
        self.is_ready = False

    def exit_words(self) -> str:
        """How the process ended ("" while it runs); what it had started is ended too."""
        if self.process is None or self.process.poll() is None:
            return ""
        self.signal_group(signal.SIGKILL)
        code = self.process.returncode
        self.process = None
        return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"

    def plan_restart(self) -> float:
        """Seconds until the next start: longer each time, short again after a steady run."""
        now = time.monotonic()
        if now - self.started_at > STEADY_AFTER_S:
            self.pause_s = FIRST_PAUSE_S
        pause_s, self.pause_s = self.pause_s, min(self.pause_s * 2, LONGEST_PAUSE_S)
        self.start_again_at = now + pause_s
        return pause_s

    def check_ready(self) -> bool:
        if not self.is_ready and self.process is not None:
            url = self.spec.ready_url
            self.is_ready = not url or _answers(url, self.spec.ready_host)
        return self.is_ready

    def terminate(self) -> None:
        """Ask the process itself; it is for it to stop what it started."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def signal_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            # macOS answers "not permitted" for a group of which only a zombie is left
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def last_words(self) -> str:
        """The last line of the log, which usually names the reason."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
            lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
            return lines[-1].strip()[:300] if lines else ""
        return ""


def shorten(log: Path) -> None:
    """Move what has grown long to `<name>.1`. Its writers append, so they go on at the new start."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


def _answers(url: str, host: str) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=0.5)
    try:
        connection.request("GET", parts.path, headers={"Host": host} if host else {})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
