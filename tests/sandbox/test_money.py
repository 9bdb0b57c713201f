"""Whatever happens, the balance is what the ledger says, and the ledger is what the takes cost."""

from __future__ import annotations

import sqlite3
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.server import start
from sandbox.state import Store
from tests.sandbox.conftest import Api, video

OPENING = 12_480
FAULTS = (
    "",
    "answer",
    "answer_after",
    "cut",
    "cut_after",
    "refuse",
    "refuse_item",
    "empty_wallet",
    "fail",
    "stuck",
)
ORDERS = st.tuples(st.sampled_from(FAULTS), st.integers(1, 3), st.integers(0, 5))


@settings(max_examples=12)
@given(st.lists(ORDERS, max_size=6), st.integers(0, 200))
def test_the_books_balance(orders: list[tuple[str, int, int]], balance: int) -> None:
    ids = [str(UUID(int=number + (4 << 76) + (8 << 60))) for number in range(1000)]
    with tempfile.TemporaryDirectory() as folder, start(state_dir=folder, speed=1e6) as handle:
        api = Api(handle, "sandbox")
        past = len(api.entries)
        handle.settings(balance=balance)
        for fault, size, first in orders:
            if fault:
                handle.fault(fault, match={"method": "POST", "path": "/generations"})
            try:
                api.post("/generations", video(batch_size=size, generation_ids=ids[first : first + size]))
            except OSError:
                continue
        takes = [row for row in api.get("/generations").json()["data"] if row["id"] in ids]
        entries = api.entries[past:]
        remaining = api.balance

    net: Counter[str] = Counter()
    for entry in entries:
        net[entry["generation_id"]] += entry["credits"] * (1 if entry["kind"] == "charge" else -1)
    assert remaining == balance - sum(net.values()) >= 0
    assert dict(net) == {row["id"]: row["credit_cost"] for row in takes}
    assert Counter(entry["kind"] for entry in entries)["charge"] == len(takes)
    assert {entry["credits"] for entry in entries} <= {18}


def test_the_same_id_at_once_is_taken_once(own: Api) -> None:
    body = video(generation_id=str(uuid4()))
    with ThreadPoolExecutor(8) as pool:
        codes = list(
            pool.map(lambda _: Api(own.sandbox, "sandbox").post("/generations", body).status_code, range(8))
        )

    assert sorted(codes) == [200] + [409] * 7
    assert own.balance == OPENING - 18


def test_the_last_credits_are_spent_once(own: Api) -> None:
    own.sandbox.settings(balance=18 * 3)
    with ThreadPoolExecutor(8) as pool:
        codes = list(
            pool.map(
                lambda _: Api(own.sandbox, "sandbox").post("/generations", video()).status_code, range(8)
            )
        )

    assert sorted(codes) == [200] * 3 + [402] * 5
    assert own.balance == 0


@pytest.mark.parametrize("sql", ["DELETE FROM ledger", "UPDATE ledger SET credits = 0"])
def test_the_ledger_only_grows(tmp_path: Path, sql: str) -> None:
    store = Store(tmp_path)
    store.insert("ledger", account="a", generation_id="g", kind="charge", credits=1, at="now")

    with pytest.raises(sqlite3.IntegrityError, match="append only"):
        store.run(sql)
