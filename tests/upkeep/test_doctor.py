"""`manage.py doctor`: each check finds things well, and finds what is wrong."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django.fixtures import Settings

from catalog.models import Account
from generations import failures, tasks
from generations.models import Status, Worker
from hedra_studio import health
from tests.clients.server import ScriptedServer, cut, json_answer, rate_limited
from tests.factories import make_take
from tests.sandboxed import Studio
from upkeep.doctor import Finding, Level, machine, services, stores, takes

pytestmark = pytest.mark.django_db

KEY = "sk_hedra_4f1c9e7ab2d8466f"
CREDITS = {"remaining": 1234, "used": 0, "expiring": 0}


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    health._migrated.clear()
    HUEY.flush()
    yield
    HUEY.flush()


@pytest.fixture
def service(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A service that answers as a test wants, reached with a real key."""
    monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda seconds: None)
    with ScriptedServer() as server:
        settings.HEDRA_URL, settings.HEDRA_KEY, settings.SANDBOX = server.url, KEY, False
        yield server


def levels(found: Iterable[Finding]) -> list[Level]:
    return [finding.level for finding in found]


def one(found: Iterable[Finding]) -> Finding:
    [finding] = found
    return finding


def doctor(*options: str) -> tuple[str, int]:
    """What it prints, and its exit status."""
    out = io.StringIO()
    try:
        call_command("doctor", *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


# The command


def test_a_studio_that_is_well(studio: Studio, settings: Settings) -> None:
    settings.DATA_DIR = settings.MEDIA_ROOT.parent
    Worker.objects.enlist()
    text, status = doctor()
    assert status == 0, text
    for words in ("ok    database", "ok    storage", "ok    key", "ok    worker", "ok    takes"):
        assert words in text
    assert "bad " not in text
    assert studio.key not in text


def test_trouble_is_said_with_what_to_do_and_ends_with_1(
    service: ScriptedServer, owner: User, settings: Settings
) -> None:
    service.will(json_answer({"detail": f"no such key {KEY}"}, 401))
    text, status = doctor()
    assert status == 1
    assert "bad   key         Hedra refused it" in text
    assert "Put the right key into .env" in text
    assert "Not well: " in text
    assert KEY not in text


def test_a_monitor_reads_json(service: ScriptedServer, owner: User) -> None:
    service.will(json_answer(CREDITS))
    text, _ = doctor("--json")
    findings = {finding["check"]: finding for finding in json.loads(text)}
    assert findings["key"]["level"] == "ok"
    assert findings["worker"] == findings["worker"] | {"level": "warn", "check": "worker"}
    assert findings["worker"]["do"]


def test_a_check_that_breaks_keeps_the_others_from_nothing(
    service: ScriptedServer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: Path) -> None:
        raise ZeroDivisionError(f"with {KEY}")

    service.will(json_answer(CREDITS))
    monkeypatch.setattr(shutil, "disk_usage", broken)
    text, status = doctor()
    assert status == 1
    assert "could not be checked (ZeroDivisionError" in text
    assert KEY not in text
    assert "ok    key" in text


def test_without_the_database_nothing_is_asked_of_its_rows(owner: User) -> None:
    def away(*_: object) -> None:
        raise OperationalError("could not connect to server")

    with connection.execute_wrapper(away):
        text, status = doctor()
    assert status == 1
    assert "bad   database" in text
    assert "could not connect to server" in text
    assert "ok    storage" in text
    assert "worker" not in text


# The machine


def test_packages_as_pinned() -> None:
    assert levels(machine.python()) == [Level.OK]


@pytest.mark.parametrize(
    ("line", "level"),
    [("Django==1.0", Level.WARN), ("no-such-package==1.0", Level.BAD), ("psycopg[binary]==0", Level.WARN)],
)
def test_other_packages(tmp_path: Path, settings: Settings, line: str, level: Level) -> None:
    (tmp_path / "requirements.txt").write_text(f"# a comment==1\n{line}\n")
    settings.BASE_DIR = tmp_path
    found = one(machine.python())
    assert found.level == level
    assert line.partition("[")[0].partition("==")[0] in found.says


@pytest.mark.parametrize(
    ("free", "level"), [(50 * machine.GB, Level.OK), (machine.GB, Level.WARN), (10**8, Level.BAD)]
)
def test_room_on_the_disk(monkeypatch: pytest.MonkeyPatch, free: int, level: Level) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=free))
    assert one(machine.disk()).level == level


