"""Every line that is logged while a step of a take runs names the take, whoever writes it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import User

from generations import lifecycle
from generations.models import Generation, Status
from hedra_studio.logs import About, DiscreetFormatter
from tests.factories import make_take
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db


class Log:
    """What the process would have written."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.handler = logging.StreamHandler(self.stream)
        self.handler.addFilter(About())
        line = configured.LOGGING["formatters"]["line"]["format"]
        self.handler.setFormatter(DiscreetFormatter(line, style="{"))

    def lines(self) -> list[str]:
        """Without their times."""
        return [line.split(" ", 2)[2] for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    root = logging.getLogger()
    root.addHandler(log.handler)
    root.setLevel(logging.INFO)
    yield log
    root.removeHandler(log.handler)
    root.setLevel(logging.WARNING)


def test_the_way_of_a_take_can_be_read(studio: Studio, owner: User, log: Log) -> None:
    take = make_take(owner, status=Status.PREPARING, body={"type": "video"}, charged=None)
    lifecycle.advance(claimed(take))
    assert log.lines() == [
        f"INFO generations.models.steps: take {take.pk}: preparing → submitting",
        *(line for line in log.lines() if "refused:" in line),
        f"INFO generations.models.steps: take {take.pk}: submitting → error (INVALID_ARGUMENT)",
    ]
    assert all(f"take {take.pk}: " in line for line in log.lines())


def test_others_lines_within_a_step_name_the_take(
    studio: Studio, owner: User, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(take: Generation) -> float:
        logging.getLogger("urllib3.connectionpool").warning("Connection pool is full")
        return 1

    monkeypatch.setattr("generations.lifecycle.prepare", prepare)
    take = make_take(owner, status=Status.PREPARING)
    lifecycle.advance(claimed(take))
    logging.getLogger("urllib3.connectionpool").warning("Connection pool is full")
    within, after = log.lines()
    assert within == f"WARNING urllib3.connectionpool: take {take.pk}: Connection pool is full"
    assert after == "WARNING urllib3.connectionpool: Connection pool is full"


def test_of_a_look_at_many_each_line_names_its_own(studio: Studio, owner: User, log: Log) -> None:
    takes = [make_take(owner, status=Status.QUEUED, error_code="") for _ in range(2)]
    for take in takes:
        take.lease_owner = "lost"
    lifecycle.poll(takes[0].account, takes)
    assert [line.split(": ", 1)[1] for line in log.lines()] == [
        f"take {take.pk}: another worker took over" for take in takes
    ]


def claimed(take: Generation) -> Generation:
    [row] = Generation.objects.filter(pk=take.pk).claim(take.account, 1)
    return row
