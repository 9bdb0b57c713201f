"""The AI models on offer, read from ``catalog.json``.

Names, ids, ratios, resolutions, durations, lengths and credits per second of the first 53 are Hedra's, as
of 2026-05-14. What follows them (pictures, speech, sound, upscaling, references, extension) is known by name
and reach at most: ids and prices are the sandbox's own. So are slugs, run times, tags, order, logos and
resolution factors everywhere; a description says where a price is.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from pathlib import Path

from sandbox.wire import Json

CATALOG = Path(__file__).with_name("catalog.json")
USUAL_RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21"]
ROUNDING = 0.005
# Pixels of the short side where the name does not say; no source states them.
SHORT_SIDES = {"1K": 1024, "2K": 1440, "4K": 2160}


class Model:
    """One catalog entry: a model in one mode."""

    def __init__(self, row: Json) -> None:
        self.row = row
        self.slug: str = row["slug"]
        self.id: str | None = row["id"]
        self.name: str = row["name"]
        self.type: str = row["type"]
        self.ratios: list[str] = row["aspect_ratios"] or []
        self.resolutions: list[str] = row["resolutions"] or []
        self.max_duration_ms: int | None = row["max_duration_ms"]

    @cached_property
    def durations_ms(self) -> list[int]:
        """The lengths to choose from; empty when the input's length decides."""
        return [int(value) for value in self.row["durations"] or [] if value.isdigit()]

    @cached_property
    def slots(self) -> dict[str, Json]:
        """The input slots of all modes by role, but for references."""
        return {slot["role"]: slot for slot in self._all_slots() if slot["role"] != "reference"}

    @cached_property
    def references(self) -> dict[str, Json]:
        """The slots of references by what they hold: image, video or audio."""
        return {slot["type"]: slot for slot in self._all_slots() if slot["role"] == "reference"}

    def _all_slots(self) -> Iterator[Json]:
        return (slot for mode in self.row["inputs"] or [] for slot in mode["slots"])

    def has_tag(self, tag: str) -> bool:
        return tag in (self.row["tags"] or [])

    def listed(self, base_url: str) -> Json:
        """An item of ``GET /models``; the logo's link is whole."""
        logo = self.row["logo_url"]
        return {**self.row, "logo_url": logo and base_url + logo}

    def needs(self, role: str) -> bool:
        return bool(self.row[f"requires_{role}"])

    def credits(
        self, duration_ms: int = 0, resolution: str = "", target: str = "", characters: int = 0
    ) -> int:
        """By ``pricing``, else by the older ``price_details``; exact, and rounded up once at the end."""
        if self.row["pricing"]:
            return math.ceil(_by_rate(self.row["pricing"], duration_ms, resolution, target))
        return math.ceil(_by_units(self.row["price_details"], duration_ms, characters))


def _by_rate(pricing: Json, duration_ms: int, resolution: str, target: str) -> Decimal:
    """``(base_cost + credits_per_second × seconds) × Π modifiers``; what is not listed has the factor 1."""
    price = Decimal(pricing["base_cost"] or 0)
    price += Decimal(pricing["credits_per_second"] or 0) * Decimal(duration_ms) / 1000
    for dimension, option in (("resolution", resolution), ("target_resolution", target)):
        price *= Decimal(str(pricing["modifiers"].get(dimension, {}).get(option, 1)))
    return price


def _by_units(details: Json, duration_ms: int, characters: int) -> Decimal:
    """``credit_cost × quantity / unit_scale``."""
    quantity = {
        "generation": Decimal(1),
        "second": Decimal(duration_ms) / 1000,
        "character": Decimal(characters),
    }[details["billing_unit"]]
    return Decimal(details["credit_cost"]) * quantity / Decimal(details["unit_scale"])


class Catalog:
    def __init__(self) -> None:
        self.models = [Model(row) for row in json.loads(CATALOG.read_text(encoding="utf-8"))]
        self._by_key = {key: model for model in self.models for key in (model.slug, model.id) if key}

    def find(self, key: str) -> Model | None:
        """By slug or id."""
        return self._by_key.get(key)


def frame_size(resolution: str, ratio: str) -> tuple[int, int]:
    """Pixels of ``720p`` × ``16:9`` and the like: the resolution is the short side, both sides are even."""
    short = short_side(resolution)
    wide, high = (int(part) for part in ratio.split(":"))
    long = round(short * max(wide, high) / min(wide, high) / 2) * 2
    return (long, short) if wide >= high else (short, long)


def short_side(resolution: str) -> int:
    """Of ``720p``, ``2K`` or ``1440p (2K QHD)``; 720 where the name says nothing."""
    named = SHORT_SIDES.get(resolution.upper())
    return named or int((re.findall(r"\d+", resolution) or [720])[0])


def own_ratio(width: int, height: int) -> str:
    """The ratio of these pixels: a usual one that they miss by rounding only, else exactly theirs."""
    usual = nearest_ratio(width, height, USUAL_RATIOS)
    wide, high = (int(part) for part in usual.split(":"))
    return usual if abs(width * high / (height * wide) - 1) < ROUNDING else f"{width}:{height}"


def nearest_ratio(width: int, height: int, ratios: list[str]) -> str:
    """The offered ratio closest to these pixels; their own when none is offered."""
    fixed = [ratio for ratio in ratios if re.fullmatch(r"\d+:\d+", ratio)]
    if not fixed:
        return f"{width}:{height}"
    own = math.log(width / height)
    return min(
        fixed, key=lambda ratio: abs(math.log(int(ratio.split(":")[0]) / int(ratio.split(":")[1])) - own)
    )
