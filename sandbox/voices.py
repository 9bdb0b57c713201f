"""A handful of voices with short previews, hummed rather than spoken: there is no speech engine here."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from sandbox.answers import asset
from sandbox.rendering.hum import write_hum
from sandbox.state import Store
from sandbox.wire import HttpError, Json

CREATED_AT = "2026-01-15T09:00:00.000000Z"
# The ids of David and Omar are Hedra's; the others and all labels are the sandbox's own.
VOICES = (
    ("e8e70cb7-97de-4571-9bab-3d33ce5fc8dc", "David", "male", "american", "middle_aged", "english", 118),
    ("61d27b32-834c-4797-b9ff-4b0febed07f6", "Omar", "male", "egyptian", "young", "arabic", 132),
    ("0a6b1f7e-2f0b-4a55-9d4e-5a1f0c1d7b01", "Clara", "female", "british", "young", "english", 205),
    ("0a6b1f7e-2f0b-4a55-9d4e-5a1f0c1d7b02", "Inès", "female", "parisian", "middle_aged", "french", 190),
    ("0a6b1f7e-2f0b-4a55-9d4e-5a1f0c1d7b03", "Jonas", "male", "standard", "old", "german", 98),
    ("0a6b1f7e-2f0b-4a55-9d4e-5a1f0c1d7b04", "Mika", "female", "standard", "young", "japanese", 228),
)


class Voices:
    def __init__(self, store: Store) -> None:
        self._folder = store.folder / "voices"
        self._folder.mkdir(exist_ok=True)

    def listed(self, link: Callable[[str], str]) -> list[Json]:
        return [_voice(row, link(f"/media/voices/{row[0]}.wav")) for row in VOICES]

    def preview(self, voice_id: str) -> Path:
        """A WAV file, made on first use. Raises HttpError 404."""
        pitch = next((row[-1] for row in VOICES if row[0] == voice_id), None)
        if pitch is None:
            raise HttpError(404, "Not Found")
        path = self._folder / f"{voice_id}.wav"
        if not path.exists():
            partial = path.with_name(f".{uuid.uuid4().hex}")
            write_hum(partial, pitch)
            partial.replace(path)
        return path


def _voice(row: tuple[str, str, str, str, str, str, int], preview_url: str) -> Json:
    labels = zip(("gender", "accent", "age", "language"), row[2:6], strict=True)
    inner = {
        "type": "voice",
        "external_id": f"sandbox-{row[1].lower()}",
        "labels": [{"name": name, "value": value} for name, value in labels],
        "preview_url": preview_url,
        "source": "sandbox",
    }
    return asset(row[0], "voice", row[1], CREATED_AT, inner)
