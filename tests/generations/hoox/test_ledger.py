"""What Hoox takes with the order, and gives back when it fails, is in the ledger line by line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from generations.models import Generation, News
from generations.orders import unclear
from tests.generations.hoox.orders import START, HooxStudio
from tests.generations.ledger.books import assert_booked, lines, spent_at

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_failed_take_was_charged_and_refunded(at_hoox: HooxStudio) -> None:
    at_hoox.sandbox.fault("fail", service="hoox", code="INTERNAL")
    take = at_hoox.order()
    at_hoox.work_until_idle()
    assert lines(take) == [("charged", Decimal("0.1")), ("refunded", Decimal("-0.1"))]
    take.refresh_from_db()
    assert take.retry()
    at_hoox.work_until_idle()
    assert_booked()
    assert spent_at(at_hoox.account) == sum(at_hoox.charges().values()) == Decimal("0.1")


def test_what_ran_after_all_is_booked_on_its_own_card(at_hoox: HooxStudio) -> None:
    """It was taken for lost and ordered anew; then news of the first order came."""
    at_hoox.sandbox.fault("cut_after", match=START, service="hoox")
    take = at_hoox.order()
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.never_ran()
    take.refresh_from_db()
    assert take.retry()
    at_hoox.work_until_idle()
    assert spent_at(at_hoox.account) == Decimal("0.1")
    [first] = at_hoox.charges().keys() - set(Generation.objects.values_list("service_id", flat=True))
    failed = take.failed_tries.get()
    news = News.objects.keep(take.pk, failed.remote_id, first)
    assert news
    unclear.hear(news)
    at_hoox.work_until_idle()
    assert_booked()
    assert spent_at(at_hoox.account) == sum(at_hoox.charges().values()) == Decimal("0.2")
