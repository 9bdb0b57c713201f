"""``video``: a clip by a prompt and whatever its model takes besides."""

from __future__ import annotations

import re

from sandbox.catalog import Model, frame_size, nearest_ratio
from sandbox.contract import Loc
from sandbox.orders.order import Order, Supplies
from sandbox.orders.reader import Reader
from sandbox.orders.video_inputs import VideoInputs
from sandbox.wire import Json

INPUTS = ("body", "generated_video_inputs")
MAX_ORIENTATION_MS = {"video": 30_000, "image": 10_000}
UNTOLD_MS = 5000
"""The length of a clip that nothing decides."""


def read_video(body: Json, model: Model, supplies: Supplies) -> Order:
    return VideoReader(body, model, supplies).order()


class VideoReader(Reader):
    def __init__(self, body: Json, model: Model, supplies: Supplies) -> None:
        super().__init__(body, model, supplies)
        self.inputs: Json = body["generated_video_inputs"]
        self.given = VideoInputs(self)

    def order(self) -> Order:
        if not self.inputs.get("multi_prompt"):
            self.prompt(self.inputs["text_prompt"], (*INPUTS, "text_prompt"))
        self._extras()
        resolution, ratio = self._resolution(), self._ratio()
        self.refuse_misfits()
        duration_ms = self._duration_ms()
        self.refuse_misfits()
        return self._ordered(resolution, ratio, duration_ms)

    def _ordered(self, resolution: str, ratio: str, duration_ms: int) -> Order:
        width, height = frame_size(resolution, ratio)
        speech = self.given.speech
        return Order(
            self.model,
            makes="video",
            recipe="extension" if self.model.has_tag("extend") else "clip",
            credits=self.model.credits(duration_ms, resolution) + (speech.credits if speech else 0),
            prompt=self.inputs["text_prompt"],
            width=width,
            height=height,
            duration_ms=duration_ms,
            inputs=self.given.by_role,
            details={
                "audio_start_ms": self.body.get("audio_start_ms", 0),
                "parts": self.inputs.get("multi_prompt") or [],
            },
        )

    def _extras(self) -> None:
        points, audio = self.inputs.get("bounding_box_target"), self.body.get("audio_id")
        tracks = len(audio) if isinstance(audio, list) else 1
        if points and isinstance(points[0], list) and len(points) != tracks:
            msg = "One point per audio track is needed"
            self.fault("value_error", (*INPUTS, "bounding_box_target"), msg, points)
        if self.model.needs("character_orientation") and "character_orientation" not in self.inputs:
            self.fault("missing", (*INPUTS, "character_orientation"), "Field required", self.inputs)
        shots = self.inputs.get("multi_prompt")
        if shots and not self.model.has_tag("multi-shot"):
            msg = f"{self.model.name} makes one shot only"
            self.fault("value_error", (*INPUTS, "multi_prompt"), msg, shots)

    def _resolution(self) -> str:
        offered = self.model.resolutions
        chosen = self.inputs.get("resolution")
        if chosen and offered and chosen not in offered:
            self.refuse_choice((*INPUTS, "resolution"), chosen, offered)
        return str(chosen or self.model.row["default_resolution"] or "720p")

    def _ratio(self) -> str:
        """A fixed ``w:h``: as asked, else that of the input that shows it, else the first on offer."""
        offered = self.model.ratios
        chosen = self.inputs.get("aspect_ratio")
        span = self.model.row["aspect_ratio_range"]
        if chosen and chosen not in offered and not (span and re.fullmatch(r"\d+:\d+", chosen)):
            self.refuse_choice((*INPUTS, "aspect_ratio"), chosen, offered)
        elif chosen and chosen != "auto":
            return str(chosen)
        source = self.given.shape
        if source and source.width and source.height:
            return nearest_ratio(source.width, source.height, offered)
        return next((ratio for ratio in offered if ratio != "auto"), "16:9")

    def _duration_ms(self) -> int:
        asked = self.inputs.get("duration_ms")
        if parts := self.inputs.get("multi_prompt"):
            asked = sum(part["duration_ms"] for part in parts)
        if not self.model.durations_ms:
            return self._length_of_input(asked)
        if asked is None:
            self.fault("missing", (*INPUTS, "duration_ms"), "Field required", self.inputs)
        elif asked not in self.model.durations_ms:
            offered = [str(value) for value in self.model.durations_ms]
            self.refuse_choice((*INPUTS, "duration_ms"), asked, offered)
        return asked or 0

    def _length_of_input(self, asked: int | None) -> int:
        """The audio's or driving video's own length unless one is asked for, within the model's limit."""
        loc: Loc = (*INPUTS, "duration_ms")
        if asked is not None and asked < 0:
            self.fault("greater_than_equal", loc, "Input should be greater than or equal to 0", asked)
        length = asked or self.own_length_ms()
        limits = [
            self.model.max_duration_ms,
            MAX_ORIENTATION_MS.get(self.inputs.get("character_orientation", "")),
        ]
        limit = min((value for value in limits if value), default=None)
        if limit and length > limit:
            self.fault(
                "value_error", loc, f"{self.model.name} makes at most {limit} ms, this is {length} ms", asked
            )
        if length <= 0:
            self.fault(
                "value_error", ("body", "audio_start_ms"), "Nothing is left of the audio after this start"
            )
        return length

    def own_length_ms(self) -> int:
        if tracks := self.given.longest_ms("audio_input"):
            return tracks - int(self.body.get("audio_start_ms", 0))
        return self.given.longest_ms("input_video") or UNTOLD_MS
