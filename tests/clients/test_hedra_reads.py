"""What HedraClient makes of the lists and of the balance."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from clients.errors import Unavailable
from clients.hedra import HedraClient
from tests.clients.conftest import KEY
from tests.clients.server import ScriptedServer, json_answer, text_answer

NEW_MODEL = {
    "id": None,
    "slug": "kling/kling-v3-pro-i2v",
    "name": "Kling V3 Pro I2V",
    "description": "Sharp motion",
    "type": "video",
    "price_details": {"credit_cost": 24, "unit_scale": 1, "billing_unit": "second"},
    "pricing": {"base_cost": None, "credits_per_second": 24, "modifiers": {"resolution": {"4K": 2.5}}},
    "aspect_ratios": ["16:9", "9:16"],
    "aspect_ratio_range": [0.4, 2.5],
    "resolutions": ["1080p", "4K"],
    "default_resolution": "1080p",
    "durations": ["3000", "5000"],
    "requires_start_frame": True,
    "eta_ms": 90000,
    "tags": ["cinematic"],
    "max_duration_ms": 15000,
    "custom_resolution": False,
    "dimensions": {"16:9": {"1080p": {"width": 1920, "height": 1080}}},
    "max_prompt_length": 2500,
    "inputs": [
        {"mode": "image_to_video", "slots": [{"type": "image", "role": "start_frame", "required": True}]}
    ],
    "premium": True,
    "display_order": 3,
    "a_field_of_next_year": {"x": 1},
}
OLD_MODEL = {
    "id": "d1dd37a3-e39a-4854-a298-6510289f9cf2",
    "name": "Hedra Character 3",
    "description": None,
    "type": "video",
    "price_details": {"credit_cost": None, "unit_scale": None, "billing_unit": None},
    "durations": None,
}


def test_models_of_both_shapes(server: ScriptedServer, client: HedraClient) -> None:
    server.will(json_answer([NEW_MODEL, OLD_MODEL]))

    answer = client.list_models()

    new, old = answer.models
    assert (answer.skipped, answer.raw_count) == (0, 2)
    assert (new.key, new.id, new.name) == ("kling/kling-v3-pro-i2v", None, "Kling V3 Pro I2V")
    assert (old.key, old.slug) == ("d1dd37a3-e39a-4854-a298-6510289f9cf2", None)
    assert new.pricing == {
        "base_cost": None,
        "credits_per_second": 24,
        "modifiers": {"resolution": {"4K": 2.5}},
    }
    assert new.inputs is not None
    assert new.inputs[0]["slots"][0]["role"] == "start_frame"
    assert new.inputs[0]["slots"][0]["max_count"] == 1
    assert new.dimensions == {"16:9": {"1080p": {"width": 1920, "height": 1080}}}
    assert new.raw["a_field_of_next_year"] == {"x": 1}
    assert (old.price_details, old.pricing, old.inputs, old.durations) == (None, None, None, None)


def test_the_key_goes_in_its_header_and_nowhere_else(server: ScriptedServer, client: HedraClient) -> None:
    server.will(json_answer([]))

    client.list_models()

    (seen,) = server.seen
    assert (seen.method, seen.path, seen.query) == ("GET", "/web-app/public/models", {})
    assert seen.headers["x-api-key"] == KEY
    assert [name for name, value in seen.headers.items() if KEY in value] == ["x-api-key"]


@pytest.mark.parametrize("row", [None, 7, "text", [], {}, {"id": None, "slug": ""}, {"name": "nameless id"}])
def test_a_bad_row_costs_only_itself(server: ScriptedServer, client: HedraClient, row: Any) -> None:
    server.will(json_answer([row, OLD_MODEL]))

    answer = client.list_models()

    assert [model.name for model in answer.models] == ["Hedra Character 3"]
    assert (answer.skipped, answer.raw_count) == (1, 2)


def test_fields_of_wrong_types_read_as_not_said(server: ScriptedServer, client: HedraClient) -> None:
    wrong = {name: {"not": "this"} for name in NEW_MODEL} | {
        "slug": "a/b",
        "durations": [5, "8s", None, True],
    }
    server.will(json_answer([wrong]))

    (model,) = client.list_models().models

    assert model.durations == ["5", "8s"]
    assert (model.name, model.type, model.eta_ms, model.premium) == ("a/b", "", None, None)
    assert (model.aspect_ratios, model.aspect_ratio_range, model.pricing) == (None, None, None)


@pytest.mark.parametrize("body", ["{}", '{"detail": "no"}', "null", "7", "", "<html>", "[", '"text"', "\xff"])
def test_a_catalog_that_is_no_list_is_an_error(
    server: ScriptedServer, client: HedraClient, body: str
) -> None:
    server.will(text_answer(body))

    with pytest.raises(Unavailable, match="form that cannot be read"):
        client.list_models()


def test_voices(server: ScriptedServer, client: HedraClient) -> None:
    voice = {
        "type": "voice",
        "external_id": "x1",
        "labels": [{"name": "gender", "value": "female"}, {"name": "odd", "value": None}, 3],
        "preview_url": "https://media.example/v.mp3",
        "source": "elevenlabs",
    }
    server.will(
        json_answer([{"id": "v1", "type": "voice", "name": "Ada", "created_at": "…", "asset": voice}, None])
    )

    found = client.list_voices()

    (ada,) = found.voices
    assert (ada.id, ada.name, ada.labels) == ("v1", "Ada", {"gender": "female"})
    assert found.raw_count == 2
    assert (ada.source, ada.external_id, ada.preview_url) == (
        "elevenlabs",
        "x1",
        "https://media.example/v.mp3",
    )


def test_assets_by_id(server: ScriptedServer, client: HedraClient) -> None:
    inner = {
        "type": "generated_video",
        "width": 1280,
        "height": 720,
        "url": None,
        "download_url": "https://m/d",
    }
    server.will(json_answer([{"id": "a1", "type": "video", "name": "clip", "asset": inner}]))

    (asset,) = client.list_assets("video", ["a1", "a2"])

    assert server.seen[0].query == {"type": ["video"], "ids": ["a1,a2"]}
    assert (asset.width, asset.height, asset.media_url) == (1280, 720, "https://m/d")


def test_a_page_of_the_history(server: ScriptedServer, client: HedraClient) -> None:
    row = {
        "id": "g1",
        "type": "video",
        "input": {"type": "video", "generated_video_inputs": {"text_prompt": "a fox"}},
        "status": "complete",
        "progress": 1.0,
        "created_at": "2026-08-22T10:00:00+02:00",
        "credit_cost": 35,
        "eta_sec": 0,
        "estimated_completion_at": "2026-08-22T08:01:00Z",
        "batch_generation_id": "b1",
        "asset": {"id": "a1", "asset": {"url": "https://m/u", "poster_url": "https://m/p"}},
    }
    server.will(json_answer({"page_info": {"limit": 100, "offset": 0}, "data": [row, {"no": "id"}]}))
    moment = datetime(2026, 8, 22, 9, 30, tzinfo=UTC)

    page = client.list_generations(ids=["g1", "g2"], created_before=moment, limit=20)

    assert server.seen[0].query == {
        "ids": ["g1,g2"],
        "created_before": ["2026-08-22T09:30:00Z"],
        "limit": ["20"],
        "offset": ["0"],
    }
    (item,) = page.items
    assert (page.limit, page.offset, page.skipped) == (100, 0, 1)
    assert (item.status, item.credit_cost, item.created_at) == (
        "complete",
        Decimal(35),
        datetime(2026, 8, 22, 8, 0, tzinfo=UTC),
    )
    assert (item.media_url, item.poster_url) == ("https://m/u", "https://m/p")


def test_more_ids_than_one_answer_holds_are_refused(client: HedraClient) -> None:
    with pytest.raises(ValueError, match="at most 50"):
        client.list_generations(ids=[str(n) for n in range(51)])


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("queued", "queued"),
        ("pending", "queued"),
        ("COMPLETED", "complete"),
        ("succeeded", "complete"),
        ("failed", "error"),
        ("dreaming", "processing"),
    ],
)
def test_states_in_any_spelling(server: ScriptedServer, client: HedraClient, word: str, status: str) -> None:
    server.will(json_answer({"id": "g1", "asset_id": "a1", "status": word, "progress": 0.65}))

    state = client.status("g1")

    assert server.seen[0].path == "/web-app/public/generations/g1/status"
    assert (state.status, state.progress, state.media_url, state.error) == (status, 0.65, None, None)


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        ({"error": {"type": "MODERATION_FAILED", "message": "Not this."}}, "MODERATION_FAILED", "Not this."),
        ({"error": None, "error_message": "Field required"}, "UNKNOWN", "Field required"),
        ({"error": "plain words"}, "UNKNOWN", "plain words"),
        ({"error": {"type": "internal"}}, "INTERNAL", ""),
    ],
)
def test_why_a_generation_failed(
    server: ScriptedServer, client: HedraClient, failure: dict[str, Any], code: str, message: str
) -> None:
    server.will(json_answer({"id": "g1", "status": "error", "progress": 123, **failure}))

    state = client.status("g1")

    assert state.error is not None
    assert (state.error.code, state.error.message, state.progress) == (code, message, 1.0)


@pytest.mark.parametrize("id_", ["", ".", ".."])
def test_an_id_cannot_lead_to_another_path(client: HedraClient, id_: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        client.status(id_)


@pytest.mark.parametrize(
    ("answer", "remaining"),
    [
        ({"remaining": 412, "expiring": 12, "used": 88}, 412),
        ({"remaining": 5, "workspace_credit_pool": {"w": {"used": 1, "available": 900}}}, 900),
        ({"remaining": 5, "workspace_credit_pool": {"w": {"available": 900, "api_credits": 70}}}, 70),
        ({"remaining": 5, "workspace_credit_pool": {"w": {"available": 900, "api_credits": 0}}}, 900),
        ({"remaining": 5, "workspace_credit_pool": {"w": {"available": 0, "api_credits": 0}}}, 0),
        ({"remaining": 5, "workspace_credit_pool": {"w": {"available": 1}, "v": {"available": 2}}}, None),
        ({"remaining": 5, "workspace_credit_pool": None}, 5),
        ({"remaining": -3}, -3),
    ],
)
def test_balance(
    server: ScriptedServer, client: HedraClient, answer: dict[str, Any], remaining: int | None
) -> None:
    server.will(json_answer(answer))

    assert client.credits().remaining == remaining


def test_a_balance_without_a_number_is_an_error(server: ScriptedServer, client: HedraClient) -> None:
    server.will(json_answer({"remaining": "many"}))

    with pytest.raises(Unavailable):
        client.credits()
