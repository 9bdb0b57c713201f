"""What a model needs and takes, from `inputs` modes or from flags."""

from typing import Any

import pytest

from catalog.models import Account, AIModel

pytestmark = pytest.mark.any_database


def mode(*slots: dict[str, Any], name: str = "image_to_video") -> dict[str, Any]:
    return {"mode": name, "slots": list(slots)}


START = {"type": "image", "role": "start_frame", "required": True}
END = {"type": "image", "role": "end_frame", "required": True}
AUDIO = {"type": "audio", "role": "audio_input", "required": True}
REFERENCE = {"type": "image", "role": "reference", "required": True, "max_count": 4}


def test_without_any_word_text_is_enough() -> None:
    model = AIModel(account=Account(), type="video")

    assert model.all_slots == []
    assert model.needs == ["text"]
    assert (model.kind, model.can_create) == ("video", True)


def test_flags_say_what_is_required() -> None:
    model = AIModel(account=Account(), type="video", requires_start_frame=True, requires_audio_input=True)

    assert [(slot.role, slot.required) for slot in model.all_slots] == [
        ("start_frame", True),
        ("audio_input", True),
    ]
    assert model.needs_words == "start frame + audio"
    assert (model.kind, model.kind_label) == ("avatar", "Avatar")


def test_a_slot_keeps_its_limits() -> None:
    limits = {"max_file_size_bytes": 5_000_000, "min_dimension_px": 300, "max_dimension_px": 4096}
    lengths = {"min_duration_ms": 2000, "max_duration_ms": 60_000}
    model = AIModel(account=Account(), type="video", inputs=[mode({**START, **limits}, {**AUDIO, **lengths})])

    start, audio = model.all_slots

    assert (start.max_bytes, start.min_dimension_px, start.max_dimension_px) == (5_000_000, 300, 4096)
    assert (audio.min_duration_ms, audio.max_duration_ms, audio.max_count) == (2000, 60_000, 1)


def test_what_only_one_mode_requires_is_optional() -> None:
    model = AIModel(account=Account(), type="video", inputs=[mode(START), mode(START, END)])

    assert [(slot.role, slot.required) for slot in model.all_slots] == [
        ("start_frame", True),
        ("end_frame", False),
    ]
    assert model.needs_words == "start frame · end frame optional"


def test_a_flag_that_says_no_makes_a_modes_input_optional() -> None:
    model = AIModel(account=Account(), type="video", inputs=[mode(START)], requires_start_frame=False)

    assert model.needs == ["text"]
    assert model.needs_words == "text · start frame optional"


def test_required_references_can_be_given() -> None:
    model = AIModel(account=Account(), type="video", inputs=[mode(REFERENCE)])

    assert model.needs == ["reference images"]
    assert model.can_create


def test_references_of_each_type_are_inputs_of_their_own() -> None:
    slots = [{"role": "reference", "type": type, "max_count": 3} for type in ("image", "video", "audio")]
    model = AIModel(account=Account(), type="video", inputs=[mode(*slots)])

    assert [(slot.word, slot.max_count) for slot in model.all_slots] == [
        ("reference images", 3),
        ("reference videos", 3),
        ("reference sounds", 3),
    ]


def test_what_must_be_given_and_is_not_known_keeps_a_model_off_the_create_page() -> None:
    model = AIModel(account=Account(), type="video", inputs=[mode({"role": "depth_map", "required": True})])

    assert not model.can_create


def test_what_must_be_given_and_no_request_takes_keeps_it_off_too() -> None:
    lip_sync = AIModel(account=Account(), type="video", requires_input_video=True, requires_audio_input=True)

    assert (lip_sync.request_type, lip_sync.can_create) == ("video_to_video", False)


@pytest.mark.parametrize(
    "said", [{"tags": ["extend"]}, {"slug": "veo-extend"}, {"inputs": [{"mode": "video_extension"}]}]
)
def test_a_model_that_goes_on_with_a_clip_makes_video(said: dict[str, Any]) -> None:
    model = AIModel(account=Account(), type="video", requires_input_video=True, **said)

    assert model.request_type == "video"


def test_a_picture_made_from_pictures_is_a_request_of_its_own() -> None:
    assert AIModel(type="image", inputs=[mode(REFERENCE)]).request_type == "image_to_image"
    assert AIModel(type="image", inputs=[mode({**REFERENCE, "required": False})]).request_type == "image"


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ({"requires_input_video": True}, "video_to_video"),
        ({"requires_input_video": True, "requires_start_frame": True}, "motion_control"),
        ({"requires_input_video": True, "requires_character_orientation": True}, "motion_control"),
    ],
)
def test_models_that_work_on_a_video_are_kinds_of_their_own(flags: dict[str, bool], kind: str) -> None:
    model = AIModel(account=Account(), type="video", **flags)

    assert model.kind == model.request_type == kind
    assert model.can_create


def test_a_model_without_type_is_video_when_it_makes_lengths() -> None:
    assert AIModel(durations=["5000"]).kind == "video"
    assert AIModel().kind_label == "Other"


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        [None],
        [{}],
        [{"slots": None}],
        [{"slots": [None, 5, {"role": "tail"}]}],
        "start_frame",
        7,
        {"mode": 1},
    ],
)
def test_unreadable_modes_are_no_modes(inputs: Any) -> None:
    model = AIModel(account=Account(), type="video", inputs=inputs, requires_start_frame=True)

    assert [slot.role for slot in model.all_slots] == ["start_frame"]


def test_senseless_limits_are_no_limits() -> None:
    model = AIModel(
        inputs=[mode({**START, "max_count": 0, "min_dimension_px": "big", "max_dimension_px": True})]
    )

    (slot,) = model.all_slots

    assert (slot.max_count, slot.min_dimension_px, slot.max_dimension_px) == (1, None, None)
