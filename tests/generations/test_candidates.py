"""A model held against the shot of another model's form: what it changes, and why it can't make it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from catalog.models import Account
from catalog.services import HOOX
from generations.candidates import changes, form_for, makes_the_same, order_form, reasons
from generations.forms import ShotForm
from tests.factories import make_asset, make_model

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def base(owner: User) -> ShotForm:
    return shown(owner)


def shown(owner: User, model: dict[str, Any] | None = None, **values: Any) -> ShotForm:
    return ShotForm.shown({"prompt": "A fox", **values}, owner=owner, model=make_model(**model or {}))


def held(base: ShotForm, **other: Any) -> tuple[list[str], list[str]]:
    """The changes and the reasons of another model."""
    form = form_for(base, make_model(**other))
    return list(changes(base, form)), list(reasons(base, form))


def test_a_model_like_it_makes_the_very_shot(base: ShotForm) -> None:
    assert held(base) == ([], [])


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"resolutions": ["1080p"]}, ["no 720p: 1080p"]),
        ({"resolutions": None, "default_resolution": ""}, ["no choice of 720p"]),
        ({"resolutions": ["720P"]}, []),
        ({"durations": ["8000"]}, ["priced at 8 s"]),
        ({"aspect_ratios": None}, ["decides the ratio by itself"]),
    ],
)
def test_what_it_makes_otherwise_is_said(base: ShotForm, other: dict[str, Any], expected: list[str]) -> None:
    assert held(base, **other) == (expected, [])


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"aspect_ratios": ["1:1"]}, ["no 16:9"]),
        ({"durations": ["4000"]}, ["longest 4 s"]),
        ({"requires_start_frame": True}, ["needs start frame"]),
        ({"max_prompt_length": 3}, ["the prompt has 5 characters; this model takes up to 3"]),
    ],
)
def test_what_it_can_not_make_says_why(base: ShotForm, other: dict[str, Any], expected: list[str]) -> None:
    assert held(base, **other)[1] == expected


def test_an_input_without_a_place_is_a_reason(owner: User) -> None:
    frame = make_asset(owner, width=1280, height=720)
    base = shown(owner, {"requires_start_frame": True}, start_frame=str(frame.pk))
    assert held(base)[1] == ["takes no start frame"]
    assert held(base, requires_start_frame=True)[1] == []


def test_more_references_than_it_takes_are_a_reason(owner: User) -> None:
    pks = [str(make_asset(owner).pk) for _ in range(5)]
    base = shown(owner, references(5), reference_image=pks)
    assert held(base, **references(3))[1] == ["takes 3 reference images"]
    assert held(base, **references(9))[1] == []


def references(most: int) -> dict[str, Any]:
    slot = {"type": "image", "role": "reference", "required": True, "max_count": most}
    return {"inputs": [{"mode": "reference_to_video", "slots": [slot]}]}


def test_several_shots_are_not_made_into_one(owner: User) -> None:
    base = shown(owner, {"tags": ["multi-shot"]}, shot_prompt=["A fox", "A hare"], shot_seconds=["5", "5"])
    assert held(base)[1] == ["makes one shot only"]


def test_a_switch_that_is_off_is_not_missed(owner: User) -> None:
    service = Account.objects.create(service=HOOX, fingerprint="tests")
    other = {"account": service, "settings": [], "inputs": []}
    assert held(shown(owner, enhance_prompt=""), **other)[0] == []
    assert held(shown(owner, enhance_prompt="1"), **other)[0] == ["without “Enhance the prompt”"]


def test_fewer_variations_are_said(owner: User) -> None:
    service = Account.objects.create(service=HOOX, fingerprint="tests")
    base = shown(owner, variations="8")
    assert "1 of 8 variations" in held(base, account=service, settings=[], inputs=[])[0]


def test_inputs_that_a_service_could_not_fetch_are_a_reason(owner: User, settings: Settings) -> None:
    settings.PUBLIC_URL, settings.HOOX_SANDBOX = "", False
    frame = make_asset(owner, width=1280, height=720)
    base = shown(owner, {"requires_start_frame": True}, start_frame=str(frame.pk))
    service = Account.objects.create(service=HOOX, fingerprint="tests")
    other = {"account": service, "settings": [], "requires_start_frame": True}
    assert held(base, **other)[1] == ["fetches inputs from the internet, where this studio has no address"]
    settings.PUBLIC_URL = "https://studio.example"
    assert held(base, **other)[1] == []


@pytest.mark.parametrize(
    ("kind", "other", "same"),
    [("video", "video", True), ("image", "image_to_image", True), ("video", "image", False)],
)
def test_only_the_same_kind_of_thing_is_compared(db: None, kind: str, other: str, same: bool) -> None:
    assert makes_the_same(make_model(type=other), make_model(type=kind)) is same


def test_the_order_is_what_was_shown(owner: User) -> None:
    base = shown(owner, aspect_ratio="9:16", duration_ms="8000", variations="2", enhance_prompt="")
    form = order_form(form_for(base, make_model()), uuid4())
    assert form.is_valid(), form.errors
    assert form.body()["generated_video_inputs"] == base.body()["generated_video_inputs"]
    assert form.count == 2
