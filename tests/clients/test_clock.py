"""How far our clock is from the service's."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from clients.clock import ahead_s
from clients.errors import Unauthorized
from clients.hedra import HedraClient
from tests.clients.server import ScriptedServer, json_answer

NOW = datetime(2026, 11, 3, 12, 0, 30, tzinfo=UTC)


def test_a_clock_that_runs_ahead_is_told_by_how_much() -> None:
    assert ahead_s({"Date": "Tue, 03 Nov 2026 12:00:00 GMT"}, NOW) == 30
    assert ahead_s({"Date": "Tue, 03 Nov 2026 12:01:00 GMT"}, NOW) == -30


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Tue, 03 Nov 2026 12:00:00", "Tue, 99 Nov 2026 12:00:00 GMT"]
)
def test_a_date_that_cant_be_read_tells_nothing(date: str) -> None:
    assert ahead_s({"Date": date}, NOW) is None


def test_without_a_date_nothing_is_told() -> None:
    assert ahead_s({}, NOW) is None


def test_each_answer_tells_it_a_refusal_too(server: ScriptedServer, client: HedraClient) -> None:
    assert client.clock_ahead_s is None
    late = format_datetime(datetime.now(UTC) - timedelta(minutes=5), usegmt=True)
    server.will(json_answer({"detail": "no"}, 401, Date=late))
    with pytest.raises(Unauthorized):
        client.credits()
    assert client.clock_ahead_s == pytest.approx(300, abs=30)
