"""Both ways to upload, what is refused, and what is found again."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from tests.sandbox.conftest import Api, image_bytes, tone_bytes, video, video_bytes


def test_an_image_is_stored_and_described(api: Api) -> None:
    data = image_bytes((640, 360))
    asset_id = api.upload("image", data, "shore.png")
    (asset,) = api.get("/assets", type="image", ids=asset_id).json()

    assert asset["name"] == "shore.png"
    assert asset["asset"]["type"] == "uploaded_image"
    assert (asset["asset"]["width"], asset["asset"]["height"]) == (640, 360)
    assert api.http.get(asset["asset"]["url"], timeout=5).content == data
    assert api.http.get(asset["thumbnail_url"], timeout=5).headers["Content-Type"] == "image/jpeg"


def test_an_audio_track_has_a_length(api: Api) -> None:
    asset_id = api.upload("audio", tone_bytes(2.5))
    (asset,) = api.get("/assets", type="audio", ids=asset_id).json()

    assert asset["asset"]["duration_ms"] == 2500


def test_a_video_goes_to_its_upload_url(api: Api, tmp_path: Path) -> None:
    created = api.post("/assets", {"name": "clip.mp4", "type": "video"}).json()
    answer = requests.put(created["upload_url"], data=video_bytes(tmp_path), timeout=5)
    (asset,) = api.get("/assets", type="video", ids=created["id"]).json()

    assert answer.status_code == 200
    assert (asset["asset"]["width"], asset["asset"]["duration_ms"]) == (320, 3000)


def test_an_upload_url_needs_its_signature_and_a_length(api: Api, tmp_path: Path) -> None:
    url = api.post("/assets", {"name": "clip.mp4", "type": "video"}).json()["upload_url"]

    def pieces() -> Iterator[bytes]:
        yield video_bytes(tmp_path)

    assert requests.put(url + "0", data=b"x", timeout=5).status_code == 403
    assert requests.put(url, data=pieces(), timeout=5).status_code == 411
    assert b"<Code>BadRequest</Code>" in requests.put(url, data=b"no video", timeout=5).content


def test_only_videos_get_an_upload_url(api: Api) -> None:
    assert api.post("/assets", {"name": "a.png", "type": "image"}).json()["upload_url"] is None


def test_a_reserved_id_is_kept_and_used_once(api: Api) -> None:
    body = {"name": "a.png", "type": "image", "reserved_asset_id": str(uuid4())}
    first, second = api.post("/assets", body), api.post("/assets", body)

    assert first.json()["id"] == body["reserved_asset_id"]
    assert second.status_code == 409
    assert "ALREADY_EXISTS" in second.json()["detail"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("image", b""),
        ("image", b"<html>not an image</html>"),
        ("image", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("image", image_bytes()[:60]),
        ("image", tone_bytes()),
        ("audio", b"ffconcat version 1.0\nfile '/etc/passwd'\n"),
        ("audio", image_bytes()),
        ("video", tone_bytes()),
    ],
)
def test_content_must_be_of_its_kind(api: Api, kind: str, data: bytes) -> None:
    asset_id = api.post("/assets", {"name": "x", "type": kind}).json()["id"]
    answer = api.post(f"/assets/{asset_id}/upload", files={"file": ("x", data)})

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The file is not a")
    (asset,) = api.get("/assets", type=kind, ids=asset_id).json()
    assert asset["asset"]["url"] == ""


def test_a_part_named_file_is_needed(api: Api) -> None:
    asset_id = api.post("/assets", {"name": "x", "type": "image"}).json()["id"]

    for form in ({"files": {"image": image_bytes()}}, {"data": b"plain"}):
        answer = api.http.post(f"{api.sandbox.api_url}/assets/{asset_id}/upload", timeout=5, **form)
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", "file"]


def test_other_parts_are_passed_over(api: Api) -> None:
    asset_id = api.post("/assets", {"name": "x", "type": "image"}).json()["id"]
    parts = [("note", (None, "x" * 600_000)), ("file", ("x.png", image_bytes())), ("more", (None, "y"))]
    answer = api.post(f"/assets/{asset_id}/upload", files=parts)

    assert answer.status_code == 200


def test_a_large_file_arrives_whole(api: Api) -> None:
    data = tone_bytes(seconds=300)
    asset_id = api.upload("audio", data)
    path = api.sandbox.app.assets.path(asset_id)

    assert len(data) > 4_000_000
    assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(data).digest()


def test_a_chunked_upload_is_read(api: Api) -> None:
    asset_id = api.post("/assets", {"name": "x", "type": "image"}).json()["id"]
    prepared = requests.Request("POST", "http://x", files={"file": ("x.png", image_bytes())}).prepare()
    body = prepared.body
    assert isinstance(body, bytes)
    pieces = (body[start : start + 100] for start in range(0, len(body), 100))
    url = f"{api.sandbox.api_url}/assets/{asset_id}/upload"
    headers = {"Content-Type": prepared.headers["Content-Type"]}

    assert api.http.post(url, data=pieces, headers=headers, timeout=5).status_code == 200


def test_an_upload_past_the_limit_is_refused(own: Api) -> None:
    own.sandbox.settings(max_upload_bytes=1000)
    asset_id = own.post("/assets", {"name": "x", "type": "audio"}).json()["id"]

    assert own.post(f"/assets/{asset_id}/upload", files={"file": tone_bytes()}).status_code == 413
    assert own.balance == 12_480  # the connection is still good


def test_assets_need_a_known_type(api: Api) -> None:
    assert api.get("/assets").status_code == 422
    assert api.get("/assets", type="film").status_code == 422
    assert "body.type" in api.refused({"name": "x", "type": "voice"}, "/assets")
    assert "body.name" in api.refused({"type": "image"}, "/assets")


def test_unknown_assets_take_no_upload(api: Api) -> None:
    files = {"file": image_bytes()}

    assert api.post(f"/assets/{uuid4()}/upload", files=files).status_code == 404
    assert api.post("/assets/x/upload", files=files).status_code == 422


def test_results_are_assets_too(api: Api) -> None:
    take = api.finished(api.generate(video())["id"])
    (asset,) = api.get("/assets", type="video", ids=take["asset"]["id"]).json()

    assert asset["asset"]["type"] == "generated_video"
