"""Every request is counted before it goes, and a refusal makes everybody wait."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import time
from typing import Any

import pytest

from clients.errors import Held, RateLimited, ServiceError
from clients.gate import Told
from clients.hoox import HooxClient
from tests.clients.conftest import HOOX_KEY
from tests.clients.server import Answer, ScriptedServer, cut, json_answer, server_error

CALLS: dict[str, Callable[[HooxClient], Any]] = {
    "list": lambda client: client.list_models(),
    "model": lambda client: client.model("veo-3.1"),
    "price": lambda client: client.price("veo-3.1"),
}
DATE_IN_MAY = "Fri, 01 May 2026 12:00:00 GMT"
NOON_IN_MAY = 1777636800


@dataclass
class Purse:
    """A gate that lets so many requests through."""

    left: int
    pauses: list[float | None] = field(default_factory=list)

    def enter(self) -> Told:
        if not self.left:
            raise Held("The budget is used up.", retry_after=9)
        self.left -= 1
        return self.tell

    def tell(self, error: ServiceError | None) -> None:
        if isinstance(error, RateLimited):
            self.pauses.append(error.retry_after)


@pytest.fixture
def purse() -> Purse:
    return Purse(1)


@pytest.fixture
def thrifty(server: ScriptedServer, purse: Purse) -> HooxClient:
    return HooxClient(server.url, HOOX_KEY, read_timeout=1, gate=purse)


def too_many(**headers: str) -> Answer:
    return json_answer({"error": "Too many requests", "code": "rate_limit_exceeded"}, 429, **headers)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("answer", [json_answer({}), server_error(503), cut])
def test_a_call_spends_once_whatever_comes(
    server: ScriptedServer,
    thrifty: HooxClient,
    purse: Purse,
    call: Callable[[HooxClient], Any],
    answer: Answer,
) -> None:
    server.will(*[answer] * 3)

    with pytest.raises(ServiceError):
        call(thrifty)

    assert (purse.left, len(server.seen), purse.pauses) == (0, 1, [])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nothing_is_sent_beyond_the_budget(
    server: ScriptedServer, thrifty: HooxClient, purse: Purse, call: Callable[[HooxClient], Any]
) -> None:
    purse.left = 0

    with pytest.raises(RateLimited, match="used up") as caught:
        call(thrifty)

    assert (caught.value.retry_after, server.seen, purse.pauses) == (9, [], [])


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_refusal_makes_everybody_wait(
    server: ScriptedServer, thrifty: HooxClient, purse: Purse, call: Callable[[HooxClient], Any]
) -> None:
    server.will(*[too_many(Retry_After="7")] * 3)

    with pytest.raises(RateLimited, match="in 7 s") as caught:
        call(thrifty)

    assert (caught.value.retry_after, purse.pauses, len(server.seen)) == (7, [7], 1)


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "3", "X-RateLimit-Reset": str(NOON_IN_MAY + 40)}, 3),
        ({"X-RateLimit-Reset": str(NOON_IN_MAY + 40)}, 40),
        ({"X-RateLimit-Reset": f"{NOON_IN_MAY + 40}.5"}, 40.5),
        ({"X-RateLimit-Reset": str(NOON_IN_MAY)}, None),
        ({"X-RateLimit-Reset": str((NOON_IN_MAY + 40) * 1000)}, None),
        ({"X-RateLimit-Reset": "40"}, None),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": "nan"}, None),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_to_wait(
    server: ScriptedServer, thrifty: HooxClient, purse: Purse, headers: dict[str, str], pause: float | None
) -> None:
    server.will(dated(DATE_IN_MAY, headers))

    with pytest.raises(RateLimited):
        thrifty.list_models()

    assert purse.pauses == [pause]


def dated(date: str, headers: dict[str, str]) -> Answer:
    """A refusal by a server whose clock shows `date`."""

    def step(handler: Any) -> None:
        handler.date_time_string = lambda: date
        handler.send(429, b"{}", headers)

    return step


def test_without_a_clock_of_the_service_ours_is_used(
    server: ScriptedServer, thrifty: HooxClient, purse: Purse
) -> None:
    server.will(dated("whenever", {"X-RateLimit-Reset": str(int(time()) + 3000)}))

    with pytest.raises(RateLimited):
        thrifty.list_models()

    assert 2000 < (purse.pauses[0] or 0) <= 3000


def test_a_failure_says_nothing_about_the_limit(server: ScriptedServer, thrifty: HooxClient) -> None:
    reset = str(int(time()) + 3000)
    server.will(json_answer({"error": "oh"}, 500, X_RateLimit_Reset=reset))

    with pytest.raises(ServiceError) as caught:
        thrifty.price("veo-3.1")

    assert caught.value.retry_after is None  # type: ignore[attr-defined]


def test_the_code_is_enough(server: ScriptedServer, thrifty: HooxClient, purse: Purse) -> None:
    server.will(json_answer({"error": "Slow down", "code": "RATE_LIMIT_EXCEEDED"}, 403, Retry_After="2"))

    with pytest.raises(RateLimited):
        thrifty.list_models()

    assert purse.pauses == [2]


def test_without_a_budget_nothing_is_counted(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(too_many(Retry_After="1"))

    with pytest.raises(RateLimited):
        hoox.list_models()

    assert len(server.seen) == 1
