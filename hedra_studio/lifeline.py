"""No orphans: a process that the supervisor started ends with it, even when it was killed without a word."""

import os
import signal
import threading
import time

# Set by the supervisor for each child; taken out of the environment before a grandchild could inherit it.
PARENT = "STUDIO_PARENT_PID"
POLL_S = 0.25
GRACE_S = 1.0


def end_with_supervisor() -> None:
    """Called first thing by `manage.py`; does nothing in a process that no supervisor started."""
    parent = os.environ.pop(PARENT, "")
    if parent:
        end_with(int(parent))


def end_with(parent_pid: int) -> None:
    """Watch the parent from a thread. Threads don't survive a fork: each process calls this for itself."""
    threading.Thread(target=_watch, args=(parent_pid,), name="lifeline", daemon=True).start()


def _watch(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(POLL_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)  # with whatever this process started
    os._exit(1)
