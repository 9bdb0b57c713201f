"""Every model in every resolution at its shortest and longest: accepted, and charged as its entry states."""

import json
from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.server import start
from tests.sandbox.conftest import Api, Json, image_bytes, tone_bytes, video_bytes
from tests.sandbox.test_speech import DAVID

ROWS: list[Json] = json.loads(Path(__file__).parents[2].joinpath("sandbox/catalog.json").read_text())
SOUND_S, CLIP_S = Decimal("2.5"), Decimal(4)
TEXTS = ("x", "x" * 1234)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Api, dict[str, str]]]:
    """A rich account with one file of each kind, at a sandbox where nothing is ever finished."""
    with start(state_dir=tmp_path_factory.mktemp("prices"), speed=1) as handle:
        api = Api(handle, "sandbox")
        handle.fault("stuck", times=0)
        handle.settings(balance=10_000_000)
        clip = video_bytes(tmp_path_factory.mktemp("clip"), int(CLIP_S))
        yield (
            api,
            {
                "image": api.upload("image", image_bytes((640, 360))),
                "audio": api.upload("audio", tone_bytes(float(SOUND_S))),
                "video": api.upload("video", clip),
            },
        )


def stated(row: Json, resolution: str = "", seconds: Decimal = Decimal(0), letters: int = 0) -> int:
    """What the entry says, worked out anew."""
    if pricing := row["pricing"]:
        exact = Decimal(pricing["base_cost"] or 0) + (pricing["credits_per_second"] or 0) * seconds
        for factors in pricing["modifiers"].values():
            exact *= Decimal(str(factors.get(resolution, 1)))
    else:
        details = row["price_details"]
        units = {"generation": Decimal(1), "second": seconds, "character": Decimal(letters)}
        exact = details["credit_cost"] * units[details["billing_unit"]] / details["unit_scale"]
    return int(exact.to_integral_value(ROUND_CEILING))


def orders(row: Json, files: dict[str, str]) -> Iterator[tuple[Json, int]]:
    """Bodies for the model, each with what it must cost."""
    make = {"video": _videos, "image": _images, "text_to_speech": _speeches, "text_to_sound": _sounds}
    for body, credits in make.get(row["type"], _others)(row, files):
        named = {} if row["type"] == "voice_clone" else {"model_slug": row["slug"]}
        yield {**named, **body}, credits


def _videos(row: Json, files: dict[str, str]) -> Iterator[tuple[Json, int]]:
    slots = [slot for mode in row["inputs"] or [] for slot in mode["slots"] if slot["required"]]
    fields = {
        "start_frame": "start_keyframe_id",
        "end_frame": "end_keyframe_id",
        "audio_input": "audio_id",
        "input_video": "video_id",
    }
    given: Json = {fields[slot["role"]]: files[slot["type"]] for slot in slots if slot["role"] in fields}
    if any(slot["role"] == "reference" for slot in slots):
        given["reference_image_ids"] = [files["image"]]
    for resolution in row["resolutions"]:
        for ratio in (row["aspect_ratios"][0], row["aspect_ratios"][-1]):
            for inputs, seconds in _lengths(row, given):
                asked = {"text_prompt": "Waves", "resolution": resolution, "aspect_ratio": ratio, **inputs}
                body = {"type": "video", **given, "generated_video_inputs": asked}
                yield body, stated(row, resolution, seconds)
                if row["requires_character_orientation"]:
                    yield {**body, "type": "motion_control"}, stated(row, resolution, seconds)
    if row["requires_input_video"] and row["tags"] == ["video-to-video"]:
        body = {"type": "video_to_video", "video_id": files["video"], "prompt": "In snow"}
        yield body, stated(row, row["default_resolution"], CLIP_S)


def _lengths(row: Json, given: Json) -> Iterator[tuple[Json, Decimal]]:
    if row["durations"] != ["auto"]:
        for chosen in {row["durations"][0], row["durations"][-1]}:
            yield {"duration_ms": int(chosen)}, Decimal(chosen) / 1000
    elif row["requires_character_orientation"]:
        yield {"character_orientation": "image"}, CLIP_S
        yield {"character_orientation": "video"}, CLIP_S
    else:
        yield {}, SOUND_S


def _images(row: Json, files: dict[str, str]) -> Iterator[tuple[Json, int]]:
    changes = row["slug"].endswith("-i2i")
    given = {"reference_image_ids": [files["image"]]} if changes else {}
    kind = "image_to_image" if changes else "image"
    for resolution in row["resolutions"] or [None]:
        for ratio in row["aspect_ratios"]:
            asked = {"text_prompt": "A cat", "resolution": resolution, "aspect_ratio": ratio}
            yield {"type": kind, **given, **asked}, stated(row, resolution or "")


def _speeches(row: Json, files: dict[str, str]) -> Iterator[tuple[Json, int]]:
    for text in TEXTS:
        yield {"type": row["type"], "voice_id": DAVID, "text": text}, stated(row, letters=len(text))


def _sounds(row: Json, files: dict[str, str]) -> Iterator[tuple[Json, int]]:
    for seconds in (0.5, 7.25, 30):
        body = {"type": row["type"], "text": "Rain", "duration_seconds": seconds}
        yield body, stated(row, seconds=Decimal(str(seconds)))


def _others(row: Json, files: dict[str, str]) -> Iterator[tuple[Json, int]]:
    """What is made of one file: by its length, and up to a target."""
    kind = {"image_upscale": "image", "video_upscale": "video"}.get(row["type"], "audio")
    seconds = {"image": Decimal(0), "video": CLIP_S, "audio": SOUND_S}[kind]
    more: Json = {"speech_to_speech": {"voice_id": DAVID}, "voice_clone": {"name": "Me"}}.get(row["type"], {})
    for target in row["resolutions"] or [None]:
        wish = {"target_resolution": target} if target else {}
        body: Json = {"type": row["type"], f"{kind}_id": files[kind], **more, **wish}
        yield body, stated(row, target or "", seconds)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["slug"].rpartition("/")[2])
def test_every_choice_is_accepted_and_charged_as_stated(
    files: tuple[Api, dict[str, str]], row: dict[str, Any]
) -> None:
    api, inputs = files
    asked = list(orders(row, inputs))
    expected = {api.generate(body)["id"]: credits for body, credits in asked}
    charged = {entry["generation_id"]: entry["credits"] for entry in api.entries}

    assert {made: charged[made] for made in expected} == expected
    assert len(expected) == len(asked) > 0
    assert all(credits > 0 for credits in expected.values())
