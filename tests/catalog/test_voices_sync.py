"""Mirroring the voices, over real HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from catalog import tasks
from catalog.mirror.voices import RETRY_PAUSE_S, UNNAMED, VoiceReport, sync, sync_if_due
from catalog.models import Account, Voice
from catalog.services import HOOX
from tests.catalog.voice_factories import make_voice, voice_row
from tests.clients.server import ScriptedServer, json_answer, server_error, text_answer

Sync = Callable[[Any], VoiceReport]


@pytest.fixture
def sync_with(account: Account, service: ScriptedServer) -> Sync:
    """Sync once, the service answering with this body."""

    def run(body: Any) -> VoiceReport:
        service.will(json_answer(body))
        return sync(account)

    return run


def names() -> list[str]:
    return sorted(Voice.objects.current().values_list("name", flat=True))


def test_every_fact_arrives(sync_with: Sync, account: Account, service: ScriptedServer) -> None:
    labels = {"gender": "female", "accent": "british", "Age": "middle_aged", "lang": "en", "use_case": "ads"}
    sent = voice_row("Maya", labels, description="Warm")

    assert sync_with([sent]) == VoiceReport(added=1)

    voice = Voice.objects.get()
    assert (voice.remote_id, voice.name, voice.description) == (sent["id"], "Maya", "Warm")
    assert (voice.language, voice.gender, voice.age, voice.accent) == (
        "English",
        "Female",
        "Middle-aged",
        "British",
    )
    assert (voice.labels, voice.source) == (labels, "elevenlabs")
    assert voice.preview_url == sent["asset"]["preview_url"]
    assert voice.further_labels == [("Use case", "Ads")]
    account.refresh_from_db()
    assert (account.voices_error, account.voices_synced_at is not None) == ("", True)
    assert service.seen[0].path.endswith("/voices")


def test_the_same_answer_again_changes_nothing(sync_with: Sync) -> None:
    rows = [voice_row("A"), voice_row("B")]
    sync_with(rows)
    before = list(Voice.objects.order_by("pk").values_list("pk", "name", "first_seen"))

    assert sync_with(rows) == VoiceReport()
    assert list(Voice.objects.order_by("pk").values_list("pk", "name", "first_seen")) == before


def test_a_vanished_voice_retires_and_comes_back_as_the_same_row(sync_with: Sync) -> None:
    kept, gone = voice_row("Kept"), voice_row("Gone")
    sync_with([kept, gone])
    before = Voice.objects.get(name="Gone")

    assert sync_with([kept]) == VoiceReport(retired=1)
    assert names() == ["Kept"]
    assert sync_with([kept]) == VoiceReport(), "retired once"

    assert sync_with([kept, gone]) == VoiceReport(returned=1)
    after = Voice.objects.get(name="Gone")
    assert (after.pk, after.first_seen, after.retired_at) == (before.pk, before.first_seen, None)


def test_a_renamed_voice_stays_one_row(sync_with: Sync) -> None:
    sent = voice_row("Old name")
    sync_with([sent])
    sync_with([{**sent, "name": "New name"}])

    assert Voice.objects.get().name == "New name"


# Bad answers


@pytest.mark.parametrize("answer", [server_error(), json_answer([]), json_answer({}), text_answer("voices")])
def test_a_bad_answer_never_empties_the_list(account: Account, service: ScriptedServer, answer: Any) -> None:
    service.will(json_answer([voice_row("Maya")]), *[answer] * 5)
    sync(account)

    report = sync(account)

    assert report.error
    assert names() == ["Maya"]
    account.refresh_from_db()
    assert account.voices_error == report.error


def test_a_service_without_voices_is_no_failure(sync_with: Sync, account: Account) -> None:
    assert sync_with([]) == VoiceReport()
    assert (account.voices_error, account.voices_synced_at is not None) == ("", True)


def test_what_is_no_voice_is_left_out_and_never_taken_for_all_gone(sync_with: Sync) -> None:
    sync_with([voice_row("Maya")])

    report = sync_with([voice_row("Photo", type="image", asset={"type": "uploaded_image"})])

    assert "1 voices" in report.error
    assert names() == ["Maya"]


def test_a_list_in_which_nothing_can_be_read_is_no_empty_list(sync_with: Sync, account: Account) -> None:
    report = sync_with([{"name": "No id"}, None, 5])

    assert "3 voices and none of them can be used" in report.error
    account.refresh_from_db()
    assert (account.voices_error, account.voices_synced_at) == (report.error, None)


@pytest.mark.parametrize("bad", [None, 5, "voice", [], {}, {"id": None}, {"id": {}}, {"name": "No id"}])
def test_a_bad_row_costs_only_itself(sync_with: Sync, bad: Any) -> None:
    sync_with([bad, voice_row("Good")])

    assert names() == ["Good"]


def test_an_id_too_long_is_skipped_and_a_name_too_long_is_cut(sync_with: Sync) -> None:
    sync_with([voice_row("Unreachable", id="x" * 201), voice_row("y" * 5000)])

    assert names() == ["y" * 200]


def test_a_voice_without_a_name_says_so(sync_with: Sync) -> None:
    sync_with([voice_row(""), voice_row(name=None)])  # type: ignore[arg-type]

    assert names() == [UNNAMED, UNNAMED]


def test_the_same_id_twice_is_one_voice(sync_with: Sync) -> None:
    sent = voice_row("First")

    assert sync_with([sent, {**sent, "name": "Second"}]) == VoiceReport(added=1)
    assert names() == ["First"]


@pytest.mark.parametrize(
    "odd",
    [
        {"asset": {"labels": "gender"}},
        {"asset": {"labels": [None, 5, {"name": "gender"}, {"value": "x"}, {"name": [], "value": {}}]}},
        {"asset": {"labels": [{"name": "language", "value": 7}, {"name": "age", "value": True}]}},
        {"asset": {"preview_url": {"url": 1}, "source": 9}},
        {"asset": {"source": "s" * 900, "preview_url": "http://[broken"}},
        {"description": ["x"]},
        {"description": "nul \0 and \ud800 surrogate"},
    ],
)
def test_odd_facts_are_taken_calmly(sync_with: Sync, odd: dict[str, Any]) -> None:
    sent = [voice_row("Good"), voice_row("Odd", **odd)]
    assert sync_with(sent) == VoiceReport(added=2)
    assert sync_with(sent) == VoiceReport(), "and again"


_leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
_json = st.recursive(
    _leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
_names = st.sampled_from(["language", "Gender", "age", "accent", "mood"])
_label = st.fixed_dictionaries({"name": _names | _json, "value": _json})
_labels = st.lists(_label | _json, max_size=4)
_inner = st.fixed_dictionaries({"type": _json, "labels": _labels | _json, "source": _json})
_ids = st.sampled_from(["a", "b"])
_row = st.fixed_dictionaries({"id": _ids | _json, "name": _json, "asset": _inner | _json})


@settings(max_examples=60)
@given(rows=st.lists(_row | _json, max_size=4))
def test_whatever_comes_the_good_voice_stays(sync_with: Sync, rows: list[Any]) -> None:
    good = voice_row("Good", id="good")

    assert not sync_with([*rows, good]).error
    assert Voice.objects.current().filter(remote_id="good", name="Good").count() == 1


# Previews


def test_a_new_signature_keeps_our_copy_and_another_recording_is_due(sync_with: Sync) -> None:
    sent = voice_row("Maya", asset={"preview_url": "https://media.example/a.mp3?sig=1"})
    sync_with([sent])
    Voice.objects.update(preview="voices/1.mp3", preview_at=timezone.now())

    sync_with([{**sent, "asset": {**sent["asset"], "preview_url": "https://media.example/a.mp3?sig=2"}}])
    signed_anew = Voice.objects.get()
    sync_with([{**sent, "asset": {**sent["asset"], "preview_url": "https://media.example/b.mp3?sig=2"}}])
    recorded_anew = Voice.objects.get()

    assert signed_anew.preview_url.endswith("sig=2")
    assert signed_anew.preview_at is not None
    assert (recorded_anew.preview_at, recorded_anew.preview.name) == (None, "voices/1.mp3")


# When


def test_voices_are_read_every_half_hour(account: Account, service: ScriptedServer) -> None:
    service.will(json_answer([voice_row()]), json_answer([voice_row()]))

    assert sync_if_due(account) is not None
    Account.objects.update(voices_tried_at=None)
    assert sync_if_due(account) is None
    Account.objects.update(voices_synced_at=timezone.now() - timedelta(minutes=31))
    assert sync_if_due(account) is not None


@pytest.mark.parametrize(("synced", "pause_s"), [(True, RETRY_PAUSE_S), (False, 2)])
def test_after_a_failure_the_next_try_waits(
    account: Account, service: ScriptedServer, synced: bool, pause_s: int
) -> None:
    if synced:
        make_voice(account)
        account.voices_synced_at = timezone.now() - timedelta(days=1)
        account.save()
    service.will(text_answer("?"), json_answer([voice_row()]))

    failed = sync_if_due(account)
    too_soon = sync_if_due(account)
    Account.objects.update(voices_tried_at=timezone.now() - timedelta(seconds=pause_s + 1))
    later = sync_if_due(account)

    assert failed is not None
    assert failed.error
    assert too_soon is None
    assert later is not None
    assert not later.error


def test_of_two_that_ask_at_once_one_reads(account: Account, service: ScriptedServer) -> None:
    service.will(json_answer([voice_row()]))
    twin = Account.objects.current()

    assert [sync_if_due(account) is None, sync_if_due(twin) is None] == [False, True]
    assert len(service.seen) == 1


def test_a_service_that_has_no_voices_is_not_asked(account: Account, service: ScriptedServer) -> None:
    other = Account.objects.create(service=HOOX, fingerprint="another")

    assert sync_if_due(other) is None
    assert service.seen == []


def test_the_worker_reads_them(account: Account, service: ScriptedServer) -> None:
    account.synced_at = account.sync_tried_at = timezone.now()
    account.save()
    service.will(json_answer([voice_row("Maya")]))

    tasks.refresh(account)

    assert names() == ["Maya"]


# How


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_service_is_asked(
    account: Account, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    service.will(json_answer([voice_row()]))
    ask = type(account.client()).list_voices

    def watched(client: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return ask(client)

    monkeypatch.setattr("clients.hedra.HedraClient.list_voices", watched)
    sync(account)

    assert seen == [False]


def test_writes_are_few_however_many_voices(
    account: Account, service: ScriptedServer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [voice_row(f"Voice {number}") for number in range(80)]
    service.will(json_answer(rows), json_answer([{**row, "description": "New"} for row in rows]))

    with django_assert_max_num_queries(10):
        sync(account)
    with django_assert_max_num_queries(10):
        sync(account)
    assert Voice.objects.filter(description="New").count() == 80
