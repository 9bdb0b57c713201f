"""From the press of the button to a stored clip, over real HTTP, with faults on the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django.fixtures import Settings

from clients.answers import GenerationState
from generations import lifecycle, tasks
from generations.models import Generation, Status, Upload
from generations.models.steps import LAST_TRIES
from generations.orders import hedra
from tests.factories import wav
from tests.generations.orders import LISTING, ORDER, Press, assert_paid_once, assert_plays, image
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_take_from_text(studio: Studio, press: Press) -> None:
    [take] = press(duration_ms="5000", resolution="720p", aspect_ratio="9:16")
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.note
    assert take.charged == take.quoted == Decimal(35)
    assert (take.width, take.height, take.duration_ms) == (720, 1280, pytest.approx(5000, abs=50))
    assert_plays(take)
    assert_paid_once(studio, take)


def test_start_and_end_frame_are_sent_as_they_were_given(studio: Studio, press: Press) -> None:
    files = {"start_frame_file": image(), "end_frame_file": image("end.png", "#155e75")}
    [take] = press("Kling V3 Standard I2V", files, duration_ms="3000")
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.error_message
    [body] = studio.submissions()
    uploads = {upload.asset.name: str(upload.remote_id) for upload in Upload.objects.select_related("asset")}
    assert (body["start_keyframe_id"], body["end_keyframe_id"]) == (uploads["start.png"], uploads["end.png"])
    assert body == take.body


def test_an_avatar_lasts_as_long_as_its_audio(studio: Studio, press: Press) -> None:
    files = {"start_frame_file": image(), "audio_file": SimpleUploadedFile("voice.wav", wav(3), "audio/wav")}
    [take] = press("Hedra Avatar", files)
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.error_message
    assert take.duration_ms == pytest.approx(3000, abs=100)
    assert take.charged == take.quoted


def test_a_variation_waits_for_a_file_however_long_it_takes(studio: Studio, press: Press) -> None:
    first, second = press("Grok Video I2V", {"start_frame_file": image()}, variations="2")
    Generation.objects.filter(pk=first.pk).update(next_attempt_at=timezone.now() + timedelta(hours=1))
    long_ago = timezone.now() - timedelta(hours=1)
    Generation.objects.filter(pk=second.pk).update(deadline_at=long_ago, attempts=LAST_TRIES)
    tasks.drain()
    second.refresh_from_db()
    assert (second.status, second.is_hopeless) == (Status.PREPARING, False)
    studio.work_until_idle()
    assert set(Generation.objects.values_list("status", flat=True)) == {Status.COMPLETE}


def test_variations_share_one_upload(studio: Studio, press: Press) -> None:
    takes = press("Grok Video I2V", {"start_frame_file": image()}, variations="4")
    studio.work_until_idle()
    takes = list(Generation.objects.filter(shot=takes[0].shot))
    assert {take.status for take in takes} == {Status.COMPLETE}
    assert len({body["start_keyframe_id"] for body in studio.submissions()}) == 1
    assert_paid_once(studio, *takes)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "answer", "status": 500},
        {"kind": "answer", "status": 503},
        {"kind": "answer_after", "status": 500},
        {"kind": "answer_after", "status": 502},
        {"kind": "cut"},
        {"kind": "cut_after"},
        {"kind": "answer", "status": 429, "retry_after": 0.2},
        {"kind": "answer_after", "status": 200, "body": {"surprise": True}},
        {"kind": "answer_after", "status": 200, "body": "no json"},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
def test_an_unclear_order_is_looked_up_and_paid_once(
    studio: Studio,
    press: Press,
    settings: Settings,
    fault: dict[str, Any],
) -> None:
    settings.LOOK_UP_FOR_S = 0
    [take] = press()
    studio.sandbox.fault(match=ORDER, **fault)
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.error_message
    assert_paid_once(studio, take)


def test_an_order_is_not_sent_again_while_a_look_up_may_lag(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.sandbox.fault(kind="cut", match=ORDER)
    for _ in range(5):
        studio.hurry()
        tasks.drain()
    take.refresh_from_db()
    assert take.status == Status.SUBMITTING
    assert take.note
    assert len(studio.submissions()) == 1


def test_a_lost_id_is_never_taken_from_another_take(
    studio: Studio, press: Press, caplog: pytest.LogCaptureFixture
) -> None:
    [first], [second] = press(), press()
    assert hedra._ids(second, str(first.remote_id)) == {}
    assert hedra._ids(second, str(second.remote_id)) == {}
    assert hedra._ids(second, "no uuid") == {}
    assert "the service answered" in caplog.text


@pytest.mark.parametrize(
    ("fault", "code", "charge"),
    [
        ({"kind": "refuse", "status": 422, "code": "MODERATION_FAILED"}, "MODERATION_FAILED", 0),
        ({"kind": "fail", "code": "MODERATION_FAILED"}, "MODERATION_FAILED", 0),
        ({"kind": "fail", "code": "INTERNAL"}, "INTERNAL", 0),
        ({"kind": "empty_wallet"}, "MISSING_CREDITS", 0),
    ],
)
def test_a_refused_take_says_why_and_what_it_cost(
    studio: Studio, press: Press, fault: dict[str, Any], code: str, charge: int
) -> None:
    [take] = press()
    studio.sandbox.fault(**fault)
    studio.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.error_code, take.charged) == (Status.ERROR, code, charge)
    assert take.charge_words == "Nothing was charged."
    assert sum(sum(amounts) for amounts in studio.charges().values()) == 0


def test_a_retried_take_is_a_new_order_on_the_same_card(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.sandbox.fault(kind="fail", code="INTERNAL")
    studio.work_until_idle()
    take.refresh_from_db()
    failed_id = take.remote_id
    assert take.retry()
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    assert take.remote_id != failed_id
    assert take.charged == take.quoted


@pytest.mark.parametrize("kind", ["truncate", "expired"])
def test_a_broken_download_is_fetched_again_and_never_made_again(
    studio: Studio, press: Press, kind: str
) -> None:
    [take] = press()
    studio.sandbox.fault(kind=kind, times=2)
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.note
    assert_plays(take)
    assert_paid_once(studio, take)


def test_a_service_that_is_away_for_a_while_costs_only_time(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.work_until(lambda: Generation.objects.get(pk=take.pk).status in ("queued", "processing"))
    studio.sandbox.fault(kind="answer", status=503, match={"method": "GET"}, times=0)
    for _ in range(3):
        studio.hurry()
        tasks.drain()
    take.refresh_from_db()
    assert take.note
    assert take.is_running
    studio.sandbox.clear_faults()
    studio.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.note) == (Status.COMPLETE, "")


def test_a_take_that_the_list_leaves_out_is_asked_for_alone(
    studio: Studio, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    [take] = press()
    studio.work_until(lambda: Generation.objects.get(pk=take.pk).status in ("queued", "processing"))
    studio.sandbox.fault(kind="answer", status=200, body={"data": []}, match=LISTING, times=1)
    studio.hurry()
    tasks.drain()
    take.refresh_from_db()
    assert take.status != Status.ERROR


def test_an_unknown_status_counts_as_still_running(studio: Studio, press: Press) -> None:
    [take] = press()
    Generation.objects.update(status=Status.QUEUED)
    [held] = Generation.objects.claim(take.account, 1)
    state = GenerationState(
        id=str(take.remote_id), asset_id=None, status="processing", progress=0.5,
        url=None, download_url=None, streaming_url=None, error=None,
    )  # fmt: skip
    lifecycle.apply(held, state)
    assert (held.status, held.progress) == (Status.PROCESSING, 0.5)


def test_two_workers_never_hold_the_same_row(studio: Studio, press: Press) -> None:
    press(variations="8")
    account = Generation.objects.first().account  # type: ignore[union-attr]
    first, second = Generation.objects.claim(account, 5), Generation.objects.claim(account, 5)
    assert (len(first), len(second)) == (5, 3)
    assert not {take.pk for take in first} & {take.pk for take in second}
    assert Generation.objects.claim(account, 5) == []


def test_a_worker_that_lost_its_lease_writes_nothing(studio: Studio, press: Press) -> None:
    [take] = press()
    [held] = Generation.objects.claim(take.account, 1)
    Generation.objects.filter(pk=take.pk).update(lease_owner="another")
    lifecycle.advance(held)
    take.refresh_from_db()
    assert (take.status, take.lease_owner) == (Status.PREPARING, "another")
    assert studio.submissions() == []
