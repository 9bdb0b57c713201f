"""The service's history comes in, again and again without duplicates."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account
from clients.answers import GenerationPage, RemoteGeneration
from clients.errors import ServiceError
from clients.hedra import HedraClient
from generations import history, past
from generations.models import Generation, Status
from tests.factories import make_take, remove_takes
from tests.generations.ledger.books import spent_at
from tests.generations.orders import Press
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db


def first_page() -> list[RemoteGeneration]:
    return next(past.walk(Account.objects.current().client())).new


def run(owner: User) -> int:
    return history.import_history(Account.objects.current(), owner)


def test_past_generations_become_takes(studio: Studio, owner: User) -> None:
    adopted = run(owner)
    takes = Generation.objects.filter(imported=True)
    assert adopted == takes.count() == 12
    done = takes.exclude(status=Status.ERROR)
    assert {take.status for take in done} == {Status.DOWNLOADING}
    assert all(
        take.prompt and take.ai_model and take.charged and take.created < timezone.now() for take in done
    )
    assert all(take.error_code for take in takes.filter(status=Status.ERROR))


@pytest.mark.parametrize(
    ("kind", "input", "type"),
    [
        ("image", {"type": "image_to_image", "text_prompt": "A fox"}, "image_to_image"),
        ("image", {"type": "image_upscale", "target_resolution": "4K"}, "image_upscale"),
        ("audio", {"type": "text_to_speech", "text": "A fox"}, "text_to_speech"),
        ("audio", {}, "audio"),
        ("voice", {"type": "voice_clone", "name": "Anna"}, "voice_clone"),
        ("voice", {}, "voice_clone"),
        ("video", {"type": "motion_control"}, "motion_control"),
    ],
)
def test_what_was_made_of_each_kind_is_known_by_its_request(
    studio: Studio,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    input: dict[str, Any],
    type: str,
) -> None:
    item = next(item for item in first_page() if item.asset)
    made = dataclasses.replace(item, type=kind, input=input)
    page = GenerationPage([made], limit=100, offset=0, skipped=0)
    monkeypatch.setattr(HedraClient, "list_generations", lambda self, **asked: page)
    assert run(owner) == 1
    take = Generation.objects.get()
    assert (take.type, take.resolution) == (type, input.get("target_resolution", ""))
    assert item.asset
    assert str(take.remote_asset_id) == item.asset.id


def test_words_and_models_of_the_third_dimension_are_left_there(
    studio: Studio, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = first_page()[0]
    others = [dataclasses.replace(item, type=kind) for kind in ("text", "three_d")]
    page = GenerationPage(others, limit=100, offset=0, skipped=0)
    monkeypatch.setattr(HedraClient, "list_generations", lambda self, **asked: page)
    assert run(owner) == 0


def test_a_second_import_adds_nothing(studio: Studio, owner: User) -> None:
    run(owner)
    assert run(owner) == 0
    assert Generation.objects.count() == 12


def test_a_deleted_take_stays_deleted(studio: Studio, owner: User) -> None:
    run(owner)
    failed = Generation.objects.filter(status=Status.ERROR).first()
    assert failed
    assert failed.delete_softly()
    assert run(owner) == 0
    assert not Generation.objects.owned_by(owner).filter(pk=failed.pk).exists()


def test_an_unknown_charge_is_filled_in(studio: Studio, owner: User) -> None:
    run(owner)
    known = dict(Generation.objects.values_list("pk", "charged"))
    Generation.objects.update(charged=None)
    run(owner)
    assert dict(Generation.objects.values_list("pk", "charged")) == known


def test_a_take_given_up_that_ran_after_all_goes_on(studio: Studio, owner: User) -> None:
    run(owner)
    given_up = Generation.objects.filter(status=Status.DOWNLOADING).first()
    assert given_up
    Generation.objects.filter(pk=given_up.pk).update(
        status=Status.ERROR, error_code="UNREACHABLE", submitted_at=None, charged=None
    )
    run(owner)
    given_up.refresh_from_db()
    assert (given_up.status, given_up.error_code) == (Status.QUEUED, "")
    assert given_up.charged


def test_our_own_takes_are_not_adopted_twice(studio: Studio, owner: User) -> None:
    ours = first_page()[0]
    make_take(owner, remote_id=ours.id, charged=Decimal(1))
    assert run(owner) == 11


def test_a_failed_order_stays_with_its_retried_card(studio: Studio, owner: User) -> None:
    run(owner)
    failed = Generation.objects.filter(status=Status.ERROR).first()
    assert failed
    Generation.objects.filter(pk=failed.pk).update(imported=False, charged=None)
    failed.refresh_from_db()
    assert failed.retry()
    assert run(owner) == 0
    failed.refresh_from_db()
    assert failed.charged_before == 0
    assert failed.failed_tries.get().charged == 0


def test_a_try_given_up_too_early_becomes_a_card_of_its_own(studio: Studio, owner: User) -> None:
    done = next(item for item in first_page() if item.status == "complete")
    card = make_take(owner, status=Status.ERROR, error_code="INTERNAL", remote_id=done.id, charged=Decimal(5))
    assert card.retry()
    assert run(owner) == 12
    card.refresh_from_db()
    assert (card.charged_before, card.failed_tries.count()) == (0, 0)
    assert Generation.objects.get(remote_id=done.id).charged == done.credit_cost


def test_a_deleted_take_that_hangs_there_does_not_come_back(studio: Studio, owner: User) -> None:
    item = first_page()[0]
    hangs = dataclasses.replace(item, status="processing")
    gone = make_take(
        owner, status=Status.ERROR, error_code="STALLED", remote_id=item.id, deleted_at=timezone.now()
    )
    history._settle(Account.objects.current(), [hangs])
    gone.refresh_from_db()
    assert (gone.status, bool(gone.deleted_at)) == (Status.ERROR, True)


@pytest.mark.parametrize("code", ["UNREACHABLE", "LOST", "STALLED"])
def test_a_confirmed_take_that_was_given_up_is_found_again(studio: Studio, owner: User, code: str) -> None:
    run(owner)
    given_up = Generation.objects.filter(status=Status.DOWNLOADING).first()
    assert given_up
    Generation.objects.filter(pk=given_up.pk).update(
        status=Status.ERROR,
        error_code=code,
        next_attempt_at=None,
        deadline_at=None,
        deleted_at=timezone.now(),
    )
    run(owner)
    given_up.refresh_from_db()
    assert (given_up.status, given_up.deleted_at) == (Status.QUEUED, None)
    assert given_up.next_attempt_at
    assert given_up.deadline_at


def test_a_new_key_of_the_same_account_goes_on_with_what_the_old_one_made(
    studio: Studio, owner: User, settings: Settings
) -> None:
    run(owner)
    former = Account.objects.current()
    # The same account at the service under another fingerprint here, as after a key was replaced.
    Account.objects.filter(pk=former.pk).update(fingerprint="of the old key")
    assert Account.objects.current() != former
    assert run(owner) == 0
    assert {take.account for take in Generation.objects.all()} == {Account.objects.current()}
    assert spent_at(former) == 0
    assert spent_at(Account.objects.current()) == studio.sandbox.ledger(studio.key)["used"]
    studio.sync()  # a retry costs what the new key's catalog says, and that may come later
    run(owner)
    assert {take.ai_model.account for take in Generation.objects.all()} == {Account.objects.current()}  # type: ignore[union-attr]


def test_the_regular_import_stops_where_all_is_known(
    studio: Studio, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "PAGE", 5)
    studio.sandbox.settings(paging="flat")
    run(owner)
    asked: list[int] = []
    whole = HedraClient.list_generations

    def counted(client: HedraClient, **query: Any) -> GenerationPage:
        asked.append(1)
        return whole(client, **query)

    monkeypatch.setattr(HedraClient, "list_generations", counted)
    history.import_for_owner(Account.objects.current())
    assert len(asked) == 1


def test_what_is_no_media_is_left_in_the_history(studio: Studio, owner: User) -> None:
    row = {
        "id": str(uuid4()),
        "type": "rich_text",
        "status": "complete",
        "progress": 1,
        "input": {"type": "x" * 99},
    }
    body = {
        "page_info": {"limit": 100, "offset": 0},
        "data": [row, row | {"id": str(uuid4()), "type": "video"}],
    }
    studio.sandbox.fault("answer", status=200, body=body, match={"method": "GET", "path": "/generations"})
    assert run(owner) == 1
    assert Generation.objects.get().type == "video"


def test_a_late_charge_of_a_failed_try_is_counted_once(owner: User) -> None:
    failed = make_take(owner, status=Status.ERROR, error_code="INTERNAL", charged=None)
    assert failed.retry()
    first_try = failed.failed_tries.get()
    first_try.settle(Decimal(35))
    first_try.settle(Decimal(35))
    failed.refresh_from_db()
    assert failed.charged_before == 35


def test_a_try_that_two_workers_find_alive_leaves_its_card_once(owner: User) -> None:
    card = make_take(owner, status=Status.ERROR, error_code="INTERNAL", charged=Decimal(35))
    assert card.retry()
    first, again = card.failed_tries.get(), card.failed_tries.get()
    first.disown()
    again.disown()
    card.refresh_from_db()
    assert card.charged_before == 0


def test_the_automatic_import_belongs_to_the_studios_owner(studio: Studio, owner: User) -> None:
    assert history.import_for_owner(Account.objects.current()) == 12
    assert {take.owner for take in Generation.objects.all()} == {owner}


def test_a_service_that_is_down_is_said_and_changes_nothing(studio: Studio, owner: User) -> None:
    studio.sandbox.fault("answer", status=503, match={"method": "GET"}, times=0)
    with pytest.raises(ServiceError):
        run(owner)
    assert history.import_for_owner(Account.objects.current()) == 0
    assert not Generation.objects.exists()


def test_a_row_of_nonsense_is_left_out(studio: Studio, owner: User) -> None:
    row = {"id": str(uuid4()), "type": "video", "status": "complete", "progress": 1, "input": None}
    body = {"page_info": {"limit": 100, "offset": 0}, "data": [None, 7, {"id": 5}, {"id": "not-a-uuid"}, row]}
    studio.sandbox.fault("answer", status=200, body=body, match={"method": "GET", "path": "/generations"})
    assert run(owner) == 1
    assert Generation.objects.get().model_name == "Unknown model"


# Imported, or recovered


def rescue() -> int:
    """What the worker does every quarter of an hour."""
    return history.import_for_owner(Account.objects.current())


def more(studio: Studio, count: int, hours_ago: float = 1) -> None:
    created = timezone.now() - timedelta(hours=hours_ago)
    studio.sandbox.lengthen_history(count, created, timedelta(seconds=1), studio.key)


def test_the_past_of_an_account_is_imported_and_not_recovered(studio: Studio, owner: User) -> None:
    rescue()
    assert not Generation.objects.filter(recovered=True).exists()
    account = Account.objects.current()
    assert (bool(account.history_at), account.history_open) == (True, False)


def test_only_what_turns_up_later_waits_to_be_seen(studio: Studio, owner: User) -> None:
    """A past of thousands of takes is no inbox."""
    rescue()
    fetched = list(Generation.objects.values_list("pk", flat=True)[3:])
    Generation.objects.filter(pk__in=fetched).update(status=Status.COMPLETE, next_attempt_at=None)
    more(studio, 1)
    rescue()
    studio.work_until_idle()
    kept = Generation.objects.filter(status=Status.COMPLETE).exclude(pk__in=fetched)
    assert [take.recovered for take in kept.filter(unseen=True)] == [True]
    assert kept.filter(unseen=False).exists()


def test_what_turns_up_later_is_recovered(studio: Studio, owner: User) -> None:
    rescue()
    more(studio, 2)
    assert rescue() == 2
    assert Generation.objects.filter(recovered=True, imported=True).count() == 2


def test_a_row_that_was_lost_is_recovered_and_fetched(studio: Studio, press: Press, owner: User) -> None:
    """As after an older backup was put back: the paid order is at the service; here nothing knows of it."""
    rescue()
    Generation.objects.update(status=Status.COMPLETE, next_attempt_at=None)
    [take] = press()
    studio.work_until(lambda: Generation.objects.get(pk=take.pk).status == Status.COMPLETE)
    remove_takes(Generation.objects.filter(pk=take.pk))
    assert rescue() == 1
    rescued = Generation.objects.get(remote_id=take.remote_id)
    assert rescued.recovered
    studio.work_until(lambda: Generation.objects.get(pk=rescued.pk).status == Status.COMPLETE)
    assert len(studio.submissions()) == 1


def test_a_take_given_up_that_ran_after_all_is_recovered(studio: Studio, owner: User) -> None:
    run(owner)
    given_up = Generation.objects.filter(status=Status.DOWNLOADING).first()
    assert given_up
    assert not given_up.recovered
    Generation.objects.filter(pk=given_up.pk).update(status=Status.ERROR, error_code="LOST")
    run(owner)
    given_up.refresh_from_db()
    assert (given_up.status, given_up.recovered) == (Status.QUEUED, True)


def test_a_try_given_up_too_early_is_recovered(studio: Studio, owner: User) -> None:
    done = next(item for item in first_page() if item.status == "complete")
    card = make_take(owner, status=Status.ERROR, error_code="INTERNAL", remote_id=done.id)
    assert card.retry()
    run(owner)
    assert Generation.objects.get(remote_id=done.id).recovered
    assert Generation.objects.filter(recovered=True).count() == 1


def test_a_rescue_that_was_cut_off_goes_to_the_end_next_time(
    studio: Studio, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first page is known then, but nothing is known of what lies behind it."""
    rescue()
    more(studio, 250)
    studio.sandbox.fault("answer", status=401, match={"method": "GET", "path": "/generations"}, skip=1)
    assert rescue() == 0
    assert Generation.objects.filter(recovered=True).count() == 100
    assert rescue() == 150
    assert rescue() == 0


def test_the_first_import_that_was_cut_off_is_still_the_first(studio: Studio, owner: User) -> None:
    more(studio, 150)
    studio.sandbox.fault("answer", status=401, match={"method": "GET", "path": "/generations"}, skip=1)
    rescue()
    rescue()
    assert Generation.objects.count() == 162
    assert not Generation.objects.filter(recovered=True).exists()


def test_a_long_page_takes_no_more_queries_than_a_short_one(
    studio: Studio, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run(owner)
    with CaptureQueriesContext(connection) as short:
        run(owner)
    more(studio, 80)
    run(owner)
    with django_assert_num_queries(len(short)):
        run(owner)
