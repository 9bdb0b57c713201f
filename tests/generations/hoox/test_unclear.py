"""An order whose answer got lost: what the person found at the service decides."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from generations.models import Generation, Status
from tests.factories import make_take, remove_takes
from tests.generations.hoox.orders import START, HooxStudio

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lost(at_hoox: HooxStudio) -> Generation:
    """An order that ran, though its answer never came."""
    take = at_hoox.order()
    at_hoox.sandbox.fault("cut_after", match=START, service="hoox")
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.UNCLEAR
    return take


def decide(client: Client, take: Generation, what: str, **values: str) -> str:
    """What the page says afterwards."""
    answer = client.post(reverse(what, args=[take.pk]), values, follow=True)
    assert answer.redirect_chain == [(take.get_absolute_url(), 302)]
    return answer.content.decode()


def asset_of(at_hoox: HooxStudio) -> str:
    [asset_id] = at_hoox.charges()
    return asset_id


def test_the_page_says_what_to_look_for(client: Client, lost: Generation) -> None:
    page = client.get(lost.get_absolute_url()).content.decode()
    assert "Hoox&#x27;s answer got lost" in page
    assert "It may have run and been charged" in page
    assert f"hedra-studio-{lost.remote_id}" in page
    assert "I checked: it ran" in page
    assert "I checked: it never ran" in page
    assert "Retry" not in page
    assert 'hx-trigger="every' not in page.partition("detail-side")[0].partition('id="state"')[2]


def test_what_ran_goes_on_and_is_paid_once(client: Client, at_hoox: HooxStudio, lost: Generation) -> None:
    page = decide(client, lost, "take_ran", asset_id=f" {asset_of(at_hoox)} ")
    assert "Found at Hoox" in page
    at_hoox.work_until_idle()
    lost.refresh_from_db()
    assert (lost.status, lost.error_code, lost.charged) == (Status.COMPLETE, "", Decimal("0.1"))
    at_hoox.assert_paid_once(lost)
    assert len(at_hoox.orders()) == 1


@pytest.mark.parametrize("asset_id", ["", "..", "6912f0a1b2c3d4e5f6a7b8c9", "a b", "x" * 101, "../models"])
def test_an_asset_that_is_none_changes_nothing(client: Client, lost: Generation, asset_id: str) -> None:
    page = decide(client, lost, "take_ran", asset_id=asset_id)
    assert "Nothing was changed" in page
    lost.refresh_from_db()
    assert (lost.status, lost.service_id) == (Status.UNCLEAR, "")


def test_an_asset_of_another_model_is_not_taken(
    client: Client, at_hoox: HooxStudio, lost: Generation
) -> None:
    other = at_hoox.order("flux-2-pro")
    at_hoox.work_until(lambda: bool(Generation.objects.get(pk=other.pk).service_id))
    asset_id = Generation.objects.get(pk=other.pk).service_id
    remove_takes(Generation.objects.filter(pk=other.pk))
    assert "another model" in decide(client, lost, "take_ran", asset_id=asset_id)


def test_an_asset_of_another_take_is_not_taken(client: Client, at_hoox: HooxStudio, lost: Generation) -> None:
    other = at_hoox.order()
    at_hoox.work_until(lambda: bool(Generation.objects.get(pk=other.pk).service_id))
    other.refresh_from_db()
    assert "another take" in decide(client, lost, "take_ran", asset_id=other.service_id)
    lost.refresh_from_db()
    assert lost.status == Status.UNCLEAR


def test_a_service_that_is_away_decides_nothing(
    client: Client, at_hoox: HooxStudio, lost: Generation
) -> None:
    at_hoox.sandbox.fault("answer", status=503, match={"method": "GET"}, service="hoox")
    assert "try again" in decide(client, lost, "take_ran", asset_id=asset_of(at_hoox))
    lost.refresh_from_db()
    assert lost.status == Status.UNCLEAR


def test_what_never_ran_cost_nothing_and_can_be_ordered_anew(client: Client, at_hoox: HooxStudio) -> None:
    take = at_hoox.order()
    at_hoox.sandbox.fault("cut", match=START, service="hoox")
    at_hoox.work_until_idle()
    page = decide(client, take, "take_never_ran")
    assert "The order never ran" in page
    assert "Nothing was charged." in page
    client.post(reverse("take_retry", args=[take.pk]))
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert (take.status, take.total_charged) == (Status.COMPLETE, Decimal("0.1"))
    at_hoox.assert_paid_once(take)
    assert len(at_hoox.orders()) == 2


def test_only_an_unclear_take_is_decided_about(client: Client, at_hoox: HooxStudio, owner: User) -> None:
    take = make_take(owner, account=at_hoox.account)
    for what in ("take_ran", "take_never_ran"):
        decide(client, take, what, asset_id="6912f0a1b2c3d4e5f6a7b8c9")
    take.refresh_from_db()
    assert (take.status, take.service_id, take.charged) == (Status.COMPLETE, "", 35)


def test_only_its_owner_decides(client: Client, at_hoox: HooxStudio, stranger: User) -> None:
    take = make_take(stranger, account=at_hoox.account, status=Status.UNCLEAR)
    for what in ("take_ran", "take_never_ran"):
        assert client.post(reverse(what, args=[take.pk])).status_code == 404
        assert client.get(reverse(what, args=[take.pk])).status_code == 405


def test_an_unclear_take_can_be_deleted(client: Client, lost: Generation) -> None:
    client.post(reverse("take_delete", args=[lost.pk]))
    lost.refresh_from_db()
    assert lost.deleted_at
