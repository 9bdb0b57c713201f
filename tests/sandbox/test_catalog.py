"""The models on offer and their prices."""

from decimal import Decimal

import pytest

from sandbox.catalog import Catalog, frame_size, nearest_ratio
from tests.sandbox.conftest import Api


def test_all_known_models_are_listed(api: Api) -> None:
    models = api.get("/models").json()

    assert len(models) == 53
    assert len({model["slug"] for model in models}) == len({model["id"] for model in models}) == 53
    assert {model["type"] for model in models} == {"video"}


def test_types_filter_repeats_its_key(api: Api) -> None:
    assert len(api.get("/models", types=["video", "image"]).json()) == 53
    assert api.get("/models", types=["image"]).json() == []
    assert api.get("/models", types=["film"]).status_code == 422


def test_prices_agree_with_each_other(api: Api) -> None:
    for model in api.get("/models").json():
        details, pricing = model["price_details"], model["pricing"]
        assert details == {
            "credit_cost": pricing["credits_per_second"],
            "unit_scale": 1,
            "billing_unit": "second",
        }
        assert set(pricing["modifiers"].get("resolution", {})) <= set(model["resolutions"])


def test_own_prices_say_so(api: Api) -> None:
    for model in api.get("/models").json():
        own = model["name"].startswith("Omnihuman") or bool(model["pricing"]["modifiers"])
        assert model["description"].endswith("Sandbox price.") == own


def test_a_voice_can_be_heard(api: Api) -> None:
    voices = api.get("/voices").json()
    preview = api.http.get(voices[0]["asset"]["preview_url"], timeout=5)

    assert len(voices) >= 5
    assert preview.headers["Content-Type"] == "audio/wav"
    assert preview.content[:4] == b"RIFF"


@pytest.mark.parametrize(
    ("model", "duration_ms", "resolution", "credits"),
    [
        ("grok-video-t2v", 5000, "720p", 35),
        ("grok-video-t2v", 5000, "480p", 18),
        ("veo-3-t2v", 8000, "720p", 440),
        ("veo-3-t2v", 8000, "1080p", 660),
        ("hedra-avatar", 6543, "720p", 46),
    ],
)
def test_price_is_exact_and_rounded_up(model: str, duration_ms: int, resolution: str, credits: int) -> None:
    found = Catalog().find(f"sandbox/{model}")

    assert found
    assert found.credits(duration_ms, resolution) == credits


def test_price_is_not_raised_by_binary_fractions() -> None:
    model = Catalog().find("sandbox/grok-video-t2v")
    assert model
    model.row["pricing"]["modifiers"] = {"resolution": {"480p": 1.1}}

    # 7 × 10 × 1.1 is 77.00000000000001 in binary.
    assert model.credits(10_000, "480p") == 77 == Decimal("70") * Decimal("1.1")


@pytest.mark.parametrize(
    ("resolution", "ratio", "size"),
    [
        ("720p", "16:9", (1280, 720)),
        ("720p", "9:16", (720, 1280)),
        ("480p", "16:9", (854, 480)),
        ("1080p", "1:1", (1080, 1080)),
        ("480p", "21:9", (1120, 480)),
    ],
)
def test_frame_size(resolution: str, ratio: str, size: tuple[int, int]) -> None:
    assert frame_size(resolution, ratio) == size


def test_nearest_ratio() -> None:
    assert nearest_ratio(1900, 1000, ["auto", "16:9", "9:16", "1:1"]) == "16:9"
    assert nearest_ratio(1900, 1000, []) == "1900:1000"
