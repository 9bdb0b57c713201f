"""What can be made from a take: the actions on its page, and where on the create page each one leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.urls import reverse

from catalog.models import AIModel

from . import choosing, reuse
from .choosing import EXTEND
from .media import extracts
from .media.probe import BadMedia
from .models import Asset, Generation, Input
from .models.words import LONGEST_IN_URL
from .slots import slots_of
from .timecodes import moment_words

Role = Input.Role

RESULT, FIRST_FRAME, LAST_FRAME, SOUND = "result", "first frame", "last frame", "sound"
THIS_FRAME = "this frame"
"""What of the take becomes the input."""


@dataclass(frozen=True)
class Use:
    """One action: a part of the take becomes an input of the first model of the kinds that takes it."""

    name: str
    label: str
    kinds: tuple[str, ...]
    """Of models, those wanted most first."""
    roles: tuple[Input.Role, ...]
    part: str = RESULT
    keeps_prompt: bool = False
    """Whether the take's words are a start for the new ones, which are about the same scene."""
    model: AIModel | None = None
    role: Input.Role | None = None
    at_ms: int = 0
    """The moment of the clip, where its part is one frame."""

    @property
    def is_timed(self) -> bool:
        """Offered by the player, which knows the moment."""
        return self.part == THIS_FRAME

    def at(self, text: str, take: Generation) -> Use:
        """The same at a moment, as a form sends it. Raises BadMedia when the clip has none such."""
        if not self.is_timed:
            return self
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise BadMedia("Which frame is meant can't be told. Stop the clip at it, then press again.")
        if take.duration_ms is not None and int(text) > take.duration_ms + _CLOCKS_DIFFER_MS:
            raise BadMedia(f"The clip ends at {moment_words(take.duration_ms)}. That frame is behind it.")
        return replace(self, at_ms=int(text))


_CLOCKS_DIFFER_MS = 100
"""A browser may count a clip so much longer than its file says; its last frame is meant then."""
_SCENES = ("video", "avatar")
USES = {
    "video": (
        Use("upscale", "Upscale", ("video_upscale",), (Role.VIDEO,)),
        Use("extend", "Extend", (EXTEND,), (Role.VIDEO,), keeps_prompt=True),
        Use("restyle", "Restyle", ("video_to_video",), (Role.VIDEO,)),
        Use("reference", "Use as reference", _SCENES, (Role.REFERENCE_VIDEO,)),
        Use(
            "last-frame",
            "Use last frame as start",
            _SCENES,
            (Role.START_FRAME,),
            LAST_FRAME,
            keeps_prompt=True,
        ),
        Use(
            "first-frame",
            "Use first frame as start",
            _SCENES,
            (Role.START_FRAME,),
            FIRST_FRAME,
            keeps_prompt=True,
        ),
        Use("frame", "Use this frame as start", _SCENES, (Role.START_FRAME,), THIS_FRAME, keeps_prompt=True),
        Use("isolate", "Isolate voice", ("audio_isolation",), (Role.AUDIO,), SOUND),
    ),
    "image": (
        Use("upscale", "Upscale", ("image_upscale",), (Role.IMAGE,)),
        Use("edit", "Edit", ("image_to_image",), (Role.REFERENCE_IMAGE, Role.START_FRAME)),
        Use("start", "Use as start frame", _SCENES, (Role.START_FRAME,), keeps_prompt=True),
        Use("end", "Use as end frame", _SCENES, (Role.END_FRAME,), keeps_prompt=True),
        Use("reference", "Use as reference", (*_SCENES, "image", "image_to_image"), (Role.REFERENCE_IMAGE,)),
    ),
    "audio": (
        Use("isolate", "Isolate voice", ("audio_isolation",), (Role.AUDIO,)),
        Use("change", "Change voice", ("speech_to_speech",), (Role.AUDIO,)),
        Use("clone", "Clone voice", ("voice_clone",), (Role.AUDIO,)),
        Use("speak", "Use as audio", ("avatar",), (Role.AUDIO,)),
    ),
}


def uses_of(take: Generation) -> list[Use]:
    """What can be done with this take now, each with the model that would do it."""
    if not (take.is_complete and take.result) or take.makes_a_voice:
        return []
    models = choosing.usable_models()
    found = [fitted for use in USES[take.result_kind] if (fitted := _fitted(use, models, take))]
    return [use for use in found if use.part != SOUND or _sounds(take)]


def _fitted(use: Use, models: Sequence[AIModel], take: Generation) -> Use | None:
    """The action with the model and the place in it that take the file; None where no model does.

    Where the take was made its file is already; then the less has to be found besides, the better."""

    def effort(pair: tuple[AIModel, Input.Role]) -> tuple[bool, int, bool]:
        model, role = pair
        elsewhere = model.account_id != take.account_id
        return elsewhere, _needed_besides(model, role), model.pk != take.ai_model_id

    for kind in use.kinds:
        able = (model for model in models if choosing.is_of(model, kind))
        fitting = [(model, role) for model in able if (role := _place(use, model))]
        if fitting:
            model, role = min(fitting, key=effort)
            return replace(use, model=model, role=role)
    return None


def _place(use: Use, model: AIModel) -> Input.Role | None:
    taken = {slot.role for slot in slots_of(model)}
    return next((role for role in use.roles if role in taken), None)


def _needed_besides(model: AIModel, role: Input.Role) -> int:
    """How many more inputs would have to be found before anything could be made."""
    return sum(slot.required and slot.role != role for slot in slots_of(model))


def _sounds(take: Generation) -> bool:
    try:
        with reuse.on_disk(take.result) as path:
            return extracts.has_sound(path)
    except BadMedia:
        return False


def create_url(use: Use, take: Generation) -> str:
    """The create page with the take's file in its place; makes the asset. Raises BadMedia."""
    model, role = use.model, use.role
    if model is None or role is None:
        raise ValueError(f"no model was found for “{use.label}”")
    query = {
        "make": choosing.outcome_of(model).name,
        "kind": EXTEND if model.extends else model.kind,
        "model": model.form_key,
        role.value: _input(use, take).pk,
        "from": take.pk,
        **_words(use, take),
    }
    return f"{reverse('create')}?{urlencode(query)}"


def _words(use: Use, take: Generation) -> dict[str, str | int]:
    """The take's, or none: those of the draft that lies on the create page are about something else."""
    if use.keeps_prompt and len(take.prompt) >= LONGEST_IN_URL:
        return {"prompt_of": take.pk}
    return {"prompt": take.prompt if use.keeps_prompt else ""}


def _input(use: Use, take: Generation) -> Asset:
    if use.part == SOUND:
        return reuse.sound_of(take)
    if use.is_timed:
        return reuse.frame_of(take, use.at_ms)
    if use.part in (FIRST_FRAME, LAST_FRAME):
        return reuse.still_of(take, last=use.part == LAST_FRAME)
    return reuse.asset_of(take)
