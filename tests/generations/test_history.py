"""The service's history comes in, again and again without duplicates."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Account
from clients.errors import ServiceError
from generations import history
from generations.models import Generation, Status
from tests.factories import make_take
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db


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


def test_a_second_import_adds_nothing(studio: Studio, owner: User) -> None:
    run(owner)
    assert run(owner) == 0
    assert Generation.objects.count() == 12


@pytest.mark.parametrize("paging", ["ignored", "flat"])
def test_a_history_longer_than_a_page_is_walked_to_its_end(
    studio: Studio, owner: User, monkeypatch: pytest.MonkeyPatch, paging: str
) -> None:
    studio.sandbox.settings(paging=paging)
    monkeypatch.setattr(history, "PAGE", 5)
    assert run(owner) == 12


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
    ours = next(iter(next(history.pages(Account.objects.current()))))
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


def test_a_late_charge_of_a_failed_try_is_counted_once(owner: User) -> None:
    failed = make_take(owner, status=Status.ERROR, error_code="INTERNAL", charged=None)
    assert failed.retry()
    first_try = failed.failed_tries.get()
    first_try.settle(Decimal(35))
    first_try.settle(Decimal(35))
    failed.refresh_from_db()
    assert failed.charged_before == 35


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
