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
        try:
            return self.opened(key)
        except ValueError as error:
            raise HttpError(401, "Invalid API key") from error

    def opened(self, key: str) -> str:
        """The account of a key, with a past and its balance if it is new. Raises ValueError."""
        if not KEY.fullmatch(key):
            raise ValueError("this is not a sandbox key")
        account = account_of(key)
        if self._known(account):
            return account
        with self._store.transaction():
            if not self._known(account):
                self._store.insert("accounts", id=account, opening=0, created_at=now_iso())
                self._furnish(account)
                self.set_balance(account, OPENING_BALANCE)
        return account

    def _known(self, account: str) -> bool:
        return bool(self._store.one("SELECT 1 FROM accounts WHERE id = ?", account))

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
