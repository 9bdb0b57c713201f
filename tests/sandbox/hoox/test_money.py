"""Whatever happens, the balance is what the ledger says, to the hundredth."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.ledger import Ledger
from sandbox.server import start
from tests.sandbox.conftest import Api
from tests.sandbox.hoox.conftest import HooxApi
from tests.sandbox.hoox.test_orders import clip, image

FAULTS = (
    "", "answer", "answer_after", "cut", "cut_after", "refuse", "empty_wallet", "fail", "stuck",
    "repeat_answer",
)  # fmt: skip
MODELS = {"z-image-turbo": Decimal("0.1"), "grok-imagine-image": Decimal("0.25"), "reve": Decimal("0.6")}
ORDERS = st.tuples(st.sampled_from(FAULTS), st.sampled_from(sorted(MODELS)), st.integers(1, 4))


@settings(max_examples=12)
@given(st.lists(ORDERS, max_size=6), st.integers(0, 600))
def test_the_books_balance(orders: list[tuple[str, str, int]], hundredths: int) -> None:
    balance = Decimal(hundredths) / 100
    with tempfile.TemporaryDirectory() as folder, start(state_dir=folder, speed=1e6) as handle:
        hoox = HooxApi(handle, "sandbox")
        handle.settings(service="hoox", balance=balance)
        for fault, model, count in orders:
            if fault:
                handle.fault(fault, match={"method": "POST", "path": "/asset/start"})
            try:
                hoox.post("/asset/start", image(model=model, generation_count=count))
            except OSError:
                continue
        book = hoox.ledger
        costs = {
            entry["generation_id"]: MODELS[hoox.status(entry["generation_id"])["generation_params"]["model"]]
            for entry in book["entries"]
        }
        failed = {asset_id for asset_id in costs if hoox.status(asset_id)["status"] == "failed"}

    net: Counter[str] = Counter()
    for entry in book["entries"]:
        net[entry["generation_id"]] += entry["credits"] * (1 if entry["kind"] == "charge" else -1)
    assert net == Counter({asset_id: 0 if asset_id in failed else cost for asset_id, cost in costs.items()})
    assert book["balance"] == balance - book["used"] >= 0
    assert book["used"] == sum(net.values())


def test_the_last_credits_are_spent_once(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.settings(service="hoox", balance=0.3)
    with ThreadPoolExecutor(8) as pool:
        orders = [
            pool.submit(HooxApi(own_hoox.sandbox, "sandbox").post, "/asset/start", image()) for _ in range(8)
        ]
        codes = [order.result().status_code for order in orders]

    assert sorted(codes) == [201] * 3 + [402] * 5
    assert own_hoox.ledger["balance"] == 0


def test_a_restart_loses_no_order(restarted: Callable[[], Api]) -> None:
    hoox = HooxApi(restarted().sandbox, "sandbox")
    ids = hoox.started(clip(generation_count=2))["asset_ids"]
    after = HooxApi(restarted().sandbox, "sandbox")

    assert [after.finished(asset_id)["status"] for asset_id in ids] == ["completed"] * 2
    assert after.ledger["used"] == Decimal("0.5")


def test_an_amount_finer_than_the_ledger_counts_is_refused(own_hoox: HooxApi) -> None:
    hundredths, whole = Ledger(own_hoox.sandbox.app.store, places=2), Ledger(own_hoox.sandbox.app.store)

    assert hundredths.units(Decimal("34.05")) == 3405
    assert whole.units(7) == 7
    for ledger, amount in ((hundredths, Decimal("0.005")), (whole, Decimal("0.5"))):
        with pytest.raises(ValueError, match="finer"):
            ledger.units(amount)
