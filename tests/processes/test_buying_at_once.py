"""Fifty people press at the same moment: what is bought is paid for, on either database."""

from __future__ import annotations

import re
from uuid import uuid4

from tests.processes.site import PRESSES, PRICE, Site, site

__all__ = ["site"]

NEEDS = re.compile(r"Needs \d+ more credits?\. Nothing was ordered\.")


def test_fifty_presses_of_one_button_are_one_take(site: Site) -> None:
    answers = site.press_at_once([str(uuid4())] * PRESSES, ["A fox in the snow"] * PRESSES)
    assert [status for status, _ in answers] == [200] * PRESSES
    told = site.run("order", "tell")
    assert [take["prompt"] for take in told] == ["A fox in the snow"]
    assert site.charges == [PRICE]


def test_fifty_orders_against_credits_for_ten(site: Site) -> None:
    shots, prompts = [str(uuid4()) for _ in range(PRESSES)], [f"Fox {n}" for n in range(PRESSES)]
    answers = site.press_at_once(shots, prompts)

    refusals = [page for status, page in answers if status == 422]
    assert (len(refusals), len(answers) - len(refusals)) == (40, 10)
    assert all(status in (200, 422) for status, _ in answers)
    said = {found for page in refusals for found in NEEDS.findall(page)}
    assert said == {"Needs 15 more credits. Nothing was ordered."}

    told = site.run("order", "tell")
    accepted = {prompt for prompt, (status, _) in zip(prompts, answers, strict=True) if status == 200}
    assert {take["prompt"] for take in told} == accepted
    assert {take["error_code"] for take in told} == {""}
    assert site.charges == [PRICE] * 10
    assert site.lowest_balance >= 0


def test_orders_that_leave_meanwhile_are_not_forgotten(site: Site) -> None:
    """While the worker orders, the balance falls and is asked for again: never more than there is."""
    site.manage("run_worker")
    for _ in range(3):
        shots, prompts = [str(uuid4()) for _ in range(PRESSES)], [uuid4().hex for _ in range(PRESSES)]
        statuses = {status for status, _ in site.press_at_once(shots, prompts)}
        assert statuses <= {200, 422}
    told = site.run("order", "tell")
    assert {take["error_code"] for take in told} == {""}
    assert 8 <= len(told) <= 10
    assert site.lowest_balance >= 0
