"""Rows turned into the answers of the contract, with fresh links each time."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.assets import Assets
from sandbox.clock import Clock, iso
from sandbox.generations import Generations, Item, Row, Submitted, made
from sandbox.links import Links
from sandbox.results import Result, asset, file_link
from sandbox.settings import Settings
from sandbox.wire import HttpError, Json


class Answers:
    """Answers to one request: links carry the host it came to."""

    def __init__(
        self,
        base_url: str,
        links: Links,
        settings: Settings,
        clock: Clock,
        generations: Generations,
        assets: Assets,
    ) -> None:
        self._base_url = base_url
        self._links = links
        self._settings = settings
        self._clock = clock
        self._generations = generations
        self._assets = assets

    def link(self, path: str) -> str:
        return self._links.sign(self._base_url, path, self._settings.link_ttl_s)

    def submission(self, body: Json, submitted: Submitted) -> Json:
        """The request again, and what became of each variation."""
        results = [self._item(item) for item in submitted.items]
        first = next((result for result in results if result["id"]), results[0])
        head = {
            name: first[name] for name in ("id", "asset_id", "created_at", "status", "progress", "eta_sec")
        }
        if "batch_size" not in body:
            return {**body, **head}
        return {**body, **head, "batch_generation_id": submitted.batch_id, "batch_results": results}

    def _item(self, item: Item) -> Json:
        row = self._generations.find(item.id) if item.id else None
        return {
            "id": item.id or None,
            "asset_id": item.asset_id,
            "created_at": item.created_at,
            "status": "queued" if row else "error",
            "progress": 0.0,
            "error": item.error,
            "eta_sec": math.ceil(row["work_s"] / self._clock.speed) if row else None,
        }

    def status(self, row: Row) -> Json:
        """Links of clips and sounds only: a picture's are in the lists, and a voice has none."""
        now, kind = self._generations.moment(row), made(row)
        linked = now.status == "complete" and kind in ("video", "audio")
        file = file_link(row, self.link) if linked else None
        return {
            "id": row["id"],
            "asset_id": row["asset_id"],
            "type": kind,
            "status": now.status,
            "progress": now.progress,
            "created_at": row["created_at"],
            **_error(row, now.status),
            "url": file,
            "download_url": file and file + "&download=1",
            "streaming_url": None,
            "workspace_id": None,
        }

    def generation(self, row: Row) -> Json:
        now = self._generations.moment(row)
        input = json.loads(row["input"])
        return {
            "id": row["id"],
            "type": made(row),
            "input": input,
            "status": now.status,
            "progress": now.progress,
            "eta_sec": now.eta_s(self._clock.speed),
            "estimated_completion_at": self._due(now.left_s),
            "created_at": row["created_at"],
            "credit_cost": 0 if now.status == "error" else row["credits"],
            "batch_generation_id": row["batch_id"],
            "asset": self.result(row) if now.status == "complete" else None,
            "audio_start_ms": input.get("audio_start_ms"),
            **_error(row, now.status),
        }

    def _due(self, left_s: float | None) -> str | None:
        if left_s is None:
            return None
        return iso(datetime.now(UTC) + timedelta(seconds=left_s / self._clock.speed))

    def result(self, row: Row) -> Json:
        """The asset a finished generation made."""
        return Result(row, self.link, self._input).asset()

    def _input(self, given: Json) -> Json | None:
        if "asset" not in given:
            return None
        try:
            return self.upload(self._assets.row(given["asset"]))
        except HttpError:
            return None

    def upload(self, row: Mapping[str, Any]) -> Json:
        """An uploaded asset; one without a file yet has no link and no size."""
        path = f"/media/assets/{row['id']}"
        inner: Json = {"type": f"uploaded_{row['type']}", "url": self.link(path) if row["uploaded"] else ""}
        if row["type"] != "audio":
            inner |= {"width": row["width"] or 0, "height": row["height"] or 0}
        if row["type"] != "image":
            inner["duration_ms"] = row["duration_ms"] or 0
        if row["type"] == "video":
            inner |= {"download_url": inner["url"] or None, "streaming_url": None, "poster_url": None}
        thumbnail = None
        if row["type"] == "image" and row["uploaded"]:
            thumbnail = self.link(f"/media/asset-thumbnails/{row['id']}")
        return asset(row["id"], row["type"], row["name"], row["created_at"], inner, thumbnail)


def _error(row: Row, status: str) -> Json:
    """``error`` or ``error_message``, never both; errors without a class have a message only."""
    failed = status == "error"
    coded = failed and bool(row["error_type"])
    return {
        "error": {"type": row["error_type"], "message": row["error_message"]} if coded else None,
        "error_message": row["error_message"] if failed and not coded else None,
    }
