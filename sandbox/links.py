"""Signed links that expire, as the service's media host hands them out."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time

from sandbox.state import Store
from sandbox.wire import HttpError, Request


class Links:
    def __init__(self, store: Store) -> None:
        secret = store.meta("link_secret")
        if not secret:
            store.set_meta("link_secret", secret := secrets.token_hex(32))
        self._secret = bytes.fromhex(secret)

    def sign(self, base_url: str, path: str, ttl_s: float) -> str:
        expires = int(time.time() + ttl_s)
        return f"{base_url}{path}?exp={expires}&sig={self._signature(path, expires)}"

    def check(self, request: Request) -> None:
        """Raises HttpError 403 for a wrong signature or one past its time."""
        expires = request.last("exp") or ""
        given = request.last("sig") or ""
        if not expires.isdigit() or not hmac.compare_digest(
            given, self._signature(request.path, int(expires))
        ):
            raise HttpError(403, "The link's signature does not match")
        if int(expires) < time.time():
            raise HttpError(403, "The link has expired")

    def _signature(self, path: str, expires: int) -> str:
        return hmac.new(self._secret, f"{path} {expires}".encode(), hashlib.sha256).hexdigest()
