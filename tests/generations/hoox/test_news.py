"""Calls from the service about orders: they bear no signature, so they only make the studio ask."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from clients.answers import Started
from clients.hoox import HooxClient
from generations import tasks
from generations.models import REMOTE, Generation, LeaseLost, News, Status
from generations.models.news import MOST_OF_A_CARD
from generations.orders import hoox, links
from generations.views.hooks import LARGEST_NEWS_BYTES
from tests.generations.hoox.orders import START, HooxStudio

pytestmark = pytest.mark.django_db(transaction=True)


def path_of(take: Generation) -> str:
    return urlsplit(links.hook_url(take)).path


def tell(take: Generation, asset_id: Any, status: str = "completed") -> int:
    """A call as Hoox makes it; the status of our answer."""
    news = {"task": "asset_generation", "asset_id": asset_id, "status": status}
    sender = Client(enforce_csrf_checks=True, headers={"X-Hoox-Webhook": "true"})
    return sender.post(path_of(take), news, content_type="application/json").status_code


@pytest.fixture
def lost(at_hoox: HooxStudio) -> Generation:
    take = at_hoox.order()
    at_hoox.sandbox.fault("cut_after", match=START, service="hoox")
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.UNCLEAR
    return take


def test_news_brings_a_lost_order_back(
    at_hoox: HooxStudio, settings: Settings, live_server: LiveServer
) -> None:
    settings.LOCAL_URL = live_server.url
    take = at_hoox.order()
    at_hoox.sandbox.fault("cut_after", match=START, service="hoox")
    at_hoox.work_until_idle()
    assert Generation.objects.get(pk=take.pk).status == Status.UNCLEAR
    at_hoox.hear()
    assert Generation.objects.get(pk=take.pk).status == Status.QUEUED
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    at_hoox.assert_paid_once(take)
    assert len(at_hoox.orders()) == 1


def test_news_of_a_running_take_makes_the_next_look_due(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.work_until(lambda: Generation.objects.get(pk=take.pk).status in REMOTE)
    later = timezone.now() + timedelta(hours=1)
    Generation.objects.update(next_attempt_at=later)
    take.refresh_from_db()
    assert [tell(take, take.service_id), tell(take, take.service_id)] == [200, 200]
    take.refresh_from_db()
    assert take.next_attempt_at <= timezone.now()
    assert take.status in REMOTE, "news is not believed"
    assert HUEY.pending_count() == 0


@pytest.mark.parametrize("code", ["STALLED", "LOST", "UNREACHABLE"])
def test_news_of_a_take_that_was_given_up_has_it_looked_at_again(at_hoox: HooxStudio, code: str) -> None:
    take = at_hoox.order()
    at_hoox.work_until(lambda: Generation.objects.get(pk=take.pk).status in REMOTE)
    Generation.objects.update(status=Status.ERROR, error_code=code, next_attempt_at=None)
    take.refresh_from_db()
    assert tell(take, take.service_id) == 200
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    at_hoox.assert_paid_once(take)


def test_news_of_a_take_that_failed_for_good_changes_nothing(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.work_until(lambda: Generation.objects.get(pk=take.pk).status in REMOTE)
    Generation.objects.update(status=Status.ERROR, error_code="INTERNAL", next_attempt_at=None)
    take.refresh_from_db()
    assert tell(take, take.service_id) == 200
    assert Generation.objects.get(pk=take.pk).status == Status.ERROR


def test_news_may_be_faster_than_the_answer(at_hoox: HooxStudio, lost: Generation) -> None:
    """The worker still waits for the answer to its order; it finds that the take has gone on."""
    [asset_id] = at_hoox.charges()
    Generation.objects.update(status=Status.SUBMITTING, next_attempt_at=timezone.now())
    [ordering] = Generation.objects.claim(at_hoox.account, 1)
    tell(lost, asset_id)
    at_hoox.run_tasks()
    with pytest.raises(LeaseLost):
        hoox._accept(ordering, Started([asset_id], None))
    lost.refresh_from_db()
    assert (lost.status, lost.service_id) == (Status.QUEUED, asset_id)


def test_news_of_a_finished_take_changes_nothing(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.work_until_idle()
    before = Generation.objects.values().get(pk=take.pk)
    take.refresh_from_db()
    assert tell(take, take.service_id, "failed") == 200
    at_hoox.run_tasks()
    assert Generation.objects.values().get(pk=take.pk) == before


@pytest.mark.parametrize(
    "asset_id", ["6912f0a1b2c3d4e5f6a7b8c9", "../models", "", None, 5, ["a"], "x" * 200, "a\0b"]
)
def test_forged_news_is_not_believed(at_hoox: HooxStudio, lost: Generation, asset_id: Any) -> None:
    assert tell(lost, asset_id) == 200
    at_hoox.run_tasks()
    lost.refresh_from_db()
    assert (lost.status, lost.service_id) == (Status.UNCLEAR, "")


def test_doubled_news_does_nothing_twice(at_hoox: HooxStudio, lost: Generation) -> None:
    [asset_id] = at_hoox.charges()
    assert [tell(lost, asset_id), tell(lost, asset_id)] == [200, 200]
    at_hoox.run_tasks()
    lost.refresh_from_db()
    assert (lost.status, lost.service_id) == (Status.QUEUED, asset_id)


@pytest.mark.parametrize("status", [401, 403, 503])
def test_news_that_can_not_be_checked_now_is_checked_later(
    at_hoox: HooxStudio, lost: Generation, status: int
) -> None:
    [asset_id] = at_hoox.charges()
    at_hoox.sandbox.fault("answer", status=status, match={"method": "GET"}, service="hoox")
    tell(lost, asset_id)
    at_hoox.run_tasks()
    lost.refresh_from_db()
    assert lost.status == Status.UNCLEAR
    tasks.sweep()
    assert HUEY.pending_count() == 0, "it is left alone for a while"
    News.objects.update(next_look_at=timezone.now())
    tasks.sweep()
    at_hoox.run_tasks()
    lost.refresh_from_db()
    assert lost.status == Status.QUEUED
    assert not News.objects.exists()


def test_news_outlives_the_message_about_it(at_hoox: HooxStudio, lost: Generation) -> None:
    """The worker that took the message off the queue was killed."""
    [asset_id] = at_hoox.charges()
    tell(lost, asset_id)
    HUEY.flush()
    tasks.sweep()
    at_hoox.run_tasks()
    lost.refresh_from_db()
    assert (lost.status, lost.service_id) == (Status.QUEUED, asset_id)


def test_only_so_much_is_kept_of_a_card(at_hoox: HooxStudio, lost: Generation) -> None:
    for number in range(MOST_OF_A_CARD + 3):
        assert tell(lost, f"6912f0a1b2c3d4e5f6a7b8{number:02}") == 200
    assert News.objects.count() == MOST_OF_A_CARD


def test_an_order_taken_for_lost_while_hoox_is_asked_gets_its_card(
    at_hoox: HooxStudio, lost: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    [asset_id] = at_hoox.charges()
    tell(lost, asset_id)
    asked = HooxClient.status

    def status(client: HooxClient, wanted: str) -> Any:
        if Generation.objects.get(pk=lost.pk).never_ran():
            Generation.objects.get(pk=lost.pk).retry()
        return asked(client, wanted)

    monkeypatch.setattr(HooxClient, "status", status)
    at_hoox.run_tasks()
    assert Generation.objects.filter(service_id=asset_id, imported=True).exists()


def test_what_was_deleted_and_ran_comes_back(at_hoox: HooxStudio, lost: Generation) -> None:
    [asset_id] = at_hoox.charges()
    assert lost.delete_softly()
    tell(lost, asset_id)
    at_hoox.run_tasks()
    lost.refresh_from_db()
    assert (lost.status, lost.deleted_at) == (Status.QUEUED, None)


def test_what_was_said_never_to_have_run_can_turn_out_to(at_hoox: HooxStudio, lost: Generation) -> None:
    [asset_id] = at_hoox.charges()
    assert lost.never_ran()
    tell(lost, asset_id)
    at_hoox.run_tasks()
    at_hoox.work_until_idle()
    lost.refresh_from_db()
    assert (lost.status, lost.error_code) == (Status.COMPLETE, "")
    at_hoox.assert_paid_once(lost)


def test_what_was_ordered_anew_and_ran_after_all_is_a_card_of_its_own(
    at_hoox: HooxStudio, lost: Generation
) -> None:
    [asset_id] = at_hoox.charges()
    address = path_of(lost)
    assert lost.never_ran()
    assert Generation.objects.get(pk=lost.pk).retry()
    at_hoox.work_until_idle()
    news = {"asset_id": asset_id, "status": "completed"}
    for _ in range(2):
        Client().post(address, news, content_type="application/json")
        at_hoox.run_tasks()
    at_hoox.work_until_idle()
    anew, found = Generation.objects.order_by("pk")
    assert (anew.pk, found.service_id, found.imported) == (lost.pk, asset_id, True)
    assert (found.status, found.prompt) == (Status.COMPLETE, anew.prompt)
    assert anew.charged_before == 0
    at_hoox.assert_paid_once(anew, found)
    assert Client().post(address).status_code == 404


def test_news_of_an_order_that_failed_and_was_retried_is_none(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault("fail", service="hoox", code="INTERNAL")
    at_hoox.work_until_idle()
    take.refresh_from_db()
    address = path_of(take)
    assert take.retry()
    assert Client().post(address, {}, content_type="application/json").status_code == 404


@pytest.mark.parametrize("token", ["x", "1-2:3", "12", ":", "0" * 200])
def test_an_address_that_we_never_gave_does_not_exist(db: None, token: str) -> None:
    assert Client().post(f"/hooks/hoox/{token}/").status_code == 404


def test_only_calls_are_answered(lost: Generation) -> None:
    assert Client().get(path_of(lost)).status_code == 405


def test_too_much_news_is_refused(lost: Generation) -> None:
    much = b"x" * (LARGEST_NEWS_BYTES + 1)
    assert Client().post(path_of(lost), much, content_type="application/json").status_code == 413


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"text"', b"[" * 60_000])
def test_news_that_says_nothing_is_taken_note_of(lost: Generation, body: bytes) -> None:
    assert Client().post(path_of(lost), body, content_type="application/json").status_code == 200
    assert HUEY.pending_count() == 0


def test_news_needs_no_signing_in(lost: Generation, settings: Settings, stranger: User) -> None:
    settings.SOLO, settings.LOCAL_URL = False, ""
    settings.PUBLIC_URL = "https://studio.example.com"
    assert links.hook_url(lost).startswith("https://studio.example.com/hooks/hoox/")
    assert tell(lost, "6912f0a1b2c3d4e5f6a7b8c9") == 200


def test_the_addresses_are_not_logged(lost: Generation, caplog: pytest.LogCaptureFixture) -> None:
    from hedra_studio.logs import discreet

    Client().get(path_of(lost))
    token = path_of(lost).split("/")[3]
    assert token in caplog.text, "the framework logs addresses that were asked for in a wrong way"
    assert token not in discreet(caplog.text)
    assert "/hooks/hoox/[…]" in discreet(caplog.text)
    assert discreet(f"GET {json.dumps('/shared/12:1abc:sig/input.png')} 404") == 'GET "/shared/[…]" 404'


def test_an_order_that_another_knows_by_now_is_left_alone(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    news = News.objects.keep(take.pk, take.remote_id, "6912f0a1b2c3d4e5f6a7b8c9")
    assert news
    tasks.hear.call_local(news.pk)
    take.refresh_from_db()
    assert take.status == Status.PREPARING
