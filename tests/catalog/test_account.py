from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.http import HttpRequest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account, NotConnected
from clients.errors import Unavailable
from tests.catalog.factories import make_model
from tests.clients.server import (
    Answer,
    Handler,
    ScriptedServer,
    json_answer,
    rate_limited,
    server_error,
    silence,
)


def balance(credits: int) -> dict[str, int]:
    return {"remaining": credits, "expiring": 0, "used": 0}


def asked(service: ScriptedServer) -> int:
    return sum(seen.path.endswith("/billing/credits") for seen in service.seen)


def test_each_key_is_an_account_of_its_own(account: Account, settings: Settings) -> None:
    assert Account.objects.current() == account
    assert (account.label, account.is_current) == ("Hedra sandbox", True)

    settings.HEDRA_KEY, settings.SANDBOX = "sk_hedra_secret", False
    other = Account.objects.current()

    assert (other.label, other != account, account.is_current) == ("Hedra", True, False)
    assert "secret" not in str(other.__dict__)


def test_the_current_account_takes_one_query(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        Account.objects.current()


def test_a_request_reads_its_account_once(
    account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_model(account)
    make_model(account, retired_at=account.created)
    request = HttpRequest()

    with django_assert_num_queries(1):
        first, second = (Account.objects.of_request(request) for _ in range(2))

    assert first is second
    assert first.models_offered == 1


def test_the_first_request_ever_makes_the_account(db: None) -> None:
    assert Account.objects.of_request(HttpRequest()) == Account.objects.current()


def test_another_keys_account_has_no_client_for_now(account: Account, settings: Settings) -> None:
    settings.HEDRA_KEY = "sk_hedra_other"

    with pytest.raises(NotConnected, match="another Hedra sandbox key") as caught:
        account.client()
    assert isinstance(caught.value, Unavailable)


def test_the_balance_is_asked_for_and_kept(account: Account, service: ScriptedServer) -> None:
    service.will(json_answer(balance(12_480)))

    assert account.refresh_balance() == 12_480
    account.refresh_from_db()
    assert account.balance == 12_480
    assert account.balance_at is not None


def test_the_balance_is_asked_for_once_within_its_age(account: Account, service: ScriptedServer) -> None:
    service.will(json_answer(balance(100)), json_answer(balance(60)))

    assert [account.refresh_balance(), Account.objects.current().refresh_balance()] == [100, 100]
    assert asked(service) == 1
    assert account.refresh_balance(max_age_s=0) == 60


def test_a_balance_nobody_has_told_is_unknown(account: Account, service: ScriptedServer) -> None:
    service.will(*[server_error()] * 9)

    assert account.refresh_balance() is None
    assert account.refresh_balance() is None, "and isn't asked for again at once"
    account.refresh_from_db()
    assert account.balance_at is None


def test_the_last_known_balance_outlives_a_failure(account: Account, service: ScriptedServer) -> None:
    service.will(json_answer(balance(100)), *[server_error()] * 9)
    account.refresh_balance()
    known_at = account.balance_at

    assert account.refresh_balance(max_age_s=0) == 100
    assert account.balance_at == known_at


def test_the_balance_is_as_old_as_the_question(account: Account, service: ScriptedServer) -> None:
    """What was charged before it was asked for is surely in it; what was charged meanwhile may not be."""
    answered_at: list[datetime] = []

    def answer(handler: Handler) -> None:
        answered_at.append(timezone.now())
        json_answer(balance(100))(handler)

    service.will(answer)
    began = timezone.now()
    account.refresh_balance()
    assert account.balance_at
    assert began <= account.balance_at <= answered_at[0]


def test_an_answer_that_was_overtaken_is_dropped(account: Account, service: ScriptedServer) -> None:
    later = timezone.now() + timedelta(seconds=1)
    Account.objects.update(balance=Decimal(60), balance_at=later)
    service.will(json_answer(balance(100)))

    assert account.refresh_balance() == 60
    assert account.balance_at == later


def test_a_figure_is_kept_once_for_as_long_as_it_stays(account: Account, service: ScriptedServer) -> None:
    service.will(*[json_answer(balance(credits)) for credits in (100, 100, 60, 100)])
    looks: list[datetime | None] = []
    for _ in range(4):
        account.refresh_balance(max_age_s=0)
        looks.append(account.balance_at)

    readings = account.readings.order_by("at")
    assert list(readings.values_list("credits", "at", "until")) == [
        (100, looks[0], looks[1]),
        (60, looks[2], looks[2]),
        (100, looks[3], looks[3]),
    ]


def test_what_was_overtaken_or_unknown_is_no_reading(account: Account, service: ScriptedServer) -> None:
    pools = {"workspace_credit_pool": {"w": {"available": 1}, "v": {"available": 2}}}
    service.will(json_answer(balance(5) | pools), json_answer(balance(100)))
    account.refresh_balance(max_age_s=0)
    Account.objects.update(balance_at=timezone.now() + timedelta(seconds=1))
    account.refresh_balance(max_age_s=0)
    assert not account.readings.exists()


def test_a_balance_that_lies_in_one_of_several_pools_is_unknown(
    account: Account, service: ScriptedServer
) -> None:
    pools = {"workspace_credit_pool": {"w": {"available": 1}, "v": {"available": 2}}}
    service.will(json_answer(balance(100)), json_answer(balance(5) | pools))
    account.refresh_balance()

    assert account.refresh_balance(max_age_s=0) is None
    account.refresh_from_db()
    assert (account.balance, account.balance_at) == (None, None)


@pytest.mark.parametrize("trouble", [server_error(503), rate_limited("5"), silence])
def test_a_page_asks_a_service_in_trouble_once(
    account: Account, service: ScriptedServer, trouble: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", pauses.append)
    monkeypatch.setattr("catalog.models.account.BALANCE_READ_S", 0.2)
    service.will(*[trouble] * 3)

    assert account.refresh_balance() is None
    assert (asked(service), pauses) == (1, [])


def test_the_balance_of_another_keys_account_stays(account: Account, settings: Settings) -> None:
    account.balance = Decimal("7.5")
    account.save()
    settings.HEDRA_KEY = "sk_hedra_other"

    assert account.refresh_balance() == 7
