"""Hedra's requests as one table: where each value of the form, and each input, goes in the body of its type.

Source: Hedra's OpenAPI document of 2026-08. Image fields are at the top level, those of video are nested.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.prices.quoting import Shot
from catalog.services import HEDRA

from .models import Asset, Input

Role = Input.Role
Held = Iterable[tuple[str, int, Asset]]
"""(role, position, asset) of each input."""

_NESTED = "generated_video_inputs"
PER_ELEMENT = 10
"""Positions of an element's pictures: 10 × its number, the frontal one first."""


@dataclass(frozen=True)
class RequestType:
    """One kind of body: form value → path in it, input role → field of it."""

    values: Mapping[str, str]
    inputs: Mapping[str, str] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    """Fields that hold a list even of one id."""


_VIDEO = {
    "prompt": f"{_NESTED}.text_prompt",
    "aspect_ratio": f"{_NESTED}.aspect_ratio",
    "resolution": f"{_NESTED}.resolution",
    "duration_ms": f"{_NESTED}.duration_ms",
}
_REFERENCES: dict[str, str] = {
    Role.REFERENCE_IMAGE: "reference_image_ids",
    Role.REFERENCE_VIDEO: "reference_video_ids",
    Role.REFERENCE_AUDIO: "reference_audio_ids",
}
_IMAGE = RequestType(
    {
        "prompt": "text_prompt",
        "aspect_ratio": "aspect_ratio",
        "resolution": "resolution",
        "enhance_prompt": "enhance_prompt",
    },
    {Role.START_FRAME: "start_keyframe_id", Role.REFERENCE_IMAGE: "reference_image_ids"},
    frozenset({"reference_image_ids"}),
)
TYPES: dict[str, RequestType] = {
    "video": RequestType(
        {
            **_VIDEO,
            "enhance_prompt": f"{_NESTED}.enhance_prompt",
            "shots": f"{_NESTED}.multi_prompt",
            "points": f"{_NESTED}.bounding_box_target",
            "audio_start_ms": "audio_start_ms",
            "speech": "audio_generation",
        },
        {
            Role.START_FRAME: "start_keyframe_id",
            Role.END_FRAME: "end_keyframe_id",
            Role.AUDIO: "audio_id",
            Role.VIDEO: "video_id",
            **_REFERENCES,
        },
        frozenset(_REFERENCES.values()),
    ),
    "motion_control": RequestType(
        {**_VIDEO, "character_orientation": f"{_NESTED}.character_orientation"},
        {Role.VIDEO: "video_id", Role.START_FRAME: "start_keyframe_id"},
    ),
    "video_to_video": RequestType(
        {"prompt": "prompt", "keep_audio": "keep_audio"},
        {Role.VIDEO: "video_id", Role.REFERENCE_IMAGE: "reference_image_asset_ids"},
        frozenset({"reference_image_asset_ids"}),
    ),
    "image": _IMAGE,
    "image_to_image": _IMAGE,
    "text_to_speech": RequestType(
        {
            "prompt": "text",
            "voice": "voice_id",
            "stability": "stability",
            "speed": "speed",
            "language": "language",
        }
    ),
    "text_to_sound": RequestType(
        {
            "prompt": "text",
            "duration_seconds": "duration_seconds",
            "prompt_influence": "prompt_influence",
            "loop": "loop",
        }
    ),
    "speech_to_speech": RequestType({"voice": "voice_id"}, {Role.AUDIO: "audio_id"}),
    "voice_clone": RequestType({"name": "name"}, {Role.AUDIO: "audio_id"}),
    "audio_isolation": RequestType({}, {Role.AUDIO: "audio_id"}),
    "image_upscale": RequestType({"target_resolution": "target_resolution"}, {Role.IMAGE: "image_id"}),
    "video_upscale": RequestType({"target_resolution": "target_resolution"}, {Role.VIDEO: "video_id"}),
}


