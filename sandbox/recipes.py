"""How a result is made from its spec and its inputs: one writer for each recipe."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from pathlib import Path

from sandbox.rendering.clip import write_clip, write_poster
from sandbox.rendering.picture import write_enlarged, write_picture
from sandbox.rendering.scenes import open_still
from sandbox.rendering.sound import has_sound
from sandbox.rendering.spec import ClipSpec, Part
from sandbox.rendering.speech import spoken
from sandbox.rendering.track import (
    VOICE_BAND,
    Filter,
    other_voice,
    write_recording,
    write_samples,
    write_sound,
)
from sandbox.wire import Json

Inputs = dict[str, list[Path]]
Stopping = Callable[[], bool]
"""Whether the sandbox ends, so that the work is given up."""


def write_result(spec: Json, inputs: Inputs, path: Path, stopping: Stopping) -> None:
    """Raises Stopped."""
    if spec.get("still"):
        write_poster(film(spec, inputs), path)
    else:
        WRITERS.get(spec.get("recipe", ""), _film)(spec, inputs, path, stopping)


def _film(spec: Json, inputs: Inputs, path: Path, stopping: Stopping) -> None:
    write_clip(film(spec, inputs), path, stopping)


def _picture(spec: Json, inputs: Inputs, path: Path, stopping: Stopping) -> None:
    write_picture(film(spec, {}), inputs.get("references", []), path)


def _enlarged(spec: Json, inputs: Inputs, path: Path, stopping: Stopping) -> None:
    write_enlarged(inputs["input_image"][0], (spec["width"], spec["height"]), path)


def _speech(spec: Json, inputs: Inputs, path: Path, stopping: Stopping) -> None:
    write_samples(spoken(spec["text"], spec["pitch"], spec["speed"], spec["stability"]), path, stopping)


def _sound(spec: Json, inputs: Inputs, path: Path, stopping: Stopping) -> None:
    write_sound(spec["prompt"], spec["duration_ms"], spec["loop"], path, stopping)


def _other_voice(spec: Json, inputs: Inputs, path: Path, stopping: Stopping) -> None:
    _heard(spec, inputs, other_voice(spec["pitch"]), path, stopping)


def _voice_alone(spec: Json, inputs: Inputs, path: Path, stopping: Stopping) -> None:
    _heard(spec, inputs, VOICE_BAND, path, stopping)


def _recording(spec: Json, inputs: Inputs, path: Path, stopping: Stopping) -> None:
    _heard(spec, inputs, (), path, stopping)


def _heard(spec: Json, inputs: Inputs, filters: Iterable[Filter], path: Path, stopping: Stopping) -> None:
    write_recording(inputs["audio_input"][0], filters, spec["duration_ms"], path, stopping)


WRITERS: dict[str, Callable[[Json, Inputs, Path, Stopping], None]] = {
    "picture": _picture,
    "enlarged picture": _enlarged,
    "speech": _speech,
    "sound": _sound,
    "another voice": _other_voice,
    "voice alone": _voice_alone,
    "recording": _recording,
}
"""All others are films."""


def film(spec: Json, inputs: Inputs) -> ClipSpec:
    """A clip's spec with its inputs in their places."""
    recipe, source = spec.get("recipe", ""), _first(inputs.get("input_video"))
    plays_source = recipe not in ("motion", "extension")
    return ClipSpec(
        width=spec["width"],
        height=spec["height"],
        duration_ms=spec["duration_ms"],
        prompt=spec["prompt"],
        label=spec["label"],
        seed=spec["seed"],
        start=_start(inputs),
        end=_first(inputs.get("end_frame")),
        video=source if plays_source else None,
        extends=source if recipe == "extension" else None,
        captioned=recipe != "enlarged clip",
        over_caption=spec.get("over_caption", False),
        restyled=recipe == "restyling",
        insets=_insets(recipe, inputs),
        audio=tuple(_sounds(spec, inputs)),
        audio_start_ms=spec.get("audio_start_ms", 0),
        parts=tuple(Part(part["prompt"], part["duration_ms"]) for part in spec.get("parts", [])),
    )


def _start(inputs: Inputs) -> Path | None:
    pictures = [*inputs.get("start_frame", []), *inputs.get("image_references", [])]
    return _first(pictures) or _first_picture(inputs.get("references", []))


def _insets(recipe: str, inputs: Inputs) -> tuple[Path, ...]:
    """What it is made after, but for what the picture shows anyway."""
    pictures, clips = inputs.get("image_references", []), inputs.get("video_references", [])
    if recipe == "restyling":
        return tuple(pictures)
    if recipe == "motion":
        return tuple(inputs["input_video"])
    return (*pictures[1:], *clips)


def _sounds(spec: Json, inputs: Inputs) -> list[Path]:
    tracks = [*inputs.get("audio_input", []), *inputs.get("audio_references", [])]
    sources = inputs.get("input_video", []) if spec.get("keeps_sound") else []
    return [*tracks, *(source for source in sources if has_sound(source))]


def _first(paths: list[Path] | None) -> Path | None:
    return paths[0] if paths else None


def _first_picture(paths: list[Path]) -> Path | None:
    """References may be of any type; only pictures can be set in motion here."""
    for path in paths:
        with contextlib.suppress(OSError, ValueError):
            open_still(path)
            return path
    return None