def test_on_this_machine_there_is_one_owner() -> None:
    assert "one owner, no password" in one(machine.settings_()).says


def test_a_team_needs_someone_who_can_sign_in_and_https(settings: Settings) -> None:
    settings.SOLO = False
    assert levels(machine.settings_()) == [Level.OK, Level.BAD, Level.WARN]
    User.objects.create_user("ada", password="a-long-enough-one")
    settings.HTTPS = True
    assert levels(machine.settings_()) == [Level.OK]


def test_debug_is_not_for_every_day(settings: Settings) -> None:
    settings.DEBUG = True
    assert levels(machine.settings_()) == [Level.WARN, Level.OK]


@pytest.mark.parametrize(
    ("url", "addresses", "level"),
    [
        ("https://studio.example.com", ["93.184.216.34"], Level.OK),
        ("https://studio.example.com", ["192.168.1.5"], Level.WARN),
        ("https://studio.example.com", [], Level.BAD),
        ("", [], Level.OK),
    ],
)
def test_where_the_internet_finds_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str, addresses: list[str], level: Level
) -> None:
    settings.PUBLIC_URL = url
    monkeypatch.setattr(machine, "resolved", lambda host: addresses)
    assert one(machine.public_url()).level == level


def test_hoox_cant_fetch_inputs_from_nowhere(settings: Settings) -> None:
    settings.HOOX_KEY, settings.HOOX_SANDBOX, settings.PUBLIC_URL = "hx_live_0123456789", False, ""
    assert one(machine.public_url()).level == Level.WARN


def test_names_are_looked_up() -> None:
    assert machine.resolved("127.0.0.1") == ["127.0.0.1"]
    assert machine.resolved("no-such-host.invalid") == []


# What is stored


def test_a_whole_database() -> None:
    found = one(stores.database())
    assert found.level == Level.OK
    assert connection.vendor in found.says.lower()


def test_a_database_of_an_older_studio() -> None:
    latest = MigrationRecorder(connection).migration_qs.get(app="sessions")
    MigrationRecorder(connection).record_unapplied(latest.app, latest.name)
    found = list(stores.database())
    assert levels(found) == [Level.OK, Level.BAD]
    assert "sessions.0001_initial" in found[1].says


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL checks itself")
@pytest.mark.parametrize(
    ("pragma", "answer", "level"),
    [("quick_check", "row 7 missing from index take_due", Level.BAD), ("journal_mode", "delete", Level.WARN)],
)
def test_a_damaged_or_slow_sqlite(pragma: str, answer: str, level: Level) -> None:
    def answering(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        return execute(f"SELECT '{answer}'" if pragma in sql else sql, params, many, context)

    with connection.execute_wrapper(answering):
        found = one(stores.database())
    assert found.level == level
    assert answer in found.says


def test_a_storage_that_keeps_files(media_root: Path) -> None:
    assert one(stores.storage()).level == Level.OK
    assert not [path for path in media_root.rglob("*") if path.is_file()]


def test_a_storage_that_takes_nothing(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings.MEDIA_ROOT = tmp_path / "file"
    assert one(stores.storage()).level == Level.BAD


def test_a_storage_that_gives_back_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hedra_studio.health.default_storage.open", lambda name: io.BytesIO(b"else"))
    assert one(stores.storage()).level == Level.BAD


def test_a_queue_that_runs_and_one_that_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks.advance(1)
    assert one(stores.queue()).says == "1 messages wait"
    monkeypatch.setattr(stores, "MANY_MESSAGES", 0)
    assert one(stores.queue()).level == Level.WARN


# Services


def test_an_accepted_key_and_a_clock_that_agrees(service: ScriptedServer) -> None:
    service.will(json_answer(CREDITS))
    key, clock = services.answers()
    assert (key.level, clock.level) == (Level.OK, Level.OK)
    assert key.says == "Hedra accepted it (1,234 credits left)"


def test_the_sandbox_is_said_to_be_one(studio: Studio, settings: Settings) -> None:
    settings.SANDBOX = True
    Account.objects.all().update(sandbox=True)
    key = one(services.answers())
    assert key.level == Level.OK
    assert "Hedra sandbox: no key, and none is needed" in key.says


def test_hoox_is_asked_for_its_models(hoox: Account, studio: Studio) -> None:
    said = [finding.says for finding in services.answers() if finding.check == "key"]
    assert [words for words in said if words.startswith("Hoox sandbox: ") and words.endswith(" models)")]


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        (json_answer({"detail": KEY}, 401), Level.BAD, "refused it"),
        (cut, Level.BAD, "can't be reached"),
        (json_answer({"detail": "down"}, 503), Level.BAD, "can't be reached"),
        (rate_limited("30"), Level.WARN, "no more questions"),
        (json_answer({"odd": 1}), Level.BAD, ""),
    ],
)
def test_a_key_that_can_not_be_used(service: ScriptedServer, answer: Any, level: Level, words: str) -> None:
    service.will(answer)
    key = next(iter(services.answers()))
    assert key.level == level
    assert words in key.says
    assert KEY not in key.says


