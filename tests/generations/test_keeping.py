"""Changing the model keeps what still applies and says what it drops, and gives it back when it can."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Account, Voice
from catalog.services import HOOX
from generations.forms import ShotForm
from tests.factories import make_asset, make_model

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def shown(owner: User) -> Any:
    def show(values: dict[str, str], **model: Any) -> ShotForm:
        return ShotForm.shown(values, owner=owner, model=make_model(**model))

    return show


def test_a_ratio_that_is_dropped_comes_back(shown: Any) -> None:
    first = shown({"aspect_ratio": "9:16"}, aspect_ratios=["16:9"])
    assert first["aspect_ratio"].value() == "16:9"
    assert first.kept.dropped == ["This model doesn't offer 9:16; 16:9 is chosen."]
    again = shown({"aspect_ratio": "16:9", **first.kept.carried})
    assert again["aspect_ratio"].value() == "9:16"
    assert (again.kept.dropped, again.kept.carried) == ([], {})


def test_choosing_something_else_ends_the_wish(shown: Any) -> None:
    first = shown({"aspect_ratio": "9:16"}, aspect_ratios=["16:9", "1:1"])
    again = shown({"aspect_ratio": "1:1", **first.kept.carried})
    assert again["aspect_ratio"].value() == "1:1"


def test_a_length_falls_to_the_next_that_is_offered(shown: Any) -> None:
    form = shown({"duration_ms": "8000"}, durations=["6000", "10000"])
    assert form["duration_ms"].value() == "10000"
    assert form.kept.dropped == ["This model doesn't offer 8 s; 10 s is chosen."]


def test_a_length_outlives_a_model_that_decides_by_itself(shown: Any) -> None:
    first = shown({"duration_ms": "8000"}, durations=["auto"], requires_audio_input=True)
    assert first.kept.dropped == ["This model doesn't offer 8 s; it decides by itself."]
    assert shown(first.kept.carried)["duration_ms"].value() == "8000"


def test_an_input_outlives_a_model_without_a_place_for_it(shown: Any, owner: User) -> None:
    frame = make_asset(owner)
    first = shown({"start_frame": str(frame.pk)})
    assert first.kept.dropped == ["This model takes no start frame; yours is kept for one that does."]
    again = shown(first.kept.carried, requires_start_frame=True)
    assert again.slots[0].asset == frame


@pytest.mark.parametrize("wish", ["|", "x" * 500, "9:16", "9:16|16:9|1:1", "<script>|", "\0|\0"])
def test_an_odd_wish_does_no_harm(shown: Any, wish: str) -> None:
    shown({"wish_aspect_ratio": wish, "wish_duration_ms": wish, "aspect_ratio": "16:9"})


# What only some models take


def test_more_variations_than_a_model_makes_come_back(shown: Any, owner: User) -> None:
    hoox = Account.objects.create(service=HOOX, fingerprint="tests")
    first = ShotForm.shown({"variations": "8"}, owner=owner, model=make_model(hoox))
    assert str(first["variations"].value()) == "1"
    assert first.kept.dropped == ["Variations: this model doesn't offer 8; 1 is chosen."]
    second = shown({"variations": "1", **first.kept.carried}, type="image_upscale", requires_start_frame=True)
    assert second.kept.carried["variations"] == ["8"]
    assert shown(second.kept.carried)["variations"].value() == "8"


def setting(*options: str) -> dict[str, Any]:
    return {
        "key": "quality",
        "label": "Quality",
        "type": "select",
        "options": list(options),
        "default": options[0],
        "affects_cost": True,
    }


def test_a_models_own_settings_outlive_a_model_without_them(shown: Any, owner: User) -> None:
    hoox = Account.objects.create(service=HOOX, fingerprint="tests")
    rich, poor = (make_model(hoox, settings=[setting(*options)]) for options in (("low", "ultra"), ("low",)))
    chosen = {"setting_quality": "ultra", "setting_sound": ""}

    passed = shown(chosen)
    assert passed.kept.carried == {"setting_quality": ["ultra"], "setting_sound": [""]}
    assert passed.kept.dropped == []

    refused = ShotForm.shown(passed.kept.carried, owner=owner, model=poor)
    assert refused["setting_quality"].value() == "low"
    assert refused.kept.dropped == ["Quality: this model doesn't offer ultra; low is chosen."]

    again = {"setting_quality": "low", **refused.kept.carried}
    assert ShotForm.shown(again, owner=owner, model=rich)["setting_quality"].value() == "ultra"


def speaking(voice: str, **fields: Any) -> dict[str, Any]:
    """A model of speech whose account has one voice."""
    account = Account.objects.current()
    now = timezone.now()
    Voice.objects.get_or_create(
        account=account, remote_id=voice, defaults={"name": voice, "first_seen": now, "last_seen": now}
    )
    return {"type": "text_to_speech", **fields}


def test_a_voice_outlives_models_that_are_silent(shown: Any, owner: User) -> None:
    speech = speaking("ada")
    silent = shown({"voice": "ada", "stability": "0.4", "language": "Dutch"})
    assert silent.kept.dropped == []
    again = shown(silent.kept.carried, **speech)
    assert {name: again[name].value() for name in ("voice", "stability", "language")} == {
        "voice": "ada",
        "stability": "0.4",
        "language": "Dutch",
    }


def test_a_voice_that_is_not_offered_is_said_and_remembered(shown: Any, owner: User) -> None:
    speech = speaking("ada")
    form = shown({"voice": "gone"}, **speech)
    assert form["voice"].value() in (None, "")
    assert form.kept.dropped == ["The voice that you chose is not offered here; choose another."]
    assert form.kept.carried["wish_voice"] == ["gone|"]
    assert shown({"voice": "ada", **form.kept.carried}, **speech)["voice"].value() == "ada"


SHOTS = {"shot_prompt": ["A fox runs", "", "It stops"], "shot_seconds": ["3", "5", "4"]}


def test_several_shots_outlive_a_model_that_makes_one(shown: Any) -> None:
    first = shown(SHOTS)
    assert first.kept.dropped == [
        "This model makes one shot; your 2 shots are kept for one that makes several."
    ]
    assert first.kept.carried == SHOTS
    again = shown(first.kept.carried, tags=["multi-shot"])
    assert again.shot_rows[:3] == [("A fox runs", "3"), ("", "5"), ("It stops", "4")]
    assert again.kept.carried == {}


def test_lengths_of_shots_without_words_are_none(shown: Any) -> None:
    form = shown({"shot_prompt": ["", ""], "shot_seconds": ["5", "5"]})
    assert (form.kept.dropped, form.kept.carried) == ([], {})


def test_faces_and_the_part_of_a_sound_outlive_a_model_without_speech(shown: Any) -> None:
    chosen = {"point": ["0.25,0.5", "0.75,0.5"], "audio_start_ms": "1500", "audio_ms": "2000"}
    first = shown(chosen)
    assert first.kept.carried == {
        "point": ["0.25,0.5", "0.75,0.5"],
        "audio_start_ms": ["1500"],
        "audio_ms": ["2000"],
    }
    again = shown(
        first.kept.carried, requires_start_frame=True, requires_audio_input=True, durations=["auto"]
    )
    assert again.points == [(0.25, 0.5), (0.75, 0.5)]
    assert again.kept.values["audio_start_ms"] == "1500"
    assert again.kept.carried == {}


def references(most: int) -> dict[str, Any]:
    slot = {"type": "image", "role": "reference", "required": True, "max_count": most}
    return {"inputs": [{"mode": "reference_to_video", "slots": [slot]}]}


def pks(form: ShotForm) -> list[int]:
    return [asset.pk for slot in form.slots for asset in slot.assets]


def test_references_beyond_what_a_model_takes_travel_on(shown: Any, owner: User) -> None:
    all_of_them = [make_asset(owner).pk for _ in range(5)]
    chosen = {"reference_image": [str(pk) for pk in all_of_them]}
    fewer = shown(chosen, **references(3))
    assert pks(fewer) == all_of_them[:3]
    assert fewer.kept.dropped == ["This model takes 3 reference images; the first 3 are used."]

    held = {"reference_image": [str(pk) for pk in all_of_them[:3]], **fewer.kept.carried}
    none = shown(held)
    one = shown(none.kept.carried, **references(1))
    assert one.kept.dropped == ["This model takes 1 reference image; the first is used."]
    more = shown({"reference_image": str(all_of_them[0]), **one.kept.carried}, **references(9))
    assert pks(more) == all_of_them
    assert (more.kept.dropped, more.kept.carried) == ([], {})


def test_a_reference_taken_out_by_hand_is_not_filled_up_from_the_rest(shown: Any, owner: User) -> None:
    first, second, third = (make_asset(owner).pk for _ in range(3))
    fewer = shown({"reference_image": [str(first), str(second), str(third)]}, **references(2))
    emptied = shown({"reference_image": [str(first)], **fewer.kept.carried}, **references(2))
    assert pks(emptied) == [first]
    assert pks(shown({"reference_image": [str(first)], **emptied.kept.carried}, **references(3))) == [
        first,
        third,
    ]


@pytest.mark.parametrize("more", ["|", "1,2|x", "x|3", "1" * 500, "٣|٣", "1|999999"])
def test_an_odd_rest_does_no_harm(shown: Any, owner: User, more: str) -> None:
    frame = make_asset(owner)
    form = shown({"reference_image": str(frame.pk), "more_reference_image": more}, **references(3))
    assert pks(form)[:1] == [frame.pk]
