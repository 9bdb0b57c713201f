"""Videos after pictures, clips and sounds; videos that go on; videos of several shots."""

import io
from pathlib import Path
from uuid import uuid4

import av
import pytest
from PIL import Image, ImageStat

from tests.sandbox.conftest import Api, Json, image_bytes, tone_bytes, video, video_bytes

SEEDANCE = "seedance-2-0-ir2v"


def referring(model: str = SEEDANCE, **changes: object) -> Json:
    return video(model=model, inputs={"duration_ms": 4000}, **changes)


def frames(data: bytes) -> list[Image.Image]:
    with av.open(io.BytesIO(data)) as container:
        return [frame.to_image() for frame in container.decode(video=0)]  # type: ignore[no-untyped-call]


def mean(image: Image.Image, *box: int) -> list[float]:
    return ImageStat.Stat(image.crop(box)).mean  # type: ignore[arg-type]


def test_references_of_every_kind_are_seen_and_heard(api: Api, tmp_path: Path) -> None:
    green, white = (api.upload("image", image_bytes(colour=colour)) for colour in ("lime", "white"))
    clip, sound = api.upload("video", video_bytes(tmp_path)), api.upload("audio", tone_bytes(2))
    order = referring(
        reference_image_ids=[green, white], reference_video_ids=[clip], reference_audio_ids=[sound]
    )
    take = api.made(order)
    data = api.fetched(take["asset"]["asset"]["url"])
    shown = frames(data)[10]

    assert mean(shown, 100, 100, 300, 300)[1] > 220  # the first picture is what moves
    assert min(mean(shown, 405, 30, 440, 60)) > 220  # the second one
    assert mean(shown, 320, 30, 350, 60)[0] > 200  # the clip begins red
    with av.open(io.BytesIO(data)) as container:
        assert container.streams.audio
    assert take["asset"]["asset"]["reference_image_ids"] == [green, white]
    assert take["asset"]["asset"]["reference_audio_ids"] == [sound]


def test_pictures_are_needed_and_no_more_than_the_slot_holds(api: Api) -> None:
    image = api.upload("image", image_bytes())

    assert api.refused(referring())["body.reference_image_ids"]["type"] == "missing"
    ten = api.refused(referring(reference_image_ids=[image] * 10))
    assert "at most 9" in ten["body.reference_image_ids"]["msg"]
    assert api.generate(referring(reference_image_ids=[image] * 9))["status"] == "queued"


def test_each_reference_must_be_there_of_its_kind_and_within_limits(api: Api) -> None:
    image, small = api.upload("image", image_bytes()), api.upload("image", image_bytes((320, 200)))
    sound, long = api.upload("audio", tone_bytes(8)), api.upload("audio", tone_bytes(16))

    def refused(**changes: object) -> dict[str, Json]:
        return api.refused(referring(**{"reference_image_ids": [image], **changes}))

    assert "type audio" in refused(reference_image_ids=[image, sound])["body.reference_image_ids.1"]["msg"]
    assert "no such asset" in refused(reference_video_ids=[str(uuid4())])["body.reference_video_ids.0"]["msg"]
    assert "at most 15000 ms" in refused(reference_audio_ids=[long])["body.reference_audio_ids.0"]["msg"]
    together = refused(reference_audio_ids=[sound, sound])["body.reference_audio_ids"]["msg"]
    assert together == "Together they last 16000 ms, at most 15000 ms are taken"
    happy = api.refused(video(model="happy-horse-ir2v", reference_image_ids=[small]))
    assert "at least 300 pixels" in happy["body.reference_image_ids.0"]["msg"]


def test_a_model_takes_only_the_kinds_it_has_slots_for(api: Api) -> None:
    image, sound = (
        api.upload("image", image_bytes((320, 320))),
        api.upload("audio", tone_bytes(1)),
    )
    order = video(
        model="happy-horse-ir2v",
        inputs={"resolution": "720p", "duration_ms": 3000},
        reference_image_ids=[image],
    )

    assert "takes no audio references" in str(api.refused({**order, "reference_audio_ids": [sound]}))
    assert api.listed(api.generate(order)["id"])["credit_cost"] == 3 * 20


def test_the_ratio_follows_the_first_picture(api: Api) -> None:
    image = api.upload("image", image_bytes((300, 400)))
    order = referring(reference_image_ids=[image])
    del order["generated_video_inputs"]["aspect_ratio"]
    told = api.made(order)["asset"]["asset"]

    assert (told["width"], told["height"]) == (480, 640)


def test_an_extension_begins_where_its_source_ends(api: Api, tmp_path: Path) -> None:
    source = api.upload("video", video_bytes(tmp_path))
    order = video(
        model="veo-3-1-extend",
        video_id=source,
        inputs={"resolution": "720p", "aspect_ratio": "16:9", "duration_ms": 4000},
    )
    take = api.made(order)
    shown = frames(api.fetched(take["asset"]["asset"]["url"]))

    assert len(shown) == 96
    for picture in (shown[0], shown[-1]):
        red, _, blue = mean(picture, 200, 200, 1000, 400)
        assert blue > 220 > 40 > red
    assert take["asset"]["asset"]["source_video_id"] == source
    assert take["credit_cost"] == 4 * 40


def test_an_extension_can_be_extended(api: Api, tmp_path: Path) -> None:
    asset_id = api.upload("video", video_bytes(tmp_path))
    for _ in range(2):
        inputs = {"resolution": "720p", "aspect_ratio": "16:9", "duration_ms": 4000}
        asset_id = api.made(video(model="veo-3-1-extend", video_id=asset_id, inputs=inputs))["asset"]["id"]

    assert api.get("/assets", type="video", ids=asset_id).json()


@pytest.mark.parametrize(
    "model",
    ["kling-v3-standard-t2v", "kling-v3-pro-t2v", "kling-o3-standard-t2v", "kling-o3-pro-t2v"],
)
def test_models_that_cut_say_so(api: Api, model: str) -> None:
    (row,) = (one for one in api.get("/models").json() if one["slug"] == f"sandbox/{model}")

    assert "multi-shot" in row["tags"]


def test_other_models_make_one_shot(api: Api) -> None:
    shots = [{"prompt": "A", "duration_ms": 3000}, {"prompt": "B", "duration_ms": 3000}]
    problems = api.refused(video(inputs={"multi_prompt": shots, "duration_ms": None}))

    assert set(problems) == {"body.generated_video_inputs.multi_prompt"}


def test_a_clip_of_the_past_is_made_for_what_is_made_from_it(api: Api) -> None:
    past = [row["asset"] for row in api.get("/generations").json()["data"] if row["asset"]]
    smallest = min(past, key=lambda one: one["asset"]["width"] * one["asset"]["duration_ms"])
    order = {"type": "video_upscale", "video_id": smallest["id"], "target_resolution": "1080p"}

    assert api.made(order)["asset"]["asset"]["duration_ms"] == smallest["asset"]["duration_ms"]
