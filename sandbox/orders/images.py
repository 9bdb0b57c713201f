"""``image`` and ``image_to_image``: one body, whose references decide which of the two it is."""

from __future__ import annotations

import re

from sandbox.assets import Media
from sandbox.catalog import Model, frame_size, nearest_ratio
from sandbox.orders.order import Order, Supplies
from sandbox.orders.reader import Reader
from sandbox.wire import Json

USUAL_RESOLUTION = "1K"
MOST_PNG_PIXELS = 2_000_000
"""Larger pictures are JPEG: a PNG of theirs is slow to write and heavy to send."""


def read_image(body: Json, model: Model, supplies: Supplies) -> Order:
    return _ImageReader(body, model, supplies).order()


class _ImageReader(Reader):
    def order(self) -> Order:
        pictures = self._pictures()
        self.prompt(self.body["text_prompt"], ("body", "text_prompt"))
        resolution, ratio = self._resolution(), self._ratio(pictures)
        self.refuse_misfits()
        width, height = frame_size(resolution, ratio)
        return Order(
            self.model,
            makes="image",
            recipe="picture",
            credits=self.model.credits(resolution=resolution),
            prompt=self.body["text_prompt"],
            ending="png" if width * height <= MOST_PNG_PIXELS else "jpg",
            width=width,
            height=height,
            inputs={"references": [{"asset": media.id} for media in pictures]} if pictures else {},
        )

    def _pictures(self) -> list[Media]:
        """``reference_image_ids`` win over ``start_keyframe_id``."""
        slot = self.model.references.get("image")
        field = "reference_image_ids" if self.body.get("reference_image_ids") else "start_keyframe_id"
        given = self.body.get(field)
        if slot is None:
            if given:
                self.fault("value_error", ("body", field), f"{self.model.name} takes no images", given)
            return []
        if not given and (slot["required"] or self.body["type"] == "image_to_image"):
            self.fault("missing", ("body", "reference_image_ids"), "Field required", self.body)
            return []
        if field == "reference_image_ids":
            return self.references(field, "image", slot)
        media = self.media(given, "image", ("body", field), slot) if given else None
        return [media] if media else []

    def _resolution(self) -> str:
        chosen, offered = self.body.get("resolution"), self.model.resolutions
        if chosen and chosen not in offered:
            self.refuse_choice(("body", "resolution"), chosen, offered)
        return str(chosen or self.model.row["default_resolution"] or USUAL_RESOLUTION)

    def _ratio(self, pictures: list[Media]) -> str:
        """As asked, else that of the first picture, else the first on offer."""
        chosen, offered = self.body.get("aspect_ratio"), self.model.ratios
        if chosen and chosen not in offered:
            self.refuse_choice(("body", "aspect_ratio"), chosen, offered)
        if chosen and re.fullmatch(r"\d+:\d+", chosen):
            return str(chosen)
        if pictures:
            return nearest_ratio(pictures[0].width, pictures[0].height, offered)
        return offered[0]
