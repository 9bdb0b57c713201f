"""``POST /asset/pricing``: exact fractions, and what is brought to supported values."""

from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.hoox.conftest import HooxApi, exact


def cost(hoox: HooxApi, model: str, **body: Any) -> Decimal:
    return Decimal(hoox.price(model, **body)["cost_per_generation"])


def test_at_its_defaults_every_model_costs_its_base_cost(hoox: HooxApi) -> None:
    for model in hoox.models()["models"]:
        defaults = {
            name: model["capabilities"][f"default_{name}"]
            for name in ("duration", "resolution")
            if f"default_{name}" in model["capabilities"]
        }
        assert cost(hoox, model["name"]) == model["base_cost"], model["name"]
        answer = hoox.price(model["name"], **defaults)
        assert answer == {
            "model": model["name"],
            "cost_per_generation": model["base_cost"],
            "total_cost": model["base_cost"],
            "currency": "credits",
            "generation_count": 1,
        }


@pytest.mark.parametrize(
    ("model", "body", "credits"),
    [
        ("veo-3.1", {"duration": 4}, "16"),
        ("veo-3.1", {"duration": 6, "resolution": "1080p"}, "36"),
        ("veo-3.1", {"model_settings": {"generateAudio": False}}, "22.4"),
        ("kling-pro", {"duration": 10}, "15"),
        ("seedance-2.0", {"duration": 7}, "47.67"),
        ("seedance-2.0", {"model_settings": {"generateAudio": False}}, "34.05"),
        ("seedance-1.5", {"duration": 12, "resolution": "480p"}, "3.12"),
        ("gpt-image-2", {"resolution": "4K", "model_settings": {"quality": "high"}}, "1.8"),
        ("reve-fast", {"image_count": 3}, "0.55"),
        ("grok-imagine-video", {"duration": 1, "resolution": "480p"}, "0.25"),
    ],
)
def test_prices_are_exact(hoox: HooxApi, model: str, body: dict[str, Any], credits: str) -> None:
    assert cost(hoox, model, **body) == Decimal(credits)


def test_the_total_is_for_all_generations(hoox: HooxApi) -> None:
    answer = hoox.price("z-image-turbo", generation_count=3)

    assert (answer["cost_per_generation"], answer["total_cost"]) == (Decimal("0.1"), Decimal("0.3"))
    assert answer["generation_count"] == 3


def test_whole_amounts_are_written_whole(hoox: HooxApi) -> None:
    assert '"total_cost": 32,' in hoox.post("/asset/pricing", {"model": "veo-3.1"}).text


@pytest.mark.parametrize(
    ("model", "body", "normalized"),
    [
        ("veo-3.1", {"duration": 7}, {"duration": "6s", "duration_in_seconds": 6}),
        ("veo-3.1", {"duration": 600}, {"duration": "8s", "duration_in_seconds": 8}),
        ("kling-v3-pro", {"duration": 1}, {"duration": "3s", "duration_in_seconds": 3}),
        ("veo-3.1", {"resolution": "4k"}, {"resolution": "4K"}),
        ("veo-3.1", {"resolution": "480p"}, {"resolution": "720p"}),
        ("reve", {"image_count": 9}, {"image_count": 6}),
        ("gpt-image-2", {"model_settings": {"quality": "best"}}, {"model_settings": {"quality": "medium"}}),
        (
            "veo-3.1",
            {"model_settings": {"generateAudio": "no"}},
            {"model_settings": {"generateAudio": True}},
        ),
    ],
)
def test_an_unsupported_value_is_changed_and_told(
    hoox: HooxApi, model: str, body: dict[str, Any], normalized: dict[str, Any]
) -> None:
    answer = hoox.price(model, **body)
    meant = {name: value for name, value in normalized.items() if name in body}
    if "duration" in body:
        meant["duration"] = normalized["duration_in_seconds"]

    assert answer["normalized"] == normalized
    assert hoox.price(model, **meant)["total_cost"] == answer["total_cost"]


def test_values_the_model_does_not_have_are_passed_over(hoox: HooxApi) -> None:
    answer = hoox.price("kling-motion-control", duration=99, resolution="8K", model_settings={"hue": 1})

    assert "normalized" not in answer
    assert answer["total_cost"] == 9


def test_a_price_costs_nothing(hoox: HooxApi) -> None:
    before = hoox.ledger
    hoox.price("veo-3.1")

    assert hoox.ledger == before


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "model", "missing_content"),
        ({"model": "veo-9"}, "model", "invalid_value"),
        ({"model": 1}, "model", "invalid_format"),
        ({"model": "veo-3.1", "duration": "6s"}, "duration", "invalid_format"),
        ({"model": "veo-3.1", "duration": 6.5}, "duration", "invalid_format"),
        ({"model": "veo-3.1", "resolution": 720}, "resolution", "invalid_format"),
        ({"model": "veo-3.1", "model_settings": []}, "model_settings", "invalid_format"),
        ({"model": "veo-3.1", "generation_count": 5}, "generation_count", "invalid_value"),
        ({"model": "reve", "image_count": -1}, "image_count", "invalid_value"),
        ([], "", "invalid_format"),
    ],
)
def test_a_bad_body_says_which_field(hoox: HooxApi, body: Any, field: str, code: str) -> None:
    assert hoox.refused(body, "/asset/pricing") == {field: code}


def test_a_body_that_is_no_json(hoox: HooxApi) -> None:
    answer = hoox.http.post(hoox.sandbox.hoox_url + "/asset/pricing", data="{", timeout=5)

    assert exact(answer, 400)["code"] == "invalid_format"
