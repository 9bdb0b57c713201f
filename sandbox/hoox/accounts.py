"""Hoox's keys come as bearer tokens."""

from __future__ import annotations

import re

from sandbox.accounts import Accounts
from sandbox.hoox.errors import HooxError
from sandbox.wire import Request


class HooxAccounts(Accounts):
    """A key's account here has nothing to do with its account at Hedra's half."""

    keys = re.compile(r"sandbox|hx_sandbox_[A-Za-z0-9_-]{1,64}")
    salt = "hoox "
    opening_balance = 1000

    def of_request(self, request: Request) -> str:
        """The account id. Raises HooxError 401."""
        kind, _, key = request.header("Authorization").partition(" ")
        try:
            return self.opened(key.strip() if kind.lower() == "bearer" else "")
        except ValueError as error:
            raise HooxError(401, "The API key is missing or not valid.") from error
