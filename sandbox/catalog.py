"""The AI models on offer, read from ``catalog.json``.

Names, ids, ratios, resolutions, durations, lengths and credits per second are Hedra's, as of 2026-05-14.
Slugs, run times, tags, order, logos and resolution factors are the sandbox's own; a description says where
a price is.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from sandbox.wire import Json

CATALOG = Path(__file__).with_name("catalog.json")


class Model:
    """One catalog entry: a model in one mode."""

    def __init__(self, row: Json) -> None:
        self.row = row
        self.slug: str = row["slug"]
        self.id: str = row["id"]
        self.name: str = row["name"]
        self.ratios: list[str] = row["aspect_ratios"] or []
        self.resolutions: list[str] = row["resolutions"] or []
        self.max_duration_ms: int | None = row["max_duration_ms"]

    @cached_property
    def durations_ms(self) -> list[int]:
        """The lengths to choose from; empty when the input's length decides."""
        return [int(value) for value in self.row["durations"] or [] if value.isdigit()]

    @cached_property
    def slots(self) -> dict[str, Json]:
        """The input slots of all modes by role."""
        return {slot["role"]: slot for mode in self.row["inputs"] or [] for slot in mode["slots"]}

    def listed(self, base_url: str) -> Json:
        """An item of ``GET /models``; the logo's link is whole."""
        logo = self.row["logo_url"]
        return {**self.row, "logo_url": logo and base_url + logo}

    def needs(self, role: str) -> bool:
        return bool(self.row[f"requires_{role}"])

    def credits(self, duration_ms: int, resolution: str) -> int:
        """``ceil((base_cost + credits_per_second × seconds) × Π modifiers)``, exact."""
        pricing = self.row["pricing"]
        seconds = Decimal(duration_ms) / 1000
        price = Decimal(pricing["base_cost"] or 0) + Decimal(pricing["credits_per_second"] or 0) * seconds
        factor = Decimal(str(pricing["modifiers"].get("resolution", {}).get(resolution, 1)))
        return math.ceil(price * factor)


class Catalog:
    def __init__(self) -> None:
        self.models = [Model(row) for row in json.loads(CATALOG.read_text(encoding="utf-8"))]
        self._by_key = {key: model for model in self.models for key in (model.slug, model.id)}

    def find(self, key: str) -> Model | None:
        """By slug or id."""
        return self._by_key.get(key)


def frame_size(resolution: str, ratio: str) -> tuple[int, int]:
    """Pixels of ``720p`` × ``16:9`` and the like: the resolution is the short side, both sides are even."""
    short = int(re.sub(r"\D", "", resolution) or 720)
    wide, high = (int(part) for part in ratio.split(":"))
    long = round(short * max(wide, high) / min(wide, high) / 2) * 2
    return (long, short) if wide >= high else (short, long)


def nearest_ratio(width: int, height: int, ratios: list[str]) -> str:
    """The offered ratio closest to these pixels; their own when none is offered."""
    fixed = [ratio for ratio in ratios if re.fullmatch(r"\d+:\d+", ratio)]
    if not fixed:
        return f"{width}:{height}"
    own = math.log(width / height)
    return min(
        fixed, key=lambda ratio: abs(math.log(int(ratio.split(":")[0]) / int(ratio.split(":")[1])) - own)
    )
