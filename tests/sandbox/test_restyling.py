"""Clips made after a clip: restyled, or with a picture that moves along."""

import io
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import av
import pytest
from PIL import Image, ImageStat

from tests.sandbox.conftest import Api, Json, image_bytes, tone_bytes, video, video_bytes

EDIT = "sandbox/kling-o3-standard-edit-v2v"
MOTION = "sandbox/kling-2-6-motion-control-standard-vi2v"
Clip = Callable[..., str]


@pytest.fixture
def clip(api: Api, tmp_path: Path) -> Clip:
    """Uploads a clip of so many seconds that turns from red to blue."""
    return lambda seconds=3: api.upload("video", video_bytes(tmp_path, seconds))


def restyling(video_id: str, prompt: str = "Under neon light", **changes: object) -> Json:
    return {
        "type": "video_to_video", "model_slug": EDIT, "video_id": video_id, "prompt": prompt, **changes
    }  # fmt: skip


def motion(video_id: str, image_id: str, **inputs: object) -> Json:
    return {
        "type": "motion_control",
        "model_slug": MOTION,
        "video_id": video_id,
        "start_keyframe_id": image_id,
        "generated_video_inputs": {"text_prompt": "Dance", "character_orientation": "video", **inputs},
    }


def pictures(data: bytes) -> list[Image.Image]:
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]


def mean(image: Image.Image, *box: int) -> list[float]:
    return ImageStat.Stat(image.crop(box) if box else image).mean  # type: ignore[arg-type]


def has_sound(data: bytes) -> bool:
    with av.open(io.BytesIO(data)) as container:
        return bool(container.streams.audio)


def speaking_clip(api: Api) -> str:
    """A finished clip with sound, 3 s long."""
    order = video(
        model="hedra-avatar",
        start_keyframe_id=api.upload("image", image_bytes()),
        audio_id=api.upload("audio", tone_bytes(3)),
        inputs={"resolution": "540p", "duration_ms": None},
    )
    asset_id: str = api.made(order)["asset"]["id"]
    return asset_id


def test_a_restyled_clip_is_as_long_and_as_wide_as_its_source(api: Api, clip: Clip) -> None:
    take = api.made(restyling(clip(4)))
    told = take["asset"]["asset"]
    shown = pictures(api.fetched(told["url"]))

    assert (told["width"], told["height"]) == shown[0].size == (1280, 720)
    assert (told["duration_ms"], len(shown)) == (4000, 96)
    assert take["credit_cost"] == 4 * 30
    assert told["generated_video_inputs"]["text_prompt"] == "Under neon light"


def test_the_colours_are_those_of_the_prompt(api: Api, clip: Clip) -> None:
    source = clip()
    styles = [
        mean(pictures(api.result(restyling(source, prompt)))[10], 0, 0, 1280, 400)
        for prompt in ("Desert dunes at noon", "Neon city by night")
    ]

    assert any(abs(one - other) > 20 for one, other in zip(*styles, strict=True))


def test_the_source_is_still_to_be_seen(api: Api, clip: Clip) -> None:
    shown = pictures(api.result(restyling(clip())))
    red, blue = mean(shown[5], 0, 0, 1280, 400), mean(shown[-5], 0, 0, 1280, 400)

    assert red[0] > blue[0] + 30
    assert blue[2] > red[2] + 30


def test_references_and_elements_are_small_in_the_corner(api: Api, clip: Clip) -> None:
    green, white = (api.upload("image", image_bytes(colour=colour)) for colour in ("lime", "white"))
    order = restyling(
        clip(),
        reference_image_asset_ids=[green],
        elements=[{"frontal_image_asset_id": white, "reference_image_asset_ids": [green]}],
    )
    first, second = (mean(pictures(api.result(order))[5], left, 40, left + 40, 80) for left in (1180, 1045))

    assert first[1] > 220 > 60 > first[0]
    assert min(second) > 220


@pytest.mark.parametrize(("keep", "heard"), [(None, True), (True, True), (False, False)])
def test_the_sound_is_kept_if_wanted(api: Api, keep: bool | None, heard: bool) -> None:
    wish = {} if keep is None else {"keep_audio": keep}

    assert has_sound(api.result(restyling(speaking_clip(api), **wish))) == heard


def test_a_silent_clip_stays_silent(api: Api, clip: Clip) -> None:
    assert not has_sound(api.result(restyling(clip(), keep_audio=True)))


def test_without_a_model_the_first_of_its_kind_restyles(api: Api, clip: Clip) -> None:
    order = restyling(clip())
    del order["model_slug"]

    assert api.listed(api.generate(order)["id"])["credit_cost"] == 3 * 35


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"model_slug": "sandbox/grok-video-t2v"}, "model_slug"),
        ({"model_slug": MOTION}, "model_slug"),
        ({"model_slug": "sandbox/veo-3-1-extend"}, "model_slug"),
        ({"prompt": "x" * 2501}, "prompt"),
        ({"reference_image_asset_ids": [str(uuid4())]}, "reference_image_asset_ids.0"),
        (
            {"elements": [{"frontal_image_asset_id": str(uuid4())}]},
            "elements.0.frontal_image_asset_id",
        ),
    ],
)
def test_restyling_that_is_refused(api: Api, clip: Clip, changes: Json, where: str) -> None:
    assert set(api.refused(restyling(clip(), **changes))) == {f"body.{where}"}


@pytest.mark.parametrize(
    ("seconds", "words"), [(2, "at least 3000 ms"), (11, "at most 10000 ms"), (16, "at most 15000 ms")]
)
def test_the_source_must_be_of_a_length_the_model_takes(
    api: Api, clip: Clip, seconds: int, words: str
) -> None:
    assert words in api.refused(restyling(clip(seconds)))["body.video_id"]["msg"]


@pytest.mark.parametrize("asked", [None, 9000])
def test_a_moved_picture_is_as_long_as_what_moves_it(api: Api, clip: Clip, asked: int | None) -> None:
    image = api.upload("image", image_bytes((320, 180), "lime"))
    take = api.made(motion(clip(4), image, duration_ms=asked))
    shown = pictures(api.fetched(take["asset"]["asset"]["url"]))

    assert (take["asset"]["asset"]["duration_ms"], len(shown)) == (4000, 96)
    assert take["credit_cost"] == 4 * 8
    assert take["asset"]["asset"]["keyframe_start"]["id"] == image
    assert mean(shown[50], 100, 100, 900, 400)[1] > 220
    assert mean(shown[5], 1180, 40, 1220, 80)[0] > 200  # the driving clip, small


def test_what_moves_a_character_seen_in_the_picture_is_shorter(api: Api, clip: Clip) -> None:
    image = api.upload("image", image_bytes())
    problems = api.refused(motion(clip(11), image, character_orientation="image"))

    assert "at most 10000 ms" in problems["body.generated_video_inputs.duration_ms"]["msg"]


def test_motion_that_is_refused(api: Api, clip: Clip) -> None:
    image, driving = api.upload("image", image_bytes()), clip()
    needs = "body.generated_video_inputs.character_orientation"
    still = api.refused({**motion(driving, image), "model_slug": EDIT})

    assert api.refused(motion(driving, image, character_orientation=None))[needs]["type"] == "missing"
    assert set(still) == {"body.model_slug"}
    assert "body.video_id" in api.refused(motion(image, image))
    assert "body.start_keyframe_id" in api.refused(motion(driving, driving))
