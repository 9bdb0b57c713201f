"""``python -m sandbox``: serve until told to stop, or until the parent process is gone."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from sandbox.server import start

PARENT_POLL_S = 0.5


def main() -> int:
    options = _options()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        handle = start(options.port, options.state, options.speed, options.host)
    except OSError as error:
        reason = error.strerror or str(error)
        sys.stderr.write(f"sandbox: cannot start on {options.host}:{options.port}: {reason}\n")
        return 2
    sys.stdout.write(f"Sandbox ready at {handle.api_url}\n")
    sys.stdout.flush()
    while not stopping.wait(PARENT_POLL_S):
        if options.parent_pid and os.getppid() != options.parent_pid:
            break
    # The state is safe at any moment; a render in progress must not hold up the end.
    os._exit(0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=sys.modules["sandbox"].__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--speed", type=_speed, default=1.0, help="how much faster than real time work goes")
    parser.add_argument("--state", type=Path, default=Path("data/sandbox"), help="folder of the state")
    parser.add_argument("--parent-pid", type=int, help="end when this process is no longer the parent")
    return parser.parse_args()


def _speed(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError("the speed must be above 0")
    return value


if __name__ == "__main__":
    sys.exit(main())
