"""The bodies of ``POST /generations`` and ``POST /assets``, as the contract declares them."""

from __future__ import annotations

from typing import Any

from sandbox.contract import (
    Check,
    Field,
    boolean,
    checked,
    integer,
    list_of,
    number,
    one_of,
    one_or_list,
    point,
    shape,
    text,
    url,
    uuid_text,
)
from sandbox.wire import Json, invalid, problem

ASSET_TYPES = ("text", "image", "audio", "video", "voice", "three_d", "rich_text")
GENERATION_TYPES = (
    "image", "video", "text_to_speech", "speech_to_speech", "voice_clone", "audio_isolation",
    "video_stitching", "video_upscale", "video_to_video", "image_upscale", "agent_response",
    "audio_from_video", "text_to_sound", "assets_to_image_text_prompt", "assets_to_audio_text_prompt",
)  # fmt: skip
LANGUAGES = (
    "Chinese", "Chinese,Yue", "English", "Arabic", "Russian", "Spanish", "French", "Portuguese", "German",
    "Turkish", "Dutch", "Ukrainian", "Vietnamese", "Indonesian", "Japanese", "Italian", "Korean", "Thai",
    "Polish", "Romanian", "Greek", "Czech", "Finnish", "Hindi", "Bulgarian", "Danish", "Hebrew", "Malay",
    "Persian", "Slovak", "Swedish", "Croatian", "Filipino", "Hungarian", "Norwegian", "Slovenian",
    "Catalan", "Nynorsk", "Tamil", "Afrikaans", "auto",
)  # fmt: skip

ID = Field(uuid_text)
IDS = Field(list_of(uuid_text))
TEXT = Field(text())
NEEDED_ID = Field(uuid_text, required=True)
NEEDED_TEXT = Field(text(), required=True)
NAME = Field(text(max_length=255))
BATCH_SIZE = Field(integer(1, 8), default=1)
OFF = Field(boolean, default=False)

COMMON = {
    "workspace_id": TEXT,
    "agent_thread_id": ID,
    "generation_id": ID,
    "generation_ids": IDS,
    "reserved_asset_id": ID,
    "reserved_asset_ids": IDS,
}
MODEL = {"ai_model_id": ID, "model_slug": TEXT}

SHOT = shape({"prompt": NEEDED_TEXT, "duration_ms": Field(integer(3000, 15000), required=True)})
VIDEO_INPUTS = shape(
    {
        "text_prompt": NEEDED_TEXT,
        **MODEL,
        "resolution": TEXT,
        "aspect_ratio": TEXT,
        "duration_ms": Field(integer()),
        "bounding_box_target": Field(point),
        "character_orientation": Field(one_of("video", "image")),
        "enhance_prompt": OFF,
        "multi_prompt": Field(list_of(SHOT)),
        "shot_type": Field(one_of("customize")),
    }
)
TEXT_TO_SPEECH = {
    **COMMON,
    "name": NAME,
    "voice_id": NEEDED_ID,
    "model_id": ID,
    "model_slug": TEXT,
    "text": NEEDED_TEXT,
    "stability": Field(number(at_least=0, at_most=1), default=1.0),
    "speed": Field(number(at_least=0.7, at_most=1.2), default=1.0),
    "language": Field(one_of(*LANGUAGES), default="auto"),
}
VIDEO = {
    **COMMON,
    "name": NAME,
    **MODEL,
    "start_keyframe_id": ID,
    "start_keyframe_url": Field(url),
    "end_keyframe_id": ID,
    "end_keyframe_url": Field(url),
    "audio_id": Field(one_or_list(uuid_text)),
    "audio_generation": Field(shape(TEXT_TO_SPEECH)),
    "audio_start_ms": Field(integer()),
    "reference_audio_ids": IDS,
    "reference_image_ids": IDS,
    "reference_video_ids": IDS,
    "video_id": ID,
    "generated_video_inputs": Field(VIDEO_INPUTS, required=True),
    "batch_size": BATCH_SIZE,
}
IMAGE = {
    **COMMON,
    "name": NAME,
    **MODEL,
    "text_prompt": NEEDED_TEXT,
    "aspect_ratio": TEXT,
    "resolution": TEXT,
    "start_keyframe_id": ID,
    "reference_image_ids": IDS,
    "batch_size": BATCH_SIZE,
    "enhance_prompt": OFF,
}
TEXT_TO_SOUND = {
    **COMMON,
    **MODEL,
    "text": Field(text(1), required=True),
    "duration_seconds": Field(number(at_least=0.5, at_most=30)),
    "prompt_influence": Field(number(at_least=0, at_most=1)),
    "loop": Field(boolean),
    "output_format": TEXT,
}
UPSCALE = {**COMMON, **MODEL, "target_resolution": TEXT, "upscale_factor": Field(number())}
ELEMENT = shape({"frontal_image_asset_id": NEEDED_ID, "reference_image_asset_ids": IDS})
VIDEO_TO_VIDEO = {
    **COMMON,
    **MODEL,
    "video_id": NEEDED_ID,
    "prompt": NEEDED_TEXT,
    "reference_image_asset_ids": IDS,
    "elements": Field(list_of(ELEMENT)),
    "keep_audio": Field(boolean, default=True),
}
MOTION_CONTROL = {
    **COMMON,
    **MODEL,
    "video_id": NEEDED_ID,
    "start_keyframe_id": NEEDED_ID,
    "generated_video_inputs": Field(VIDEO_INPUTS, required=True),
}
BODIES: dict[str, Check] = {
    "video": shape(VIDEO),
    "text_to_speech": shape(TEXT_TO_SPEECH),
    "text_to_sound": shape(TEXT_TO_SOUND),
    "image": shape(IMAGE),
    "image_to_image": shape(IMAGE),
    "image_upscale": shape({**UPSCALE, "image_id": NEEDED_ID}),
    "video_upscale": shape({**UPSCALE, "video_id": NEEDED_ID}),
    "audio_isolation": shape({**COMMON, **MODEL, "audio_id": NEEDED_ID}),
    "speech_to_speech": shape({**COMMON, **MODEL, "audio_id": NEEDED_ID, "voice_id": NEEDED_ID}),
    "voice_clone": shape({**COMMON, "audio_id": NEEDED_ID, "name": NEEDED_TEXT}),
    "video_to_video": shape(VIDEO_TO_VIDEO),
    "motion_control": shape(MOTION_CONTROL),
}
CREATE_ASSET = shape(
    {
        "name": NEEDED_TEXT,
        "type": Field(one_of(*ASSET_TYPES), required=True),
        "workspace_id": TEXT,
        "reserved_asset_id": ID,
    }
)


def generation_body(data: Any) -> Json:
    """The body by its ``type``; raises the 422 answer."""
    if not isinstance(data, dict) or "type" not in data:
        msg = "Unable to extract tag using discriminator 'type'"
        raise invalid(problem("union_tag_not_found", ("body",), msg, data))
    kind = data["type"]
    if not isinstance(kind, str) or kind not in BODIES:
        tags = ", ".join(repr(name) for name in BODIES)
        msg = f"Input tag {kind!r} found using 'type' does not match any of the expected tags: {tags}"
        raise invalid(problem("union_tag_invalid", ("body",), msg, data))
    return {"type": kind, **checked(BODIES[kind], data, ("body",))}


def create_asset_body(data: Any) -> Json:
    body: Json = checked(CREATE_ASSET, data, ("body",))
    if body["type"] not in ("image", "audio", "video"):
        msg = "The sandbox keeps image, audio and video uploads only"
        raise invalid(problem("value_error", ("body", "type"), msg, body["type"]))
    return body
