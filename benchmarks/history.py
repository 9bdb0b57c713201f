"""How long a history of 5,000 generations takes to come in, and again once known: `make bench-history`.

Prints figures, decides nothing. Once for each way in which the service may page and order its list. Results
are not fetched. The sandbox works in this process, so that its part is in the figures, too."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

COUNT = 5000
MODES = {
    "offsets honoured": {"paging": "flat", "order": "newest"},
    "offsets ignored": {"paging": "ignored", "order": "newest"},
    "order unstable": {"paging": "ignored", "order": "unstable"},
    "order unstable, offsets honoured": {"paging": "flat", "order": "unstable"},
}


@contextmanager
def studio(folder: Path) -> Iterator[None]:
    """A database of its own, or the one that DATABASE_URL names."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "hedra_studio.settings", "STUDIO_DATA_DIR": str(folder)}
    os.environ |= {"HEDRA_API_KEY": "", "HOOX_API_KEY": ""}
    import django
    from django.test.utils import setup_databases, teardown_databases

    django.setup()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(databases, verbosity=0)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, studio(Path(folder)):
        from sandbox.server import start

        with start(state_dir=Path(folder) / "sandbox") as sandbox:
            for number, (mode, settings) in enumerate(MODES.items()):
                sandbox.settings(**settings)
                key = f"sk_sandbox_bench_{number}"
                created = datetime.now(UTC) - timedelta(days=9)
                sandbox.lengthen_history(COUNT, created, timedelta(minutes=7), key)
                measure(mode, sandbox.api_url, key)


def measure(mode: str, url: str, key: str) -> None:
    from django.conf import settings

    from catalog.mirror.sync import sync
    from catalog.models import Account
    from hedra_studio.middleware import local_owner

    settings.HEDRA_URL, settings.HEDRA_KEY = url, key
    sync(Account.objects.current())
    owner = local_owner()
    for words in ("first", "again, to the end", "again, as every quarter of an hour"):
        adopted, requests, seconds = imported(owner, thorough="quarter" not in words)
        print(f"{mode:33} {words:34} {seconds:5.1f} s, {requests:3} requests, {adopted:,} brought in")


def imported(owner: object, *, thorough: bool) -> tuple[int, int, float]:
    from unittest.mock import patch

    from catalog.models import Account
    from clients.hedra import HedraClient
    from generations.history import import_history

    asked = patch.object(
        HedraClient, "list_generations", autospec=True, side_effect=HedraClient.list_generations
    )
    with asked as requests:
        began = time.monotonic()
        adopted = import_history(Account.objects.current(), owner, thorough=thorough)  # type: ignore[arg-type]
        return adopted, requests.call_count, time.monotonic() - began


if __name__ == "__main__":
    main()
