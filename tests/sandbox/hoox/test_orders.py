"""``POST /asset/start`` and ``GET /asset/status``: money, results, refusals."""

import io
import re
from decimal import Decimal
from typing import Any

import av
import pytest
import requests
from PIL import Image

from tests.sandbox.conftest import Json
from tests.sandbox.hoox.conftest import HooxApi, exact

PICTURE = "http://192.0.2.1/picture.jpg"


def image(prompt: str = "A lighthouse", **changes: Any) -> Json:
    """An order that costs little to render."""
    return {"type": "image", "model": "z-image-turbo", "prompt": prompt, **changes}


def clip(prompt: str = "Waves at dawn", **changes: Any) -> Json:
    usual = {"type": "video", "model": "grok-imagine-video", "duration": 1, "resolution": "480p"}
    return {**usual, "aspect_ratio": "1:1", "prompt": prompt, **changes}


def filled(model: Json, source: str) -> Json:
    """The inputs a model cannot do without: an asset made here, and links that nobody follows."""
    schema = model["input_schema"]
    inputs: Json = {slot: {"url": PICTURE} for slot in schema["required"] if slot != "prompt"}
    if "source_video" in inputs:
        inputs["source_video"] = {"asset_id": source}
    if few := schema["properties"].get("references", {}).get("minItems"):
        inputs["references"] = [{"url": PICTURE}] * few
    return inputs


PARAMETERS: list[Json] = [
    {},
    {"duration": 6, "generation_count": 2},
    {"duration": 10, "resolution": "480p", "model_settings": {"generateAudio": False}},
    {"resolution": "4K", "model_settings": {"quality": "high", "generateAudio": True}},
    {"duration": 7, "resolution": "1080p", "generation_count": 3, "model_settings": {"quality": "low"}},
]


@pytest.mark.parametrize("parameters", PARAMETERS, ids=str)
def test_every_model_charges_what_its_price_said(own_hoox: HooxApi, parameters: Json) -> None:
    own_hoox.sandbox.settings(service="hoox", balance=100_000, hoox_rate_limit=1000)
    (source,) = own_hoox.started(clip())["asset_ids"]
    own_hoox.finished(source)
    # What never ends is not rendered either.
    own_hoox.sandbox.fault("stuck", service="hoox", times=0)
    spent = own_hoox.ledger["used"]
    for row in own_hoox.models()["models"]:
        model = exact(own_hoox.get(f"/asset/models/{row['name']}"))
        order = {"type": row["type"], "model": row["name"], "prompt": "A shot", **parameters}
        price = own_hoox.price(row["name"], **parameters)
        started = own_hoox.started({**order, **filled(model, source)})

        assert started["cost_per_generation"] == price["cost_per_generation"], row["name"]
        assert started["total_cost"] == price["total_cost"]
        assert started["count"] == len(started["asset_ids"]) == parameters.get("generation_count", 1)
        spent += price["total_cost"]
        assert own_hoox.ledger["used"] == spent
        charges = {entry["generation_id"]: entry["credits"] for entry in own_hoox.ledger["entries"]}
        assert all(charges[asset_id] == price["cost_per_generation"] for asset_id in started["asset_ids"])


@pytest.mark.parametrize("count", [0, 1, 4])
def test_references_are_charged_as_the_image_count_said(hoox: HooxApi, count: int) -> None:
    price = hoox.price("reve-fast", image_count=count)
    order = image(model="reve-fast", references=[{"url": PICTURE}] * count)

    assert price["total_cost"] == Decimal("0.4") + count * Decimal("0.05")
    assert hoox.started(order)["total_cost"] == price["total_cost"]


