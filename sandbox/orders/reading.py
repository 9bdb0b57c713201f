"""From a body that the contract accepts to an order, by the family of its type."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.catalog import Model
from sandbox.orders.choosing import chosen_model
from sandbox.orders.images import read_image
from sandbox.orders.order import Order, Supplies
from sandbox.orders.recordings import read_clone, read_isolation, read_voice_change
from sandbox.orders.restyling import read_motion, read_restyling
from sandbox.orders.speech import read_sound, read_speech
from sandbox.orders.upscales import read_image_upscale, read_video_upscale
from sandbox.orders.videos import read_video
from sandbox.wire import Json

READERS: dict[str, Callable[[Json, Model, Supplies], Order]] = {
    "video": read_video,
    "image": read_image,
    "image_to_image": read_image,
    "text_to_speech": read_speech,
    "text_to_sound": read_sound,
    "speech_to_speech": read_voice_change,
    "audio_isolation": read_isolation,
    "voice_clone": read_clone,
    "image_upscale": read_image_upscale,
    "video_upscale": read_video_upscale,
    "video_to_video": read_restyling,
    "motion_control": read_motion,
}


def read_order(body: Json, supplies: Supplies) -> Order:
    """Raises the 422 answer with everything that does not fit."""
    model = chosen_model(body, body["type"], supplies.catalog)
    order = READERS[body["type"]](body, model, supplies)
    order.over_caption = _is_over_caption(order, supplies)
    return order


def _is_over_caption(order: Order, supplies: Supplies) -> bool:
    ids = [entry["asset"] for entries in order.inputs.values() for entry in entries if "asset" in entry]
    return any(media.captioned for media in map(supplies.find_media, ids) if media)
