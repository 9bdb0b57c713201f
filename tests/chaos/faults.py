"""What goes wrong: a plan drawn from a seed, of faults at the service and of violence on this machine."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

Fault = dict[str, Any]

ORDER = {"method": "POST", "path": "/generations"}
LISTING = {"method": "GET", "path": "/generations"}
LOOK_UP = {"method": "GET", "path": "/generations/*/status"}
CREDITS = {"method": "GET", "path": "/billing/credits"}
ASSET = {"method": "POST", "path": "/assets"}
UPLOAD = {"method": "POST", "path": "/assets/*/upload"}
MEDIA = {"method": "GET", "path": "/media/*"}
CALLS = {
    "order": ORDER,
    "list": LISTING,
    "status": LOOK_UP,
    "credits": CREDITS,
    "asset": ASSET,
    "upload": UPLOAD,
    "file": MEDIA,
}
OFTEN = {"order": 8, "list": 8, "status": 1, "credits": 2, "asset": 1, "upload": 1, "file": 6}

JUNK: list[Any] = [
    {},
    [],
    None,
    7,
    "",
    "<html><body>Bad Gateway</body></html>",
    '{"data": [{"id": ',
    {"data": "x"},
    {"data": [None, 1, {"id": 5}], "page_info": []},
    {"id": None, "status": {"a": 1}, "progress": "NaN"},
    {"id": "\ud800\0", "status": "complete" * 50, "batch_results": [[]]},
    {"detail": [{"loc": None, "msg": 5}]},
]


def _at_any_call(dice: random.Random, kind: str, **fields: Any) -> Fault:
    [call] = dice.choices(list(OFTEN), weights=list(OFTEN.values()))
    return {"kind": kind, "match": CALLS[call], **fields}


def _refusal(dice: random.Random) -> Fault:
    kinds: list[Fault] = [
        {"kind": "refuse", "code": "MODERATION_FAILED"},
        {"kind": "refuse_item", "index": 0},
        {"kind": "fail", "code": dice.choice(["MODERATION_FAILED", "INTERNAL"])},
        {"kind": "empty_wallet"},
        {"kind": "answer", "status": dice.choice([400, 403, 422]), "match": ORDER},
    ]
    return dice.choice(kinds)


def _status(dice: random.Random) -> int:
    return dice.choice([500, 502, 503, 504])


AT_SERVICE: dict[str, tuple[int, Callable[[random.Random], Fault]]] = {
    "slow": (12, lambda dice: _at_any_call(dice, "latency", latency_ms=dice.randint(100, 1500))),
    "429": (
        10,
        lambda dice: _at_any_call(dice, "answer", status=429, retry_after=dice.choice([None, 0, 0.3, 1])),
    ),
    "5xx before acting": (10, lambda dice: _at_any_call(dice, "answer", status=_status(dice))),
    "5xx after acting": (12, lambda dice: _at_any_call(dice, "answer_after", status=_status(dice))),
    "wire cut before acting": (8, lambda dice: _at_any_call(dice, "cut")),
    "wire cut after acting": (12, lambda dice: _at_any_call(dice, "cut_after")),
    "malformed before acting": (
        6,
        lambda dice: _at_any_call(dice, "answer", status=200, body=dice.choice(JUNK)),
    ),
    "malformed after acting": (
        8,
        lambda dice: _at_any_call(dice, "answer_after", status=200, body=dice.choice(JUNK)),
    ),
    "duplicate answer": (3, lambda dice: {"kind": "repeat_answer"}),
    "said to exist": (2, lambda dice: {"kind": "answer", "status": 409, "match": ORDER}),
    "said to be unknown": (4, lambda dice: {"kind": "answer", "status": 404, "match": LOOK_UP}),
    "key refused": (2, lambda dice: {"kind": "answer", "status": 401, "match": LISTING}),
    "truncated": (6, lambda dice: {"kind": "truncate", "match": MEDIA}),
    "expired": (6, lambda dice: {"kind": "expired", "match": MEDIA}),
    "refused": (6, _refusal),
    "never ending": (1, lambda dice: {"kind": "stuck"}),
}
VIOLENCE = {
    "SIGKILL worker": 12,
    "SIGKILL worker in a request": 10,
    "SIGKILL web": 4,
    "SIGKILL web in a press": 6,
    "SIGKILL everything": 3,
    "worker frozen past its lease": 3,
    "database locked": 5,
    "queue locked": 3,
    "clock jump": 8,
    "message doubled": 6,
    "press doubled": 8,
}
VIOLENT_SHARE = 0.12


def plan(seed: int, count: int) -> list[tuple[str, Fault]]:
    """So many faults by name, in their order, first each kind once; violence has no fault at the service."""
    dice = random.Random(seed)
    names = [*AT_SERVICE, *VIOLENCE]
    dice.shuffle(names)
    names += [_name(dice) for _ in range(count - len(names))]
    return [(name, _fault(name, dice)) for name in names]


def _name(dice: random.Random) -> str:
    if dice.random() < VIOLENT_SHARE:
        return dice.choices(list(VIOLENCE), weights=list(VIOLENCE.values()))[0]
    return dice.choices(list(AT_SERVICE), weights=[weight for weight, _ in AT_SERVICE.values()])[0]


def _fault(name: str, dice: random.Random) -> Fault:
    """Files belong to no service."""
    if name in VIOLENCE:
        return {}
    fault = AT_SERVICE[name][1](dice)
    return {"times": 1, "service": "" if fault.get("match") == MEDIA else "hedra", **fault}