def test_an_image_is_made(hoox: HooxApi) -> None:
    started = hoox.started(image(aspect_ratio="9:16"))
    (asset_id,) = started["asset_ids"]
    asset = hoox.finished(asset_id)
    answer = requests.get(asset["url"], timeout=5)

    assert re.fullmatch(r"[0-9a-f]{24}", asset_id)
    assert started["status"] == "generating"
    assert (asset["status"], asset["type"], asset["cost"]) == ("completed", "image", Decimal("0.1"))
    assert not {"thumbnail_url", "duration_seconds"} & set(asset)
    assert asset["generation_params"] == {
        "model": "z-image-turbo",
        "prompt": "A lighthouse",
        "aspect_ratio": "9:16",
    }
    assert answer.headers["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == (asset["width"], asset["height"]) == (1024, 1820)


def test_a_clip_is_made_with_its_sound(hoox: HooxApi) -> None:
    (asset_id,) = hoox.started(clip(model="sora-2", duration=4, aspect_ratio="9:16"))["asset_ids"]
    asset = hoox.finished(asset_id)
    data = requests.get(asset["url"], timeout=5).content
    thumbnail = requests.get(asset["thumbnail_url"], timeout=5)

    assert (asset["status"], asset["duration_seconds"]) == ("completed", 4)
    assert asset["created_at"].endswith("Z")
    assert thumbnail.headers["Content-Type"] == "image/jpeg"
    with av.open(io.BytesIO(data), "r") as container:
        (video,) = container.streams.video
        assert (video.width, video.height) == (asset["width"], asset["height"]) == (720, 1280)
        assert len(container.streams.audio) == 1
        assert container.duration is not None
        assert abs(container.duration / 1e6 - 4) < 0.2


def test_a_clip_without_sound_has_none(hoox: HooxApi) -> None:
    (asset_id,) = hoox.started(clip())["asset_ids"]
    data = requests.get(hoox.finished(asset_id)["url"], timeout=5).content

    with av.open(io.BytesIO(data)) as container:
        assert not container.streams.audio


def test_a_running_asset_tells_little(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.settings(speed=1e-6)
    (asset_id,) = own_hoox.started(clip())["asset_ids"]

    assert set(own_hoox.status(asset_id)) == {"asset_id", "status", "type", "generation_params"}
    assert own_hoox.status(asset_id)["status"] == "pending"


def test_it_is_pending_then_generating(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.fault("stuck", service="hoox")
    (asset_id,) = own_hoox.started(clip())["asset_ids"]

    assert own_hoox.status(asset_id)["status"] == "generating"


def test_unsupported_values_are_brought_to_supported_ones(hoox: HooxApi) -> None:
    order = clip(model="veo-3.1-lite", duration=7, resolution="8K", aspect_ratio="1:1")
    (asset_id,) = hoox.started(order)["asset_ids"]
    params = hoox.status(asset_id)["generation_params"]

    assert (params["duration"], params["resolution"], params["aspect_ratio"]) == ("6s", "720p", "9:16")


def test_a_failure_is_refunded(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.fault("fail", service="hoox", code="MODERATION_FAILED")
    failing, fine = own_hoox.started(image())["asset_ids"] + own_hoox.started(image())["asset_ids"]
    failed = own_hoox.finished(failing)

    assert failed["status"] == "failed"
    assert failed["error"]["code"] == "MODERATION_FAILED"
    assert failed["error"]["message"]
    assert not {"url", "cost"} & set(failed)
    kinds = [(entry["generation_id"], entry["kind"]) for entry in own_hoox.ledger["entries"]]
    assert sorted(kinds) == sorted([(failing, "charge"), (failing, "refund"), (fine, "charge")])
    assert own_hoox.ledger["balance"] == Decimal("999.9")


def test_who_cannot_pay_for_all_gets_none(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.settings(service="hoox", balance=0.3)
    answer = own_hoox.post("/asset/start", image(generation_count=4))

    assert exact(answer, 402)["code"] == "insufficient_credits"
    assert own_hoox.ledger["entries"] == []
    assert own_hoox.started(image(generation_count=3))["total_cost"] == Decimal("0.3")
    assert own_hoox.ledger["balance"] == 0


def test_an_empty_wallet_on_demand(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.fault("empty_wallet", service="hoox")

    assert own_hoox.post("/asset/start", image()).status_code == 402
    assert own_hoox.post("/asset/start", image()).status_code == 201


def test_a_refusal_costs_nothing(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.fault("refuse", service="hoox", code="content_refused", message="No.")

    assert exact(own_hoox.post("/asset/start", image()), 400) == {"error": "No.", "code": "content_refused"}
    assert own_hoox.ledger["entries"] == []


def test_an_answer_that_was_lost_was_still_charged(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.fault("cut_after", match={"method": "POST", "path": "/asset/start"})
    with pytest.raises(requests.ConnectionError):
        own_hoox.post("/asset/start", image())

    assert len(own_hoox.ledger["entries"]) == 1
    assert [order["status"] for order in own_hoox.sandbox.requests("sandbox", "hoox")] == [None]
    assert own_hoox.sandbox.requests() == []


def test_the_answer_before_can_come_again(own_hoox: HooxApi) -> None:
    first = own_hoox.started(image())
    own_hoox.sandbox.fault("repeat_answer", service="hoox")

    assert own_hoox.started(image()) == first
    assert len(own_hoox.ledger["entries"]) == 2


def test_one_account_does_not_see_anothers_assets(hoox: HooxApi) -> None:
    (asset_id,) = hoox.started(image())["asset_ids"]
    other = HooxApi(hoox.sandbox, "hx_sandbox_somebody")

    assert exact(other.get(f"/asset/status/{asset_id}"), 404)["code"] == "asset_not_found"
    assert hoox.get("/asset/status/000000000000000000000000").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"prompt": ""}, "prompt", "missing_content"),
        ({"prompt": "  "}, "prompt", "missing_content"),
        ({"prompt": "x" * 4001}, "prompt", "invalid_value"),
        ({"type": "video"}, "type", "invalid_value"),
        ({"type": "film"}, "type", "invalid_value"),
        ({"model": "veo-9"}, "model", "invalid_value"),
        ({"generation_count": 0}, "generation_count", "invalid_value"),
        ({"references": [{"url": PICTURE}] * 2}, "references", "invalid_value"),
        ({"references": [{}]}, "references[0]", "invalid_format"),
        ({"references": [{"url": PICTURE, "asset_id": "1"}]}, "references[0]", "invalid_format"),
        ({"references": [{"url": "picture.jpg"}]}, "references[0].url", "invalid_format"),
        ({"references": [{"asset_id": "1"}]}, "references[0].asset_id", "invalid_value"),
        ({"references": [{"avatar_id": "1"}]}, "references[0].avatar_id", "invalid_avatar_id"),
        ({"references": PICTURE}, "references", "invalid_format"),
        ({"start_image": {"url": PICTURE}}, "start_image", "invalid_value"),
        ({"parent_media_id": "1"}, "parent_media_id", "invalid_value"),
        ({"webhook_url": "ftp://127.0.0.1/"}, "webhook_url", "invalid_format"),
    ],
    ids=str,
)
def test_a_bad_order_says_which_field(hoox: HooxApi, changes: Json, field: str, code: str) -> None:
    assert hoox.refused(image(**changes)) == {field: code}
    assert hoox.ledger["entries"] == []


@pytest.mark.parametrize(
    ("model", "inputs", "wrong"),
    [
        ("kling-v3-motion-pro", {"start_image": {"url": PICTURE}}, {"motion_video": "missing_content"}),
        ("kling-pro", {"end_image": {"url": PICTURE}}, {"end_image": "invalid_value"}),
        ("kling-pro", {"references": [{"url": PICTURE}]}, {"references": "invalid_value"}),
        ("kling-standard", {}, {"references": "invalid_value"}),
        ("veo-3.1-extend", {"source_video": {"url": PICTURE}}, {"source_video.url": "invalid_value"}),
    ],
)
def test_inputs_must_fit_the_model(hoox: HooxApi, model: str, inputs: Json, wrong: dict[str, str]) -> None:
    assert hoox.refused({"type": "video", "model": model, "prompt": "A shot", **inputs}) == wrong


def test_an_own_image_is_set_in_motion(hoox: HooxApi) -> None:
    (still,) = hoox.started(image(aspect_ratio="1:1"))["asset_ids"]
    hoox.finished(still)
    (moving,) = hoox.started(clip(references=[{"asset_id": still}], parent_media_id=still))["asset_ids"]
    asset = hoox.finished(moving)

    assert asset["status"] == "completed"
    order = {"type": "video", "model": "grok-imagine-video-edit", "prompt": "Snow", "resolution": "480p"}
    assert hoox.refused({**order, "source_video": {"asset_id": still}}) == {
        "source_video.asset_id": "invalid_value"
    }
    (edited,) = hoox.started({**order, "source_video": {"asset_id": moving}})["asset_ids"]
    assert hoox.finished(edited)["duration_seconds"] == 1


def test_an_unfinished_asset_is_no_input(own_hoox: HooxApi) -> None:
    own_hoox.sandbox.fault("stuck", service="hoox")
    (asset_id,) = own_hoox.started(image())["asset_ids"]

    assert own_hoox.refused(image(references=[{"asset_id": asset_id}])) == {
        "references[0].asset_id": "invalid_value"
    }
