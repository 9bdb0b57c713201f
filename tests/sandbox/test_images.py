"""Pictures: from a prompt, and from other pictures."""

import io
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.sandbox.conftest import Api, Json, image_bytes, video


def picture(prompt: str = "A lighthouse", model: str = "nano-banana-t2i", **changes: Any) -> Json:
    kind = "image_to_image" if model.endswith("i2i") else "image"
    return {"type": kind, "model_slug": f"sandbox/{model}", "text_prompt": prompt, **changes}


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def mean(image: Image.Image) -> list[float]:
    return ImageStat.Stat(image.convert("RGB")).mean


@pytest.mark.parametrize(
    ("model", "ratio", "resolution", "size", "form"),
    [
        ("nano-banana-t2i", "1:1", "1K", (1024, 1024), "PNG"),
        ("nano-banana-t2i", "16:9", "2K", (2560, 1440), "JPEG"),
        ("nano-banana-t2i", "9:16", "4K", (2160, 3840), "JPEG"),
        ("flux-dev-t2i", "3:1", "540p", (1620, 540), "PNG"),
        ("flux-dev-t2i", "10:16", "720p", (720, 1152), "PNG"),
        ("seedream-4-5-t2i", "4:3", "1440p (2K QHD)", (1920, 1440), "JPEG"),
        ("grok-imagine-t2i", "16:9", None, (1820, 1024), "PNG"),
    ],
)
def test_a_picture_has_the_ratio_and_the_size_ordered(
    api: Api, model: str, ratio: str, resolution: str | None, size: tuple[int, int], form: str
) -> None:
    take = api.made(picture(model=model, aspect_ratio=ratio, resolution=resolution))
    told = take["asset"]["asset"]
    answer = api.http.get(told["url"], timeout=30)
    image = opened(answer.content)

    assert (told["width"], told["height"]) == image.size == size
    assert image.format == form
    assert answer.headers["Content-Type"] == f"image/{form.lower()}"


def test_the_prompt_is_drawn_into_it(api: Api) -> None:
    lower = [
        opened(api.result(picture(prompt, aspect_ratio="16:9"))).crop((0, 900, 900, 1024))
        for prompt in ("Ocean waves", "Ocean waves and a very long pier in the evening")
    ]

    assert ImageChops.difference(*(image.convert("RGB") for image in lower)).getbbox()


def test_without_wishes_the_first_ratio_and_the_usual_size_are_made(api: Api) -> None:
    told = api.made(picture())["asset"]["asset"]

    assert (told["width"], told["height"]) == (1820, 1024)


def test_a_batch_is_as_many_pictures_none_like_another(api: Api) -> None:
    answer = api.generate(picture(batch_size=3))
    takes = [api.finished(item["id"]) for item in answer["batch_results"]]

    assert len({api.fetched(take["asset"]["asset"]["url"]) for take in takes}) == 3
    assert {take["batch_generation_id"] for take in takes} == {answer["batch_generation_id"]}
    assert api.balance == 12_480 - 3 * 6


def test_the_link_is_in_the_lists_and_not_in_the_status(api: Api) -> None:
    take = api.made(picture(name="My lighthouse"))
    state = api.status(take["id"])
    (listed,) = api.get("/assets", type="image", ids=state["asset_id"]).json()

    assert (state["type"], take["type"]) == ("image", "image")
    assert state["url"] is state["download_url"] is None
    assert listed["name"] == "My lighthouse"
    assert listed["asset"]["type"] == "generated_image"
    assert listed["asset"]["generated_image_inputs"]["text_prompt"] == "A lighthouse"
    with opened(api.fetched(listed["thumbnail_url"])) as small:
        assert small.width == 320


def test_there_is_no_clip_of_a_picture(api: Api) -> None:
    take = api.made(picture())
    clip = api.sandbox.app.links.sign(api.sandbox.url, f"/media/clips/{take['id']}.mp4", 60)

    assert api.http.get(clip, timeout=5).status_code == 404


