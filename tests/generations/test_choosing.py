"""Which model a shot is for, and what can be made without one."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from catalog.models import Account, AIModel
from generations import choosing
from tests.factories import make_model

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

REFERENCE = {"mode": "edit", "slots": [{"role": "reference", "type": "image", "required": True}]}


def named(name: str, **fields: Any) -> AIModel:
    return make_model(name=name, slug=f"made/{name.lower()}", remote_id="", **fields)


@pytest.fixture
def models(owner: User) -> list[AIModel]:
    named("Film")
    named("Talker", requires_start_frame=True, requires_audio_input=True)
    named("Painter", type="image")
    named("Retoucher", type="image", inputs=[REFERENCE])
    named("Longer", requires_input_video=True, tags=["extend"])
    return choosing.usable_models()


def test_what_the_catalog_names_no_model_for_is_left_to_the_service(models: list[AIModel]) -> None:
    left = {model.type: model.form_key for model in models if not model.pk}

    assert left["text_to_speech"] == "any-text_to_speech"
    assert left.keys() == set(choosing._NEED_NO_MODEL)
    assert all(not model.price(None).known for model in models if not model.pk)  # type: ignore[arg-type]


def test_a_model_of_the_catalog_takes_the_place_of_the_service_s_choice(owner: User) -> None:
    named("Speaker", type="text_to_speech")

    assert [model.name for model in choosing.usable_models() if model.type == "text_to_speech"] == ["Speaker"]


def test_without_a_catalog_there_is_nothing_to_make(owner: User) -> None:
    assert choosing.usable_models() == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({}, "Film"),
        ({"make": "avatar"}, "Talker"),
        ({"make": "image"}, "Painter"),
        ({"kind": "image_to_image"}, "Retoucher"),
        ({"kind": "extend"}, "Longer"),
        ({"kind": "video", "make": "image"}, "Film"),
        ({"make": "voice"}, "Hedra's own choice"),
        ({"model": "any-audio_isolation"}, "Hedra's own choice"),
        ({"make": "nonsense"}, "Film"),
    ],
)
def test_the_query_chooses(models: list[AIModel], query: dict[str, str], name: str) -> None:
    found = choosing.chosen(models, query)

    assert found
    assert found.name == name


@pytest.mark.parametrize("key", ["0", "any-hologram", "<script>", "9" * 40])
def test_a_model_that_is_not_there_is_not_replaced(models: list[AIModel], key: str) -> None:
    assert choosing.chosen(models, {"model": key}) is None


def test_no_model_is_not_the_first_one(models: list[AIModel]) -> None:
    """ "Choose a model" stays until one is chosen, or another outcome is."""
    assert choosing.chosen(models, {"model": ""}) is None
    painter = choosing.chosen(models, {"model": "", "make": "image"})
    assert painter
    assert painter.name == "Painter"


def test_models_stand_under_what_comes_out(models: list[AIModel]) -> None:
    image = next(one for one in choosing.OUTCOMES if one.name == "image")

    groups = dict(choosing.grouped(models, image))

    assert [model.name for model in groups["From text"]] == ["Painter"]
    assert [model.name for model in groups["Image to image: from reference images"]] == ["Retoucher"]


def test_services_are_told_apart_once_there_are_two(models: list[AIModel]) -> None:
    hoox = Account.objects.create(service="hoox", fingerprint="h")
    other = AIModel(account=hoox, type="video", name="Veo", slug="veo")
    video = choosing.OUTCOMES[0]

    labels = [label for label, _ in choosing.grouped([*models, other], video)]

    assert labels[0].startswith("Hedra")
    assert any(label.startswith("Hoox · ") for label in labels)
