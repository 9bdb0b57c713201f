"""Made-up voices with short previews, hummed rather than spoken: there is no speech engine here."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.rendering.hum import write_hum
from sandbox.results import asset
from sandbox.state import Store
from sandbox.wire import HttpError, Json

CREATED_AT = "2026-01-15T09:00:00.000000Z"
# These two ids are Hedra's; the others and all labels are the sandbox's own.
DAVID = "e8e70cb7-97de-4571-9bab-3d33ce5fc8dc"
OMAR = "61d27b32-834c-4797-b9ff-4b0febed07f6"
OWN = "0a6b1f7e-2f0b-4a55-9d4e-5a1f0c1d7b"
LOWEST_HZ, SPAN_HZ = 95, 130
PACES = {"young": 1.25, "middle_aged": 1.0, "old": 0.8}


@dataclass(frozen=True)
class Voice:
    id: str
    name: str
    pitch: int = 0
    """In Hz; 0 for a voice nobody can listen to beforehand."""
    labels: dict[str, str] = field(default_factory=dict)


def _labels(gender: str, age: str, accent: str, language: str, **more: str) -> dict[str, str]:
    given = {"gender": gender, "accent": accent, "age": age, "language": language, **more}
    return {name: value for name, value in given.items() if value}


VOICES = (
    Voice(DAVID, "David", 118, _labels("male", "middle_aged", "american", "english")),
    Voice(OMAR, "Omar", 132, _labels("male", "young", "egyptian", "arabic")),
    Voice(f"{OWN}01", "Clara", 205, _labels("female", "young", "british", "english")),
    Voice(f"{OWN}02", "Inès", 190, _labels("female", "middle_aged", "parisian", "french")),
    Voice(f"{OWN}03", "Jonas", 98, _labels("male", "old", "standard", "german")),
    Voice(f"{OWN}04", "Mika", 228, _labels("female", "young", "standard", "japanese")),
    Voice(f"{OWN}05", "Rosa", 198, _labels("female", "middle_aged", "mexican", "spanish")),
    Voice(f"{OWN}06", "Tomás", 126, _labels("male", "young", "argentine", "spanish", use_case="social")),
    Voice(f"{OWN}07", "Priya", 216, _labels("female", "young", "indian", "english", use_case="narration")),
    Voice(f"{OWN}08", "Angus", 104, _labels("male", "old", "scottish", "english")),
    Voice(f"{OWN}09", "Chiara", 184, _labels("female", "middle_aged", "", "italian")),
    Voice(f"{OWN}10", "Lin", 221, _labels("female", "", "beijing", "chinese")),
    Voice(f"{OWN}11", "Kofi", 112, _labels("male", "middle_aged", "ghanaian", "english")),
    Voice(f"{OWN}12", "Robin", 158, _labels("neutral", "young", "american", "english", use_case="stories")),
    Voice(f"{OWN}13", "Maren", 0, _labels("female", "old", "standard", "norwegian")),
    Voice(f"{OWN}14", "Untold", 144),
)


def pitch_of(voice_id: str) -> int:
    """In Hz, of a voice that nobody gave one."""
    return LOWEST_HZ + zlib.crc32(voice_id.encode()) % SPAN_HZ


class Voices:
    def __init__(self, store: Store) -> None:
        self._folder = store.folder / "voices"
        self._folder.mkdir(exist_ok=True)

    def listed(self, link: Callable[[str], str]) -> list[Json]:
        return [_told(voice, link) for voice in VOICES]

    def find(self, voice_id: str) -> Voice | None:
        return next((voice for voice in VOICES if voice.id == voice_id), None)

    def preview(self, voice_id: str) -> Path:
        """A WAV file, made on first use. Raises HttpError 404."""
        voice = self.find(voice_id)
        if voice is None or not voice.pitch:
            raise HttpError(404, "Not Found")
        path = self._folder / f"{voice_id}.wav"
        if not path.exists():
            partial = path.with_name(f".{uuid.uuid4().hex}")
            write_hum(partial, voice.pitch, pace=PACES.get(voice.labels.get("age", ""), 1))
            partial.replace(path)
        return path


def _told(voice: Voice, link: Callable[[str], str]) -> Json:
    inner = {
        "type": "voice",
        "external_id": f"sandbox-{voice.name.lower()}",
        "labels": [{"name": name, "value": value} for name, value in voice.labels.items()],
        "preview_url": link(f"/media/voices/{voice.id}.wav") if voice.pitch else None,
        "source": "sandbox",
    }
    return asset(voice.id, "voice", voice.name, CREATED_AT, inner)
