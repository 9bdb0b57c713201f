"""docs/lifecycle.md is the table of states, told to people: word for word the one that the code uses."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from generations import failures
from generations.models import RUNNING, By, Generation, Status, StepRefused
from generations.models.status import STATES, State, may_step
from tests.factories import make_take

PAGE = Path(__file__).resolve().parents[2] / "docs" / "lifecycle.md"
HEAD = "| State | Means | Goes to, by whom | Given up after | As |"
WORDS = {
    timedelta(minutes=30): "30 minutes",
    timedelta(hours=24): "24 hours",
    timedelta(days=7): "7 days",
    None: "never",
}


def page_rows() -> list[list[str]]:
    _, _, below = PAGE.read_text().partition(f"{HEAD}\n")
    lines = below.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def told(status: Status, state: State) -> list[str]:
    steps = [(goal, [by for by in By if by in state.steps.get(goal, ())]) for goal in Status]
    goes = ", ".join(f"{goal} ({', '.join(whose)})" for goal, whose in steps if whose) or "nowhere"
    return [
        status,
        state.meaning,
        goes,
        WORDS[state.patience],
        f"`{state.given_up}`" if state.given_up else "–",
    ]


def test_the_page_tells_the_table_that_the_code_uses() -> None:
    assert page_rows() == [told(status, STATES[status]) for status in Status]


def test_whatever_runs_ends_some_day_with_a_failure_that_has_words() -> None:
    for status, state in STATES.items():
        assert (state.patience is not None) == (status in RUNNING)
        assert bool(state.longest_pause_s) == (status in RUNNING)
        assert failures.is_known(state.given_up) == (status in RUNNING)


def test_only_a_worker_ever_brings_a_take_to_its_end_and_only_a_lost_file_leaves_it() -> None:
    assert STATES[Status.COMPLETE].steps == {Status.DOWNLOADING: {By.PERSON}}
    for status in Status:
        assert may_step(status, Status.COMPLETE, By.WORKER) == (status == Status.DOWNLOADING)


@pytest.mark.django_db
def test_a_worker_takes_the_steps_of_the_table_and_no_other(owner: User) -> None:
    make_take(owner)
    for status, goal in product(Status, Status):
        Generation.objects.update(status=status, lease_owner="mine")
        held, allowed = Generation.objects.get(), may_step(status, goal, By.WORKER)
        with nullcontext() if allowed else pytest.raises(StepRefused):
            held.enter(goal)
        assert Generation.objects.get().status == (goal if allowed else status)


@pytest.mark.django_db
@pytest.mark.parametrize("status", Status)
def test_late_words_of_people_and_the_service_change_only_what_waits_for_them(
    owner: User, status: Status
) -> None:
    """Each is told by whoever saw the take as it was before: unclear, or failed."""
    now = make_take(owner, status=status, sent_at=None).created
    Generation.objects.update(sent_at=now)
    seen = Generation.objects.get()
    assert seen.turn_up("6912f0a1", By.PERSON) == (status == Status.UNCLEAR)
    Generation.objects.update(status=status, service_id="", error_code=failures.NOT_RUN)
    assert seen.turn_up("6912f0a1", By.NEWS) == (status in (Status.SUBMITTING, Status.UNCLEAR, Status.ERROR))
    Generation.objects.update(status=status)
    assert seen.never_ran() == (status == Status.UNCLEAR)
    Generation.objects.update(status=status, error_code="INTERNAL")
    seen.status, seen.error_code = Status.ERROR, "INTERNAL"
    assert seen.retry() == (status == Status.ERROR)
