"""A service that is busy or away: all processes leave it alone, one knocks, and all come back slowly."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.mirror.sync import sync
from catalog.models import Account, Rest
from catalog.models.rest import AWAY_AFTER, BETWEEN_S, KNOCK_S, LONGEST_PAUSE_S, SLOWLY_S, UNSAID_PAUSE_S
from catalog.services import HOOX
from clients.errors import Held, MissingCredits, RateLimited, ServiceError, Unavailable, Unclear
from tests.clients.server import ScriptedServer, cut, json_answer, rate_limited, server_error

START = datetime(2026, 11, 1, 12, 3, tzinfo=timezone.now().tzinfo)
BALANCE = json_answer({"remaining": 7, "expiring": 0, "used": 0})
MODELS = json_answer([{"slug": "a/b", "name": "A", "type": "video"}])


class Clock:
    """Stands still until it is moved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr(timezone, "now", lambda: START + timedelta(seconds=self.seconds))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda seconds: None)
    return Clock(monkeypatch)


def now(account: Account) -> Account:
    """As another process reads it."""
    return Account.objects.select_related("rest").get(pk=account.pk)


def look(account: Account) -> ServiceError | None:
    """One call as any step makes it; the error that it ends in."""
    try:
        now(account).client(retries=0).list_voices()
    except ServiceError as error:
        return error
    return None


def fall_silent(account: Account, service: ScriptedServer) -> None:
    service.will(*[server_error(503)] * AWAY_AFTER)
    for _ in range(AWAY_AFTER):
        look(account)


def rest_is_over(account: Account, clock: Clock) -> None:
    rest = now(account).resting
    assert rest
    clock.seconds += rest.wait_s


def test_a_few_failures_in_a_row_are_an_outage(
    account: Account, service: ScriptedServer, clock: Clock
) -> None:
    fall_silent(account, service)
    asked = len(service.seen)

    held = look(account)

    assert isinstance(held, Held)
    assert held.retry_after
    assert "Nothing was sent" in str(held)
    assert len(service.seen) == asked
    rest = now(account).resting
    assert rest
    assert (rest.why, rest.since) == (Rest.Why.AWAY, START)


def test_an_answer_in_between_shows_that_it_is_there(
    account: Account, service: ScriptedServer, clock: Clock
) -> None:
    for trouble in (cut, server_error(500), json_answer([]), cut, server_error(502), json_answer([])):
        service.will(trouble)
        look(account)

    assert now(account).resting is None
    assert Rest.objects.get(pk=account.pk).failures == 0


def test_refusals_are_answers(account: Account, service: ScriptedServer, clock: Clock) -> None:
    for status in (401, 402, 404, 422):
        service.will(server_error(500), json_answer({"detail": "no"}, status))
        look(account)
        look(account)

    assert now(account).resting is None


@pytest.mark.parametrize("call", ["read", "order", "upload"])
def test_everybody_keeps_the_pause_that_one_was_asked_for(
    account: Account, service: ScriptedServer, clock: Clock, call: str
) -> None:
    service.will(rate_limited("40"))
    look(account)
    calls: dict[str, Callable[[], object]] = {
        "read": lambda: now(account).client().list_generations(ids=["a"]),
        "order": lambda: now(account).client().submit({"type": "video"}),
        "upload": lambda: now(account).client().create_asset("fox.png", "image"),
    }

    clock.seconds = 39
    with pytest.raises(Held) as held:
        calls[call]()

    assert held.value.retry_after
    assert 1 < held.value.retry_after < 5
    assert not held.value.may_have_acted
    assert len(service.seen) == 1


def test_a_pause_that_is_not_named_is_ours(account: Account, service: ScriptedServer, clock: Clock) -> None:
    service.will(rate_limited("soon"))
    look(account)

    rest = now(account).resting
    assert rest
    assert (rest.why, rest.wait_s) == (Rest.Why.BUSY, pytest.approx(UNSAID_PAUSE_S, rel=0.2))


def test_accounts_rest_alone(account: Account, service: ScriptedServer, clock: Clock) -> None:
    fall_silent(account, service)

    assert Account.objects.create(service=HOOX, fingerprint="other").resting is None


def test_nobody_knocks_before_the_pause_is_over(
    account: Account, service: ScriptedServer, clock: Clock
) -> None:
    fall_silent(account, service)

    assert now(account).knock() is None
    assert len(service.seen) == AWAY_AFTER


def test_only_one_knocks_and_another_when_it_died(
    account: Account, service: ScriptedServer, clock: Clock
) -> None:
    fall_silent(account, service)
    rest_is_over(account, clock)
    rest = now(account).resting
    assert rest
    assert rest.take_turn(KNOCK_S), "by a process that is killed then"
    assert now(account).knock() is None
    assert len(service.seen) == AWAY_AFTER
    clock.seconds += KNOCK_S
    service.will(BALANCE)

    assert now(account).knock()


def test_the_pause_grows_gently(account: Account, service: ScriptedServer, clock: Clock) -> None:
    fall_silent(account, service)
    pauses: list[float] = []
    while clock.seconds < 600:
        rest = now(account).resting
        assert rest
        pauses.append(rest.wait_s)
        rest_is_over(account, clock)
        service.will(cut)
        now(account).knock()

    assert len(pauses) < 40
    assert pauses[0] < 3
    assert max(pauses) <= LONGEST_PAUSE_S * 1.2
    assert pauses[-1] >= LONGEST_PAUSE_S * 0.8
    assert now(account).resting.since == START  # type: ignore[union-attr]


