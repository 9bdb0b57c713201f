"""The worker process: huey's threads do the work, a sweep finds it, a heartbeat keeps its leases."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.db import close_old_connections
from huey.contrib.djhuey import HUEY

from catalog.models import Account
from catalog.prices.asking import Asker
from catalog.services import connected
from catalog.tasks import refresh

from . import history, leases, pictures, tasks
from .models import Worker

log = logging.getLogger(__name__)

SWEEP_S = 1.0
LOOK_S = 0.25
"""How often it is found out which takes are due for a look; how often each is, `orders` says."""
FIRST_LOOK_S = 2.0
ASK_S = 1.0
LOOK_AFTER_THREADS_S = 1.0
TIDY_S = 3600.0
PICTURES_S = 0.5


def run(threads: int, grace_s: float) -> None:
    """Work until SIGINT, SIGTERM or SIGHUP. Then nothing is begun any more; what is at work may end within
    the grace, and what doesn't is given back. A second signal ends it at once: leases bring rows back."""
    sign = SignOfLife()
    for service in connected():
        _every(LOOK_S, partial(tasks.poll, service), f"looks at {service}")
    _every(SWEEP_S, tasks.sweep, "sweep")
    _every(settings.LEASE_S / 3, sign.beat, "heartbeat")
    _every(ASK_S, Asker().step, "prices")
    _every(TIDY_S, tasks.tidy_here, "tidy")
    _every(PICTURES_S, pictures.make_wanted, "pictures")
    threading.Thread(target=_first_look, name="first-look", daemon=True).start()
    consumer = HUEY.create_consumer(workers=threads, worker_type="thread", max_delay=1.0)
    consumer.start()
    try:
        _wait(consumer.check_worker_health)
    except KeyboardInterrupt:
        consumer.stop()
        _guarded(lambda: _end(sign, grace_s), "stopping")


def _wait(look: Callable[[], object]) -> None:
    """Until a signal to stop comes, looking after huey's threads meanwhile. Raises KeyboardInterrupt."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # those that the consumer sets are its own
        signal.signal(number, signal.default_int_handler)
    log.info("the worker runs, version %s", settings.VERSION)
    while True:
        time.sleep(LOOK_AFTER_THREADS_S)
        look()


def _end(sign: SignOfLife, grace_s: float) -> None:
    freed = leases.give_back(grace_s)
    sign.end()
    log.info("the worker stopped; %s takes were given back", freed)


class SignOfLife:
    """This process's row among the workers."""

    def __init__(self) -> None:
        self._row: Worker | None = None
        self._ended = False
        self._guard = threading.Lock()

    def beat(self) -> None:
        """Keep what this process holds, and say that it was seen."""
        leases.renew()
        self.give()

    def give(self) -> None:
        """The worker was seen now. A row that was forgotten, as after a long sleep, is made anew."""
        with self._guard:
            if self._ended:
                return
            if self._row is None or not self._row.is_seen_again():
                self._row = Worker.objects.enlist()

    def end(self) -> None:
        """It stops, and nobody shall wait for it."""
        with self._guard:
            self._ended = True
            if self._row:
                self._row.delete()


def _every(pause_s: float, action: Callable[[], object], name: str) -> None:
    """Call the action now and for ever, in a thread of its own; an error is logged and does not end it."""

    def loop() -> None:
        _guarded(action, name)
        while not stop.wait(pause_s):
            _guarded(action, name)

    stop = threading.Event()
    threading.Thread(target=loop, name=name, daemon=True).start()


def _guarded(action: Callable[[], object], name: str) -> object:
    """What the action answers; None when it failed, which is logged and nothing more."""
    try:
        close_old_connections()
        return action()
    except Exception:  # the database may be away for a moment; the worker outlives it
        log.exception("%s failed", name)
        return None


def _first_look() -> None:
    """Right after the start: the catalog, the balance and the history, as soon as the service answers."""
    wait = threading.Event()
    for _ in range(30):
        if _guarded(_look, "first look"):
            return
        wait.wait(FIRST_LOOK_S)


def _look() -> bool:
    for account in Account.objects.connected():
        refresh(account)
    tasks.find_former()
    account = Account.objects.current()
    account.refresh_balance()
    if account.synced_at:
        history.import_for_owner(account)
    return bool(account.synced_at)
