"""Keys and accounts: each sandbox key is an account of its own, made at first use."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

from sandbox.clock import now_iso
from sandbox.ledger import Ledger
from sandbox.state import Store
from sandbox.wire import HttpError, Json, Request

KEY = re.compile(r"sandbox|sk_sandbox_[A-Za-z0-9_-]{1,64}")
OPENING_BALANCE = 12_480


class Accounts:
    """Only a digest of the key is kept."""

    def __init__(self, store: Store, ledger: Ledger, furnish: Callable[[str], None]) -> None:
        self._store = store
        self._ledger = ledger
        self._furnish = furnish

    def of_request(self, request: Request) -> str:
        """The account id. Raises HttpError 401."""
        key = request.header("X-API-Key")
        if not key:
            raise HttpError(401, "Not authenticated", {"WWW-Authenticate": "APIKey"})
        if not KEY.fullmatch(key):
            raise HttpError(401, "Invalid API key")
        return self.opened(key)

    def opened(self, key: str) -> str:
        """The account of a key, with a past and its balance if it is new."""
        account = account_of(key)
        with self._store.transaction():
            if not self._store.one("SELECT 1 FROM accounts WHERE id = ?", account):
                self._store.insert("accounts", id=account, opening=0, created_at=now_iso())
                self._furnish(account)
                self.set_balance(account, OPENING_BALANCE)
        return account

    def set_balance(self, account: str, credits: int) -> None:
        """Move the opening credit: the ledger itself is never touched."""
        opening = credits + self._ledger.used(account)
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


def account_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]
