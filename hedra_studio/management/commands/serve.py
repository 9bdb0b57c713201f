import gc
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import resolve
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from hedra_studio.lifeline import end_with

# A video being watched holds a thread for as long as the browser is slow to take it.
THREADS = 128


class Command(BaseCommand):
    help = "Serve the pages: started by `studio`, or by itself on a machine of its own."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        server = Granian(
            "hedra_studio.wsgi:application",
            address=settings.STUDIO_HOST.strip("[]"),
            port=settings.STUDIO_PORT,
            interface=Interfaces.WSGI,
            workers=1 if settings.SOLO else min(4, os.cpu_count() or 1),
            blocking_threads=THREADS,
            websockets=False,
            workers_kill_timeout=1,
            log_level=LogLevels.error,
            log_dictconfig=settings.LOGGING,
        )
        server.serve(target_loader=partial(load, os.getpid()), wrap_loader=False)


def load(parent_pid: int) -> Callable[..., Any]:
    """Runs in each of the server's own processes, which end with the one that started them."""
    end_with(parent_pid)
    from hedra_studio.wsgi import application

    resolve("/")  # loads all pages: the first visit would have to
    gc.collect()
    gc.freeze()  # what stays need not be walked by every collection: pages would wait 0.1 s for it
    return application
