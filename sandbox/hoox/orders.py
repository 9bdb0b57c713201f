"""``POST /asset/start`` understood: what will be made of the body, and for how much."""

from __future__ import annotations

import random
import zlib
from decimal import Decimal

from sandbox.assets import Media
from sandbox.catalog import frame_size
from sandbox.generations import Work
from sandbox.hoox.errors import InvalidBody, wrong
from sandbox.hoox.inputs import FindMedia, Inputs
from sandbox.hoox.models import HooxModel
from sandbox.hoox.pricing import chosen
from sandbox.ledger import Ledger
from sandbox.wire import Json

# Pixels of the short side where the name does not say.
SHORT_SIDES = {"1k": "1024p", "2k": "1440p", "4k": "2160p"}
USUAL_RATIO = {"image": "1:1", "video": "16:9"}
UNTOLD_MS = 5000
"""The length of a clip whose input cannot be measured."""
LOWEST_HZ, STEP_HZ = 110, 11


class Order:
    """Raises InvalidBody with what does not fit the model."""

    def __init__(self, model: HooxModel, body: Json, find_media: FindMedia) -> None:
        _refuse_misfits(model, body, find_media)
        self.model = model
        self.body = body
        self.count: int = body["generation_count"]
        self._inputs = Inputs(model, body, find_media)
        self._choice = chosen(model, body, self._inputs.count)

    @property
    def cost(self) -> Decimal:
        """For one generation."""
        return self._choice.cost

    def work(self, ledger: Ledger) -> Work:
        """One generation; each looks different."""
        run_s = float(self.model.row["run_s"])
        return Work(self._params(), self._spec(), self.body["prompt"], run_s, ledger.units(self.cost))

    def _params(self) -> Json:
        """``generation_params`` of the status; Google's models tell a length with its unit."""
        seconds = self._choice.duration
        google = self.model.row["provider"] == "google"
        told = {
            "model": self.model.name,
            "prompt": self.body["prompt"],
            "aspect_ratio": self._ratio,
            "resolution": self._choice.resolution,
            "duration": f"{seconds}s" if seconds and google else seconds,
        }
        return {name: value for name, value in told.items() if value is not None}

    @property
    def _ratio(self) -> str | None:
        wanted = self.body.get("aspect_ratio")
        ratio: str | None = self.model.default("aspect_ratio")
        return wanted if wanted in self.model.supported("aspect_ratios") else ratio

    def _spec(self) -> Json:
        width, height = self._size()
        return {
            "width": width,
            "height": height,
            "duration_ms": self._length_ms(),
            "prompt": self.body["prompt"],
            "label": self._label(),
            "seed": random.getrandbits(32),
            "inputs": {**self._inputs.by_role(), **self._sound()},
            "audio_start_ms": 0,
            "parts": [],
            "still": self.model.type == "image",
        }

    def _size(self) -> tuple[int, int]:
        """An input's shape where the model has no ratios, or picks one itself."""
        resolution = (self._choice.resolution or ("1K" if self.model.type == "image" else "720p")).lower()
        ratio = self._ratio
        if ratio in (None, "auto"):
            seen = self._seen()
            ratio = f"{seen.width}:{seen.height}" if seen else USUAL_RATIO[self.model.type]
        return frame_size(SHORT_SIDES.get(resolution, resolution), str(ratio))

    def _length_ms(self) -> int:
        seen = self._seen()
        if self._choice.duration:
            return self._choice.duration * 1000
        return seen.duration_ms if seen and seen.type == "video" else UNTOLD_MS

    def _seen(self) -> Media | None:
        """The last input known here: of a picture and the clip that drives it, the clip."""
        return self._inputs.media[-1] if self._inputs.media else None

    def _label(self) -> str:
        """Inputs that are not fetched are at least named in the picture."""
        return "  ·  ".join([self.model.row["label"], *(f"with {host}" for host in self._inputs.elsewhere())])

    def _sound(self) -> dict[str, list[Json]]:
        """A hum of the prompt's own pitch; an end image turns the sound off."""
        on = self._choice.settings.get("generateAudio", self.model.row["has_audio"])
        if not on or self.model.type == "image" or "end_image" in self.body:
            return {}
        step = zlib.crc32(self.body["prompt"].encode()) % 12
        return {"audio_input": [{"hum": LOWEST_HZ + step * STEP_HZ}]}


def _refuse_misfits(model: HooxModel, body: Json, find_media: FindMedia) -> None:
    problems = []
    longest = model.row["max_prompt_length"]
    if body["type"] != model.type:
        problems.append(wrong("type", f"{model.name} makes {model.type}s."))
    if not body["prompt"].strip():
        problems.append(wrong("prompt", "A prompt is needed.", "missing_content"))
    if len(body["prompt"]) > longest:
        problems.append(wrong("prompt", f"The prompt is longer than {longest} characters."))
    if "parent_media_id" in body and find_media(body["parent_media_id"]) is None:
        problems.append(wrong("parent_media_id", "There is no such asset."))
    if problems:
        raise InvalidBody(*problems)