def body(request_type: str, named: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, Any]:
    """The request without ids: `named` names the model, `values` are the form's; what is None or "" is left
    out, for nothing says that the service takes a null."""
    made: dict[str, Any] = {"type": request_type, **named}
    for name, path in TYPES[request_type].values.items():
        if values.get(name) not in (None, "", []):
            _put(made, path, values[name])
    if values.get("shots"):
        _put(made, f"{_NESTED}.shot_type", "customize")
    return made


def input_ids(request_type: str, held: Iterable[tuple[str, int, str]]) -> dict[str, Any]:
    """The body's fields for inputs: (role, position, the asset's id at the service) of each, in any order."""
    known, found = TYPES[request_type], dict[str, list[str]]()
    elements: dict[int, list[str]] = {}
    for role, position, remote_id in sorted(held):
        if role == Role.ELEMENT:
            elements.setdefault(position // PER_ELEMENT, []).append(remote_id)
        else:
            found.setdefault(known.inputs[role], []).append(remote_id)
    ids = {name: ids if name in known.lists or len(ids) > 1 else ids[0] for name, ids in found.items()}
    return ids | ({"elements": [_element(pictures) for pictures in elements.values()]} if elements else {})


def _element(pictures: list[str]) -> dict[str, Any]:
    frontal, *others = pictures
    return {"frontal_image_asset_id": frontal} | ({"reference_image_asset_ids": others} if others else {})


def read(body: Mapping[str, Any], name: str) -> Any:
    """What a stored body says for a value of the form; None for nothing."""
    known = TYPES.get(str(body.get("type")))
    path = known.values.get(name, "") if known else ""
    return _get(body, path) if path else None


def values_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """All the form's values that a stored body holds: what `body` was made from."""
    known = TYPES.get(str(body.get("type")))
    found = {name: _get(body, path) for name, path in known.values.items()} if known else {}
    return {name: value for name, value in found.items() if value is not None}


def priced(service: str, body: Mapping[str, Any], held: Held) -> Shot:
    """What decides the price of exactly this order with these inputs."""
    inputs = list(held)
    driving = (asset.duration_ms for role, _, asset in inputs if role in (Role.AUDIO, Role.VIDEO))
    images = sum(role == Role.REFERENCE_IMAGE for role, _, _ in inputs)
    if service == HEDRA:
        return shot_of(body, next(driving, None), images)
    return hoox_shot_of(body, images)


def shot_of(body: Mapping[str, Any], length_ms: int | None = None, images: int = 0) -> Shot:
    """What decides the price of exactly this request; `length_ms` is that of the input that drives it."""
    asked = values_of(body)
    shots = [part.get("duration_ms", 0) for part in asked.get("shots") or []]
    seconds = asked.get("duration_seconds")
    own = round(float(seconds) * 1000) if seconds else asked.get("duration_ms")
    options = {name: str(asked[name]) for name in _PRICED if name in asked}
    return Shot(
        duration_ms=sum(shots) or own or length_ms,
        resolution=asked.get("resolution") or "",
        aspect_ratio=asked.get("aspect_ratio") or "",
        options=options,
        characters=len(asked.get("prompt") or "") or None,
        images=images,
    )


_PRICED = ("target_resolution",)


def hoox_shot_of(body: Mapping[str, Any], images: int = 0) -> Shot:
    """What decides the price of an order at Hoox: its settings speak as the service spells them."""
    settings = body.get("model_settings") or {}
    return Shot(
        duration_ms=body["duration"] * 1000 if "duration" in body else None,
        resolution=body.get("resolution") or "",
        aspect_ratio=body.get("aspect_ratio") or "",
        options={
            key: json.dumps(value) if isinstance(value, bool) else value for key, value in settings.items()
        },
        images=images,
    )


def fingerprint(account: int, body: Mapping[str, Any], held: Held) -> str:
    """Of all that is asked: the same model, words, settings and pictures give the same."""
    inputs = sorted((role, position, asset.sha256) for role, position, asset in held)
    asked = json.dumps([account, body, inputs], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(asked.encode()).hexdigest()


def _put(target: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[last] = value


def _get(source: Any, path: str) -> Any:
    for part in path.split("."):
        source = source.get(part) if isinstance(source, Mapping) else None
    return source
