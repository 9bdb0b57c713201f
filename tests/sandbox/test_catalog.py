"""The models on offer and their prices."""

import io
import wave
from collections import Counter
from decimal import Decimal
from xml.etree import ElementTree

import pytest
import requests

from sandbox.catalog import Catalog, frame_size, nearest_ratio
from sandbox.wire import HttpError
from tests.sandbox.conftest import Api

REAL = 53
"""So many come first whose names, ids and credits per second are the service's."""


def test_all_known_models_are_listed(api: Api) -> None:
    models = api.get("/models").json()

    assert len(models) == 78
    assert len({model["slug"] for model in models}) == len({model["id"] for model in models}) == 78
    assert Counter(model["type"] for model in models) == {
        "video": 56,
        "image": 12,
        "text_to_speech": 4,
        "text_to_sound": 1,
        "speech_to_speech": 1,
        "audio_isolation": 1,
        "voice_clone": 1,
        "image_upscale": 1,
        "video_upscale": 1,
    }


def test_types_filter_repeats_its_key(api: Api) -> None:
    assert len(api.get("/models", types=["video", "image"]).json()) == 68
    assert len(api.get("/models", types=["image"]).json()) == 12
    assert api.get("/models", types=["video_stitching"]).json() == []
    assert api.get("/models", types=["film"]).status_code == 422


def test_prices_agree_with_each_other(api: Api) -> None:
    for model in api.get("/models").json():
        pricing = model["pricing"]
        if pricing is None:
            continue
        per_second = pricing["credits_per_second"]
        assert model["price_details"] == {
            "credit_cost": per_second or pricing["base_cost"],
            "unit_scale": 1,
            "billing_unit": "second" if per_second else "generation",
        }
        for factors in pricing["modifiers"].values():
            assert set(factors) < set(model["resolutions"])


def test_own_prices_say_so(api: Api) -> None:
    for place, model in enumerate(api.get("/models").json()):
        wholly = model["name"].startswith("Omnihuman") or place >= REAL
        own = wholly or bool(model["pricing"]["modifiers"])
        assert model["description"].endswith("the sandbox's own.") == own
        if not wholly:
            factors = model["pricing"]["modifiers"].get("resolution", {})
            assert all(resolution in model["description"] for resolution in factors)


def test_logos_are_drawings_that_need_no_key(api: Api) -> None:
    links = {model["logo_url"] for model in api.get("/models").json()} - {None}

    assert len(links) == 7
    for link in links:
        answer = requests.get(link, timeout=5)
        assert answer.headers["Content-Type"] == "image/svg+xml"
        drawing = ElementTree.fromstring(answer.content)  # noqa: S314 - our own file
        assert drawing.tag == "{http://www.w3.org/2000/svg}svg"


def test_some_models_have_no_logo(api: Api) -> None:
    without = [model["name"] for model in api.get("/models").json()[:REAL] if not model["logo_url"]]

    assert without == ["Hedra Omnia", "VEED Fabric 1.0", "Omnihuman 1.5 I2V"]


def test_an_unknown_logo_is_not_found(api: Api) -> None:
    assert requests.get(api.sandbox.url + "/media/logos/nobody.svg", timeout=5).status_code == 404


def test_every_voice_sounds_different(api: Api) -> None:
    voices = api.get("/voices").json()
    links = [voice["asset"]["preview_url"] for voice in voices if voice["asset"]["preview_url"]]
    previews = [requests.get(link, timeout=5) for link in links]

    assert (len(voices), len(links)) == (16, 15)
    assert {preview.headers["Content-Type"] for preview in previews} == {"audio/wav"}
    assert len({preview.content for preview in previews}) == len(previews)
    for preview in previews:
        with wave.open(io.BytesIO(preview.content)) as sound:
            assert 1 < sound.getnframes() / sound.getframerate() < 5


def test_labels_of_voices_vary_and_may_be_missing(api: Api) -> None:
    voices = api.get("/voices").json()
    labels = [{label["name"]: label["value"] for label in voice["asset"]["labels"]} for voice in voices]

    assert labels.count({}) == 1
    assert all(value == value.lower() for entry in labels for value in entry.values())
    for name, least in (("gender", 3), ("age", 3), ("accent", 8), ("language", 8)):
        assert len({entry[name] for entry in labels if name in entry}) >= least
        assert all(entry[name] for entry in labels if name in entry)


def test_a_voice_without_a_preview_cannot_be_heard(api: Api) -> None:
    (silent,) = (voice for voice in api.get("/voices").json() if not voice["asset"]["preview_url"])

    with pytest.raises(HttpError):
        api.sandbox.app.voices.preview(silent["id"])


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
