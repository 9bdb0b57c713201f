"""What the sandbox remembers: one SQLite file in the state folder, safe under threads and SIGKILL."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
# Another number, another file: state of an older form is left alone.
FORMAT = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY, opening INTEGER NOT NULL, created_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS assets (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
    created_at TEXT NOT NULL, uploaded INTEGER NOT NULL DEFAULT 0, content_type TEXT, size INTEGER,
    width INTEGER, height INTEGER, duration_ms INTEGER);
CREATE TABLE IF NOT EXISTS generations (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, asset_id TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
    batch_id TEXT, created_at TEXT NOT NULL, started REAL NOT NULL, work_s REAL NOT NULL, input TEXT NOT NULL,
    spec TEXT NOT NULL, prompt TEXT NOT NULL, agent_thread_id TEXT, credits INTEGER NOT NULL,
    rendered INTEGER NOT NULL DEFAULT 0, past INTEGER NOT NULL DEFAULT 0, stuck INTEGER NOT NULL DEFAULT 0,
    fails_at REAL, error_type TEXT, error_message TEXT, file TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS generations_newest ON generations (account, created_at DESC, seq DESC);
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, generation_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'refund')), credits INTEGER NOT NULL CHECK (credits >= 0),
    at TEXT NOT NULL, UNIQUE (generation_id, kind));
CREATE TRIGGER IF NOT EXISTS ledger_keeps BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_stays BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END;
CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL,
    status INTEGER);
CREATE TABLE IF NOT EXISTS webhooks (
    generation_id TEXT PRIMARY KEY, url TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0);
"""


class Store:
    """One connection behind one lock: a stand-in needs no more, and nothing can be locked out."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            folder / f"state-{FORMAT}.sqlite3", check_same_thread=False, isolation_level=None, timeout=20
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; nested use joins the outer one."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def all(self, sql: str, *values: object) -> list[Row]:
        with self._lock:
            return [dict(row) for row in self._db.execute(sql, values)]

    def one(self, sql: str, *values: object) -> Row | None:
        with self._lock:
            row = self._db.execute(sql, values).fetchone()
            return dict(row) if row else None

    def run(self, sql: str, *values: object) -> None:
        with self.transaction() as db:
            db.execute(sql, values)

    def insert(self, table: str, **values: object) -> None:
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        # Names come from our own calls, values go in as parameters.
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", *values.values())  # noqa: S608

    def meta(self, name: str, default: Any = None) -> Any:
        row = self.one("SELECT value FROM meta WHERE name = ?", name)
        return json.loads(row["value"]) if row else default

    def set_meta(self, name: str, value: object) -> None:
        self.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", name, json.dumps(value))

    def close(self) -> None:
        with self._lock:
            self._db.close()
