"""Keys and accounts: each sandbox key is an account of its own, made at first use."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal

from sandbox.clock import now_iso
from sandbox.ledger import Ledger
from sandbox.state import Store
from sandbox.wire import HttpError, Json, Request


class Accounts:
    """Those of Hedra's half; the other half's are a subclass. Only a digest of the key is kept."""

    keys = re.compile(r"sandbox|sk_sandbox_[A-Za-z0-9_-]{1,64}")
    salt = ""
    """Sets the same key at the other half apart."""
    opening_balance = 12_480

    def __init__(self, store: Store, ledger: Ledger, furnish: Callable[[str], None]) -> None:
        self._store = store
        self._ledger = ledger
        self._furnish = furnish

    def of_request(self, request: Request) -> str:
        """The account id. Raises HttpError 401."""
        key = request.header("X-API-Key")
        if not key:
            raise HttpError(401, "Not authenticated", {"WWW-Authenticate": "APIKey"})
        try:
            return self.opened(key)
        except ValueError as error:
            raise HttpError(401, "Invalid API key") from error

    def opened(self, key: str) -> str:
        """The account of a key, with a past and its balance if it is new. Raises ValueError."""
        if not self.keys.fullmatch(key):
            raise ValueError("this is not a sandbox key")
        account = _digest(self.salt + key)
        if self._known(account):
            return account
        with self._store.transaction():
            if not self._known(account):
                self._store.insert("accounts", id=account, opening=0, created_at=now_iso())
                self._furnish(account)
                self.set_balance(account, self.opening_balance)
        return account

    def _known(self, account: str) -> bool:
        return bool(self._store.one("SELECT 1 FROM accounts WHERE id = ?", account))

    def set_balance(self, account: str, credits: int | Decimal) -> None:
        """Move the opening credit: the ledger itself is never touched. Raises ValueError."""
        opening = self._ledger.units(credits + self._ledger.used(account))
        self._store.run("UPDATE accounts SET opening = ? WHERE id = ?", opening, account)

    def summary(self, account: str) -> Json:
        """The answer of ``GET /billing/credits``."""
        return {
            "remaining": self._ledger.balance(account),
            "expiring": 0,
            "used": self._ledger.used(account),
            "workspace_credits": None,
            "workspace_credit_pool": None,
        }


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
