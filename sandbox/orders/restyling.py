"""``video_to_video`` and ``motion_control``: clips made after a clip, and as long as it is."""

from __future__ import annotations

from sandbox.assets import Media
from sandbox.catalog import Model, frame_size, own_ratio
from sandbox.orders.order import Order, Supplies
from sandbox.orders.reader import Reader
from sandbox.orders.videos import VideoReader
from sandbox.wire import Json

REFERENCES = {"max_count": 4, "max_file_size_bytes": 30 * 1024 * 1024}
"""Reference images of a restyling; no slot of the catalog speaks of them, the count is of a newer API."""


def read_restyling(body: Json, model: Model, supplies: Supplies) -> Order:
    return _RestylingReader(body, model, supplies).order()


def read_motion(body: Json, model: Model, supplies: Supplies) -> Order:
    order = _MotionReader(body, model, supplies).order()
    order.recipe = "motion"
    return order


class _RestylingReader(Reader):
    def order(self) -> Order:
        source = self.needed_media("video_id", "video", self.model.slots["input_video"])
        self.prompt(self.body["prompt"], ("body", "prompt"))
        pictures = [*self.references("reference_image_asset_ids", "image", REFERENCES), *self._elements()]
        self.refuse_misfits()
        resolution = self.model.row["default_resolution"] or "720p"
        width, height = frame_size(resolution, own_ratio(source.width, source.height))
        return Order(
            self.model,
            makes="video",
            recipe="restyling",
            credits=self.model.credits(source.duration_ms, resolution),
            prompt=self.body["prompt"],
            width=width,
            height=height,
            duration_ms=source.duration_ms,
            inputs={
                "input_video": [{"asset": source.id}],
                "image_references": [{"asset": media.id} for media in pictures],
            },
            details={"keeps_sound": self.body["keep_audio"]},
        )

    def _elements(self) -> list[Media]:
        """The frontal picture of each element, and every picture checked."""
        frontal = []
        for index, element in enumerate(self.body.get("elements") or []):
            loc = ("body", "elements", index)
            for place, asset_id in enumerate(element.get("reference_image_asset_ids") or []):
                self.media(asset_id, "image", (*loc, "reference_image_asset_ids", place), REFERENCES)
            found = self.media(
                element["frontal_image_asset_id"], "image", (*loc, "frontal_image_asset_id"), REFERENCES
            )
            frontal += [found] if found else []
        return frontal


class _MotionReader(VideoReader):
    def _length_of_input(self, asked: int | None) -> int:
        """Whatever is asked for, the result follows the driving clip."""
        return super()._length_of_input(self.own_length_ms())
