"""Every answer held against Hedra's published API description."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator

from sandbox.bodies import BODIES, GENERATION_TYPES, LANGUAGES
from tests.sandbox.conftest import Api, image_bytes, tone_bytes, video, video_bytes
from tests.sandbox.test_speech import DAVID
from tests.sandbox.test_validation import OTHERS

DESCRIPTION = Path(__file__).parents[2].parent / "shared" / "reference" / "hedra-openapi.json"
pytestmark = pytest.mark.skipif(
    not DESCRIPTION.exists(), reason="needs hedra-openapi.json beside the project"
)


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    description: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return description


class Checked:
    """Calls the API and holds each answer against its description."""

    def __init__(self, api: Api, contract: dict[str, Any]) -> None:
        self.api, self.contract = api, contract

    def get(self, path: str, template: str = "", **query: Any) -> Any:
        return self._held(self.api.get(path, **query), "get", template or path)

    def post(self, path: str, body: Any = None, template: str = "", **options: Any) -> Any:
        return self._held(self.api.post(path, body, **options), "post", template or path)

    def _held(self, answer: requests.Response, method: str, template: str) -> Any:
        responses = self.contract["paths"]["/public" + template][method]["responses"]
        schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
        hold(answer.json(), schema, self.contract)
        return answer.json()


def hold(data: Any, schema: dict[str, Any], contract: dict[str, Any]) -> None:
    whole = {**schema, "components": contract["components"]}
    validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [f"{list(error.path)}: {error.message[:200]}" for error in validator.iter_errors(data)] == []


@pytest.fixture
def checked(api: Api, contract: dict[str, Any]) -> Checked:
    return Checked(api, contract)


@pytest.mark.parametrize("path", ["/models", "/voices", "/generations", "/billing/credits"])
def test_lists(checked: Checked, path: str) -> None:
    assert checked.get(path)


def test_uploads(checked: Checked, tmp_path: Path) -> None:
    upload = "/assets/{id}/upload"
    for kind, data in (("image", image_bytes()), ("audio", tone_bytes()), ("video", video_bytes(tmp_path))):
        created = checked.post("/assets", {"name": kind, "type": kind, "workspace_id": "w"})
        checked.get("/assets", type=kind)
        checked.post(upload.format(id=created["id"]), template=upload, files={"file": data})
        assert checked.get("/assets", type=kind, ids=created["id"])
    assert checked.get("/assets", type="voice")
    assert checked.get("/assets", type="three_d") == []


def test_a_take_from_order_to_result(checked: Checked) -> None:
    image = checked.api.upload("image", image_bytes())
    body = video(
        model="hedra-avatar",
        batch_size=2,
        name="Take",
        start_keyframe_id=image,
        audio_id=[checked.api.upload("audio", tone_bytes())],
        audio_start_ms=-500,
        inputs={"resolution": "540p", "duration_ms": None, "bounding_box_target": [0.5, 0.5]},
    )
    made = checked.post("/generations", body)
    for item in made["batch_results"]:
        checked.api.finished(item["id"])
        state = checked.get(f"/generations/{item['id']}/status", "/generations/{generation_id}/status")
        assert state["status"] == "complete"
    checked.get("/generations")
    checked.get("/assets", type="video")


def test_every_type_from_order_to_result(checked: Checked, tmp_path: Path) -> None:
    api = checked.api
    ids = {
        "image": api.upload("image", image_bytes()),
        "audio": api.upload("audio", tone_bytes()),
        "video": api.upload("video", video_bytes(tmp_path)),
    }
    for body in OTHERS:
        given = {name: _real(name, value, ids) for name, value in body.items()}
        if body["type"] == "motion_control":
            given["generated_video_inputs"]["character_orientation"] = "image"
        made = checked.post("/generations", given)
        assert api.finished(made["id"])["status"] == "complete", body["type"]
        checked.get(f"/generations/{made['id']}/status", "/generations/{generation_id}/status")
    checked.get("/generations")
    checked.get("/voices")
    for kind in ("image", "audio", "video", "voice"):
        assert any(
            row["asset"].get("type") != f"uploaded_{kind}" for row in checked.get("/assets", type=kind)
        )


def _real(name: str, value: Any, ids: dict[str, str]) -> Any:
    """The value with ids of files and of a voice that are there."""
    known = {**ids, "voice": DAVID, "start_keyframe": ids["image"], "reference_image": ids["image"]}
    if name.endswith("_id"):
        return known[name.removesuffix("_id")]
    return [known[name.removesuffix("_ids")]] if name.endswith("_ids") else value


def test_a_take_at_every_step(own: Api, contract: dict[str, Any]) -> None:
    checked = Checked(own, contract)
    made = checked.post("/generations", video())
    for kind in ("stuck", "fail"):
        own.sandbox.fault(kind)
        failed = checked.post("/generations", video())
    own.finished(failed["id"])
    own.sandbox.settings(speed=0.001)
    waiting = checked.post("/generations", video())
    own.sandbox.fault("refuse_item")
    checked.post("/generations", video(batch_size=2))
    for one in (made, failed, waiting):
        checked.get(f"/generations/{one['id']}/status", "/generations/{generation_id}/status")
    assert {row["status"] for row in checked.get("/generations")["data"]} >= {"queued", "error"}


def test_refusals(checked: Checked) -> None:
    checked.post("/generations", {"type": "film"})
    checked.post("/generations", video(batch_size=9, inputs={"text_prompt": None, "multi_prompt": 3}))
    checked.post("/generations", video(inputs={"resolution": "9p", "aspect_ratio": "x", "duration_ms": -1}))
    checked.post("/assets", {"type": "film"})
    checked.get("/models", types="film")
    checked.get("/assets")
    checked.get("/generations", paging_params="x", created_before="y")
    checked.get("/generations/x/status", "/generations/{generation_id}/status")


def test_the_declared_bodies_are_the_contracts(contract: dict[str, Any]) -> None:
    schemas = contract["components"]["schemas"]
    body = contract["paths"]["/public/generations"]["post"]["requestBody"]
    mapping = body["content"]["application/json"]["schema"]["discriminator"]["mapping"]

    assert set(BODIES) == set(mapping)
    assert set(GENERATION_TYPES) == set(schemas["GenerationType"]["enum"])
    assert set(LANGUAGES) == set(schemas["SupportedLanguage"]["enum"])


MINIMAL: dict[str, dict[str, Any]] = {body["type"]: body for body in OTHERS} | {"video": video()}


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_every_field_of_the_contract_is_checked(api: Api, contract: dict[str, Any], kind: str) -> None:
    body = contract["paths"]["/public/generations"]["post"]["requestBody"]
    mapping = body["content"]["application/json"]["schema"]["discriminator"]["mapping"]
    schema = contract["components"]["schemas"][mapping[kind].rsplit("/", 1)[1]]

    for name in schema["properties"].keys() - {"type"}:
        nonsense = 5 if name in ("generated_video_inputs", "audio_generation") else {"bad": True}
        problems = api.refused({**MINIMAL[kind], name: nonsense})
        assert any(where.startswith(f"body.{name}") for where in problems), name


def test_the_orders_of_these_tests_are_the_contracts(contract: dict[str, Any]) -> None:
    schema = contract["paths"]["/public/generations"]["post"]["requestBody"]["content"]["application/json"]

    for body in (video(), *OTHERS):
        hold(body, schema["schema"], contract)
