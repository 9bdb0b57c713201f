"""Pictures and clips made larger."""

import io
from pathlib import Path
from uuid import uuid4

import av
import pytest
from PIL import Image

from tests.sandbox.conftest import Api, Json, image_bytes, tone_bytes, video, video_bytes


@pytest.mark.parametrize(
    ("target", "size", "credits"),
    [("1080p", (1440, 1080), 4), ("2K", (1920, 1440), 6), ("4K", (2880, 2160), 12), (None, (1440, 1080), 4)],
)
def test_a_picture_is_enlarged_to_its_target(
    api: Api, target: str | None, size: tuple[int, int], credits: int
) -> None:
    source = api.upload("image", image_bytes((320, 240), "blue"))
    take = api.made({"type": "image_upscale", "image_id": source, "target_resolution": target})
    with Image.open(io.BytesIO(api.fetched(take["asset"]["asset"]["url"]))) as image:
        red, _, blue = image.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]

    assert image.size == size
    assert (take["asset"]["asset"]["width"], take["asset"]["asset"]["height"]) == size
    assert blue > 240 > 20 > red  # nothing drawn over it
    assert (take["credit_cost"], take["type"]) == (credits, "image")


def test_a_clip_keeps_its_length_shape_and_pictures(api: Api, tmp_path: Path) -> None:
    source = api.upload("video", video_bytes(tmp_path, seconds=1))
    take = api.made({"type": "video_upscale", "video_id": source, "target_resolution": "2K"})
    told = take["asset"]["asset"]

    with av.open(io.BytesIO(api.fetched(told["url"]))) as clip:
        pictures = [frame.to_image() for frame in clip.decode(video=0)]  # type: ignore[no-untyped-call]
        assert clip.duration == 1_000_000
        assert not clip.streams.audio
    assert pictures[0].size == (told["width"], told["height"]) == (2560, 1440)
    assert pictures[5].getpixel((5, 1435))[0] > 200  # red to the corner: no caption
    assert pictures[-5].getpixel((5, 1435))[2] > 200
    assert take["credit_cost"] == 3  # 2 × 1 s × 1.5
    assert told["source_video_id"] == source


def test_a_clip_keeps_its_sound(api: Api) -> None:
    speaking = api.made(
        video(
            model="hedra-avatar",
            start_keyframe_id=api.upload("image", image_bytes()),
            audio_id=api.upload("audio", tone_bytes(2)),
            inputs={"resolution": "540p", "duration_ms": None},
        )
    )
    take = api.made({"type": "video_upscale", "video_id": speaking["asset"]["id"]})

    with av.open(io.BytesIO(api.fetched(take["asset"]["asset"]["url"]))) as clip:
        assert clip.streams.audio[0].codec.name == "aac"
        assert clip.duration == 2_000_000


def test_an_odd_rounding_of_a_usual_ratio_is_that_ratio(api: Api) -> None:
    source = api.upload("image", image_bytes((854, 480)))
    told = api.made({"type": "image_upscale", "image_id": source, "target_resolution": "4K"})

    assert (told["asset"]["asset"]["width"], told["asset"]["asset"]["height"]) == (3840, 2160)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"target_resolution": "8K"}, "target_resolution"),
        ({"image_id": str(uuid4())}, "image_id"),
        ({"model_slug": "sandbox/video-upscale"}, "model_slug"),
    ],
)
def test_what_is_refused(api: Api, changes: Json, where: str) -> None:
    source = api.upload("image", image_bytes())

    assert set(api.refused({"type": "image_upscale", "image_id": source, **changes})) == {f"body.{where}"}


def test_a_strip_too_narrow_to_enlarge_is_refused(api: Api) -> None:
    strip = api.upload("image", image_bytes((4000, 8)))
    problems = api.refused({"type": "image_upscale", "image_id": strip, "target_resolution": "4K"})

    assert "narrow" in problems["body.image_id"]["msg"]
