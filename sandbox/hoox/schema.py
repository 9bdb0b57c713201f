"""``input_schema``: what ``POST /asset/start`` takes for one model, in the manner of JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.wire import Json

if TYPE_CHECKING:
    from sandbox.hoox.models import HooxModel

MAX_COUNT = 4
SOURCES = ("url", "asset_id", "avatar_id")
REFERENCE: Json = {
    "type": "object",
    "properties": {source: {"type": "string"} for source in SOURCES},
    "oneOf": [{"required": [source]} for source in SOURCES],
}


def input_schema(model: HooxModel) -> Json:
    needed = [slot for slot, required in model.slots.items() if required]
    properties = {
        "prompt": {"type": "string", "maxLength": model.row["max_prompt_length"]},
        **_inputs(model),
        **_choices(model),
        "generation_count": {"type": "integer", "minimum": 1, "maximum": MAX_COUNT, "default": 1},
    }
    if model.settings:
        settings = {setting["key"]: _setting(setting) for setting in model.settings}
        properties["model_settings"] = {"type": "object", "properties": settings}
    return {"type": "object", "required": ["prompt", *needed], "properties": properties}


def _inputs(model: HooxModel) -> Json:
    few, many = model.references
    if model.slots:
        return dict.fromkeys(model.slots, REFERENCE)
    return {"references": {"type": "array", "minItems": few, "maxItems": many, "items": REFERENCE}}


def _choices(model: HooxModel) -> Json:
    kinds = (("aspect_ratio", "string"), ("resolution", "string"), ("duration", "integer"))
    return {
        name: {"type": kind, "enum": model.supported(f"{name}s"), "default": model.default(name)}
        for name, kind in kinds
        if model.supported(f"{name}s")
    }


def _setting(setting: Json) -> Json:
    if setting["type"] == "boolean":
        return {"type": "boolean", "default": setting["default_value"]}
    return {"type": "string", "enum": setting["options"], "default": setting["default_value"]}
