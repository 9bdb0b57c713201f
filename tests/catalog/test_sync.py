"""Syncing the catalog, over real HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.mirror.sync import RETRY_PAUSE_S, SyncReport, sync, sync_if_due
from catalog.models import Account, AIModel
from tests.catalog.factories import make_model, real_rows, row
from tests.clients.server import ScriptedServer, json_answer, server_error, text_answer

Sync = Callable[[Any], SyncReport]


@pytest.fixture
def sync_with(account: Account, service: ScriptedServer) -> Sync:
    """Sync once, the service answering with this body."""

    def run(body: Any) -> SyncReport:
        service.will(json_answer(body))
        return sync(account)

    return run


def names() -> list[str]:
    return sorted(AIModel.objects.current().values_list("name", flat=True))


def test_the_whole_catalog_is_mirrored(sync_with: Sync, account: Account) -> None:
    report = sync_with(real_rows())

    assert report == SyncReport(added=len(real_rows()))
    assert AIModel.objects.current().count() == len(real_rows())
    account.refresh_from_db()
    assert (account.sync_error, account.sync_report["added"]) == ("", len(real_rows()))
    assert account.synced_at is not None


def test_every_field_arrives(sync_with: Sync) -> None:
    sent = row(
        description="Talks",
        aspect_ratio_range=[0.4, 2.5],
        default_resolution="720p",
        requires_start_frame=True,
        requires_end_frame=False,
        eta_ms=40_000,
        tags=["new"],
        max_duration_ms=600_000,
        custom_resolution=False,
        dimensions={"16:9": {"720p": {"width": 1280, "height": 720}}},
        min_prompt_length=1,
        max_prompt_length=2500,
        logo_url="https://example.com/logo.svg",
        premium=True,
        display_order=3,
        unheard_of={"new": "field"},
    )
    sync_with([sent])

    model = AIModel.objects.get()
    assert (model.remote_id, model.slug, model.raw) == (sent["id"], sent["slug"], sent)
    same = set(sent) - {"id", "slug", "unheard_of"}
    assert {name: getattr(model, name) for name in same} == {name: sent[name] for name in same}
    assert (model.requires_audio_input, model.inputs) == (None, None)


def test_the_same_answer_again_changes_nothing(sync_with: Sync) -> None:
    rows = real_rows()
    sync_with(rows)
    before = list(AIModel.objects.order_by("pk").values_list("pk", "name", "first_seen"))

    report = sync_with(rows)

    assert report == SyncReport()
    assert str(report) == "no changes"
    assert list(AIModel.objects.order_by("pk").values_list("pk", "name", "first_seen")) == before


def test_a_changed_model_is_updated(sync_with: Sync) -> None:
    sent = row()
    sync_with([sent])

    report = sync_with([{**sent, "pricing": {"base_cost": None, "credits_per_second": 9}}])

    assert report == SyncReport(updated=1, prices=1)
    assert str(report) == "1 updated, 1 price changed"
    assert AIModel.objects.get().rate_words == "9 cr/s"


def test_a_vanished_model_retires_and_comes_back(sync_with: Sync) -> None:
    kept, gone = row("Kept"), row("Gone")
    sync_with([kept, gone])

    assert sync_with([kept]) == SyncReport(retired=1)
    assert names() == ["Kept"]
    assert AIModel.objects.get(name="Gone").retired_at is not None
    assert sync_with([kept]) == SyncReport(), "retired once"

    assert sync_with([kept, gone]) == SyncReport(returned=1)
    assert names() == ["Gone", "Kept"]


def test_a_reordered_answer_keeps_its_order_and_is_no_update(sync_with: Sync) -> None:
    first, second = row("a"), row("b")
    sync_with([first, second])

    assert sync_with([second, first]) == SyncReport()
    assert [model.name for model in AIModel.objects.in_service_order()] == ["b", "a"]


# One model, one row


def test_an_id_only_model_that_gains_a_slug_stays_one_row(sync_with: Sync) -> None:
    old = {**row(), "slug": None}
    sync_with([old])
    before = AIModel.objects.get()
    assert before.payload_key() == {"ai_model_id": old["id"]}

    sync_with([{**old, "slug": "xai/grok-video-t2v"}])
    sync_with([{**old, "slug": "xai/grok-video-t2v", "id": None}])

    after = AIModel.objects.get()
    assert (after.pk, after.slug, after.remote_id) == (before.pk, "xai/grok-video-t2v", old["id"])
    assert after.payload_key() == {"model_slug": "xai/grok-video-t2v"}


def test_a_renamed_slug_with_the_same_id_stays_one_row(sync_with: Sync) -> None:
    sent = row(slug="old/name")
    sync_with([sent])

    assert sync_with([{**sent, "slug": "new/name"}]) == SyncReport(updated=1)
    assert AIModel.objects.get().slug == "new/name"


def test_an_id_that_moves_to_another_slug_breaks_nothing(sync_with: Sync) -> None:
    first = row("First", slug="a", id="1")
    sync_with([first])

    report = sync_with([row("Second", slug="b", id="1"), {**first, "id": "2"}])

    assert report == SyncReport(added=1, updated=1)
    assert set(AIModel.objects.values_list("slug", "remote_id")) == {("a", "2"), ("b", "")}


def test_an_id_that_another_row_holds_stays_there(sync_with: Sync) -> None:
    sync_with([row("By id", slug=None, id="1"), row("By slug", slug="a", id=None)])

    report = sync_with([row("Both", slug="a", id="1")])

    assert report == SyncReport(updated=1, retired=1)
    assert set(AIModel.objects.values_list("slug", "remote_id")) == {("a", ""), ("", "1")}


@pytest.mark.parametrize(
    "keys",
    [
        [("a", "1"), ("a", "1")],
        [("a", None), ("a", "1")],
        [("a", "1"), ("a", "2")],
        [(None, "1"), (None, "1")],
        [(None, "1"), ("a", None), ("a", "1")],
    ],
)
def test_duplicates_in_one_answer_are_one_model(sync_with: Sync, keys: list[tuple[str, str]]) -> None:
    report = sync_with([row("Twin", slug=slug, id=id, eta_ms=None) for slug, id in keys])

    assert report == SyncReport(added=1)
    assert AIModel.objects.get().name == "Twin"


def test_a_duplicate_fills_gaps_and_overrules_nothing(sync_with: Sync) -> None:
    sync_with([row("First", slug="a", id=None), row("Second", slug="a", id="1", description="More")])

    model = AIModel.objects.get()
    assert (model.name, model.description, model.remote_id) == ("Second", "More", "1")


def test_two_slugs_with_one_id_are_two_models(sync_with: Sync) -> None:
    sync_with([row("A", slug="a", id="1"), row("B", slug="b", id="1"), row("B again", slug="b", id="1")])

    assert set(AIModel.objects.values_list("slug", "remote_id")) == {("a", "1"), ("b", "")}


# Bad answers


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([json_answer([])], "empty list"),
        ([json_answer([{"name": "nameless"}, None, 7])], "sent 3 models and none could be read"),
        ([json_answer([row(slug="x" * 300)])], "none could be read"),
        ([json_answer({"detail": "invalid api key"}, 401)], "HEDRA_API_KEY"),
        ([server_error(502)] * 9, "Hedra"),
        ([text_answer("<html>Hello</html>", 200, "text/html")] * 9, "Hedra"),
        ([json_answer({"models": "none"})] * 9, "Hedra"),
        ([text_answer("[{", 200, "application/json")] * 9, "Hedra"),
    ],
)
def test_a_bad_answer_changes_nothing_but_the_error(
    account: Account, service: ScriptedServer, answers: list[Any], error: str
) -> None:
    known = make_model(account)
    service.will(*answers)

    report = sync(account)

    account.refresh_from_db()
    assert error in account.sync_error
    assert account.sync_error == report.error == str(report)
    assert account.sync_error.endswith(".")
    assert (account.synced_at, account.sync_report) == (None, {})
    assert AIModel.objects.get().last_seen == known.last_seen


def test_the_next_good_answer_clears_the_error(account: Account, service: ScriptedServer) -> None:
    service.will(json_answer([]), json_answer([row()]))

    sync(account)
    sync(account)

    account.refresh_from_db()
    assert account.sync_error == ""


def test_a_service_that_is_down_is_an_error_too(account: Account, settings: Settings) -> None:
    settings.HEDRA_URL = "http://127.0.0.1:9/web-app/public"
    account = Account.objects.current()

    assert "could not be reached" in sync(account).error


def test_another_keys_account_is_not_synced_with_this_key(account: Account, settings: Settings) -> None:
    settings.HEDRA_KEY = "sk_hedra_other"

    assert "another" in sync(account).error


def test_good_rows_are_kept_beside_bad_ones(sync_with: Sync) -> None:
    report = sync_with([row("Good"), {"name": "no key"}, None, row(slug="y" * 300), "text"])

    assert report == SyncReport(added=1, skipped=4)
    assert names() == ["Good"]


def test_a_missing_model_may_be_the_unreadable_row_for_a_day(sync_with: Sync) -> None:
    kept, gone = row("Kept"), row("Gone")
    sync_with([kept, gone])

    assert sync_with([kept, {"id": 5.5, "slug": {}}, None]).retired == 0
    AIModel.objects.filter(name="Gone").update(last_seen=timezone.now() - timedelta(days=2))

    assert sync_with([kept, None]).retired == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"name": None},
        {"name": "x" * 5000},
        {"description": "nul \0 and \ud800 surrogate"},
        {"type": None},
        {"type": ["video"]},
        {"durations": "5000"},
        {"durations": [None, 5, "auto", {}]},
        {"aspect_ratios": {"16:9": True}},
        {"aspect_ratio_range": [2]},
        {"aspect_ratio_range": ["a", "b"]},
        {"resolutions": [None, 720]},
        {"default_resolution": "9" * 500},
        {"eta_ms": 10**30},
        {"eta_ms": -5},
        {"display_order": "first"},
        {"pricing": "free"},
        {"pricing": {"credits_per_second": -1, "modifiers": [1]}},
        {"price_details": None},
        {"inputs": [{"mode": None, "slots": "x"}, 5]},
        {"dimensions": [1]},
        {"logo_url": "x" * 9000},
        {"premium": "yes"},
        {"requires_start_frame": "true"},
        {"tags": [[]]},
        {"extra": {"deep": [[[[1e308, -1, None]]]]}},
    ],
)
def test_odd_facts_are_taken_calmly(sync_with: Sync, odd: dict[str, Any]) -> None:
    report = sync_with([row("Good"), row(**{"name": "Odd", **odd})])

    assert (report.added, report.error) == (2, "")
    for model in AIModel.objects.current():
        assert model.name
        assert all(isinstance(words, str) for words in (model.durations_words, model.needs_words, model.kind))


# When


def test_a_sync_is_due_when_there_was_none_or_the_last_is_old(
    account: Account, service: ScriptedServer
) -> None:
    service.will(json_answer([row()]), json_answer([row()]))

    assert sync_if_due(account) is not None
    assert sync_if_due(account) is None
    Account.objects.update(synced_at=timezone.now() - timedelta(minutes=31), sync_tried_at=None)
    assert sync_if_due(account) is not None


def test_a_failed_sync_is_due_again_however_young_the_last_good_one(
    account: Account, service: ScriptedServer
) -> None:
    service.will(json_answer([row()]), json_answer([]), json_answer([row()]))
    sync(account)
    sync(account)

    assert sync_if_due(account) is None
    Account.objects.update(sync_tried_at=timezone.now() - timedelta(seconds=RETRY_PAUSE_S + 1))
    report = sync_if_due(account)
    assert report is not None
    assert not report.error
    assert sync_if_due(account) is None


@pytest.mark.parametrize(("synced", "pause_s"), [(True, 60), (False, 2)])
def test_after_a_failure_the_next_try_waits(
    account: Account, service: ScriptedServer, synced: bool, pause_s: int
) -> None:
    """A minute; before the first success only a moment, since the service may be starting beside us."""
    long_ago = timezone.now() - timedelta(days=1)
    account.synced_at = long_ago if synced else None
    account.save()
    service.will(json_answer([]), json_answer([row()]))

    failed = sync_if_due(account)
    too_soon = sync_if_due(account)
    Account.objects.update(sync_tried_at=timezone.now() - timedelta(seconds=pause_s + 1))

    assert failed is not None
    assert failed.error
    assert too_soon is None
    assert sync_if_due(account) == SyncReport(added=1)


def test_of_two_that_ask_at_once_one_syncs(account: Account, service: ScriptedServer) -> None:
    service.will(json_answer([row()]))
    twin = Account.objects.current()

    assert [sync_if_due(account) is None, sync_if_due(twin) is None] == [False, True]
    assert len(service.seen) == 1


def test_a_sync_can_be_forced_by_an_age_of_zero(account: Account, service: ScriptedServer) -> None:
    service.will(json_answer([row()]), json_answer([row()]))

    assert sync_if_due(account, max_age_s=0) is not None
    assert sync_if_due(account, max_age_s=0) is not None


# How


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_service_is_asked(
    account: Account, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    service.will(json_answer([row()]))
    ask = type(account.client()).list_models

    def watched(client: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return ask(client)

    monkeypatch.setattr("clients.hedra.HedraClient.list_models", watched)
    sync(account)

    assert seen == [False]


def test_writes_are_few_however_many_models(
    account: Account, service: ScriptedServer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = real_rows()
    service.will(json_answer(rows), json_answer([{**row, "eta_ms": 1} for row in rows]))

    with django_assert_max_num_queries(14):
        sync(account)
    with django_assert_max_num_queries(14):
        assert sync(account).updated == len(rows)
