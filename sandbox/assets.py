"""Uploads: reserved, streamed to disk, looked into, and found again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.clock import now_iso
from sandbox.rendering.probe import Unreadable, probe
from sandbox.state import Store
from sandbox.wire import HttpError, Json

UNREADABLE = "The file is not {} this service can read: {}"
ARTICLES = {"image": "an image", "audio": "an audio track", "video": "a video"}


@dataclass(frozen=True)
class Media:
    """A file that a generation can take as input."""

    id: str
    type: str
    ready: bool
    path: Path
    size: int = 0
    width: int = 0
    height: int = 0
    duration_ms: int = 0
    captioned: bool = False
    """Whether it was made here, with a caption in the picture."""


class Assets:
    def __init__(self, store: Store) -> None:
        self._store = store
        self.folder = store.folder / "uploads"
        self.folder.mkdir(exist_ok=True)
        for stale in self.folder.glob(".*"):
            stale.unlink()

    def create(self, account: str, body: Json) -> str:
        """Reserves the record and gives its id. Raises HttpError 409 for an id in use."""
        asset_id: str = body.get("reserved_asset_id") or str(uuid.uuid4())
        with self._store.transaction():
            if self.taken([asset_id]):
                raise HttpError(409, f"ALREADY_EXISTS: the asset {asset_id} exists")
            name = body["name"] or "untitled"
            self._store.insert(
                "assets", id=asset_id, account=account, type=body["type"], name=name, created_at=now_iso()
            )
        return asset_id

    def taken(self, ids: list[str]) -> str | None:
        """The first of these ids that an upload or a result already has."""
        for asset_id in ids:
            if self._store.one(
                "SELECT 1 FROM assets WHERE id = ? UNION SELECT 1 FROM generations WHERE asset_id = ?",
                asset_id,
                asset_id,
            ):
                return asset_id
        return None

    def row(self, asset_id: str, account: str | None = None) -> Mapping[str, Any]:
        """Raises HttpError 404, also for another account's asset."""
        row = self._store.one("SELECT * FROM assets WHERE id = ?", asset_id)
        if row is None or account not in (None, row["account"]):
            raise HttpError(404, "Asset not found")
        return dict(row)

    def path(self, asset_id: str) -> Path:
        return self.folder / asset_id

    def receive(self, row: Mapping[str, Any], chunks: Iterator[bytes], limit: int) -> None:
        """Store the file. Raises HttpError 400 when it is not of the asset's type, 413 past the limit."""
        partial = self.folder / f".{row['id']}.{uuid.uuid4().hex}"
        try:
            _write(partial, chunks, limit)
            found = self._look_into(partial, row["type"])
            partial.replace(self.path(row["id"]))
        finally:
            partial.unlink(missing_ok=True)
        values = (found.content_type, found.size, found.width, found.height, found.duration_ms, row["id"])
        self._store.run(
            "UPDATE assets SET uploaded = 1, content_type = ?, size = ?, width = ?, height = ?,"
            " duration_ms = ? WHERE id = ?",
            *values,
        )

    def _look_into(self, path: Path, kind: str) -> Any:
        try:
            return probe(path, kind)
        except Unreadable as error:
            raise HttpError(400, UNREADABLE.format(ARTICLES[kind], error)) from error

    def media(self, row: Mapping[str, Any]) -> Media:
        return Media(
            row["id"],
            row["type"],
            bool(row["uploaded"]),
            self.path(row["id"]),
            row["size"] or 0,
            row["width"] or 0,
            row["height"] or 0,
            row["duration_ms"] or 0,
        )

    def listed(self, account: str, kind: str) -> list[Mapping[str, Any]]:
        return [
            dict(row)
            for row in self._store.all(
                "SELECT * FROM assets WHERE account = ? AND type = ? ORDER BY created_at DESC", account, kind
            )
        ]


def _write(path: Path, chunks: Iterator[bytes], limit: int) -> None:
    written = 0
    with path.open("wb") as target:
        for data in chunks:
            written += len(data)
            if written > limit:
                raise HttpError(413, f"The file is larger than {limit} bytes")
            target.write(data)
