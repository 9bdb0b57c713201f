"""Answers gone wrong: what the sandbox really says, bent as JSON and HTTP allow, from a seed."""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

FULL = 10_000
COUNT = int(os.environ.get("FUZZ_ANSWERS", 400))
"""In all; `make fuzz` asks for 10,000."""
THROUGH_TAKES = COUNT // 10
"""So many of them go through whole takes, the others through the client."""
SEED = int(os.environ.get("FUZZ_SEED", 20261129))
AGAIN = f"again with: FUZZ_SEED={SEED} FUZZ_ANSWERS={COUNT}"

SCRIPT = "<script>alert(1)</script>"
DEEP: Any = "x"
for _ in range(400):
    DEEP = [DEEP]
JUNK: list[Any] = [
    None, True, False, 0, -1, 1.5, -0.0, 1e308, 10**40, 2**31, 2**63, float("nan"), float("inf"),
    "", " ", "0", "null", "NaN", "\0", "a\0b", "\ud800", "\u202e\u0301", "𝄞" * 300, "x" * 70_000, SCRIPT,
    "complete", "error", "queued", "COMPLETE", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "http://[::1", "javascript:alert(1)", "file:///etc/passwd",
    "http://169.254.169.254/latest/", "../../etc/passwd", "6a6f1c9e-0000-4000-8000-000000000000",
    [], {}, [[]], [None], [{}], {"": ""}, {"id": []}, {"type": {"type": "type"}}, DEEP,
]  # fmt: skip
NO_JSON = [
    "",
    " ",
    "null",
    "[",
    '{"data": [',
    "<html><body>Bad Gateway</body></html>",
    "\ufeff{}",
    "NaN",
    "'{}'",
]
STATUSES = [
    200,
    200,
    200,
    200,
    200,
    201,
    202,
    204,
    206,
    301,
    302,
    400,
    401,
    402,
    403,
    404,
    405,
    408,
    409,
    410,
]
STATUSES += [413, 415, 418, 422, 425, 429, 451, 500, 501, 502, 503, 504, 520, 599]


@dataclass(frozen=True)
class Bent:
    status: int
    text: str


def bent(answer: Any, dice: random.Random) -> Bent:
    """One malformed answer; most of the original is still there, so that readers get far into it."""
    if dice.random() < 0.06:
        return Bent(dice.choice(STATUSES), dice.choice(NO_JSON))
    changed = copy.deepcopy(answer)
    for _ in range(dice.choice([1, 1, 2, 3, 8])):
        changed = _bend(changed, dice)
    text = json.dumps(changed)
    if dice.random() < 0.08:
        text = _broken(text, dice)
    return Bent(dice.choice(STATUSES) if dice.random() < 0.3 else 200, text)


def _bend(answer: Any, dice: random.Random) -> Any:
    """Replace, drop, add or double something somewhere."""
    places = list(_places(answer))
    if not places or dice.random() < 0.03:
        return dice.choice(JUNK)
    holder, key = dice.choice(places)
    deed = dice.random()
    if deed < 0.6:
        holder[key] = copy.deepcopy(dice.choice(JUNK))
    elif deed < 0.75:
        del holder[key]
    elif deed < 0.9:
        other, place = dice.choice(places)
        if place in other if isinstance(other, dict) else place < len(other):
            holder[key] = copy.deepcopy(other[place])
    elif isinstance(holder, dict):
        holder[f"{key}_2"] = copy.deepcopy(dice.choice(JUNK))
    else:
        holder.extend([copy.deepcopy(holder[key])] * dice.choice([1, 40]))
    return answer


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every member of every object and list, with what holds it."""
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict | list):
            for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
                yield holder, key
                waiting.append(holder[key])


def _broken(text: str, dice: random.Random) -> str:
    """JSON no more."""
    at = dice.randrange(len(text) + 1)
    return dice.choice([text[:at], text[:at] + "\\" + text[at:], text + text, text[:at] + "\0" + text[at:]])
