"""The append-only record of money: what was charged and what was given back."""

from __future__ import annotations

from sandbox.clock import now_iso
from sandbox.state import Store
from sandbox.wire import Json


class Ledger:
    def __init__(self, store: Store) -> None:
        self._store = store

    def charge(self, account: str, generation_id: str, credits: int, at: str | None = None) -> None:
        self._add(account, generation_id, "charge", credits, at)

    def refund(self, account: str, generation_id: str, credits: int, at: str | None = None) -> None:
        self._add(account, generation_id, "refund", credits, at)

    def _add(self, account: str, generation_id: str, kind: str, credits: int, at: str | None) -> None:
        self._store.insert(
            "ledger",
            account=account,
            generation_id=generation_id,
            kind=kind,
            credits=credits,
            at=at or now_iso(),
        )

    def entries(self, account: str) -> list[Json]:
        rows = self._store.all(
            "SELECT generation_id, kind, credits, at FROM ledger WHERE account = ? ORDER BY seq", account
        )
        return [dict(row) for row in rows]

    def used(self, account: str) -> int:
        """Credits charged and not given back."""
        row = self._store.one(
            "SELECT COALESCE(SUM(CASE kind WHEN 'charge' THEN credits ELSE -credits END), 0) AS used"
            " FROM ledger WHERE account = ?",
            account,
        )
        return int(row["used"]) if row else 0

    def balance(self, account: str) -> int:
        row = self._store.one("SELECT opening FROM accounts WHERE id = ?", account)
        return (int(row["opening"]) if row else 0) - self.used(account)
