"""Every order that arrived, kept so that tests can hold what was sent against what was charged."""

from __future__ import annotations

import json
from typing import Any

from sandbox.clock import now_iso
from sandbox.state import Store
from sandbox.wire import Json


class Journal:
    def __init__(self, store: Store) -> None:
        self._store = store

    def received(self, account: str, body: Any) -> int:
        """Note an order before anything is done about it; gives the entry's number."""
        with self._store.transaction() as db:
            sql = "INSERT INTO requests (account, at, body) VALUES (?, ?, ?)"
            return db.execute(sql, (account, now_iso(), json.dumps(body))).lastrowid or 0

    def answered(self, entry: int, status: int) -> None:
        self._store.run("UPDATE requests SET status = ? WHERE seq = ?", status, entry)

    def entries(self, account: str) -> list[Json]:
        """Oldest first; ``status`` is what was answered, null when the wire was cut."""
        sql = "SELECT at, status, body FROM requests WHERE account = ? ORDER BY seq"
        return [{**row, "body": json.loads(row["body"])} for row in self._store.all(sql, account)]
