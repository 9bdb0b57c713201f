"""What a video's request brings along: frames, tracks, a driving clip, references, or text to be spoken."""

from __future__ import annotations

from pathlib import Path

from sandbox.assets import Media
from sandbox.contract import Loc
from sandbox.orders.choosing import chosen_model
from sandbox.orders.order import Order
from sandbox.orders.reader import Reader, limit_broken
from sandbox.orders.speech import SpeechReader
from sandbox.wire import Json

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
REFERENCES = {
    "image": "reference_image_ids",
    "video": "reference_video_ids",
    "audio": "reference_audio_ids",
}


class VideoInputs:
    """Everything that misfits is noted with the reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._body = reader.body
        self._model = reader.model
        self.media: dict[str, list[Media]] = {}
        """Files known here, by role."""
        self.by_role: dict[str, list[Json]] = {}
        """For the workshop."""
        self.speech: Order | None = None
        for role in ROLES:
            self._read(role)
        for kind in REFERENCES:
            self._refer(kind)

    def _read(self, role: str) -> None:
        kind, id_field, url_field = ROLES[role]
        given = self._body.get(id_field)
        ids = given if isinstance(given, list) else [given] if given else []
        url = self._body.get(url_field)
        if url and ids:
            msg = f"Give {id_field} or {url_field}, not both"
            self._reader.fault("value_error", ("body", url_field), msg, url)
        if not ids and not url:
            self._lacking(role)
        elif role not in self._model.slots:
            msg = f"{self._model.name} takes no {ROLE_WORDS[role]}"
            self._reader.fault("value_error", ("body", id_field), msg, given or url)
        else:
            slot = self._model.slots[role]
            found = [self._reader.media(asset_id, kind, ("body", id_field), slot) for asset_id in ids]
            self.media[role] = [media for media in found if media]
            self.by_role[role] = [{"asset": asset_id} for asset_id in ids] or [{"url": url}]

    def _lacking(self, role: str) -> None:
        if role == "audio_input" and self._body.get("audio_generation"):
            self._speak()
        elif self._model.needs(role):
            self._reader.fault("missing", ("body", ROLES[role][1]), "Field required", self._body)

    def _speak(self) -> None:
        """The speech of ``audio_generation``, which is made and paid along with the clip."""
        loc: Loc = ("body", "audio_generation")
        if "audio_input" not in self._model.slots:
            self._reader.fault("value_error", loc, f"{self._model.name} takes no audio")
            return
        speech: Json = self._body["audio_generation"]
        supplies = self._reader.supplies
        model = chosen_model(speech, "text_to_speech", supplies.catalog, loc)
        order = SpeechReader(speech, model, supplies, loc).order()
        spoken = Media("", "audio", True, Path(), duration_ms=order.duration_ms)
        if complaint := limit_broken(spoken, self._model.slots["audio_input"]):
            self._reader.fault("value_error", (*loc, "text"), complaint, speech["text"])
        self.speech, self.media["audio_input"] = order, [spoken]
        self.by_role["audio_input"] = [{"speech": {"duration_ms": order.duration_ms, **order.details}}]

    def _refer(self, kind: str) -> None:
        field, slot = REFERENCES[kind], self._model.references.get(kind)
        given = self._body.get(field)
        if given and slot is None:
            msg = f"{self._model.name} takes no {kind} references"
            self._reader.fault("value_error", ("body", field), msg, given)
        elif slot and slot["required"] and not given:
            self._reader.fault("missing", ("body", field), "Field required", self._body)
        elif slot and given:
            self.media[f"{kind}_references"] = self._reader.references(field, kind, slot)
            self.by_role[f"{kind}_references"] = [{"asset": asset_id} for asset_id in given]

    @property
    def shape(self) -> Media | None:
        """What the picture's ratio follows when none is asked for."""
        roles = ("start_frame", "input_video", "image_references")
        return next((self.media[role][0] for role in roles if self.media.get(role)), None)

    def longest_ms(self, role: str) -> int:
        return max((media.duration_ms for media in self.media.get(role, [])), default=0)
