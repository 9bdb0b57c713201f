"""Requests that are refused: by the contract, and by what the model offers."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.sandbox.conftest import Api, image_bytes, tone_bytes, video, video_bytes

INPUTS = "body.generated_video_inputs"
ID = str(uuid4())
# A body of each other type that the contract accepts.
OTHERS: list[dict[str, Any]] = [
    {"type": "text_to_speech", "voice_id": ID, "text": "Hello"},
    {"type": "text_to_sound", "text": "Rain"},
    {"type": "image", "text_prompt": "A cat"},
    {"type": "image_to_image", "text_prompt": "A cat", "reference_image_ids": [ID]},
    {"type": "image_upscale", "image_id": ID},
    {"type": "video_upscale", "video_id": ID},
    {"type": "audio_isolation", "audio_id": ID},
    {"type": "speech_to_speech", "audio_id": ID, "voice_id": ID},
    {"type": "voice_clone", "audio_id": ID, "name": "Me"},
    {"type": "video_to_video", "video_id": ID, "prompt": "In snow"},
    {
        "type": "motion_control",
        "video_id": ID,
        "start_keyframe_id": ID,
        "generated_video_inputs": {"text_prompt": "Dance"},
    },
]


@pytest.mark.parametrize("body", OTHERS, ids=lambda body: body["type"])
def test_what_a_type_cannot_do_without(api: Api, body: dict[str, Any]) -> None:
    for name in body.keys() - {"type", "reference_image_ids"}:
        without = {key: value for key, value in body.items() if key != name}
        assert api.refused(without)[f"body.{name}"]["type"] == "missing"


@pytest.mark.parametrize(
    ("body", "where", "kind"),
    [
        ({"type": "text_to_speech", "voice_id": ID, "text": "x", "speed": 2}, "speed", "less_than_equal"),
        (
            {"type": "text_to_speech", "voice_id": ID, "text": "x", "language": "en"},
            "language",
            "literal_error",
        ),
        ({"type": "text_to_sound", "text": ""}, "text", "string_too_short"),
        (
            {"type": "text_to_sound", "text": "x", "duration_seconds": 0.1},
            "duration_seconds",
            "greater_than_equal",
        ),
        ({"type": "image", "text_prompt": "x", "batch_size": 9}, "batch_size", "less_than_equal"),
        ({"type": "image", "text_prompt": "x", "name": "n" * 256}, "name", "string_too_long"),
        ({"type": "video_to_video", "video_id": "x", "prompt": "y"}, "video_id", "uuid_parsing"),
    ],
)
def test_fields_of_other_types(api: Api, body: dict[str, Any], where: str, kind: str) -> None:
    assert api.refused(body)[f"body.{where}"]["type"] == kind


@pytest.mark.parametrize(
    ("changes", "where", "kind"),
    [
        ({"generated_video_inputs": None}, "body.generated_video_inputs", "model_attributes_type"),
        ({"batch_size": 0}, "body.batch_size", "greater_than_equal"),
        ({"batch_size": 9}, "body.batch_size", "less_than_equal"),
        ({"batch_size": "many"}, "body.batch_size", "int_parsing"),
        ({"batch_size": None}, "body.batch_size", "int_type"),
        ({"generation_id": "x"}, "body.generation_id", "uuid_parsing"),
        ({"generation_ids": "x"}, "body.generation_ids", "list_type"),
        ({"start_keyframe_url": "ftp://x"}, "body.start_keyframe_url", "url_parsing"),
        ({"audio_id": ["x"]}, "body.audio_id.0", "uuid_parsing"),
        ({"name": "n" * 256}, "body.name", "string_too_long"),
        ({"inputs": {"text_prompt": 5}}, f"{INPUTS}.text_prompt", "string_type"),
        ({"inputs": {"text_prompt": None}}, f"{INPUTS}.text_prompt", "missing"),
        ({"inputs": {"text_prompt": "\ud800"}}, f"{INPUTS}.text_prompt", "string_unicode"),
        ({"inputs": {"enhance_prompt": "x"}}, f"{INPUTS}.enhance_prompt", "bool_type"),
        ({"inputs": {"shot_type": "auto"}}, f"{INPUTS}.shot_type", "literal_error"),
        ({"inputs": {"bounding_box_target": [2, 0]}}, f"{INPUTS}.bounding_box_target.0", "less_than_equal"),
        (
            {"inputs": {"multi_prompt": [{"prompt": "x", "duration_ms": 100}]}},
            f"{INPUTS}.multi_prompt.0.duration_ms",
            "greater_than_equal",
        ),
    ],
)
def test_the_contract_of_video(api: Api, changes: dict[str, Any], where: str, kind: str) -> None:
    assert api.refused(video(**changes))[where]["type"] == kind


@pytest.mark.parametrize("body", [[], "x", {}, {"type": "film"}, {"type": ["video"]}])
def test_the_type_must_be_known(api: Api, body: Any) -> None:
    assert api.refused(body)["body"]["type"] in ("union_tag_invalid", "union_tag_not_found")


def test_broken_json(api: Api) -> None:
    answer = api.post("/generations", data=b'{"type": ')

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["type"] == "json_invalid"


@pytest.mark.parametrize(
    ("model", "inputs", "where"),
    [
        ("grok-video-t2v", {"aspect_ratio": "4:3"}, f"{INPUTS}.aspect_ratio"),
        ("grok-video-t2v", {"resolution": "1080p"}, f"{INPUTS}.resolution"),
        ("grok-video-t2v", {"duration_ms": 4000}, f"{INPUTS}.duration_ms"),
        ("grok-video-t2v", {"duration_ms": None}, f"{INPUTS}.duration_ms"),
        ("grok-video-t2v", {"text_prompt": " "}, f"{INPUTS}.text_prompt"),
        ("grok-video-t2v", {"text_prompt": "x" * 4097}, f"{INPUTS}.text_prompt"),
        ("grok-video-i2v", {}, "body.start_keyframe_id"),
        ("hedra-avatar", {"duration_ms": None}, "body.audio_id"),
        ("kling-o3-pro-edit-v2v", {"aspect_ratio": "16:9", "resolution": "1080p"}, "body.video_id"),
        ("no-such-model", {}, "body.model_slug"),
    ],
)
def test_what_the_model_offers(api: Api, model: str, inputs: dict[str, Any], where: str) -> None:
    assert where in api.refused(video(model=model, inputs=inputs))


def test_a_model_must_be_named_once(api: Api) -> None:
    nameless = video()
    del nameless["model_slug"]
    grok, sora = "827122cd-5fdd-4412-86f2-554f7bb8eef9", "6473f885-5f89-40f6-a26f-f3ad209ec59e"

    assert api.refused(nameless)["body.model_slug"]["msg"] == "Field required"
    assert "body.ai_model_id" in api.refused({**video(), "ai_model_id": sora})
    assert api.generate({**nameless, "ai_model_id": grok})["status"] == "queued"
    nested = {**nameless["generated_video_inputs"], "model_slug": "sandbox/grok-video-t2v"}
    assert api.generate({**nameless, "generated_video_inputs": nested})["status"] == "queued"


def test_inputs_must_be_there_ready_and_of_their_kind(api: Api) -> None:
    empty = api.post("/assets", {"name": "x", "type": "image"}).json()["id"]
    audio = api.upload("audio", tone_bytes())
    complaints = {str(uuid4()): "no such asset", empty: "no file yet", audio: "type audio"}

    for asset_id, words in complaints.items():
        problems = api.refused(video(model="grok-video-i2v", start_keyframe_id=asset_id))
        assert words in problems["body.start_keyframe_id"]["msg"]


def test_inputs_of_another_account_are_unknown(api: Api, shared: Any) -> None:
    theirs = Api(shared, "sandbox").upload("image", image_bytes())

    assert "body.start_keyframe_id" in api.refused(video(model="grok-video-i2v", start_keyframe_id=theirs))


def test_inputs_a_model_does_not_take(api: Api) -> None:
    image, audio = api.upload("image", image_bytes()), api.upload("audio", tone_bytes())

    assert "body.start_keyframe_id" in api.refused(video(start_keyframe_id=image))
    assert "body.audio_id" in api.refused(video(audio_id=audio))
    assert "body.end_keyframe_id" in api.refused(
        video(model="grok-video-i2v", start_keyframe_id=image, end_keyframe_id=image)
    )
    assert "body.reference_image_ids" in api.refused(video(reference_image_ids=[image]))


def test_audio_must_fit_the_model(api: Api) -> None:
    image = api.upload("image", image_bytes())
    short, long = api.upload("audio", tone_bytes(1)), api.upload("audio", tone_bytes(9))

    def refused(model: str, audio: str, **changes: Any) -> dict[str, Any]:
        inputs = {"duration_ms": None, "resolution": "720p", **changes.pop("inputs", {})}
        return api.refused(
            video(model=model, start_keyframe_id=image, audio_id=audio, inputs=inputs, **changes)
        )

    assert "at least 2000 ms" in refused("kling-ai-avatar-v2-pro", short)["body.audio_id"]["msg"]
    assert "at most 8000 ms" in refused("hedra-omnia", long)["body.audio_id"]["msg"]
    assert "body.audio_start_ms" in refused("hedra-avatar", short, audio_start_ms=1500)
    assert f"{INPUTS}.duration_ms" in refused("hedra-avatar", short, inputs={"duration_ms": 700_000})


def test_a_driving_video_needs_an_orientation(api: Api, tmp_path: Path) -> None:
    clip, image = api.upload("video", video_bytes(tmp_path)), api.upload("image", image_bytes())
    body = video(
        model="kling-2-6-motion-control-pro-vi2v",
        video_id=clip,
        start_keyframe_id=image,
        inputs={"resolution": "720p", "duration_ms": None},
    )

    assert api.refused(body)[f"{INPUTS}.character_orientation"]["type"] == "missing"


def test_reserved_ids_must_fit_the_batch(api: Api) -> None:
    two = [str(uuid4()), str(uuid4())]

    assert "body.generation_ids" in api.refused(video(batch_size=3, generation_ids=two))
    assert "body.generation_ids" in api.refused(video(batch_size=2, generation_ids=[two[0], two[0]]))
    assert "body.generation_ids" in api.refused(video(batch_size=2, generation_ids=two, generation_id=two[0]))
    assert "body.generation_id" in api.refused(video(batch_size=2, generation_id=two[0]))
    assert "body.reserved_asset_ids" in api.refused(video(batch_size=1, reserved_asset_ids=two))


def test_refused_requests_cost_nothing(api: Api) -> None:
    before = api.entries
    api.refused(video(inputs={"resolution": "9000p"}))

    assert api.entries == before
    assert len(api.get("/generations").json()["data"]) == 12
