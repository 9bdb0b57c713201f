"""Which model a shot is for: what can be made with, grouped by what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.models import Account, AIModel
from catalog.words import kind_label

EXTEND = "extend"


@dataclass(frozen=True)
class Outcome:
    """What people want to have in the end."""

    name: str
    label: str
    kinds: tuple[str, ...]


OUTCOMES = (
    Outcome("video", "Video", ("video", "motion_control", "video_to_video", "video_upscale")),
    Outcome("avatar", "Avatar", ("avatar",)),
    Outcome("image", "Image", ("image", "image_to_image", "image_upscale")),
    Outcome("speech", "Speech", ("text_to_speech", "speech_to_speech")),
    Outcome("sound", "Sound", ("text_to_sound", "audio_isolation")),
    Outcome("voice", "Voice", ("voice_clone",)),
)
_NEED_NO_MODEL = (
    "text_to_speech",
    "speech_to_speech",
    "text_to_sound",
    "audio_isolation",
    "voice_clone",
    "image_upscale",
    "video_upscale",
)
"""Request types that Hedra takes without a model: its catalog may well name none for them."""


def usable_models() -> list[AIModel]:
    """All that a take can be made with now; what the service chooses itself stands at the end, unsaved."""
    offered = AIModel.objects.current().in_service_order().select_related("account").defer("raw")
    models = [model for model in offered if model.can_create]
    if not models:
        return []
    account, named = Account.objects.current(), {model.kind for model in models}
    return models + [unnamed(account, kind) for kind in _NEED_NO_MODEL if kind not in named]


def unnamed(account: Account, request_type: str) -> AIModel:
    """Stands for the service's own choice: no name in the request, no price beforehand."""
    return AIModel(account=account, type=request_type, name=f"{account.service_label}'s own choice")


def chosen(models: list[AIModel], query: Mapping[str, Any]) -> AIModel | None:
    """The model that the query names; else the first of the kind or outcome it names, else the first of all.

    None for a model that is not there any more, and for "Choose a model": people choose anew, nothing is
    chosen for them."""
    if wanted := query.get("model", ""):
        return next((model for model in models if model.form_key == wanted), None)
    kind, outcome = query.get("kind", ""), named_outcome(query.get("make", ""))
    if "model" in query and not (kind or outcome):
        return None
    kinds = outcome.kinds if outcome else ()
    fitting = [m for m in models if is_of(m, kind) or (not kind and m.kind in kinds)]
    return next(iter(fitting or models), None)


def is_of(model: AIModel, kind: str) -> bool:
    return model.extends if kind == EXTEND else model.kind == kind and not model.extends


def outcome_of(model: AIModel | None) -> Outcome:
    return next((one for one in OUTCOMES if model and model.kind in one.kinds), OUTCOMES[0])


def named_outcome(name: str) -> Outcome | None:
    return next((one for one in OUTCOMES if one.name == name), None)


def grouped(models: list[AIModel], outcome: Outcome) -> list[tuple[str, list[AIModel]]]:
    """Those of the outcome, by what they make and need, since that decides what has to be at hand."""
    groups: dict[tuple[int, str, int, str], list[AIModel]] = {}
    for model in models:
        if model.kind in outcome.kinds:
            label = f"From {' + '.join(model.needs)}"
            if model.kind != outcome.kinds[0]:
                label = f"{kind_label(model.kind)}: {label.lower()}"
            place = (outcome.kinds.index(model.kind), model.account.service, len(label), label)
            groups.setdefault(place, []).append(model)
    several = len({service for _, service, _, _ in groups}) > 1
    return [(_heading(place, group, several), group) for place, group in sorted(groups.items())]


def _heading(place: tuple[int, str, int, str], group: list[AIModel], several: bool) -> str:
    return f"{group[0].account.service_label} · {place[3]}" if several else place[3]
