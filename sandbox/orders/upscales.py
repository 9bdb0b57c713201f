"""``image_upscale`` and ``video_upscale``: the same picture or clip with more pixels."""

from __future__ import annotations

from sandbox.catalog import Model, frame_size, own_ratio
from sandbox.orders.order import Order, Supplies
from sandbox.orders.reader import Reader
from sandbox.wire import Json

MOST_PIXELS = 50_000_000


def read_image_upscale(body: Json, model: Model, supplies: Supplies) -> Order:
    order = _UpscaleReader(body, model, supplies).order("image_id", "image", "enlarged picture")
    order.title, order.ending = "Upscaled image", "jpg"
    return order


def read_video_upscale(body: Json, model: Model, supplies: Supplies) -> Order:
    order = _UpscaleReader(body, model, supplies).order("video_id", "video", "enlarged clip")
    order.title, order.details = "Upscaled video", {"keeps_sound": True}
    return order


class _UpscaleReader(Reader):
    def order(self, field: str, kind: str, recipe: str) -> Order:
        """The target names the short side; the shape stays the source's."""
        source = self.needed_media(field, kind)
        target = self._target()
        width, height = frame_size(target, own_ratio(source.width, source.height))
        if width * height > MOST_PIXELS:
            self.fault("value_error", ("body", field), "It is too long and narrow for this size", source.id)
        self.refuse_misfits()
        return Order(
            self.model,
            makes=kind,
            recipe=recipe,
            credits=self.model.credits(source.duration_ms, target=target),
            width=width,
            height=height,
            duration_ms=source.duration_ms,
            inputs={f"input_{kind}": [{"asset": source.id}]},
        )

    def _target(self) -> str:
        """``upscale_factor`` is of older days: what counts is the name of the target."""
        chosen, offered = self.body.get("target_resolution"), self.model.resolutions
        if chosen and chosen not in offered:
            self.refuse_choice(("body", "target_resolution"), chosen, offered)
        return str(chosen or self.model.row["default_resolution"])