@pytest.mark.parametrize("answer", [BALANCE, json_answer({"detail": "no"}, 403), json_answer("odd")])
def test_any_answer_to_the_knock_ends_the_rest(
    account: Account, service: ScriptedServer, clock: Clock, answer: Callable[..., None]
) -> None:
    fall_silent(account, service)
    rest_is_over(account, clock)
    service.will(answer)

    assert now(account).knock() == timedelta(seconds=clock.seconds)
    assert now(account).resting is None


def test_all_come_back_one_after_the_other(account: Account, service: ScriptedServer, clock: Clock) -> None:
    fall_silent(account, service)
    rest_is_over(account, clock)
    service.will(BALANCE)
    now(account).knock()
    asked = len(service.seen)
    service.will(*[json_answer([])] * 20)

    clock.seconds += BETWEEN_S
    assert [type(look(account)) for _ in range(10)] == [type(None), *[Held] * 9]
    clock.seconds += BETWEEN_S
    assert [type(look(account)) for _ in range(10)] == [type(None), *[Held] * 9]
    assert len(service.seen) == asked + 2

    clock.seconds += SLOWLY_S
    assert [look(account) for _ in range(10)] == [None] * 10
    assert Rest.objects.get(pk=account.pk).since is None


def test_a_failure_on_the_way_back_goes_on_with_the_same_outage(
    account: Account, service: ScriptedServer, clock: Clock
) -> None:
    fall_silent(account, service)
    rest_is_over(account, clock)
    service.will(BALANCE, cut)
    now(account).knock()
    clock.seconds += 1
    look(account)

    rest = now(account).resting
    assert rest
    assert rest.since == START


def test_trouble_of_another_day_is_another_outage(
    account: Account, service: ScriptedServer, clock: Clock
) -> None:
    fall_silent(account, service)
    rest_is_over(account, clock)
    service.will(BALANCE)
    now(account).knock()
    clock.seconds += 3600
    service.will(cut)
    look(account)

    assert now(account).resting is None
    fall_silent(account, service)
    assert now(account).resting.since == START + timedelta(seconds=clock.seconds)  # type: ignore[union-attr]


def test_an_unclear_order_counts_and_is_not_sent_again(
    account: Account, service: ScriptedServer, clock: Clock
) -> None:
    service.will(*[cut] * AWAY_AFTER)
    for _ in range(AWAY_AFTER):
        with pytest.raises(Unclear):
            now(account).client().submit({"type": "video"})
    with pytest.raises(Held):
        now(account).client().submit({"type": "video"})
    rest_is_over(account, clock)
    service.will(BALANCE)
    now(account).knock()

    assert [seen.method for seen in service.seen] == ["POST"] * AWAY_AFTER + ["GET"]


def test_a_page_in_a_hurry_proves_no_outage(account: Account, service: ScriptedServer, clock: Clock) -> None:
    service.will(*[server_error(503)] * 5)
    for _ in range(5):
        now(account).refresh_balance(max_age_s=0)

    assert now(account).resting is None


def test_a_persons_press_fails_fast(account: Account, service: ScriptedServer, clock: Clock) -> None:
    fall_silent(account, service)
    asked = len(service.seen)

    report = sync(now(account))

    assert "Nothing was sent" in report.error
    assert len(service.seen) == asked


def test_hoox_rests_like_hedra(
    account: Account, service: ScriptedServer, settings: Settings, clock: Clock
) -> None:
    settings.HOOX_URL, settings.HOOX_KEY = service.url, "hx_live_1"
    hoox = Account.objects.current(HOOX)
    service.will(rate_limited("5"))
    with pytest.raises(RateLimited):
        now(hoox).hoox().status("a")
    with pytest.raises(Held):
        now(hoox).hoox().start({"model": "m"})
    assert look_at_balance_of(account, service) is None
    rest_is_over(hoox, clock)
    service.will(json_answer({"models": []}))

    assert now(hoox).knock()


def look_at_balance_of(account: Account, service: ScriptedServer) -> ServiceError | None:
    service.will(json_answer([]))
    return look(account)


def test_a_short_purse_is_no_outage(account: Account, service: ScriptedServer, clock: Clock) -> None:
    service.will(*[json_answer({"detail": "no credits"}, 402)] * 5)
    for _ in range(5):
        with pytest.raises(MissingCredits):
            now(account).client().submit({"type": "video"})

    assert not issubclass(MissingCredits, Unavailable)
    assert now(account).resting is None


@pytest.mark.parametrize("back_s", [7200, 18_000, 10**6])
def test_a_clock_that_is_set_back_does_not_make_it_last(
    account: Account, service: ScriptedServer, clock: Clock, back_s: int
) -> None:
    """Nobody may knock before then, and everything would wait for hours."""
    service.will(rate_limited("3600"))
    look(account)
    clock.seconds -= back_s
    service.will(BALANCE)

    assert now(account).knock() is not None
    assert look_at_balance_of(account, service) is None


def test_nor_does_a_turn_that_was_taken_before(
    account: Account, service: ScriptedServer, clock: Clock
) -> None:
    fall_silent(account, service)
    rest_is_over(account, clock)
    assert Rest.objects.get().take_turn(KNOCK_S)
    clock.seconds -= 18_000
    service.will(BALANCE)

    assert now(account).knock() is not None
