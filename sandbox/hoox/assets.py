"""An asset as ``GET /asset/status`` and the webhooks tell of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

from sandbox.generations import Generations, Row
from sandbox.ledger import Ledger
from sandbox.wire import Json

STATUSES = {"queued": "pending", "complete": "completed", "error": "failed"}
"""All others are "generating"."""
CODES = {"INTERNAL": "GENERATION_FAILED", "INVALID_ARGUMENT": "GENERATION_FAILED"}
Link = Callable[[str], str]


class AssetAnswers:
    def __init__(self, generations: Generations, ledger: Ledger) -> None:
        self._generations = generations
        self._ledger = ledger

    def status(self, row: Row) -> str:
        return STATUSES.get(self._generations.moment(row).status, "generating")

    def told(self, row: Row, link: Link) -> Json:
        """While it runs only the first four are there."""
        status, spec = self.status(row), json.loads(row["spec"])
        answer: Json = {
            "asset_id": row["id"],
            "status": status,
            "type": _type(spec),
            "generation_params": json.loads(row["input"]),
        }
        if status == "completed":
            cost = self._ledger.credits(row["credits"])
            return answer | _result(row, spec, link) | {"cost": cost, "created_at": row["created_at"]}
        if status == "failed":
            return answer | {"created_at": row["created_at"], "error": _error(row)}
        return answer

    def call(self, row: Row, link: Link) -> Json:
        """The body of a webhook, for an asset that has ended."""
        spec, status = json.loads(row["spec"]), self.status(row)
        call: Json = {"task": "asset_generation", "asset_id": row["id"], "status": status}
        if status == "failed":
            return call | {"error": _error(row)}
        result = _result(row, spec, link)
        result.pop("thumbnail_url", None)
        return call | {"result": {"asset_url": result.pop("url"), "asset_type": _type(spec), **result}}


def _type(spec: Json) -> str:
    return "image" if spec["still"] else "video"


def _result(row: Row, spec: Json, link: Link) -> Json:
    size: Json = {"width": spec["width"], "height": spec["height"]}
    if spec["still"]:
        return {"url": link(f"/media/posters/{row['id']}.jpg"), **size}
    return {
        "url": link(f"/media/clips/{row['id']}.mp4"),
        "thumbnail_url": link(f"/media/thumbnails/{row['id']}.jpg"),
        **size,
        "duration_seconds": Decimal(spec["duration_ms"]) / 1000,
    }


def _error(row: Row) -> Json:
    code = row["error_type"] or "INTERNAL"
    return {"code": CODES.get(code, code), "message": row["error_message"]}