@pytest.mark.parametrize(("minutes", "words"), [(5, "ahead of"), (-5, "behind")])
def test_a_clock_that_is_off(service: ScriptedServer, minutes: int, words: str) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(minutes=minutes), usegmt=True)
    service.will(json_answer(CREDITS, Date=date))
    clock = list(services.answers())[1]
    assert clock.level == Level.BAD
    assert f" s {words} Hedra's" in clock.says


@pytest.mark.parametrize(
    ("read", "level"),
    [(timedelta(minutes=20), Level.OK), (timedelta(hours=5), Level.WARN), (None, Level.BAD)],
)
def test_the_age_of_a_catalog(read: timedelta | None, level: Level) -> None:
    Account.objects.current()
    Account.objects.update(synced_at=read and timezone.now() - read, sync_error="It was away.")
    found = one(services.catalogs())
    assert found.level == level
    assert ("It was away." in found.says) is (level != Level.OK)


# Takes


def test_a_worker_that_lives() -> None:
    Worker.objects.enlist()
    assert one(takes.worker()).says.startswith("1 running: process ")


def test_a_worker_of_another_version() -> None:
    Worker.objects.enlist()
    Worker.objects.update(version="0.0.1")
    assert levels(takes.worker()) == [Level.OK, Level.WARN]


@pytest.mark.parametrize(("status", "level"), [(Status.COMPLETE, Level.WARN), (Status.QUEUED, Level.BAD)])
def test_no_worker_is_bad_when_takes_wait(owner: User, status: Status, level: Level) -> None:
    make_take(owner, status=status)
    Worker.objects.enlist()
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=3))
    found = one(takes.worker())
    assert found.level == level
    assert "last seen" in found.says


def test_takes_that_go_their_way(owner: User) -> None:
    make_take(owner)
    make_take(owner, status=Status.PROCESSING)
    found = one(takes.running())
    assert (found.level, found.says) == (Level.OK, "1 running, none is stuck")


LONG_AGO = timezone.now() - timedelta(hours=1)


@pytest.mark.parametrize(
    ("fields", "level", "words"),
    [
        ({"status": Status.UNCLEAR, "next_attempt_at": None}, Level.WARN, "unclear"),
        ({"status": Status.PROCESSING, "deadline_at": LONG_AGO}, Level.WARN, "past their deadline"),
        ({"status": Status.DOWNLOADING, "attempts": 9}, Level.WARN, "fetching them fails"),
        ({"status": Status.PREPARING, "next_attempt_at": LONG_AGO}, Level.BAD, "nobody works on them"),
        ({"status": Status.ERROR, "error_code": failures.RESULT_UNREADABLE}, Level.WARN, "can't be used"),
    ],
    ids=["unclear", "overdue", "unfetched", "left", "unreadable"],
)
def test_takes_that_are_stuck(owner: User, fields: dict[str, Any], level: Level, words: str) -> None:
    make_take(owner, **fields)
    found = one(takes.running())
    assert found.level == level
    assert found.says.startswith("1 take ")
    assert words in found.says
    assert found.do


def test_takes_of_a_key_that_is_not_in_use(owner: User) -> None:
    other = Account.objects.create(service="hedra", fingerprint="another")
    make_take(owner, account=other, status=Status.PROCESSING)
    assert "a key that is not in use" in one(takes.running()).says


def test_a_long_history_waits_its_turn(owner: User) -> None:
    make_take(owner, imported=True, status=Status.DOWNLOADING, next_attempt_at=LONG_AGO)
    assert one(takes.running()).level == Level.OK


def test_what_a_worker_has_in_hand_is_not_left(owner: User) -> None:
    now = timezone.now()
    held = {"lease_owner": "x", "lease_until": now + timedelta(seconds=9), "next_attempt_at": LONG_AGO}
    make_take(owner, status=Status.DOWNLOADING, **held)
    assert one(takes.running()).level == Level.OK
