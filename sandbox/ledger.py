"""The append-only record of money: what was charged and what was given back."""

from __future__ import annotations

from decimal import Decimal

from sandbox.clock import now_iso
from sandbox.state import Store
from sandbox.wire import Json


class Ledger:
    """What is kept are whole units, so that sums are exact: credits, with ``places`` 2 their hundredths."""

    def __init__(self, store: Store, places: int = 0) -> None:
        self._store = store
        self._places = places

    def units(self, credits: int | Decimal) -> int:
        """Raises ValueError for an amount finer than a unit."""
        units = Decimal(credits).scaleb(self._places)
        if not units.is_finite() or units != units.to_integral_value():
            raise ValueError("that is finer than the ledger counts")
        return int(units)

    def credits(self, units: int) -> int | Decimal:
        return Decimal(units).scaleb(-self._places) if self._places else units

    def charge(self, account: str, generation_id: str, units: int, at: str | None = None) -> None:
        self._add(account, generation_id, "charge", units, at)

    def refund(self, account: str, generation_id: str, units: int, at: str | None = None) -> None:
        self._add(account, generation_id, "refund", units, at)

    def _add(self, account: str, generation_id: str, kind: str, units: int, at: str | None) -> None:
        self._store.insert(
            "ledger",
            account=account,
            generation_id=generation_id,
            kind=kind,
            credits=units,
            at=at or now_iso(),
        )

    def entries(self, account: str) -> list[Json]:
        rows = self._store.all(
            "SELECT generation_id, kind, credits, at FROM ledger WHERE account = ? ORDER BY seq", account
        )
        return [{**row, "credits": self.credits(row["credits"])} for row in rows]

    def used(self, account: str) -> int | Decimal:
        """Credits charged and not given back."""
        row = self._store.one(
            "SELECT COALESCE(SUM(CASE kind WHEN 'charge' THEN credits ELSE -credits END), 0) AS used"
            " FROM ledger WHERE account = ?",
            account,
        )
        return self.credits(row["used"] if row else 0)

    def balance(self, account: str) -> int | Decimal:
        row = self._store.one("SELECT opening FROM accounts WHERE id = ?", account)
        return self.credits(row["opening"] if row else 0) - self.used(account)
