"""The parts of a shot that an answer of the service can be about, and where each is changed.

The service's own words are read for the part that they name, and never shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One part of a shot."""

    words: str
    """As in "The service named the start frame"."""
    change: str
    """What fixes it, as a button says it."""
    anchor: str
    """Where it is on the create page: the id of an element there."""
    named_by: str = ""
    """A pattern of what services call it, in fields and in sentences."""


def _input(role: str, words: str, change: str, named_by: str = "") -> dict[str, Part]:
    return {role: Part(words, change, f"id_{role}_file", named_by)}


_IMAGE, _SOUND, _CLIP = "Choose another image", "Choose another sound", "Choose another clip"
_PICTURE = r"image|picture|photo|portrait|face"
INPUTS = {
    **_input("end_frame", "the end frame", _IMAGE, r"end[ _-]?(key)?(frame|image)|last frame"),
    **_input(
        "start_frame", "the start frame", _IMAGE, rf"(start|first)[ _-]?(key)?frame|{_PICTURE}|keyframe"
    ),
    **_input("reference_audio", "a reference sound", _SOUND, r"reference[ _]audio"),
    **_input("reference_video", "a reference clip", _CLIP, r"reference[ _]video"),
    **_input("reference_image", "a reference image", _IMAGE, rf"reference|{_PICTURE}"),
    **_input("audio", "the sound", _SOUND, r"audio|sound|voice|speech|recording"),
    **_input("image", "the image", _IMAGE, _PICTURE),
    **_input("video", "the clip", _CLIP, r"video|clip|footage"),
    "element": Part("an element", _IMAGE, "id_element_1_file", rf"element|{_PICTURE}"),
}
"""By role; where a word fits several, the first that the take has."""
OTHERS = {
    "duration_ms": Part("the duration", "Make it shorter", "at-duration_ms", r"duration|too long|length"),
    "resolution": Part("the resolution", "Choose another resolution", "at-resolution", r"resolution"),
    "aspect_ratio": Part("the aspect ratio", "Choose another ratio", "at-aspect_ratio", r"aspect[ _-]?ratio"),
    "model": Part("the model", "Choose another model", "id_model", r"\bmodel\b|model_slug|ai_model_id"),
    "prompt": Part("the prompt", "Change the prompt", "id_prompt", r"prompt|\btext\b|wording"),
    "price": Part("the price", "See what fits", "price"),
}
PARTS = INPUTS | OTHERS


def named(said: str, roles: Iterable[str]) -> str:
    """The part that these words of the service's name, of a take with inputs of these roles; "" for none."""
    held = set(roles)
    words = said.replace("generated_video_inputs", "").replace("text_prompt", "prompt")
    able = [name for name, part in PARTS.items() if part.named_by and (name in held or name in OTHERS)]
    return next((name for name in able if re.search(PARTS[name].named_by, words, re.IGNORECASE)), "")
