"""Where each value and each input goes in the body of its request type."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Account, AIModel
from catalog.models.ai_model import CREATABLE
from catalog.prices.quoting import Shot
from generations import requests
from generations.models import Asset
from generations.requests import TYPES, Role
from generations.slots import ROLES, slots_of

pytestmark = pytest.mark.any_database

NAMED = {"model_slug": "maker/model"}
VALUES = {
    "prompt": "A fox in the snow",
    "aspect_ratio": "9:16",
    "resolution": "720p",
    "duration_ms": 8000,
    "audio_start_ms": 250,
    "enhance_prompt": True,
    "character_orientation": "image",
    "keep_audio": False,
    "voice": "f412c62f-e94f-41c0-bfc6-97f63289941c",
    "stability": 0.5,
    "speed": 1.1,
    "language": "English",
    "duration_seconds": 4.5,
    "prompt_influence": 0.4,
    "loop": True,
    "target_resolution": "4K",
    "name": "My voice",
}


@pytest.mark.parametrize(
    ("request_type", "expected"),
    [
        (
            "image",
            {
                "text_prompt": "A fox in the snow",
                "aspect_ratio": "9:16",
                "resolution": "720p",
                "enhance_prompt": True,
            },
        ),
        (
            "text_to_speech",
            {
                "voice_id": VALUES["voice"],
                "text": "A fox in the snow",
                "stability": 0.5,
                "speed": 1.1,
                "language": "English",
            },
        ),
        (
            "text_to_sound",
            {
                "text": "A fox in the snow",
                "duration_seconds": 4.5,
                "prompt_influence": 0.4,
                "loop": True,
            },
        ),
        ("video_to_video", {"prompt": "A fox in the snow", "keep_audio": False}),
        ("image_upscale", {"target_resolution": "4K"}),
        ("audio_isolation", {}),
        ("voice_clone", {"name": "My voice"}),
    ],
)
def test_a_body_holds_what_its_type_knows_and_nothing_else(
    request_type: str, expected: dict[str, Any]
) -> None:
    assert requests.body(request_type, NAMED, VALUES) == {"type": request_type, **NAMED, **expected}


def test_the_values_of_a_video_are_nested() -> None:
    body = requests.body("motion_control", NAMED, VALUES)

    assert body["generated_video_inputs"] == {
        "text_prompt": "A fox in the snow",
        "aspect_ratio": "9:16",
        "resolution": "720p",
        "duration_ms": 8000,
        "character_orientation": "image",
    }


@pytest.mark.parametrize("nothing", [None, "", []])
def test_what_was_not_chosen_is_left_out(nothing: Any) -> None:
    body = requests.body("image", NAMED, {"prompt": "A fox", "resolution": nothing, "enhance_prompt": None})

    assert body == {"type": "image", **NAMED, "text_prompt": "A fox"}


def test_several_shots_are_told_with_their_type() -> None:
    shots = [{"prompt": "Wide", "duration_ms": 3000}, {"prompt": "Close", "duration_ms": 5000}]

    nested = requests.body("video", NAMED, {"prompt": "Wide / Close", "shots": shots})

    assert nested["generated_video_inputs"]["multi_prompt"] == shots
    assert nested["generated_video_inputs"]["shot_type"] == "customize"
    assert requests.shot_of(nested).duration_ms == 8000


# Inputs


def test_one_id_stands_alone_and_several_are_a_list() -> None:
    assert requests.input_ids("video", [("audio", 0, "a")]) == {"audio_id": "a"}
    assert requests.input_ids("video", [("audio", 1, "b"), ("audio", 0, "a")]) == {"audio_id": ["a", "b"]}


def test_references_are_lists_even_of_one_and_keep_their_order() -> None:
    held = [("reference_image", 2, "c"), ("reference_image", 0, "a"), ("reference_image", 1, "b")]

    assert requests.input_ids("video", held) == {"reference_image_ids": ["a", "b", "c"]}
    assert requests.input_ids("image", held[1:2]) == {"reference_image_ids": ["a"]}
    assert requests.input_ids("video_to_video", held[1:2]) == {"reference_image_asset_ids": ["a"]}


def test_an_element_has_a_frontal_picture_and_others() -> None:
    held = [
        ("element", 20, "front 2"),
        ("element", 11, "side 1"),
        ("element", 10, "front 1"),
        ("video", 0, "v"),
    ]

    assert requests.input_ids("video_to_video", held) == {
        "video_id": "v",
        "elements": [
            {"frontal_image_asset_id": "front 1", "reference_image_asset_ids": ["side 1"]},
            {"frontal_image_asset_id": "front 2"},
        ],
    }


# What a body says


@given(
    st.sampled_from(sorted(TYPES)),
    st.dictionaries(st.sampled_from(sorted(VALUES)), st.text(min_size=1) | st.integers() | st.booleans()),
)
def test_a_body_gives_back_the_values_that_it_was_made_from(
    request_type: str, values: dict[str, Any]
) -> None:
    known = {name: value for name, value in values.items() if name in TYPES[request_type].values}

    assert requests.values_of(requests.body(request_type, NAMED, values)) == known


@pytest.mark.parametrize(
    "body", [{}, {"type": None}, {"type": "hologram"}, {"type": "video", "generated_video_inputs": "odd"}]
)
def test_an_odd_body_says_nothing(body: dict[str, Any]) -> None:
    assert requests.values_of(body) == {}
    assert requests.shot_of(body) == Shot()


@pytest.mark.parametrize(
    ("request_type", "length_ms", "shot"),
    [
        ("text_to_speech", None, Shot(characters=17)),
        ("text_to_sound", None, Shot(4500, characters=17)),
        ("audio_isolation", 3210, Shot(3210)),
        ("video_upscale", 5000, Shot(5000, options={"target_resolution": "4K"})),
        ("image", None, Shot(None, "720p", "9:16", characters=17)),
    ],
)
def test_the_price_is_read_from_the_body(request_type: str, length_ms: int | None, shot: Shot) -> None:
    assert requests.shot_of(requests.body(request_type, NAMED, VALUES), length_ms) == shot


# Fingerprints


def test_the_same_shot_has_the_same_fingerprint_whatever_its_order() -> None:
    one, two = Asset(sha256="1"), Asset(sha256="2")
    body = requests.body("video", NAMED, VALUES)

    first = requests.fingerprint(7, body, [("start_frame", 0, one), ("end_frame", 0, two)])
    second = requests.fingerprint(
        7, dict(reversed(body.items())), [("end_frame", 0, two), ("start_frame", 0, one)]
    )

    assert first == second


@pytest.mark.parametrize(
    ("account", "changes", "picture"),
    [(8, {}, "1"), (7, {"prompt": "A whale"}, "1"), (7, {}, "2"), (7, {"resolution": "480p"}, "1")],
)
def test_anything_else_is_another_shot(account: int, changes: dict[str, Any], picture: str) -> None:
    def of(account: int, values: dict[str, Any], picture: str) -> str:
        held = [("start_frame", 0, Asset(sha256=picture))]
        return requests.fingerprint(account, requests.body("video", NAMED, values), held)

    assert of(7, VALUES, "1") != of(account, VALUES | changes, picture)


@pytest.mark.parametrize("request_type", TYPES)
def test_models_are_offered_for_just_what_their_request_takes(request_type: str) -> None:
    takes = {role for (role, kind), ours in ROLES.items() if ours in TYPES[request_type].inputs}
    assert takes == CREATABLE[request_type]


def test_what_a_request_has_no_place_for_is_not_asked_for() -> None:
    model = AIModel(
        account=Account(),
        type="video_to_video",
        inputs=[{"mode": "edit", "slots": [{"role": role} for role in ("input_video", "end_frame")]}],
    )
    assert Role.END_FRAME not in {slot.role for slot in slots_of(model)}
    assert Role.VIDEO in {slot.role for slot in slots_of(model)}
