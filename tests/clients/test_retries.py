"""Reads are tried again with manners; see test_hedra_submit for writes."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from clients.errors import NotFound, RateLimited, Unavailable, Unreachable
from clients.failures import LONGEST_PAUSE_S, retry_after_s
from clients.hedra import HedraClient
from tests.clients.server import (
    Answer,
    ScriptedServer,
    cut,
    json_answer,
    rate_limited,
    server_error,
    silence,
    trickle,
)


@pytest.mark.parametrize("trouble", [cut, server_error(500), server_error(503)])
def test_a_read_is_tried_again(server: ScriptedServer, client: HedraClient, trouble: Answer) -> None:
    server.will(trouble, json_answer({"remaining": 7}))

    assert client.credits().remaining == 7
    assert len(server.seen) == 2


def test_three_tries_are_enough(server: ScriptedServer, client: HedraClient) -> None:
    server.will(*[server_error(502)] * 5)

    with pytest.raises(Unavailable, match="error 502") as caught:
        client.credits()

    assert len(server.seen) == 3
    assert not caught.value.may_have_acted


@pytest.mark.parametrize("trouble", [cut, silence, server_error(503), rate_limited("1")])
def test_a_client_in_a_hurry_asks_once(server: ScriptedServer, pauses: list[float], trouble: Answer) -> None:
    hasty = HedraClient(server.url, "sandbox", read_timeout=0.2, retries=0)
    server.will(*[trouble] * 3)

    with pytest.raises(Unavailable):
        hasty.credits()

    assert (len(server.seen), pauses) == (1, [])


def test_a_silent_server(server: ScriptedServer, client: HedraClient) -> None:
    server.will(silence, silence, silence)

    with pytest.raises(Unavailable, match="did not answer in time") as caught:
        client.credits()

    assert not caught.value.may_have_acted


def test_an_answer_that_trickles_is_not_waited_for(server: ScriptedServer) -> None:
    hasty = HedraClient(server.url, "sandbox", read_timeout=0.2, retries=0)
    server.will(trickle("application/json"))

    with pytest.raises(Unavailable, match="did not answer in time"):
        hasty.credits()


@pytest.mark.parametrize("wish", ["0", "3", "600", "soon"])
def test_a_wished_pause_is_left_to_the_caller(
    server: ScriptedServer, client: HedraClient, pauses: list[float], wish: str
) -> None:
    server.will(rate_limited(wish))

    with pytest.raises(RateLimited) as caught:
        client.credits()

    expected = None if wish == "soon" else float(wish)
    assert (caught.value.retry_after, pauses, len(server.seen)) == (expected, [], 1)


def test_so_is_one_that_comes_with_a_failure(
    server: ScriptedServer, client: HedraClient, pauses: list[float]
) -> None:
    server.will(json_answer({"detail": "back soon"}, 503, Retry_After="9"))

    with pytest.raises(Unavailable) as caught:
        client.credits()

    assert (caught.value.retry_after, pauses, len(server.seen)) == (9, [], 1)


def test_a_refusal_is_not_tried_again(server: ScriptedServer, client: HedraClient) -> None:
    server.will(json_answer({"detail": "no such thing"}, 404))

    with pytest.raises(NotFound):
        client.status("g1")

    assert len(server.seen) == 1


def test_a_service_that_is_down() -> None:
    with pytest.raises(Unreachable):
        HedraClient("http://127.0.0.1:9", "sandbox", connect_timeout=1).list_models()


def test_pauses_as_seconds_or_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30))

    assert retry_after_s("2.5") == 2.5
    assert 25 < (retry_after_s(soon) or 0) <= 30
    assert retry_after_s("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after_s("-5") == 0
    assert retry_after_s("1e9") == LONGEST_PAUSE_S


@pytest.mark.parametrize("value", [None, "", "soon", "nan", "Wed, 99 Foo 2015"])
def test_no_readable_pause(value: str | None) -> None:
    assert retry_after_s(value) is None
