"""A video request held against what its model offers: validation's second half, after the contract's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.assets import Media
from sandbox.catalog import Catalog, Model, frame_size, nearest_ratio
from sandbox.contract import Loc
from sandbox.wire import Json, Problem, invalid, problem

INPUTS = ("body", "generated_video_inputs")
FindMedia = Callable[[str], Media | None]
# Which body fields fill a slot, and what kind of asset it holds.
ROLES = {
    "start_frame": ("image", "start_keyframe_id", "start_keyframe_url"),
    "end_frame": ("image", "end_keyframe_id", "end_keyframe_url"),
    "audio_input": ("audio", "audio_id", ""),
    "input_video": ("video", "video_id", ""),
}
ROLE_WORDS = {
    "start_frame": "start frame",
    "end_frame": "end frame",
    "audio_input": "audio",
    "input_video": "input video",
}
REFERENCES = ("reference_image_ids", "reference_audio_ids", "reference_video_ids")
MAX_ORIENTATION_MS = {"video": 30_000, "image": 10_000}


@dataclass
class Shot:
    """What will be rendered and what it costs."""

    model: Model
    prompt: str
    resolution: str
    duration_ms: int
    width: int
    height: int
    credits: int
    inputs: dict[str, list[Json]] = field(default_factory=dict)
    """By role: ``{"asset": id}`` or ``{"url": …}``."""
    audio_start_ms: int = 0
    parts: list[Json] = field(default_factory=list)
    """The prompts of a multi-shot request with their lengths."""


def read_shot(body: Json, catalog: Catalog, find_media: FindMedia) -> Shot:
    """Raises the 422 answer with everything that does not fit."""
    return _Reader(body, _model(body, catalog), find_media).shot()


def _model(body: Json, catalog: Catalog) -> Model:
    nested = body["generated_video_inputs"]
    named = [
        ((*loc, name), values[name])
        for loc, values in ((("body",), body), (INPUTS, nested))
        for name in ("model_slug", "ai_model_id")
        if name in values
    ]
    if not named:
        raise invalid(problem("missing", ("body", "model_slug"), "Field required", body))
    models = []
    for loc, key in named:
        if (model := catalog.find(key)) is None:
            raise invalid(problem("value_error", loc, "There is no such model", key))
        models.append(model)
        if model is not models[0]:
            raise invalid(problem("value_error", loc, "This names another model than the one before", key))
    return models[0]


class _Reader:
    def __init__(self, body: Json, model: Model, find_media: FindMedia) -> None:
        self.body = body
        self.inputs: Json = body["generated_video_inputs"]
        self.model = model
        self.find_media = find_media
        self.problems: list[Problem] = []
        self.media: dict[str, list[Media]] = {}

    def shot(self) -> Shot:
        sources = {role: self._sources(role) for role in ROLES}
        self._prompt()
        self._extras()
        resolution = self._resolution()
        ratio = self._ratio()
        if self.problems:
            raise invalid(*self.problems)
        duration_ms = self._duration_ms()
        if self.problems:
            raise invalid(*self.problems)
        width, height = frame_size(resolution, ratio)
        credits = self.model.credits(duration_ms, resolution)
        prompt = self.inputs["text_prompt"]
        shot = Shot(self.model, prompt, resolution, duration_ms, width, height, credits)
        shot.inputs = {role: entries for role, entries in sources.items() if entries}
        shot.audio_start_ms = self.body.get("audio_start_ms", 0)
        shot.parts = self.inputs.get("multi_prompt") or []
        return shot

    def _fault(self, type: str, loc: Loc, msg: str, input: object = None) -> None:
        self.problems.append(problem(type, loc, msg, input))

    def _sources(self, role: str) -> list[Json]:
        kind, id_field, url_field = ROLES[role]
        given = self.body.get(id_field)
        ids = given if isinstance(given, list) else [given] if given else []
        url = self.body.get(url_field)
        loc: Loc = ("body", id_field)
        if url and ids:
            self._fault("value_error", ("body", url_field), f"Give {id_field} or {url_field}, not both", url)
        if not ids and not url:
            if self.model.needs(role):
                self._fault("missing", loc, "Field required", self.body)
            return []
        if role not in self.model.slots:
            word = ROLE_WORDS[role]
            self._fault("value_error", loc, f"{self.model.name} takes no {word}", given or url)
            return []
        self.media[role] = [media for asset_id in ids if (media := self._checked(asset_id, kind, role, loc))]
        return [{"asset": asset_id} for asset_id in ids] or [{"url": url}]

    def _checked(self, asset_id: str, kind: str, role: str, loc: Loc) -> Media | None:
        media = self.find_media(asset_id)
        if media is None:
            self._fault("value_error", loc, "There is no such asset", asset_id)
        elif media.type != kind:
            self._fault("value_error", loc, f"This asset is of type {media.type}, not {kind}", asset_id)
        elif not media.ready:
            self._fault("value_error", loc, "This asset has no file yet; upload it first", asset_id)
        elif complaint := _limit_broken(media, self.model.slots[role]):
            self._fault("value_error", loc, complaint, asset_id)
        else:
            return media
        return None

    def _prompt(self) -> None:
        prompt = self.inputs["text_prompt"]
        if self.inputs.get("multi_prompt"):
            return
        least, most = self.model.row["min_prompt_length"], self.model.row["max_prompt_length"]
        if least and len(prompt.strip()) < least:
            msg = f"String should have at least {least} character{'s' * (least != 1)}"
            self._fault("string_too_short", (*INPUTS, "text_prompt"), msg, prompt)
        if most and len(prompt) > most:
            msg = f"String should have at most {most} characters"
            self._fault("string_too_long", (*INPUTS, "text_prompt"), msg, prompt)

    def _extras(self) -> None:
        for name in REFERENCES:
            if self.body.get(name):
                self._fault(
                    "value_error", ("body", name), f"{self.model.name} takes no references", self.body[name]
                )
        if self.body.get("audio_generation") and not self.body.get("audio_id"):
            msg = "The sandbox does not speak text yet; upload the audio and send audio_id"
            self._fault("value_error", ("body", "audio_generation"), msg)
        points, audio = self.inputs.get("bounding_box_target"), self.body.get("audio_id")
        if (
            points
            and isinstance(points[0], list)
            and len(points) != (len(audio) if isinstance(audio, list) else 1)
        ):
            msg = "One point per audio track is needed"
            self._fault("value_error", (*INPUTS, "bounding_box_target"), msg, points)
        if self.model.needs("character_orientation") and "character_orientation" not in self.inputs:
            self._fault("missing", (*INPUTS, "character_orientation"), "Field required", self.inputs)

    def _resolution(self) -> str:
        offered = self.model.resolutions
        chosen = self.inputs.get("resolution")
        if chosen and offered and chosen not in offered:
            self._offer("resolution", chosen, offered)
        return str(chosen or self.model.row["default_resolution"] or "720p")

    def _ratio(self) -> str:
        """A fixed ``w:h``: as asked, else that of the start image or input video, else the first on offer."""
        offered = self.model.ratios
        chosen = self.inputs.get("aspect_ratio")
        source = next(
            (self.media[role][0] for role in ("start_frame", "input_video") if self.media.get(role)), None
        )
        span = self.model.row["aspect_ratio_range"]
        if chosen and chosen not in offered and not (span and re.fullmatch(r"\d+:\d+", chosen)):
            self._offer("aspect_ratio", chosen, offered)
        elif chosen and chosen != "auto":
            return str(chosen)
        if source and source.width and source.height:
            return nearest_ratio(source.width, source.height, offered)
        return next((ratio for ratio in offered if ratio != "auto"), "16:9")

    def _offer(self, name: str, chosen: object, offered: list[str]) -> None:
        msg = f"{self.model.name} offers {', '.join(offered) or 'no choice'}"
        self._fault("value_error", (*INPUTS, name), msg, chosen)

    def _duration_ms(self) -> int:
        asked = self.inputs.get("duration_ms")
        if parts := self.inputs.get("multi_prompt"):
            asked = sum(part["duration_ms"] for part in parts)
        if not self.model.durations_ms:
            return self._length_of_input(asked)
        if asked is None:
            self._fault("missing", (*INPUTS, "duration_ms"), "Field required", self.inputs)
        elif asked not in self.model.durations_ms:
            self._offer("duration_ms", asked, [str(value) for value in self.model.durations_ms])
        return asked or 0

    def _length_of_input(self, asked: int | None) -> int:
        """The audio's or driving video's own length unless one is asked for, within the model's limit."""
        loc: Loc = (*INPUTS, "duration_ms")
        if asked is not None and asked < 0:
            self._fault("greater_than_equal", loc, "Input should be greater than or equal to 0", asked)
        length = asked or self._own_length_ms()
        limits = [
            self.model.max_duration_ms,
            MAX_ORIENTATION_MS.get(self.inputs.get("character_orientation", "")),
        ]
        limit = min((value for value in limits if value), default=None)
        if limit and length > limit:
            self._fault(
                "value_error", loc, f"{self.model.name} makes at most {limit} ms, this is {length} ms", asked
            )
        if length <= 0:
            self._fault(
                "value_error", ("body", "audio_start_ms"), "Nothing is left of the audio after this start"
            )
        return length

    def _own_length_ms(self) -> int:
        tracks = self.media.get("audio_input") or []
        if tracks:
            return max(track.duration_ms for track in tracks) - int(self.body.get("audio_start_ms", 0))
        videos = self.media.get("input_video") or []
        return videos[0].duration_ms if videos else 5000


def _limit_broken(media: Media, slot: Json) -> str:
    """What of this file the slot does not take, in words; empty when it fits."""
    size = slot.get("max_file_size_bytes")
    if size and media.size > size:
        return f"The file has {media.size} bytes, at most {size} are taken"
    sides = [side for side in (media.width, media.height) if side]
    if sides and slot.get("min_dimension_px") and min(sides) < slot["min_dimension_px"]:
        return f"Each side needs at least {slot['min_dimension_px']} pixels"
    if sides and slot.get("max_dimension_px") and max(sides) > slot["max_dimension_px"]:
        return f"No side may have more than {slot['max_dimension_px']} pixels"
    if slot.get("min_duration_ms") and media.duration_ms < slot["min_duration_ms"]:
        return f"It lasts {media.duration_ms} ms, at least {slot['min_duration_ms']} ms are needed"
    if slot.get("max_duration_ms") and media.duration_ms > slot["max_duration_ms"]:
        return f"It lasts {media.duration_ms} ms, at most {slot['max_duration_ms']} ms are taken"
    return ""
