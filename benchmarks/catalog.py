"""What the catalog's pages cost with 2,000 models: `make bench-catalog`. Prints figures, decides nothing."""

import gzip
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clients.answers import ModelList

PROJECT = Path(__file__).resolve().parent.parent
MODELS = 2000
TIMES = 15
PAGES = {
    "first page": "",
    "filtered": "type=video&ratio=9:16",
    "searched": "q=kling",
    "another shot": "seconds={number}&takes=4",
    "last page": "page=99",
}


def prepare(folder: str) -> None:
    os.environ |= {
        "STUDIO_DATA_DIR": folder,
        "DATABASE_URL": "",
        "DEBUG": "",
        "HEDRA_API_KEY": "",
        "HOOX_API_KEY": "",
    }
    os.environ["DJANGO_SETTINGS_MODULE"] = "hedra_studio.settings"
    sys.path.insert(0, str(PROJECT))
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS.append("testserver")
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)


def fill(folder: str) -> None:
    """The sandbox's own models of both services over and over, each under a name of its own."""
    prepare(folder)
    from clients.hedra_answers import model_list
    from clients.hoox_answers import model_list as hoox_model_list

    hedra = copies("catalog.json", "slug", MODELS * 3 // 4)
    hoox = copies("hoox/models.json", "name", MODELS // 4)
    mirror("hedra", model_list(hedra))
    mirror("hoox", hoox_model_list({"models": hoox, "count": len(hoox)}))
    for factor in (2, 3):  # a diary with two price changes of every model
        mirror("hedra", model_list([dearer(row, factor) for row in hedra]))


def dearer(row: Any, factor: int) -> Any:
    pricing = row["pricing"] or {"credits_per_second": 1}
    return row | {"pricing": pricing | {"credits_per_second": (pricing["credits_per_second"] or 1) * factor}}


def copies(file: str, key: str, count: int) -> list[Any]:
    rows = itertools.cycle(json.loads((PROJECT / "sandbox" / file).read_text()))
    return [{**next(rows), "id": None, key: f"maker/model-{number}"} for number in range(count)]


def mirror(service: str, answer: "ModelList") -> None:
    from catalog.mirror.sync import sync
    from catalog.models import Account

    account = Account.objects.current(service)
    account.list_models = lambda: answer  # type: ignore[method-assign]
    report = sync(account)
    if report.error:
        raise SystemExit(report.error)


def measure(query: str, cold: bool) -> tuple[float, int, int, int]:
    """Milliseconds, queries, bytes, compressed bytes of one answer."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from catalog.pages import listing

    if cold:
        listing.forget()
    client = Client()
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        answer = client.get(f"/catalog/?{query}")
        ms = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{query} answered {answer.status_code}")
    return ms, len(queries), len(answer.content), len(gzip.compress(answer.content, 6))


def report(name: str, query: str, cold: bool = False) -> None:
    seen = [measure(query.format(number=2 + number / 10), cold) for number in range(TIMES)]
    ms = [row[0] for row in seen]
    _, queries, size, packed = seen[-1]
    times = f"median {statistics.median(ms):6.1f} ms  worst {max(ms):6.1f} ms"
    print(f"{name:16} {times}  {queries} queries  {size / 1024:5.0f} KB  {packed / 1024:5.1f} KB gzip")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        filling = get_context("spawn").Process(
            target=fill, args=[folder]
        )  # the one that answers only reads, as a web process does
        filling.start()
        filling.join()
        prepare(folder)
        measure("", cold=True)
        print(f"{MODELS} models, {TIMES} times each")
        for name, query in PAGES.items():
            report(name, query)
        report("nothing kept", "", cold=True)


if __name__ == "__main__":
    main()
