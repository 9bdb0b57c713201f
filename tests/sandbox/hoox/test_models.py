"""``GET /asset/models`` with its hoisting, and ``GET /asset/models/{name}``."""

from decimal import Decimal

import pytest

from tests.sandbox.hoox.conftest import HooxApi, exact

BY_NAME_ONLY = (
    "veo-3.1-fast", "kling-v3-motion-standard", "kling-o3-pro", "kling-o3-standard", "kling-o3-edit-pro",
    "kling-2.5-standard", "kling-2.6-motion-control", "kling-2.6-motion-pro", "seedance-2.0-fast",
    "seedance-2.0-ugc", "upscale-video", "sora-2", "sora-2-pro", "flux-2-pro", "flux-2-max", "nano-banana-2",
    "nano-banana-pro", "seedream-5-lite", "reve",
)  # fmt: skip


def names(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [model["name"] for model in answer["models"]]


def test_all_models_are_listed_with_type_and_provider(hoox: HooxApi) -> None:
    answer = hoox.models()

    assert set(answer) == {"models", "count"}
    assert answer["count"] == len(set(names(answer))) == 40
    assert all(model["type"] in ("image", "video") and model["provider"] for model in answer["models"])
    assert all(model["label"] and model["base_cost"] > 0 for model in answer["models"])


def test_a_filtered_type_moves_to_the_root(hoox: HooxApi) -> None:
    images, videos = hoox.models(type="image"), hoox.models(type="video")

    assert (images["type"], videos["type"]) == ("image", "video")
    assert images["count"] + videos["count"] == 40
    assert not any("type" in model for model in images["models"] + videos["models"])
    assert all("provider" in model for model in images["models"])


def test_type_and_provider_move_together(hoox: HooxApi) -> None:
    answer = hoox.models(type="video", provider="xai")

    assert (answer["type"], answer["provider"], answer["count"]) == ("video", "xai", 2)
    assert names(answer) == ["grok-imagine-video", "grok-imagine-video-edit"]
    assert not any({"type", "provider"} & set(model) for model in answer["models"])


def test_a_tag_filters_and_stays_where_it_is(hoox: HooxApi) -> None:
    answer = hoox.models(tag="video-edit")

    assert "tag" not in answer
    assert names(answer) == ["kling-o3-edit-pro", "kling-o3-edit-standard", "grok-imagine-video-edit"]
    assert all("video-edit" in model["tags"] and model["type"] == "video" for model in answer["models"])


def test_filters_that_match_nothing(hoox: HooxApi) -> None:
    assert hoox.models(provider="nobody") == {"provider": "nobody", "models": [], "count": 0}
    assert exact(hoox.get("/asset/models", type="film"), 400)["details"][0]["field"] == "type"


def test_facts_of_a_known_model(hoox: HooxApi) -> None:
    model = next(row for row in hoox.models()["models"] if row["name"] == "seedance-2.0")

    assert model["base_cost"] == Decimal("34.05")
    assert model["required_plans"] == ["PRO", "ENTREPRISE"]
    assert model["capabilities"]["default_resolution"] == "1080p"
    assert not {"settings", "slots", "price", "run_s", "max_prompt_length"} & set(model)


def test_prices_that_are_the_sandboxs_own_say_so(hoox: HooxApi) -> None:
    """Without the tag a model has one price, and it is Hoox's."""
    for row in hoox.models()["models"]:
        own = "sandbox-price" in row.get("tags", [])
        settings = exact(hoox.get(f"/asset/models/{row['name']}"))["settings"]
        choices = [row["capabilities"].get(f"supported_{what}", []) for what in ("durations", "resolutions")]
        many = any(len(values) > 1 for values in choices) or any(entry["affects_cost"] for entry in settings)
        assert own == (many or row["name"] in (*BY_NAME_ONLY, "reve-fast")), row["name"]


def test_details_of_a_model_with_references(hoox: HooxApi) -> None:
    model = exact(hoox.get("/asset/models/veo-3.1"))
    schema = model["input_schema"]

    assert (model["type"], model["provider"], model["restricted_countries"]) == ("video", "google", [])
    assert model["max_prompt_length"] == schema["properties"]["prompt"]["maxLength"]
    assert schema["required"] == ["prompt"]
    references = schema["properties"]["references"]
    assert (references["minItems"], references["maxItems"]) == (0, 1)
    assert references["items"]["oneOf"] == [{"required": [name]} for name in ("url", "asset_id", "avatar_id")]
    assert schema["properties"]["duration"] == {"type": "integer", "enum": [4, 6, 8], "default": 8}
    assert schema["properties"]["resolution"]["enum"] == ["720p", "1080p", "4K"]
    assert model["settings"] == [
        {
            "key": "generateAudio",
            "type": "boolean",
            "label": "Generate audio",
            "default_value": True,
            "affects_cost": True,
        }
    ]


def test_details_of_a_model_with_named_slots(hoox: HooxApi) -> None:
    schema = exact(hoox.get("/asset/models/kling-v3-motion-pro"))["input_schema"]

    assert schema["required"] == ["prompt", "start_image", "motion_video"]
    assert "references" not in schema["properties"]
    assert "duration" not in schema["properties"]


def test_every_model_has_details_that_agree_with_its_row(hoox: HooxApi) -> None:
    for row in hoox.models()["models"]:
        model = exact(hoox.get(f"/asset/models/{row['name']}"))
        properties = model["input_schema"]["properties"]
        assert {name: model[name] for name in row} == row
        for what in ("aspect_ratio", "resolution", "duration"):
            supported = row["capabilities"].get(f"supported_{what}s")
            assert properties.get(what, {}).get("enum") == supported
            assert supported is None or row["capabilities"][f"default_{what}"] in supported


@pytest.mark.parametrize("name", ["veo-9", "VEO-3.1", "%20"])
def test_an_unknown_model_is_not_found(hoox: HooxApi, name: str) -> None:
    assert exact(hoox.get(f"/asset/models/{name}"), 404)["code"] == "model_not_found"
