"""SQLite's full-text index of takes, kept in step by triggers whatever writes. PostgreSQL needs none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_MS = 8_000_000_000_000
_PKS = 2**20


def place_of(created: datetime, pk: int) -> int:
    """The row of the index that a take has. Rows are in the order of time, so that the newest of a million
    come without sorting; those of one millisecond in the order of their numbers. The newest has the lowest:
    FTS5 leaps forth to a row, but gets back to one step by step."""
    ms = (created - _EPOCH) // timedelta(milliseconds=1)
    return -(min(max(ms, 0), _LATEST_MS) * _PKS + pk % _PKS)


def _place_sql(row: str) -> str:
    """The same in SQL. SQLite would round a fraction, so the second is read without one."""
    ms = (
        f"COALESCE(CAST(strftime('%s', substr({row}.created, 1, 19)) AS INTEGER), 0) * 1000"
        f" + CAST(substr({row}.created || '.000', 21, 3) AS INTEGER)"
    )
    return f"-(MIN(MAX({ms}, 0), {_LATEST_MS}) * {_PKS} + {row}.id % {_PKS})"


class TakeIndex(models.Model):
    """A row of it. Takes in the trash have none."""

    place = models.BigIntegerField(primary_key=True, db_column="rowid")
    take = models.BigIntegerField()
    found = models.TextField(db_column="take_index")  # FTS5 searches all its words by its own name

    class Meta:
        managed = False
        db_table = "take_index"

    def __str__(self) -> str:
        return f"words of take {self.take}"


@models.TextField.register_lookup
class Match(models.Lookup):
    """FTS5's own operator."""

    lookup_name = "match"

    def as_sql(self, compiler: Any, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} MATCH {right}", [*left_params, *right_params]


TABLES = """
CREATE VIRTUAL TABLE IF NOT EXISTS take_index
    USING fts5(words, take UNINDEXED, prefix='1 2 3', tokenize="unicode61 tokenchars '='");
CREATE TABLE IF NOT EXISTS take_word (word TEXT PRIMARY KEY) WITHOUT ROWID;
"""
_ENTER = """
    INSERT OR REPLACE INTO take_index (rowid, words, take)
        SELECT {place}, {row}.words, {row}.id {where};
    INSERT OR IGNORE INTO take_word (word)
        SELECT value FROM json_each('["' || replace(trim({row}.words), ' ', '","') || '"]') {where};
"""
_LEAVE = "DELETE FROM take_index WHERE rowid = {place};"
TRIGGERS = {
    "take_index_made": "AFTER INSERT ON {table} WHEN NEW.deleted_at IS NULL BEGIN {enter} END",
    "take_index_gone": "AFTER DELETE ON {table} BEGIN {leave} END",
    "take_index_changed": """AFTER UPDATE OF id, created, words, deleted_at ON {table}
        WHEN OLD.id <> NEW.id OR OLD.created <> NEW.created OR OLD.words <> NEW.words
            OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)
        BEGIN {leave} {enter_if_here} END""",
}


def install(using: str) -> None:
    """After every migration: making a table anew, as SQLite's migrations do, drops its triggers. What was
    written without them, or by those of before, is entered then."""
    connection = connections[using]
    if connection.vendor != "sqlite" or not _has_words(connection):
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        wanted = {f"CREATE TRIGGER {name} {_filled(body)}" for name, body in TRIGGERS.items()}
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'take_index%'")
        if {sql for (sql,) in cursor.fetchall()} == wanted:
            return
        for statement in TABLES.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        for trigger in wanted:
            cursor.execute(trigger)
        _fill(cursor)


def _has_words(connection: BaseDatabaseWrapper) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pragma_table_info('generations_generation') WHERE name = 'words'")
        return cursor.fetchone() is not None


def _filled(body: str) -> str:
    new = {"row": "NEW", "place": _place_sql("NEW")}
    return body.format(
        table="generations_generation",
        enter=_ENTER.format(**new, where=""),
        enter_if_here=_ENTER.format(**new, where="WHERE NEW.deleted_at IS NULL"),
        leave=_LEAVE.format(place=_place_sql("OLD")),
    )


def _fill(cursor: Any) -> None:
    cursor.execute("DELETE FROM take_index")
    cursor.execute("DELETE FROM take_word")
    here = "FROM generations_generation AS take WHERE deleted_at IS NULL"
    place = _place_sql("take")
    cursor.execute(
        f"INSERT OR REPLACE INTO take_index (rowid, words, take) SELECT {place}, words, id {here} ORDER BY 1"
    )
    cursor.execute("""
        INSERT OR IGNORE INTO take_word (word) SELECT word.value
        FROM generations_generation AS take,
            json_each('["' || replace(trim(take.words), ' ', '","') || '"]') AS word
        WHERE take.deleted_at IS NULL
    """)
