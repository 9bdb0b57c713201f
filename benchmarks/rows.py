"""What pages of the gallery cost with 1,000 and with 1,000,000 takes: `make bench-rows`. Prints figures,
decides nothing. SQLite always; PostgreSQL as well when TEST_DATABASE_URL or DATABASE_URL names one, in
databases of its own that are dropped afterwards. Each page is asked for some times before it counts, as in a
studio that runs: plans are kept then."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

PROJECT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 1_000_000)
TIMES, WARM = 15, 10
LARGEST_RATIO, ENOUGH_MS = 1.5, 10
RARE = "quokka"
PAGES = {
    "first page": "",
    "deep page": "before={deep}",
    "oldest": "sort=oldest",
    "highest cost": "sort=cost",
    "cost, deep page": "sort=cost&before={deep_cost}",
    "longest": "sort=length",
    "best rated": "sort=rating",
    "rated, deep page": "sort=rating&before={deep_rating}",
    "a day long ago": "day={old_day}",
    "stacked": "stacked=1",
    "kind: video (common)": "kind=video",
    "kind: audio": "kind=audio",
    "model (common)": "model={model}",
    "model (rare)": "model={rare_model}",
    "maker (rare)": "maker=Rare+Works",
    "service": "service=hoox",
    "running": "state=running",
    "ready": "state=ready",
    "failed": "state=failed",
    "trash": "state=trash",
    "favorites": "favorite=1",
    "3 stars or more": "rating=3",
    "5 stars": "rating=5",
    "kept": "verdict=kept",
    "not judged": "verdict=unjudged",
    "collection": "collection={collection}",
    "dates": "since={old_day}&until={old_day}",
    "ratio (rare)": "ratio=21:9",
    "over 30 s": "length=more",
    "free": "cost=0",
    "unseen": "unseen=1",
    "recovered": "recovered=1",
    "one shot": "shot={shot}",
    "one prompt": "fan_out={fan_out}",
    "search: in most": "q=cinematic",
    "search: in 10 %": "q=fox",
    "search: rare": f"q={RARE}",
    "search: phrase": "q=%22red+fox%22",
    "search: minus": "q=cinematic+-fox",
    "search: beginning": "q=cin",
    "search: no match": "q=unheardof",
    "search, deep page": "q=cinematic&before={deep}",
    "search, oldest, deep": "q=cinematic&sort=oldest&before={recent}",
    "search and favorites": "q=cinematic&favorite=1",
    "all filters": "sheet",
    "poll": "poll",
    "an empty view": "nothing",
    "poll, team": "poll",
    "an empty view, team": "nothing",
}

TEAM = ", team"
"""Asked for by somebody who signed in."""
IN_TURN, OFTEN = ("poll", "an empty view", "poll, team", "an empty view, team"), 500
"""Polls with nothing new, held against empty views; often, for they take a millisecond."""

Figures = dict[str, tuple[float, float, int]]
"""Of each page the milliseconds of the answer, those of the database, and its queries."""


def prepare(folder: str, url: str) -> None:
    os.environ |= {"STUDIO_DATA_DIR": folder, "DATABASE_URL": url, "DEBUG": "", "ALLOWED_HOSTS": ""}
    os.environ |= {"HEDRA_API_KEY": "", "HOOX_API_KEY": "", "DJANGO_SETTINGS_MODULE": "hedra_studio.settings"}
    sys.path.insert(0, str(PROJECT))
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    settings.ALLOWED_HOSTS.append("testserver")
    settings.ROOT_URLCONF = "benchmarks.empty"
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)


def fill(rows: int) -> None:
    """Copies of one take, each with values that are as rare as they are in a studio."""
    from django.db import connection
    from django.utils import timezone

    from catalog.models import Account, AIModel
    from generations.models import Collected, Collection, Generation, Status
    from hedra_studio.middleware import local_owner

    account, owner, now = Account.objects.current(), local_owner(), timezone.now()
    common, rare = (
        AIModel.objects.create(account=account, name=name, slug=name, first_seen=now, last_seen=now)
        for name in ("common", "rare")
    )
    first = Generation.objects.create(
        owner=owner,
        account=account,
        ai_model=common,
        model_name="Grok Video T2V",
        prompt=f"A red fox, {RARE}",
        status=Status.COMPLETE,
        next_attempt_at=None,
        charged=30,
        created=now,
    )
    with unindexed(), connection.cursor() as cursor:
        columns = {
            field.column: field.column for field in Generation._meta.concrete_fields if not field.generated
        }
        columns |= values(connection.vendor, rows, rare.pk)
        names, selected = ", ".join(f'"{name}"' for name in columns), ", ".join(columns.values())
        series = {
            "sqlite": "WITH RECURSIVE series (n) AS"
            " (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {rows})",
            "postgresql": "WITH series (n) AS (SELECT generate_series(1, {rows}))",
        }[connection.vendor].format(rows=rows - 1)
        cursor.execute(
            f"INSERT INTO generations_generation ({names}) {series} "
            f"SELECT {selected} FROM generations_generation, series WHERE id = {first.pk}"
        )
    collection = Collection.objects.create(owner=owner, name="Best of")
    some = Generation.objects.values_list("pk", flat=True)[: rows : max(1, rows // 1000)]
    Collected.objects.bulk_create(
        Collected(collection=collection, take_id=pk, position=place) for place, pk in enumerate(some)
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")  # as its daemon does within a minute


def values(vendor: str, rows: int, rare_model: int) -> dict[str, str]:
    """What differs from copy to copy, in SQL, by the number n, the newest first. Old things are old."""
    from generations.gallery.page import PAGE_SIZE

    lite = vendor == "sqlite"
    moment = "strftime('%Y-%m-%d %H:%M:%f', created, '-' || (n * 30) || ' seconds') || '000'"
    when = moment if lite else "created - n * interval '30 seconds'"
    later = "strftime('%Y-%m-%d %H:%M:%f', created, '+1 day')" if lite else "created + interval '1 day'"
    uuid = "lower(hex(randomblob(16)))" if lite else "gen_random_uuid()"
    yes, no = ("1", "0") if lite else ("TRUE", "FALSE")
    prompt = prompts(lite, rows)
    found = f"' =' || owner_id || ' ' || {prompt} || ' grok video t2v '"
    running, old = "n <= 20", f"n > {rows - max(20, rows // 50_000)}"

    def one_in(many: int, place: int, pages: int = 2) -> str:
        """So rare, but never too rare to fill some pages: a page of fewer cards would be cheap for that."""
        return f"n % {min(many, rows // (pages * PAGE_SIZE))} = {place}"

    def flag(condition: str) -> str:
        return f"CASE WHEN {condition} THEN {yes} ELSE {no} END"

    failed, trashed = one_in(50, 7), one_in(400, 3)
    return {
        "id": f"id + {rows} - n",
        "shot": "printf('%032x', n / 4)" if lite else "lpad(to_hex(n / 4), 32, '0')::uuid",
        "fan_out": f"CASE WHEN n < 4 THEN {uuid} END",
        "position": "n % 4",
        "remote_id": uuid,
        "remote_asset_id": uuid,
        "prompt": prompt,
        "words": found if lite else f"to_tsvector('simple', {found})",
        "created": when,
        "updated": when,
        "type": "CASE n % 10 WHEN 1 THEN 'text_to_speech' WHEN 2 THEN 'image' ELSE 'video' END",
        "ai_model_id": f"CASE WHEN {old} THEN {rare_model} ELSE ai_model_id END",
        "maker": f"CASE WHEN {old} THEN 'Rare Works' ELSE 'xAI' END",
        "service": "CASE n % 20 WHEN 0 THEN 'hoox' ELSE 'hedra' END",
        "aspect_ratio": f"CASE WHEN {old} THEN '21:9' WHEN n % 3 = 0 THEN '9:16' ELSE '16:9' END",
        "status": f"CASE WHEN {running} THEN 'processing' WHEN {failed} THEN 'error' ELSE 'complete' END",
        "next_attempt_at": f"CASE WHEN {running} THEN {later} END",
        "duration_ms": f"CASE WHEN {one_in(500, 9)} THEN 45000 ELSE 1000 * (4 + n % 9) END",
        "charged": f"CASE WHEN n % 100 = 8 THEN NULL WHEN {one_in(100, 6)} THEN 0 ELSE n % 300 END",
        "favorite": flag(one_in(200, 11)),
        "rating": f"CASE WHEN {one_in(100, 5, pages=5)} THEN 1 + (n / 100) % 5 ELSE 0 END",
        "verdict": "CASE n % 25 WHEN 3 THEN 'keep' WHEN 4 THEN 'reject' ELSE '' END",
        "unseen": flag(one_in(1000, 17)),
        "recovered": flag(one_in(5000, 19)),
        "deleted_at": f"CASE WHEN {trashed} AND NOT {running} THEN {when} END",
    }


def prompts(lite: bool, rows: int) -> str:
    word = "CASE {test} WHEN {value} THEN '{yes}' ELSE '{no}' END"
    parts = [
        word.format(test="n % 5 < 3", value=1 if lite else "TRUE", yes="cinematic shot of a", no="view of a"),
        word.format(test="n % 10", value=0, yes="red fox", no="street"),
        word.format(test=f"n % {rows // 20}", value=0, yes=RARE, no="in the rain"),
    ]
    return " || ' ' || ".join(parts) + " || ' word' || (n % 3000) || ' and light' || (n % 700)"


@contextmanager
def unindexed() -> Iterator[None]:
    """A million rows come in faster, and the indexes are made after them in the same way."""
    from django.db import connection

    from generations.models.take_index import TRIGGERS, install

    table = "generations_generation"
    known = {
        "sqlite": "SELECT name, sql FROM sqlite_master"
        f" WHERE type = 'index' AND tbl_name = '{table}' AND sql <> ''",
        "postgresql": f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{table}'"
        " AND indexdef NOT LIKE '%UNIQUE%'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(known)
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        if connection.vendor == "sqlite":
            for name in TRIGGERS:
                cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, sql in indexes:
            cursor.execute(sql)
    install("default")


def addresses() -> dict[str, str]:
    """The pages' queries with what this database has."""
    from catalog.models import AIModel
    from generations.gallery.cursors import cursor_of
    from generations.gallery.filters import GalleryFilters
    from generations.gallery.poll import Poll
    from generations.models import Collection, Generation

    pks = Generation.objects.order_by("pk").values_list("pk", flat=True)
    middle = Generation.objects.get(pk=pks[pks.count() // 20])
    recent = Generation.objects.get(pk=pks[pks.count() * 19 // 20])
    sorted_by = {
        f"deep_{name}": GalleryFilters({"sort": name}).sorting.cursor_of(middle)
        for name in ("cost", "rating")
    }
    running = Generation.objects.running()[:20]
    poll = Poll(running, newest=cursor_of(Generation.objects.newest_first()[0]))
    parts = {
        "deep": cursor_of(middle),
        "recent": cursor_of(recent),
        "old_day": middle.created.date().isoformat(),
        "model": AIModel.objects.get(name="common").pk,
        "rare_model": AIModel.objects.get(name="rare").pk,
        "collection": Collection.objects.get().pk,
        "shot": middle.shot,
        "fan_out": Generation.objects.exclude(fan_out=None)[0].fan_out,
        **sorted_by,
    }
    found = {name: f"/gallery/?{query.format(**parts)}" for name, query in PAGES.items()}
    found["all filters"] = "/gallery/filters/"
    asked = f"/gallery/updates/?seen={poll.seen_value}&newest={poll.newest}"
    return found | dict(zip(IN_TURN, (asked, "/nothing/") * 2, strict=True))


@cache
def signed_in() -> Any:
    from django.test import Client

    from hedra_studio.middleware import local_owner

    client = Client()
    client.force_login(local_owner(), "django.contrib.auth.backends.ModelBackend")
    return client


def measure(path: str, *, team: bool = False) -> tuple[float, float, int]:
    """The whole answer to a browser, with every card drawn anew."""
    from django.conf import settings
    from django.core.cache import caches
    from django.db import connection
    from django.test import Client

    spent: list[float] = []

    def timed(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append(time.perf_counter() - began)

    caches["template_fragments"].clear()
    client, settings.SOLO = signed_in() if team else Client(), not team
    with connection.execute_wrapper(timed):
        began = time.perf_counter()
        answer = client.get(path)
        whole = time.perf_counter() - began
    if answer.status_code not in (200, 204):
        raise SystemExit(f"{path} answered {answer.status_code}")
    return whole * 1000, sum(spent) * 1000, len(spent)


def figures(folder: str, url: str, rows: int, results: Any) -> None:
    prepare(folder, url)
    began = time.perf_counter()
    fill(rows)
    print(f"  {rows:,} rows made in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    results.put(measured())


def measured() -> Figures:
    paths = addresses()
    alike = {name: paths.pop(name) for name in IN_TURN}
    return in_turn(paths, TIMES) | in_turn(alike, OFTEN)


def in_turn(paths: dict[str, str], times: int) -> Figures:
    """Page after page, again and again, so that a busy second of the machine falls on all of them."""
    rounds = [
        {name: measure(path, team=name.endswith(TEAM)) for name, path in paths.items()}
        for _ in range(WARM + times)
    ]
    return {name: median([each[name] for each in rounds]) for name in paths}


def median(seen: list[tuple[float, float, int]]) -> tuple[float, float, int]:
    whole, database = (statistics.median(row[place] for row in seen[WARM:]) for place in (0, 1))
    return whole, database, seen[-1][2]


def report(title: str, small: Figures, large: Figures) -> None:
    print(f"\n{title}: milliseconds of the answer, and of the database in it")
    print(f"{'':24}{'1,000 takes':>18}{'1,000,000 takes':>20}{'ratio':>8}{'queries':>9}")
    for name, (whole, database, queries) in large.items():
        before, before_database, _ = small[name]
        ratio = whole / before
        slow = "" if ratio <= LARGEST_RATIO or whole <= ENOUGH_MS else "  slow"
        few, many = f"{before:.1f} ({before_database:.1f})", f"{whole:.1f} ({database:.1f})"
        print(f"{name:24}{few:>18}{many:>20}{ratio:>8.2f}{queries:>9}{slow}")
    poll, nothing, *team = (large[name][0] for name in IN_TURN)
    print(f"A poll with nothing new costs {poll / nothing:.2f} × an empty view, ", end="")
    print(f"{team[0] / team[1]:.2f} × where people sign in.")


def compare(title: str, places: list[tuple[str, str]]) -> None:
    found = []
    for rows, (folder, url) in zip(SIZES, places, strict=True):
        context = get_context("spawn")
        results = context.Queue()
        process = context.Process(target=figures, args=[folder, url, rows, results])
        process.start()
        found.append(results.get())
        process.join()
    report(title, *found)


@contextmanager
def databases(url: str) -> Iterator[list[str]]:
    """Two of their own on the server that the url names."""
    import psycopg

    names = [f"studio_rows_{rows}" for rows in SIZES]
    with psycopg.connect(url, autocommit=True) as server:
        for name in names:
            server.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
        yield [urlunsplit(urlsplit(url)._replace(path=f"/{name}")) for name in names]
        for name in names:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def main() -> None:
    url = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL") or ""
    with tempfile.TemporaryDirectory() as few, tempfile.TemporaryDirectory() as many:
        compare("SQLite", [(few, ""), (many, "")])
        if url.startswith("postgres"):
            with databases(url) as urls:
                compare("PostgreSQL", [(few, urls[0]), (many, urls[1])])


if __name__ == "__main__":
    main()