def test_a_picture_made_from_another_shows_it(api: Api) -> None:
    red, blue = (api.upload("image", image_bytes((320, 180), colour)) for colour in ("red", "blue"))
    images = [
        opened(api.result(picture("Noon", "nano-banana-i2i", reference_image_ids=[one])))
        for one in (red, blue)
    ]
    (first, second) = (mean(image.crop((0, 0, image.width, image.height // 2))) for image in images)

    assert images[0].size == (1820, 1024)  # the shape of what it is made from
    assert first[0] > second[0] + 50
    assert second[2] > first[2] + 50


def test_further_references_are_small_in_the_corner(api: Api) -> None:
    one, other = (api.upload("image", image_bytes((320, 180), colour)) for colour in ("red", "blue"))
    image = opened(api.result(picture("Noon", "nano-banana-i2i", reference_image_ids=[one, other])))
    corner = mean(image.crop((image.width - 150, 60, image.width - 60, 150)))

    assert corner[2] > 200 > corner[0]


def test_a_start_frame_serves_where_no_references_are_given(api: Api) -> None:
    red, blue = (api.upload("image", image_bytes((180, 320), colour)) for colour in ("red", "blue"))
    by_frame = api.made(picture("Noon", "nano-banana-i2i", start_keyframe_id=red))
    by_both = api.made(picture("Noon", "nano-banana-i2i", start_keyframe_id=red, reference_image_ids=[blue]))
    above = [
        mean(opened(api.fetched(take["asset"]["asset"]["url"])).crop((0, 0, 500, 500)))
        for take in (by_frame, by_both)
    ]

    assert by_frame["asset"]["asset"]["height"] == 1820
    assert above[0][0] > above[1][0] + 50


def test_references_are_optional_where_the_model_says_so(api: Api) -> None:
    red = api.upload("image", image_bytes())

    api.made(picture(model="nano-banana-pro-t2i"))
    api.made(picture(model="nano-banana-pro-t2i", reference_image_ids=[red]))


def test_what_a_picture_cannot_be_made_of(api: Api) -> None:
    red = api.upload("image", image_bytes())
    refused = api.refused

    assert refused(picture(model="nano-banana-i2i"))["body.reference_image_ids"]["type"] == "missing"
    assert "takes no images" in refused(picture(reference_image_ids=[red]))["body.reference_image_ids"]["msg"]
    four = refused(picture(model="nano-banana-i2i", reference_image_ids=[red] * 4))
    assert "at most 3" in four["body.reference_image_ids"]["msg"]
    unknown = refused(picture(model="nano-banana-i2i", reference_image_ids=[red, str(uuid4())]))
    assert set(unknown) == {"body.reference_image_ids.1"}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"aspect_ratio": "21:9"}, "aspect_ratio"),
        ({"resolution": "8K"}, "resolution"),
        ({"text_prompt": " "}, "text_prompt"),
        ({"model_slug": "sandbox/grok-imagine-t2i", "text_prompt": "x" * 8001}, "text_prompt"),
        ({"model_slug": "sandbox/grok-imagine-t2i", "resolution": "1K"}, "resolution"),
        ({"model_slug": "sandbox/grok-video-t2v"}, "model_slug"),
        ({"type": "image_to_image"}, "model_slug"),
    ],
)
def test_what_the_model_does_not_offer(api: Api, changes: Json, where: str) -> None:
    assert set(api.refused({**picture(), **changes})) == {f"body.{where}"}


def test_without_a_model_the_first_that_fits_makes_it(api: Api) -> None:
    red = api.upload("image", image_bytes())
    plain = {"type": "image", "text_prompt": "A lighthouse"}
    changed = {**plain, "type": "image_to_image", "reference_image_ids": [red]}

    assert [api.listed(api.generate(body)["id"])["credit_cost"] for body in (plain, changed)] == [6, 6]


def test_a_picture_can_be_what_a_video_begins_with(api: Api) -> None:
    still = api.made(picture(aspect_ratio="9:16"))
    order = video(
        model="grok-video-i2v", start_keyframe_id=still["asset"]["id"], inputs={"aspect_ratio": None}
    )

    assert api.made(order)["asset"]["asset"]["height"] == 854


def test_a_photo_taken_on_its_side_is_told_upright(api: Api) -> None:
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 300), "red").save(buffer, "JPEG", exif=exif)
    asset_id = api.upload("image", buffer.getvalue())
    (asset,) = api.get("/assets", type="image", ids=asset_id).json()

    assert (asset["asset"]["width"], asset["asset"]["height"]) == (300, 400)
