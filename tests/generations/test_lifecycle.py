"""From the press of the button to a stored clip, over real HTTP, with faults on the way."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings

from catalog.models import AIModel
from clients.answers import GenerationState
from clients.errors import Unavailable
from generations import download, lifecycle, tasks
from generations.forms import ShotForm
from generations.models import LOCAL, REMOTE, Generation, LeaseLost, Status, Upload
from generations.models.generation import LAST_TRIES
from tests.factories import png, wav
from tests.sandboxed import Studio

Press = Callable[..., list[Generation]]

ORDER = {"method": "POST", "path": "/generations"}
LISTING = {"method": "GET", "path": "/generations"}
LOOK_UP = {"method": "GET", "path": "/generations/*/status"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def press(studio: Studio, owner: User) -> Press:
    """Press Generate on a model of the sandbox; the takes, still untouched by any worker."""

    def press(model_name: str = "Grok Video T2V", files: Any = None, **changes: Any) -> list[Generation]:
        model = AIModel.objects.current().get(name=model_name)
        first = ShotForm.shown({}, owner=owner, model=model)
        values = {name: first[name].value() for name in first.fields if first[name].value() is not None}
        form = ShotForm(
            {**values, "prompt": "A fox in the snow", "shot": str(uuid4()), **changes},
            files,
            owner=owner,
            model=model,
        )
        assert form.is_valid(), form.errors
        return form.save()

    return press


def image(name: str = "start.png", colour: str = "#b45309") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png(640, 360, colour), "image/png")


def assert_plays(take: Generation) -> None:
    with av.open(io.BytesIO(take.result.read())) as box:
        frames = sum(1 for _ in box.decode(video=0))
    assert frames > 24
    assert take.poster.size > 100
    assert take.preview.size > 100


def assert_paid_once(studio: Studio, *takes: Generation) -> None:
    """The sandbox's ledger is the judge: a charge per take, each what we show, no id used twice."""
    charges = studio.charges()
    assert sorted(charges) == sorted(str(take.remote_id) for take in takes)
    assert {key: [value] for key, value in ((str(t.remote_id), t.charged) for t in takes)} == charges


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
    assert lifecycle._ids(second, str(first.remote_id)) == {}
    assert lifecycle._ids(second, str(second.remote_id)) == {}
    assert lifecycle._ids(second, "no uuid") == {}
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


# What must never happen: paid twice, lost, stuck


def test_a_failed_take_with_an_eta_does_not_hold_up_the_others(studio: Studio, press: Press) -> None:
    [failing], [healthy] = press(), press()
    studio.work_until(lambda: not Generation.objects.filter(status__in=LOCAL).exists())
    row = {
        "id": str(failing.remote_id),
        "type": "video",
        "status": "error",
        "progress": 0,
        "eta_sec": 0,
        "input": {},
    }
    row |= {"error": {"type": "INTERNAL", "message": "x"}, "created_at": "2026-11-20T10:00:00Z"}
    studio.sandbox.fault("answer", status=200, body={"page_info": {}, "data": [row]}, match=LISTING)
    studio.hurry()
    tasks.drain()
    failing.refresh_from_db()
    assert (failing.status, failing.error_code) == (Status.ERROR, "INTERNAL")
    studio.work_until_idle()
    healthy.refresh_from_db()
    assert healthy.status == Status.COMPLETE


@pytest.mark.parametrize("status", [400, 401, 403, 422])
def test_a_finished_clip_that_is_refused_for_a_while_is_only_fetched_later(
    studio: Studio, press: Press, status: int
) -> None:
    [take] = press()
    studio.work_until(lambda: Generation.objects.get(pk=take.pk).status in REMOTE)
    Generation.objects.filter(pk=take.pk).update(status=Status.DOWNLOADING)
    studio.sandbox.fault("answer", status=status, match={"method": "GET"}, times=0)
    studio.hurry()
    tasks.drain()
    take.refresh_from_db()
    assert take.status == Status.DOWNLOADING
    assert take.note
    studio.sandbox.clear_faults()
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    assert_paid_once(studio, take)


