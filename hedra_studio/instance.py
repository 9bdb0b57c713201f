"""What must hold before anything starts: no second studio on the same data, and ports that are free."""

import contextlib
import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from hedra_studio.refused import Refused

# How long the processes of a killed studio may take to notice and to let go of their ports.
AFTER_KILL_S = 3.0


@contextlib.contextmanager
def only_instance(data_dir: Path) -> Iterator[bool]:
    """Hold the data folder; yields whether the studio before us was killed rather than stopped."""
    with (data_dir / "studio.lock").open("a+") as lock:
        lock.seek(0)
        holder = lock.read().strip()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"A studio (process {holder or '?'}) already runs on {data_dir}") from None
        _write(lock.fileno(), str(os.getpid()))
        try:
            yield bool(holder)
        finally:
            _write(lock.fileno(), "")


def _write(file: int, text: str) -> None:
    os.ftruncate(file, 0)
    os.write(file, text.encode())


def require_port(setting: str, host: str, port: int, patience_s: float = 0.0) -> None:
    """Refused unless we could listen there."""
    deadline = time.monotonic() + patience_s
    while problem := _listen_error(host, port):
        if problem.errno != errno.EADDRINUSE:
            raise Refused(f"Can't listen on {host} port {port} ({problem.strerror})")
        if time.monotonic() > deadline:
            raise Refused(f"Port {port} is taken by another program; choose another with {setting}")
        time.sleep(0.1)


def _listen_error(host: str, port: int) -> OSError | None:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, kind, protocol, _, address in found:
            with socket.socket(family, kind, protocol) as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(address)
                listener.listen(1)
    except OSError as error:
        return error
    return None
