"""Orders carried out: all of an order's generations begin, or none."""

from __future__ import annotations

import secrets
import time

from sandbox.assets import Media
from sandbox.faults import Fault
from sandbox.generations import Generations, Item, Row, result_media
from sandbox.hoox.errors import HooxError
from sandbox.hoox.orders import Order
from sandbox.hoox.webhooks import Webhooks
from sandbox.ledger import Ledger
from sandbox.state import Store
from sandbox.workshop import Workshop


class Jobs:
    def __init__(
        self, store: Store, ledger: Ledger, generations: Generations, workshop: Workshop, webhooks: Webhooks
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._generations = generations
        self._workshop = workshop
        self._webhooks = webhooks

    def start(self, account: str, order: Order, faults: list[Fault]) -> list[str]:
        """The ids of the assets to come. Raises HooxError 402 when poor."""
        kinds = {fault.kind: fault for fault in faults}
        ids = [_asset_id() for _ in range(order.count)]
        with self._store.transaction():
            self._refuse_poor(account, order, "empty_wallet" in kinds)
            for asset_id in ids:
                self._generations.accept(account, Item(asset_id, asset_id), order.work(self._ledger), kinds)
                if url := order.body.get("webhook_url"):
                    self._webhooks.remember(asset_id, url)
        self._workshop.wake()
        self._webhooks.wake()
        return ids

    def _refuse_poor(self, account: str, order: Order, emptied: bool) -> None:
        needed, left = order.cost * order.count, 0 if emptied else self._ledger.balance(account)
        if needed > left:
            raise HooxError(402, f"Not enough credits: {needed} are needed, {left} are left.")

    def get(self, account: str, asset_id: str) -> Row:
        """Raises HooxError 404, also for another account's asset."""
        row = self._generations.find(asset_id)
        if row is None or row["account"] != account:
            raise HooxError(404, "There is no such asset.", "asset_not_found")
        if self._generations.moment(row).due:
            self._workshop.want(asset_id)
        return row

    def media(self, account: str, asset_id: str) -> Media | None:
        """An earlier result as the input of another order."""
        row = self._generations.by_asset(account, asset_id)
        if row is None:
            return None
        status = self._generations.moment(row).status
        return result_media(row, status, self._workshop.result_path(row))


def _asset_id() -> str:
    """24 hexadecimal digits that begin with the time."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"
