"""Faults on demand: each does what it says, once, and leaves the books right."""

import socket
from time import monotonic
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from tests.sandbox.conftest import Api, image_bytes, video


def order() -> dict[str, object]:
    return video(generation_id=str(uuid4()))


def test_latency(own: Api) -> None:
    own.sandbox.fault("latency", latency_ms=200)
    begin = monotonic()
    own.get("/models")

    assert monotonic() - begin >= 0.2


def test_too_many_requests(own: Api) -> None:
    own.sandbox.fault("answer", status=429, retry_after=2)
    answer = own.post("/generations", order())

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "2"
    assert own.balance == 12_480


def test_an_error_before_acting(own: Api) -> None:
    body = order()
    own.sandbox.fault("answer", status=503)

    assert own.post("/generations", body).status_code == 503
    assert own.get(f"/generations/{body['generation_id']}/status").status_code == 404


def test_an_error_after_acting(own: Api) -> None:
    body = order()
    own.sandbox.fault("answer_after", status=500)

    assert own.post("/generations", body).status_code == 500
    assert own.status(str(body["generation_id"]))["id"] == body["generation_id"]
    assert own.balance == 12_480 - 18


@pytest.mark.parametrize(("kind", "acted"), [("cut", False), ("cut_after", True)])
def test_a_cut_wire(own: Api, kind: str, acted: bool) -> None:
    body = order()
    own.sandbox.fault(kind)
    with pytest.raises(requests.ConnectionError):
        own.post("/generations", body)

    assert (own.balance < 12_480) == acted
    assert [entry["status"] for entry in own.sandbox.requests()] == [None]
    assert own.post("/generations", body).status_code == (409 if acted else 200)


def test_an_order_that_is_still_on_its_way_meets_no_fault(own: Api) -> None:
    """Else who waits for the fault to be met could end the sender before the order is here."""
    own.sandbox.fault("cut", match={"method": "POST", "path": "/generations"})
    place = urlsplit(own.sandbox.api_url)
    head = [
        f"POST {place.path}/generations HTTP/1.1",
        "Host: x",
        f"X-API-Key: {own.key}",
        "Content-Length: 9",
    ]
    with socket.create_connection((place.hostname, place.port)) as wire:
        wire.sendall("\r\n".join([*head, "", ""]).encode())
        own.get("/models")
        with pytest.raises(requests.ConnectionError):
            own.post("/generations", order())


def test_a_wire_cut_during_an_upload(own: Api) -> None:
    asset_id = own.post("/assets", {"name": "x", "type": "image"}).json()["id"]
    own.sandbox.fault("cut", match={"path": "/assets/*/upload"})
    with pytest.raises(requests.ConnectionError):
        own.post(f"/assets/{asset_id}/upload", files={"file": image_bytes()})

    assert own.post(f"/assets/{asset_id}/upload", files={"file": image_bytes()}).status_code == 200


def test_refused_by_moderation_at_once(own: Api) -> None:
    own.sandbox.fault("refuse", message="No.")
    answer = own.post("/generations", order())

    assert (answer.status_code, answer.json()) == (400, {"detail": "MODERATION_FAILED: No."})
    assert own.balance == 12_480


def test_failed_later_and_refunded_once(own: Api) -> None:
    own.sandbox.fault("fail", code="MODERATION_FAILED", message="Too bold.")
    take = own.finished(own.generate(order())["id"])

    assert take["error"] == {"type": "MODERATION_FAILED", "message": "Too bold."}
    assert take["error_message"] is None
    assert take["credit_cost"] == 0
    assert take["asset"] is None
    assert own.balance == own.balance == 12_480
    assert [entry["kind"] for entry in own.entries if entry["generation_id"] == take["id"]] == [
        "charge",
        "refund",
    ]


def test_one_of_a_batch_is_refused(own: Api) -> None:
    assets = [str(uuid4()), str(uuid4())]
    own.sandbox.fault("refuse_item", index=0)
    answer = own.generate(video(batch_size=2, reserved_asset_ids=assets))
    first, second = answer["batch_results"]

    assert (first["id"], first["asset_id"], first["status"]) == (None, assets[0], "error")
    assert first["error"]
    assert answer["id"] == second["id"]
    assert own.balance == 12_480 - 18


def test_an_empty_wallet(own: Api) -> None:
    own.sandbox.fault("empty_wallet")

    assert own.post("/generations", order()).status_code == 402


def test_a_stuck_one(own: Api) -> None:
    own.sandbox.fault("stuck")
    made = own.generate(order())

    assert own.status(made["id"])["status"] in ("queued", "processing")
    assert own.listed(made["id"])["eta_sec"] is None


def test_an_answer_that_repeats_the_one_before(own: Api) -> None:
    first = own.generate(order())
    own.sandbox.fault("repeat_answer")

    assert own.generate(order())["id"] == first["id"]
    assert own.balance == 12_480 - 2 * 18


def test_a_truncated_and_an_expired_download(own: Api) -> None:
    url = own.finished(own.generate(order())["id"])["asset"]["asset"]["url"]
    own.sandbox.fault("truncate")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(url, timeout=5)
    own.sandbox.fault("expired")

    assert requests.get(url, timeout=5).status_code == 403
    assert requests.get(url, timeout=5).status_code == 200


def test_an_answer_of_the_wrong_shape(own: Api) -> None:
    match = {"path": "/models"}
    own.sandbox.fault("answer", status=200, body={"models": 3}, match=match)
    own.sandbox.fault("answer", status=502, body="<html>Bad gateway</html>", match=match)

    assert own.get("/models").json() == {"models": 3}
    page = own.get("/models")
    assert (page.text, page.headers["Content-Type"]) == ("<html>Bad gateway</html>", "text/html")
    assert len(own.get("/models").json()) == 78


def test_times_and_skip(own: Api) -> None:
    own.sandbox.fault("answer", times=2, skip=1, match={"method": "GET", "path": "/billing"})

    assert [own.get("/billing/credits").status_code for _ in range(4)] == [200, 500, 500, 200]


def test_until_cleared(own: Api) -> None:
    own.sandbox.fault("answer", times=0)
    assert [own.get("/models").status_code for _ in range(3)] == [500] * 3
    own.sandbox.clear_faults()

    assert own.get("/models").status_code == 200


def test_an_input_that_cannot_be_fetched_fails_and_is_refunded(own: Api) -> None:
    body = video(model="grok-video-i2v", start_keyframe_url="http://127.0.0.1:9/missing.png")
    take = own.finished(own.generate(body)["id"])

    assert take["error"]["type"] == "INVALID_ARGUMENT"
    assert own.balance == 12_480


def test_an_input_by_link(own: Api) -> None:
    asset_id = own.upload("image", image_bytes())
    (asset,) = own.get("/assets", type="image", ids=asset_id).json()
    preview = own.get("/voices").json()[0]["asset"]["preview_url"]
    take = own.generate(video(model="grok-video-i2v", start_keyframe_url=asset["asset"]["url"]))
    wrong = own.generate(video(model="grok-video-i2v", start_keyframe_url=preview))

    assert own.finished(take["id"])["status"] == "complete"
    assert own.finished(wrong["id"])["error"]["type"] == "INTERNAL"
