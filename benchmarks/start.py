"""How long the studio takes to be ready and to stop: `make bench-start`. Prints figures, decides nothing."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
STARTS = 4


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def run_once(folder: str) -> tuple[float, float]:
    """Seconds until the ready line, and from Ctrl-C to the end."""
    ports = {"STUDIO_PORT": free_port(), "SANDBOX_PORT": free_port()}
    env = os.environ | ports | {"STUDIO_DATA_DIR": folder, "HEDRA_API_KEY": "", "HOOX_API_KEY": ""}
    command = [sys.executable, str(PROJECT / "manage.py"), "studio"]
    began = time.monotonic()
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, start_new_session=True) as studio:
        if not studio.stdout or not studio.stdout.readline():
            raise SystemExit("the studio did not start")
        ready, asked = time.monotonic() - began, time.monotonic()
        studio.send_signal(signal.SIGINT)
        studio.wait()
        return ready, time.monotonic() - asked


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, STARTS + 1):
            ready, stopped = run_once(folder)
            print(f"start {number}: ready in {ready:5.2f} s, stopped in {stopped:4.2f} s")


if __name__ == "__main__":
    main()
