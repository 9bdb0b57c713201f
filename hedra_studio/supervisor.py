"""Starts the processes of the studio, starts again the one that dies, and stops them together."""

import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from hedra_studio.children import Child, Spec, shorten

READY_POLL_S = 0.05
IDLE_POLL_S = 60.0  # only for the logs' length: everything else wakes the loop by a signal
STOP_GRACE_S = 1.2
READY_HINT_S = 30.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


class Signals:
    """Turns signals into bytes of a pipe, so that one wait serves signals, dead children and timeouts."""

    def __enter__(self) -> Self:
        self.stops = 0  # how often we were asked to stop
        self._interrupts = False
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        numbers = (*STOPPING, signal.SIGCHLD)
        self._handlers = {number: signal.signal(number, self._handle) for number in numbers}
        self._wakeup_fd = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._wakeup_fd)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._reading)
        os.close(self._writing)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """For work that may end anywhere: when asked to stop, it does so at once, as under Ctrl-C.

        Raises KeyboardInterrupt."""
        self._interrupts = True
        try:
            yield
        finally:
            self._interrupts = False
            self.wait(0)  # what ended the work is not a second wish to stop

    def _handle(self, number: int, frame: FrameType | None) -> None:
        """Python writes the wake-up byte only for signals that have a handler."""
        if self._interrupts and number in STOPPING:
            raise KeyboardInterrupt

    def wait(self, timeout_s: float) -> None:
        """Until any signal comes, at most so long."""
        if select.select([self._reading], [], [], max(0.0, timeout_s))[0]:
            self.stops += sum(number in STOPPING for number in os.read(self._reading, 1024))


class Supervisor:
    def __init__(self, log_dir: Path, say: Say, signals: Signals) -> None:
        log_dir.mkdir(exist_ok=True)
        self._log_dir = log_dir
        self._say = say
        self._signals = signals
        self._children: list[Child] = []

    def start(self, specs: Iterable[Spec]) -> None:
        for spec in specs:
            child = Child(spec, self._log_dir / f"{spec.name}.log")
            child.start()
            self._children.append(child)

    def settle(self, patience_s: float) -> None:
        """Wait until what was started so far is ready, the patience ends, or we are asked to stop."""
        deadline = time.monotonic() + patience_s
        while not self._signals.stops and time.monotonic() < deadline and not self._all_ready():
            self._signals.wait(READY_POLL_S)

    def run(self, ready: Callable[[], None]) -> None:
        """Until asked to stop. `ready` is called once, when every child is."""
        began, announced, hinted = time.monotonic(), False, False
        while not self._signals.stops:
            if not announced and self._all_ready():
                announced = True
                ready()
            self._signals.wait(self._next_look_s(announced))
            if not self._signals.stops:
                self._revive()
            if not announced and not hinted and time.monotonic() - began > READY_HINT_S:
                hinted = True
                self._say(f"Not ready after {READY_HINT_S:.0f} s; the logs in {self._log_dir} say why.")

    def stop(self) -> None:
        """All at once; whatever is left after the grace, or at a second Ctrl-C, is killed."""
        for child in self._children:
            child.terminate()
        deadline, asked = time.monotonic() + STOP_GRACE_S, self._signals.stops
        while any(child.process and child.process.poll() is None for child in self._children):
            self._signals.wait(deadline - time.monotonic())
            if self._signals.stops > asked or time.monotonic() >= deadline:
                break
        for child in self._children:
            child.signal_group(signal.SIGKILL)
            if child.process:
                child.process.wait()

    def _all_ready(self) -> bool:
        return all(child.check_ready() for child in self._children)

    def _next_look_s(self, announced: bool) -> float:
        if not announced:
            return READY_POLL_S
        waiting = [child.start_again_at for child in self._children if child.process is None]
        return min([IDLE_POLL_S, *(at - time.monotonic() for at in waiting)])

    def _revive(self) -> None:
        for child in self._children:
            if child.process is None and time.monotonic() >= child.start_again_at:
                child.start()
            words = child.exit_words()
            if words:
                self._say(self._obituary(child, words, child.plan_restart()))
            shorten(child.log)

    @staticmethod
    def _obituary(child: Child, words: str, pause_s: float) -> str:
        last = child.last_words()
        return (
            f"The {child.spec.name} process {words}; it starts again in {pause_s:g} s."
            + (f" Its last words: {last}" if last else "")
            + f" (log: {child.log})"
        )
