"""Fifty people press at the same moment: together they never pass the cap, on either database."""

from __future__ import annotations

import re
from uuid import uuid4

from tests.processes.site import PRESSES, PRICE, Site, site

__all__ = ["site"]

PASSES = re.compile(r"This would pass today&#x27;s cap of (\d+) credits: (\d+) are spent or under way\.")
LEFT_OVER = 160 - 4 * PRICE


def press(site: Site, presses: int = PRESSES) -> list[tuple[int, str]]:
    return site.press_at_once([str(uuid4()) for _ in range(presses)], [uuid4().hex for _ in range(presses)])


def test_fifty_orders_under_a_cap_for_four(site: Site) -> None:
    site.run("cap")
    answers = press(site)
    refusals = [page for status, page in answers if status == 422]
    assert (len(refusals), len(answers) - len(refusals)) == (46, 4)
    found = {tuple(map(int, each)) for page in refusals for each in PASSES.findall(page)}
    assert [cap - used for cap, used in found] == [LEFT_OVER]
    assert len(site.run("order", "tell")) == 4
    assert site.charges == [PRICE] * 4


def test_orders_whose_charges_become_known_meanwhile_still_count(site: Site) -> None:
    site.run("cap")
    site.manage("run_worker")
    for _ in range(2):
        assert {status for status, _ in press(site, 12)} <= {200, 422}
    takes = site.run("order", "tell")
    assert site.charges == [PRICE] * 4, takes
