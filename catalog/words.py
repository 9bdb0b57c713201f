"""How the catalog says things to people."""

import re
from collections.abc import Iterable, Sequence

KINDS = {
    "video": "Video",
    "avatar": "Avatar",
    "video_to_video": "Video to video",
    "motion_control": "Motion control",
    "video_upscale": "Video upscale",
    "image": "Image",
    "image_to_image": "Image to image",
    "image_upscale": "Image upscale",
    "text_to_speech": "Speech",
    "speech_to_speech": "Voice change",
    "text_to_sound": "Sound",
    "audio_isolation": "Voice isolation",
    "voice_clone": "Voice clone",
}
_RATIOS = ["16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "9:21"]


def kind_label(kind: str) -> str:
    return KINDS.get(kind) or kind.replace("_", " ").capitalize() or "Other"


def kind_place(kind: str) -> tuple[int, str]:
    """The usual kinds in their order, then the others by name."""
    known = list(KINDS)
    return (known.index(kind) if kind in known else len(known)), kind


def ratio_value(ratio: str) -> float | None:
    """Width over height of "9:16"; None for "auto" and the like."""
    match = re.fullmatch(r"(\d{1,4}):(\d{1,4})", ratio)
    return int(match[1]) / int(match[2]) if match and int(match[2]) else None


def is_resolution(text: str) -> bool:
    """Whether it looks like one: "720p", "4K", "1440p (2K QHD)"."""
    return re.fullmatch(r"\d{1,5} ?[pk]?( ?\([\w ]{1,20}\))?", text, re.IGNORECASE) is not None


def ratio_place(ratio: str) -> tuple[bool, int, str]:
    """The usual ratios first, then by name; words such as "auto" last."""
    known = _RATIOS.index(ratio) if ratio in _RATIOS else len(_RATIOS)
    return ratio_value(ratio) is None, known, ratio


def sorted_ratios(ratios: Iterable[str]) -> list[str]:
    return sorted(set(ratios), key=ratio_place)


def range_words(ends: Sequence[float]) -> str:
    """What an aspect_ratio_range means: "any start image from 0.4:1 to 2.5:1"."""
    return f"any start image from {ends[0]:.3g}:1 to {ends[1]:.3g}:1"


def eta_words(eta_ms: int | None) -> str:
    """ "about 40 s", "about 5 min", or "" when unknown."""
    if not eta_ms or eta_ms < 0:
        return ""
    if eta_ms < 90_000:
        return f"about {max(1, round(eta_ms / 1000))} s"
    return f"about {round(eta_ms / 60_000)} min"


def resolution_words(resolutions: Sequence[str]) -> str:
    """ "720p, 1080p"; more than three as a span from the smallest to the largest."""
    if len(resolutions) <= 3:
        return ", ".join(resolutions)
    ordered = sorted(resolutions, key=_lines)
    return f"{ordered[0]}–{ordered[-1]}"


def resolution_key(resolution: str) -> str:
    """One spelling for all services: "4K" and "4k" are the same."""
    return re.sub(r"(?<=\d)k\b", "K", resolution.strip())


def resolution_place(resolution: str) -> tuple[int, str]:
    """From small to large."""
    return _lines(resolution), resolution


def tag_label(tag: str) -> str:
    return tag.replace("-", " ").replace("_", " ")


def _lines(resolution: str) -> int:
    """The number of lines, for ordering only: "4K" stands above "1080p"."""
    match = re.match(r"(\d{1,5})\s*(k)?", resolution.lower())
    return int(match[1]) * (540 if match[2] else 1) if match else 0
