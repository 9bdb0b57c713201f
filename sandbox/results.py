"""The asset that a finished generation made, as the contract shows it: by what it is."""

from __future__ import annotations

import json
from collections.abc import Callable

from sandbox.generations import Row, made
from sandbox.wire import Json

NAME_LENGTH = 80
IMAGE_INPUTS = (
    "ai_model_id", "model_slug", "aspect_ratio", "resolution", "start_keyframe_id", "reference_image_ids",
)  # fmt: skip
AUDIO_INPUTS = ("ai_model_id", "model_slug", "voice_id", "stability", "speed", "language")
REFERENCES = ("reference_image_ids", "reference_video_ids", "reference_audio_ids")


class Result:
    """One row's asset; links are made while it is told."""

    def __init__(self, row: Row, link: Callable[[str], str], upload: Callable[[Json], Json | None]) -> None:
        self._row = row
        self._link = link
        self._upload = upload
        """An input as asset, where it is an upload."""
        self._input: Json = json.loads(row["input"])
        self._spec: Json = json.loads(row["spec"])

    def asset(self) -> Json:
        kind = made(self._row)
        tell = {"image": self._image, "audio": self._audio, "voice": self._voice}.get(kind, self._video)
        picture = f"/media/thumbnails/{self._row['id']}.jpg"
        thumbnail = self._link(picture) if kind in ("image", "video") else None
        row = self._row
        return asset(row["asset_id"], kind, self._name(), row["created_at"], tell(), thumbnail)

    def _name(self) -> str:
        named = self._input.get("name") or self._spec.get("title") or self._row["prompt"][:NAME_LENGTH]
        return named or "Untitled"

    @property
    def file(self) -> str:
        """A fresh link to the result itself."""
        return file_link(self._row, self._link)

    def _image(self) -> Json:
        return {
            "type": "generated_image",
            "width": self._spec["width"],
            "height": self._spec["height"],
            "url": self.file,
            "generated_image_inputs": self._asked(IMAGE_INPUTS),
        }

    def _audio(self) -> Json:
        return {
            "type": "generated_audio",
            "duration_ms": self._spec["duration_ms"],
            "url": self.file,
            "generated_audio_inputs": {
                **self._asked(AUDIO_INPUTS),
                "voice_name": self._spec.get("voice"),
            },
            "transcriptions": None,
        }

    def _asked(self, names: tuple[str, ...]) -> Json:
        given = {name: self._input[name] for name in names if name in self._input}
        return {"text_prompt": self._row["prompt"], **given}

    def _voice(self) -> Json:
        return {
            "type": "voice",
            "external_id": f"sandbox-{self._row['asset_id']}",
            "labels": [],
            "preview_url": self.file,
            "source": "clone",
        }

    def _video(self) -> Json:
        inputs, clip = self._spec["inputs"], self.file
        return {
            "type": "generated_video",
            "width": self._spec["width"],
            "height": self._spec["height"],
            "duration_ms": self._spec["duration_ms"],
            "url": clip,
            "download_url": clip + "&download=1",
            "streaming_url": None,
            "poster_url": self._link(f"/media/posters/{self._row['id']}.jpg"),
            "preview_url": self._link(f"/media/previews/{self._row['id']}.webp"),
            "generated_video_inputs": self._input.get("generated_video_inputs") or self._asked(()),
            "keyframe_start": self._first(inputs.get("start_frame")),
            "keyframe_end": self._first(inputs.get("end_frame")),
            "audio": self._first(inputs.get("audio_input")),
            **{name: self._input.get(name) for name in REFERENCES},
            "source_video_id": self._input.get("video_id"),
        }

    def _first(self, given: list[Json] | None) -> Json | None:
        return self._upload(given[0]) if given else None


def file_link(row: Row, link: Callable[[str], str]) -> str:
    """Where the result itself is fetched."""
    folder = {"image": "images", "audio": "sounds", "voice": "sounds"}.get(made(row), "clips")
    ending = json.loads(row["spec"]).get("ending", "mp4")
    return link(f"/media/{folder}/{row['id']}.{ending}")


def asset(id: str, type: str, name: str, created_at: str, inner: Json, thumbnail: str | None = None) -> Json:
    """The contract's Asset around what is particular to its type."""
    return {
        "id": id,
        "type": type,
        "name": name,
        "thumbnail_url": thumbnail,
        "description": None,
        "is_favorite": False,
        "recent": False,
        "created_at": created_at,
        "favorited_at": None,
        "asset": inner,
    }
