"""The 40 models of ``models.json``, and how the two catalog calls tell of them.

Names, types, providers, inputs, ratios, resolutions, durations, settings and most base costs are Hoox's, as
of July 2026. The sandbox's own: run times, most labels, prompt lengths other than 2500, 2560 and 3000, and
what a model with the tag ``sandbox-price`` costs other than at its default parameters. Nineteen models are
known by name only: all else about them is the sandbox's own, after their siblings, and the tag is theirs too.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.hoox.schema import input_schema
from sandbox.wire import Json

FILE = Path(__file__).with_name("models.json")
LISTED = (
    "name", "label", "type", "provider", "tags", "base_cost", "has_audio", "required_plans", "capabilities",
)  # fmt: skip


class HooxModel:
    def __init__(self, row: Json) -> None:
        self.row = row
        self.name: str = row["name"]
        self.type: str = row["type"]
        self.slots: dict[str, bool] = row.get("slots", {})
        """Named inputs, and whether each is needed; a model without any takes ``references``."""
        self.settings: list[Json] = row["settings"]
        self._capabilities: Json = row["capabilities"]

    def supported(self, what: str) -> list[Any]:
        """The ``durations``, ``resolutions`` or ``aspect_ratios`` to choose from."""
        return list(self._capabilities.get(f"supported_{what}", []))

    def default(self, what: str) -> Any:
        return self._capabilities.get(f"default_{what}")

    @property
    def references(self) -> tuple[int, int]:
        """How few and how many."""
        few, many = self._capabilities["min_images"], self._capabilities["max_images"]
        return (0, 0) if self.slots else (few, many)

    def summary(self) -> Json:
        """An item of ``GET /asset/models``."""
        return {name: self.row[name] for name in LISTED if name in self.row}

    def details(self) -> Json:
        """The answer of ``GET /asset/models/{name}``."""
        return {
            **self.summary(),
            "max_prompt_length": self.row["max_prompt_length"],
            "restricted_countries": [],
            "settings": self.settings,
            "input_schema": input_schema(self),
        }


class HooxModels:
    def __init__(self) -> None:
        rows = json.loads(FILE.read_text(encoding="utf-8"), parse_float=Decimal)
        self._by_name = {row["name"]: HooxModel(row) for row in rows}

    def find(self, name: str) -> HooxModel | None:
        return self._by_name.get(name)

    def listed(self, type: str | None, provider: str | None, tag: str | None) -> Json:
        """A type or provider asked for stands at the root and is left out of every item."""
        hoisted = {name: value for name, value in (("type", type), ("provider", provider)) if value}
        items = [
            {name: value for name, value in item.items() if name not in hoisted}
            for item in (model.summary() for model in self._by_name.values())
            if all(item[name] == value for name, value in hoisted.items())
            and (not tag or tag in item.get("tags", []))
        ]
        return {**hoisted, "models": items, "count": len(items)}
