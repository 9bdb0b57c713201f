"""What a request comes to once its values are brought to supported ones, and what that costs.

``POST /asset/pricing`` and ``POST /asset/start`` both ask here, so that a debit is what the price said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.hoox.models import HooxModel
from sandbox.wire import Json

HUNDREDTH = Decimal("0.01")


@dataclass
class Choice:
    """A model with the values it will work with."""

    model: HooxModel
    duration: int | None
    resolution: str | None
    settings: Json
    images: int
    normalized: Json = field(default_factory=dict)
    """What had to be changed, as Hoox tells it."""

    @property
    def cost(self) -> Decimal:
        """Credits for one generation: at the defaults the model's ``base_cost``."""
        price: Json = self.model.row["price"]
        cost = Decimal(self.model.row["base_cost"])
        if price.get("per_second") and self.duration:
            cost = cost * self.duration / self.model.default("duration")
        cost *= Decimal(price.get("resolution", {}).get(self.resolution, 1))
        for key, factors in price.get("settings", {}).items():
            cost *= Decimal(factors.get(_written(self.settings[key]), 1))
        cost += Decimal(price.get("per_image", 0)) * self.images
        return cost.quantize(HUNDREDTH, ROUND_HALF_UP)


def chosen(model: HooxModel, body: Json, images: int) -> Choice:
    """The request's values, each brought to the nearest that the model supports."""
    duration, resolution = _duration(model, body), _resolution(model, body)
    settings = _settings(model, body.get("model_settings", {}))
    most = model.references[1]
    choice = Choice(model, duration, resolution, settings, min(images, most))
    choice.normalized = _changes(choice, body)
    if images > most and not model.slots:
        choice.normalized["image_count"] = most
    return choice


def _duration(model: HooxModel, body: Json) -> int | None:
    """The nearest, the shorter of two; None where the input's length decides."""
    lengths: list[int] = model.supported("durations")
    if not lengths:
        return None
    wanted = body.get("duration", model.default("duration"))
    return min(lengths, key=lambda length: (abs(length - wanted), length))


def _resolution(model: HooxModel, body: Json) -> str | None:
    """As the catalog spells it; the default for one it does not have."""
    spelled = {name.lower(): name for name in model.supported("resolutions")}
    default: str | None = model.default("resolution")
    return spelled.get(body.get("resolution", "").lower(), default)


def _settings(model: HooxModel, given: Json) -> Json:
    """All the model's settings; unknown ones are passed over."""
    return {setting["key"]: _setting(setting, given) for setting in model.settings}


def _setting(setting: Json, given: Json) -> Any:
    value = given.get(setting["key"], setting["default_value"])
    if setting["type"] == "boolean":
        return value if isinstance(value, bool) else setting["default_value"]
    return value if value in setting["options"] else setting["default_value"]


def _changes(choice: Choice, body: Json) -> Json:
    changes: Json = {}
    if choice.duration and body.get("duration", choice.duration) != choice.duration:
        changes |= {"duration": f"{choice.duration}s", "duration_in_seconds": choice.duration}
    if choice.resolution and body.get("resolution", choice.resolution) != choice.resolution:
        changes["resolution"] = choice.resolution
    given = body.get("model_settings", {})
    settings = {key: value for key, value in choice.settings.items() if given.get(key, value) != value}
    return {**changes, "model_settings": settings} if settings else changes


def _written(value: Any) -> str:
    """How the price list names a setting's value."""
    return str(value).lower() if isinstance(value, bool) else str(value)
