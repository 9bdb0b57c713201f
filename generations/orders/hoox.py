"""Orders at Hoox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.models import AIModel


def body(model: AIModel, values: Mapping[str, Any]) -> dict[str, Any]:
    """The order without its inputs, from the form's values; lengths go as whole seconds."""
    duration_ms = values.get("duration_ms")
    wanted = {
        "type": "image" if model.type == "image" else "video",
        "model": model.slug,
        "prompt": values.get("prompt"),
        "aspect_ratio": values.get("aspect_ratio"),
        "resolution": values.get("resolution"),
        "duration": -(-duration_ms // 1000) if duration_ms and model.duration_choices_ms else None,
        "model_settings": values.get("settings"),
        "generation_count": 1,
    }
    return {name: value for name, value in wanted.items() if value}
