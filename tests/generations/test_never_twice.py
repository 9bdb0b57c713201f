"""What must never happen to a take: paid twice, lost, stuck for ever, or shown with a wrong charge."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.fixtures import Settings

from clients.errors import Unavailable
from generations import download, lifecycle, tasks
from generations.history import import_history
from generations.models import LOCAL, REMOTE, Generation, LeaseLost, Status, Upload
from generations.models.steps import LAST_TRIES
from generations.orders import hedra
from tests.factories import remove_takes
from tests.generations.orders import LISTING, LOOK_UP, ORDER, Press, assert_paid_once, image
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_clock_that_was_set_back_does_not_put_off_the_answer(
    studio: Studio, press: Press, settings: Settings
) -> None:
    """The first "not found" is dated hours ahead, by a clock that ran fast: it counts from now."""
    settings.LOOK_UP_FOR_S = 0
    [take] = press()
    studio.sandbox.fault("cut", match=ORDER)
    tasks.drain()
    Generation.objects.filter(pk=take.pk).update(missing_since=timezone.now() + timedelta(hours=5))
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    assert_paid_once(studio, take)


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
    Generation.objects.update(status=Status.DOWNLOADING)
    [held] = Generation.objects.claim(Generation.objects.get().account, 1)
    for last in (False, True):
        part = tmp_path / "clip.part"
        part.write_bytes(b"GIF89a of some length")
        if last:
            assert download._check(held, part, "of these bytes") is None
        else:
            with pytest.raises(Unavailable, match="damaged"):
                download._check(held, part, "of these bytes")
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


def test_an_input_goes_up_once_for_all_takes_of_one_press(studio: Studio, press: Press) -> None:
    """Workers hold the takes of one shot that went to several models."""
    for model in ("Grok Video I2V", "Kling 2.5 Turbo I2V"):
        press(model, {"start_frame_file": image()})
    Generation.objects.update(fan_out=uuid4())
    first, second = held_takes()
    assert hedra.prepare(second) == 1
    assert hedra.prepare(first) is None
    assert hedra.prepare(second) is None
    assert Upload.objects.count() == 1


def test_other_presses_bring_their_inputs_themselves(studio: Studio, press: Press) -> None:
    for model in ("Grok Video I2V", "Kling 2.5 Turbo I2V"):
        press(model, {"start_frame_file": image()})
    _, second = held_takes()
    assert hedra.prepare(second) is None


def test_nothing_waits_for_inputs_of_a_take_that_was_deleted(studio: Studio, press: Press) -> None:
    """It was deleted before it was ordered, so it will never send them."""
    press("Grok Video I2V", {"start_frame_file": image()}, variations="2")
    first, second = held_takes()
    first.write(deleted_at=first.created)
    assert hedra.prepare(second) is None
    assert second.status == Status.SUBMITTING


def held_takes() -> list[Generation]:
    takes = Generation.objects.claim(Generation.objects.all()[0].account, 10)
    return sorted(takes, key=lambda take: take.pk)


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


def test_an_input_that_the_service_lost_does_not_leave_a_lost_order_unclear_for_ever(
    studio: Studio, press: Press, settings: Settings
) -> None:
    """The first order never arrived, the second is refused for the input: Retry sends that anew."""
    settings.LOOK_UP_FOR_S = 0
    [take] = press("Grok Video I2V", {"start_frame_file": image()})
    [upload] = Upload.objects.of_take(take)
    upload.accept(str(uuid4()))  # believed to be there, but it is not
    studio.sandbox.fault("cut", match=ORDER)
    studio.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.error_code, take.charged) == (Status.ERROR, "UNREACHABLE", None)
    assert take.retry()
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.error_message
    assert_paid_once(studio, take)


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
    Generation.objects.update(status=Status.DOWNLOADING)
    [held] = Generation.objects.claim(Generation.objects.get().account, 1)
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
    assert held.charge_words == "Nothing was charged. Earlier tries cost 35 credits."


def test_a_charge_that_the_history_told_is_not_counted_again_by_a_second_order(
    studio: Studio, press: Press, owner: User, settings: Settings
) -> None:
    """The first order arrived, the history knows its charge, and a look-up that lags has it ordered again."""
    settings.LOOK_UP_FOR_S = 0
    [take] = press()
    studio.sandbox.fault("cut_after", match=ORDER)
    tasks.drain()
    import_history(take.account, owner)
    remove_takes(Generation.objects.filter(imported=True))
    studio.sandbox.fault("answer", status=404, match=LOOK_UP)
    studio.work_until_idle()
    take = Generation.objects.get(pk=take.pk)
    assert (take.status, len(studio.submissions())) == (Status.COMPLETE, 2)
    assert take.total_charged == sum(studio.charges()[str(take.remote_id)]) == 35
