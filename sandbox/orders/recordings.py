"""What is made of a recording: another voice, the voice alone, or a voice of one's own."""

from __future__ import annotations

from sandbox.assets import Media
from sandbox.catalog import Model
from sandbox.orders.order import Order, Supplies
from sandbox.orders.reader import Reader
from sandbox.wire import Json


def read_voice_change(body: Json, model: Model, supplies: Supplies) -> Order:
    reader = Reader(body, model, supplies)
    source = reader.needed_media("audio_id", "audio")
    speaker = reader.speaker(body["voice_id"], ("body", "voice_id"))
    order = _of_recording(model, source, "another voice", f"Spoken by {speaker.name}")
    order.details = {"pitch": speaker.pitch, "voice": speaker.name}
    return order


def read_isolation(body: Json, model: Model, supplies: Supplies) -> Order:
    source = Reader(body, model, supplies).needed_media("audio_id", "audio")
    return _of_recording(model, source, "voice alone", "Isolated voice")


def read_clone(body: Json, model: Model, supplies: Supplies) -> Order:
    reader = Reader(body, model, supplies)
    if not body["name"].strip():
        reader.fault("string_too_short", ("body", "name"), "A voice needs a name", body["name"])
    source = reader.needed_media("audio_id", "audio")
    order = _of_recording(model, source, "recording", body["name"])
    order.makes, order.prompt = "voice", body["name"]
    return order


def _of_recording(model: Model, source: Media, recipe: str, title: str) -> Order:
    return Order(
        model,
        makes="audio",
        recipe=recipe,
        credits=model.credits(source.duration_ms),
        title=title,
        ending="mp3",
        duration_ms=source.duration_ms,
        inputs={"audio_input": [{"asset": source.id}]},
    )
