"""Hoox ends the old key when a new one is made: what was made with that one goes on with this."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Account, AIModel
from generations import moving, tasks
from generations.models import REMOTE, Generation, Status
from tests.generations.hoox.orders import START, HooxStudio

pytestmark = pytest.mark.django_db(transaction=True)


def replace_key(at_hoox: HooxStudio) -> Account:
    """The same account at the service, known here by another fingerprint so far."""
    Account.objects.filter(pk=at_hoox.account.pk).update(fingerprint="of the old key")
    return Account.objects.current(at_hoox.account.service)


def test_what_runs_there_goes_on(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.work_until(lambda: Generation.objects.get(pk=take.pk).status in REMOTE)
    account = replace_key(at_hoox)
    own = AIModel.objects.get(pk=take.ai_model_id)
    own.pk, own.account = None, account
    own.save()
    tasks.rescue.call_local()
    take.refresh_from_db()
    assert (take.account, take.ai_model) == (account, own)
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE
    at_hoox.assert_paid_once(take)


def test_what_another_account_made_stays_with_it(at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    Generation.objects.filter(pk=take.pk).update(service_id="6912f0a1b2c3d4e5f6a7b8c9")
    moving.find_former(replace_key(at_hoox))
    take.refresh_from_db()
    assert take.account == at_hoox.account


def test_an_unclear_order_is_found_with_the_new_key(client: Client, at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault("cut_after", match=START, service="hoox")
    at_hoox.work_until_idle()
    [asset_id] = at_hoox.charges()
    account = replace_key(at_hoox)
    client.post(reverse("take_ran", args=[take.pk]), {"asset_id": asset_id})
    take.refresh_from_db()
    assert (take.account, take.status, take.service_id) == (account, Status.QUEUED, asset_id)