@pytest.mark.parametrize("refusal", [401, 402, 403, 422])
def test_a_refusal_after_an_unclear_order_does_not_mean_nothing_was_charged(
    studio: Studio, press: Press, settings: Settings, refusal: int
) -> None:
    """The first order arrived, its answer got lost, and the second is refused: Retry looks it up."""
    settings.LOOK_UP_FOR_S = 0
    [take] = press()
    studio.sandbox.fault("cut_after", match=ORDER)
    studio.sandbox.fault("answer", status=404, match=LOOK_UP)
    studio.sandbox.fault("answer", status=refusal, match=ORDER, skip=1)
    studio.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.error_code, take.charged) == (Status.ERROR, "UNREACHABLE", None)
    assert "not known yet" in take.charge_words
    assert take.retry()
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    assert_paid_once(studio, take)


def test_a_refused_look_up_is_no_answer_about_the_order(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.sandbox.fault("cut_after", match=ORDER)
    studio.sandbox.fault("answer", status=403, match=LOOK_UP, times=2)
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    assert_paid_once(studio, take)


def test_one_not_found_is_not_believed_however_old_the_order(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.sandbox.fault("cut_after", match=ORDER)
    tasks.drain()
    Generation.objects.filter(pk=take.pk).update(sent_at=take.created - timedelta(hours=1))
    studio.sandbox.fault("answer", status=404, match=LOOK_UP)
    studio.hurry()
    tasks.drain()
    take.refresh_from_db()
    assert take.missing_since
    assert len(studio.submissions()) == 1
    studio.work_until_idle()
    assert_paid_once(studio, Generation.objects.get(pk=take.pk))


def test_an_order_that_never_arrived_needs_no_look_up(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.sandbox.fault("answer", status=429, retry_after=0.1, match=ORDER)
    tasks.drain()
    take.refresh_from_db()
    assert (take.status, take.sent_at) == (Status.SUBMITTING, None)
    studio.hurry()
    tasks.drain()
    take.refresh_from_db()
    assert take.status in REMOTE


def test_a_refused_item_of_an_accepted_answer_fails_its_take(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.sandbox.fault("refuse_item", index=0)
    studio.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.charged) == (Status.ERROR, 0)


def test_a_take_that_never_ends_is_given_up_and_found_again(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.sandbox.fault("stuck")
    studio.work_until(lambda: Generation.objects.get(pk=take.pk).status == Status.PROCESSING)
    Generation.objects.filter(pk=take.pk).update(deadline_at=take.created - timedelta(seconds=1))
    studio.hurry()
    tasks.drain()
    take.refresh_from_db()
    assert (take.status, take.error_code) == (Status.ERROR, "STALLED")
    before = take.remote_id
    assert take.retry()
    studio.hurry()
    tasks.drain()
    take.refresh_from_db()
    assert (take.status in REMOTE, take.remote_id) == (True, before)
    assert len(studio.submissions()) == 1


def test_an_id_said_to_exist_that_can_not_be_found_ends_at_the_deadline(
    studio: Studio, press: Press, settings: Settings
) -> None:
    settings.LOOK_UP_FOR_S = 0
    [take] = press()
    studio.sandbox.fault("answer", status=409, match=ORDER, times=0)
    for _ in range(LAST_TRIES + 1):
        studio.hurry()
        Generation.objects.filter(pk=take.pk).update(deadline_at=take.created - timedelta(days=1))
        tasks.drain()
    take.refresh_from_db()
    assert (take.status, take.error_code) == (Status.ERROR, "UNREACHABLE")


def test_a_list_that_does_not_take_our_ids_is_no_obstacle(studio: Studio, press: Press) -> None:
    [take] = press()
    studio.sandbox.fault("answer", status=422, match=LISTING, times=3)
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE


def test_the_same_unusable_bytes_twice_are_not_fetched_for_ever(
    studio: Studio, press: Press, tmp_path: Path
) -> None:
    press()
    [held] = Generation.objects.claim(Generation.objects.get().account, 1)
    held.enter(Status.DOWNLOADING)
    for last in (False, True):
        part = tmp_path / "clip.part"
        part.write_bytes(b"GIF89a of some length")
        if last:
            assert download._check(held, part) is None
        else:
            with pytest.raises(Unavailable, match="damaged"):
                download._check(held, part)
    assert (held.status, held.error_code, held.retry_status) == ("error", "RESULT_UNREADABLE", "downloading")


def test_an_upload_that_another_worker_finished_is_not_renewed(studio: Studio, press: Press) -> None:
    press("Grok Video I2V", {"start_frame_file": image()})
    [take] = Generation.objects.all()
    [mine] = Upload.objects.of_take(take)
    theirs = Upload.objects.get(pk=mine.pk)
    theirs.accept(str(theirs.remote_id))
    assert not mine.renew()
    assert mine.remote_id == theirs.remote_id
    assert mine.uploaded_at


def test_an_input_that_the_service_lost_is_sent_again_by_a_retry(studio: Studio, press: Press) -> None:
    [take] = press("Grok Video I2V", {"start_frame_file": image()})
    [upload] = Upload.objects.of_take(take)
    upload.accept(str(uuid4()))  # believed to be there, but it is not
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.ERROR
    assert take.retry()
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.error_message


@pytest.mark.parametrize("code", ["ALREADY_EXISTS", "MISSING_CREDITS"])
def test_a_refused_item_of_a_second_order_is_not_believed(
    studio: Studio, press: Press, settings: Settings, code: str
) -> None:
    settings.LOOK_UP_FOR_S = 0
    [take] = press()
    item = {
        "id": None,
        "asset_id": None,
        "status": "error",
        "progress": 0,
        "error": {"type": code, "message": "x"},
    }
    answer = {"type": "video", "id": None, "asset_id": None, "batch_results": [item]}
    studio.sandbox.fault("cut_after", match=ORDER)
    studio.sandbox.fault("answer", status=404, match=LOOK_UP)
    studio.sandbox.fault("answer", status=200, body=answer, match=ORDER, skip=1)
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    assert_paid_once(studio, take)


def test_a_download_stops_when_another_worker_has_the_take(
    studio: Studio, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "LOOK_S", -1)
    press()
    [held] = Generation.objects.claim(Generation.objects.get().account, 1)
    held.enter(Status.DOWNLOADING)
    Generation.objects.update(lease_owner="another")
    part = download._part(held)
    with pytest.raises(LeaseLost):
        download._stream(FakeWire([b"x" * 10]), held, "", part)  # type: ignore[arg-type]


def test_a_clip_of_another_length_than_announced_is_not_kept(studio: Studio, press: Press) -> None:
    press()
    [held] = Generation.objects.claim(Generation.objects.get().account, 1)
    part = download._part(held)
    with pytest.raises(Unavailable, match="whole"):
        download._stream(FakeWire([b"x" * 10], total=5), held, "", part)  # type: ignore[arg-type]
    assert not part.exists()


class FakeWire:
    """A client whose download brings these chunks."""

    def __init__(self, chunks: list[bytes], total: int | None = None) -> None:
        self.offset, self.total, self._chunks = 0, total, chunks

    @contextmanager
    def download(self, url: str, offset: int = 0) -> Iterator[FakeWire]:
        yield self

    def chunks(self) -> Iterator[bytes]:
        yield from self._chunks


def test_a_retry_before_the_worker_let_go_is_not_undone(studio: Studio, press: Press) -> None:
    press()
    [held] = Generation.objects.claim(Generation.objects.get().account, 1)
    held.fail("INTERNAL", "")
    assert Generation.objects.get().retry()
    with pytest.raises(LeaseLost):
        held.release()
    assert Generation.objects.get().next_attempt_at


def test_a_take_deleted_before_it_was_ordered_is_not_ordered(studio: Studio, press: Press) -> None:
    [take] = press()
    Generation.objects.update(deleted_at=take.created)
    tasks.drain()
    assert studio.submissions() == []
    Generation.objects.get().restore()
    studio.work_until_idle()
    assert Generation.objects.get().status == Status.COMPLETE


def test_a_charge_known_before_a_second_order_stays_on_the_bill(
    studio: Studio, press: Press, settings: Settings
) -> None:
    settings.LOOK_UP_FOR_S = 0
    [take] = press()
    fields = {"status": Status.ERROR, "error_code": "LOST", "charged": 35, "sent_at": take.created}
    Generation.objects.update(**fields, next_attempt_at=None)
    lost = Generation.objects.get()
    assert lost.retry_words == "Retry · up to 35 credits"
    assert lost.retry()
    studio.work_until_idle()
    assert Generation.objects.get().total_charged == 70


def test_a_try_that_never_left_keeps_earlier_charges_in_sight(studio: Studio, press: Press) -> None:
    press()
    [held] = Generation.objects.claim(Generation.objects.get().account, 1)
    held.write(charged_before=Decimal(35), attempts=LAST_TRIES, deadline_at=held.created)
    assert lifecycle._wait(held, Unavailable("The service is away.")) is None
    assert held.charge_words == "35 credits were charged."
