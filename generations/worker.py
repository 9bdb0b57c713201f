"""The worker process: huey's threads do the work, a sweep finds it, a heartbeat keeps its leases."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import close_old_connections
from huey.contrib.djhuey import HUEY

from catalog.models import Account
from catalog.prices.asking import Asker
from catalog.tasks import refresh

from . import history, leases, tasks

log = logging.getLogger(__name__)

SWEEP_S = 1.0
FIRST_LOOK_S = 2.0
ASK_S = 1.0
TIDY_S = 3600.0


def run(threads: int) -> None:
    """Work until SIGINT (finishes what it holds) or SIGTERM (stops at once; leases bring the rows back)."""
    _every(SWEEP_S, tasks.sweep, "sweep")
    _every(settings.LEASE_S / 3, leases.renew, "heartbeat")
    _every(ASK_S, Asker().step, "prices")
    _every(TIDY_S, tasks.tidy_here, "tidy")
    threading.Thread(target=_first_look, name="first-look", daemon=True).start()
    HUEY.create_consumer(workers=threads, worker_type="thread", max_delay=1.0, check_worker_health=True).run()


def _every(pause_s: float, action: Callable[[], object], name: str) -> None:
    """Call the action for ever in a thread of its own; an error is logged and does not end it."""

    def loop() -> None:
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
