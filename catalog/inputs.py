"""What a model takes besides the prompt: read from `inputs` or, without it, from the `requires_*` flags."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

START_FRAME, END_FRAME, AUDIO, VIDEO = "start_frame", "end_frame", "audio_input", "input_video"
REFERENCE, IMAGE = "reference", "image"

WORDS = {
    START_FRAME: "start frame",
    END_FRAME: "end frame",
    IMAGE: "image",
    AUDIO: "audio",
    VIDEO: "video",
    REFERENCE: "reference images",
}
_TYPES = {
    START_FRAME: "image",
    END_FRAME: "image",
    IMAGE: "image",
    AUDIO: "audio",
    VIDEO: "video",
    REFERENCE: "image",
}
_REFERENCE_WORDS = {"video": "reference videos", "audio": "reference sounds"}


@dataclass(frozen=True)
class InputSlot:
    """One input of a model. None: the service names no such limit."""

    role: str
    type: str
    required: bool = False
    min_count: int = 0
    max_count: int = 1
    max_bytes: int | None = None
    min_dimension_px: int | None = None
    max_dimension_px: int | None = None
    min_duration_ms: int | None = None
    max_duration_ms: int | None = None
    max_total_ms: int | None = None
    """Of all files together."""

    @property
    def word(self) -> str:
        if self.role == REFERENCE and self.type in _REFERENCE_WORDS:
            return _REFERENCE_WORDS[self.type]
        return WORDS.get(self.role, self.role.replace("_", " "))


def _must(role: str) -> InputSlot:
    return InputSlot(role, _TYPES[role], required=True, min_count=1)


OF_TYPE = {
    "image_upscale": [_must(IMAGE)],
    "video_upscale": [_must(VIDEO)],
    "audio_isolation": [_must(AUDIO)],
    "speech_to_speech": [_must(AUDIO)],
    "voice_clone": [_must(AUDIO)],
}
"""What a request of the type can't do without, whatever its model says: Hedra's contract names these."""


def slots(modes: object, required: Mapping[str, bool | None]) -> list[InputSlot]:
    """The slots a model offers, in the order of WORDS. `required` holds its flags, None where not said.

    Modes exclude each other, and for video models text alone is always possible: so a flag decides what
    is required, and without one a slot is required when every mode requires it.
    """
    offered = list(_modes(modes))
    found: dict[tuple[str, str], InputSlot] = {}
    for slot in (slot for mode in offered for slot in mode):
        found.setdefault((slot.role, slot.type), slot)
    for role, flag in required.items():
        if flag and not any(known == role for known, _ in found):
            found[role, ""] = InputSlot(role, _TYPES[role])
    result = [replace(slot, required=_is_required(slot, offered, required)) for slot in found.values()]
    order = list(WORDS)
    return sorted(result, key=lambda slot: order.index(slot.role) if slot.role in order else len(order))


def _is_required(
    slot: InputSlot, offered: list[list[InputSlot]], required: Mapping[str, bool | None]
) -> bool:
    flag, same = required.get(slot.role), (slot.role, slot.type)
    if flag is not None:
        return flag
    return all(any((one.role, one.type) == same and one.required for one in mode) for mode in offered)


def _modes(modes: object) -> Iterator[list[InputSlot]]:
    for mode in _items(modes):
        if isinstance(mode, Mapping):
            found = [slot for slot in map(_slot, _items(mode.get("slots"))) if slot]
            if found:
                yield found


def _slot(data: object) -> InputSlot | None:
    role = data.get("role") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(role, str) or not role:
        return None
    # One that nobody told us of is left out, unless the model can't do without it.
    if role not in WORDS and data.get("required") is not True:
        return None
    said = str(data.get("type") or "")
    return InputSlot(
        role=role,
        type=said or "image" if role == REFERENCE else _TYPES.get(role, said),
        required=data.get("required") is True,
        min_count=_positive(data.get("min_count")) or int(data.get("required") is True),
        max_count=_positive(data.get("max_count")) or 1,
        max_bytes=_positive(data.get("max_file_size_bytes")),
        min_dimension_px=_positive(data.get("min_dimension_px")),
        max_dimension_px=_positive(data.get("max_dimension_px")),
        min_duration_ms=_positive(data.get("min_duration_ms")),
        max_duration_ms=_positive(data.get("max_duration_ms")),
        max_total_ms=_positive(data.get("max_total_duration_ms")),
    )


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else ()
