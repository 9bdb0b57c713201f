"""Changing the model keeps what still applies and says what it drops, and gives it back when it can."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from generations.forms import ShotForm
from generations.models import Input
from tests.factories import make_asset, make_model, make_take

pytestmark = pytest.mark.django_db


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


def test_the_address_of_the_panel_holds_the_choices(client: Client, owner: User) -> None:
    model = make_model()
    query = {"model": model.pk, "aspect_ratio": "9:16", "variations": "4", "seen_price": "35", "shot": "x"}
    for part in ("panel", "price"):
        response = client.post(f"/create/{part}/", query, headers={"HX-Request": "true"})
        assert response["HX-Replace-Url"] == f"/create/?model={model.pk}&aspect_ratio=9%3A16&variations=4"


def test_another_take_starts_from_all_that_this_one_was_made_with(client: Client, owner: User) -> None:
    model, frame = make_model(requires_start_frame=True), make_asset(owner)
    body = {"type": "video", "generated_video_inputs": {"text_prompt": "A fox", "duration_ms": 8000}}
    take = make_take(owner, ai_model=model, body=body, aspect_ratio="9:16", resolution="480p", prompt="A fox")
    Input.objects.create(generation=take, asset=frame, role=Input.Role.START_FRAME)
    query = {name: values[0] for name, values in parse_qs(urlsplit(take.again_url).query).items()}
    assert query == {
        "model": str(model.pk),
        "prompt": "A fox",
        "aspect_ratio": "9:16",
        "resolution": "480p",
        "duration_ms": "8000",
        "start_frame": str(frame.pk),
    }
    page = client.get(take.again_url).content.decode()
    assert frame.name in page
    assert "7 cr/s × 8 s × 0.5 (480p) = 28" in page
