"""Presets: settings under a name, laid over any shot without touching its words and inputs."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import AIModel
from generations import presets
from generations.models import Draft, Preset
from tests.factories import make_asset, make_model

from .controls import controls
from .test_drafts import HTMX, keep, opened, shot

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(owner: User) -> AIModel:
    return make_model()


def save(client: Client, name: str, values: dict[str, Any], **more: Any) -> Any:
    return client.post("/create/presets/", values | {"preset_name": name} | more, headers=HTMX)


def test_it_holds_the_settings_and_no_words_or_inputs(client: Client, model: AIModel, owner: User) -> None:
    frame = make_asset(owner)
    extra = {"start_frame": frame.pk, "shot_prompt": ["One"], "wish_aspect_ratio": "4:3|9:16", "name": "Ada"}
    answer = save(client, "  Upright   clips ", shot(model, **extra))
    assert "Saved “Upright clips”." in answer.content.decode()
    preset = Preset.objects.get()
    assert preset.name == "Upright clips"
    assert preset.values == {
        "model": [model.form_key],
        "aspect_ratio": ["9:16"],
        "resolution": ["480p"],
        "duration_ms": ["8000"],
        "variations": ["4"],
    }


def test_using_it_keeps_words_and_inputs(client: Client, owner: User) -> None:
    model, other, frame = make_model(requires_start_frame=True), make_model(), make_asset(owner)
    save(client, "Upright", shot(model))
    now = shot(other, prompt="A whale", aspect_ratio="1:1", variations="1", start_frame=frame.pk)
    pk = Preset.objects.get().pk
    page = client.post(f"/create/presets/{pk}/use/", now, headers=HTMX).content.decode()
    found = controls(page)
    assert (found["prompt"], found["start_frame"]) == (["A whale"], [str(frame.pk)])
    assert (found["model"], found["aspect_ratio"]) == ([str(model.form_key)], ["9:16"])
    assert (found["resolution"], found["duration_ms"], found["variations"]) == (["480p"], ["8000"], ["4"])
    assert opened(client) == found


def test_inputs_that_its_model_lacks_travel_on_and_are_said(client: Client, owner: User) -> None:
    model, other, frame = make_model(), make_model(requires_start_frame=True), make_asset(owner)
    save(client, "Words only", shot(model))
    now = shot(other, start_frame=frame.pk)
    pk = Preset.objects.get().pk
    page = client.post(f"/create/presets/{pk}/use/", now, headers=HTMX).content.decode()
    assert "This model takes no start frame; yours is kept for one that does." in page
    assert controls(page)["start_frame"] == [str(frame.pk)]


def test_a_preset_whose_model_is_gone_lays_its_settings_over_yours(client: Client, owner: User) -> None:
    model, other = make_model(), make_model(aspect_ratios=["16:9"])
    save(client, "Upright", shot(model))
    model.delete()
    pk = Preset.objects.get().pk
    answer = client.post(
        f"/create/presets/{pk}/use/", shot(other, aspect_ratio="16:9", variations="1"), headers=HTMX
    )
    page = answer.content.decode()
    assert "The model of this preset is not offered any more" in page
    assert "This model doesn&#x27;t offer 9:16; 16:9 is chosen." in page
    assert (controls(page)["model"], controls(page)["variations"]) == ([str(other.form_key)], ["4"])


def test_without_script_it_is_laid_over_the_draft(client: Client, model: AIModel) -> None:
    other = make_model()
    save(client, "Upright", shot(model))
    keep(client, shot(other, prompt="A whale", variations="1"))
    pk = Preset.objects.get().pk
    assert client.post(f"/create/presets/{pk}/use/")["Location"] == "/create/"
    found = opened(client)
    assert (found["prompt"], found["variations"]) == (["A whale"], ["4"])
    assert found["model"] == [str(model.form_key)]


def test_without_script_the_drafts_settings_are_saved(client: Client, model: AIModel) -> None:
    keep(client, shot(model))
    answer = client.post("/create/presets/", {"preset_name": "Upright"}, follow=True)
    assert "Saved “Upright”." in answer.content.decode()
    assert Preset.objects.get().values["variations"] == ["4"]


def test_there_is_nothing_to_save_before_there_is_a_draft(client: Client, model: AIModel) -> None:
    assert "Choose a model and settings on the create page" in client.get("/create/presets/").content.decode()
    assert client.post("/create/presets/", {"preset_name": "Empty"}).status_code == 422
    assert not Preset.objects.exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Give the preset a name."),
        (" \0 ", "Give the preset a name."),
        ("x" * 61, "The name has 61 characters; 60 fit."),
        ("upright", "There is a preset “Upright” already."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_name_that_will_not_do_is_refused_and_kept(
    client: Client, model: AIModel, name: str, words: str, headers: dict[str, str]
) -> None:
    save(client, "Upright", shot(model))
    answer = client.post("/create/presets/", shot(model) | {"preset_name": name}, headers=headers)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert f'value="{name.replace(chr(0), "")}"' in page
    assert ("Overwrite it" in page) is (name == "upright")
    assert Preset.objects.count() == 1


def test_a_taken_name_can_be_overwritten(client: Client, model: AIModel) -> None:
    save(client, "Upright", shot(model))
    assert save(client, "Upright", shot(model, variations="2"), overwrite="1").status_code == 200
    assert Preset.objects.get().values["variations"] == ["2"]


def test_there_is_an_end_to_them(client: Client, model: AIModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "MOST", 2)
    assert [save(client, f"Number {n}", shot(model)).status_code for n in range(3)] == [200, 200, 422]
    assert save(client, "Number 1", shot(model), overwrite="1").status_code == 200


def test_they_are_renamed_and_deleted(client: Client, model: AIModel) -> None:
    save(client, "Upright", shot(model))
    save(client, "Wide", shot(model))
    pk = Preset.objects.get(name="Upright").pk
    taken = client.post(f"/create/presets/{pk}/name/", {"preset_name": "Wide"})
    assert taken.status_code == 422
    assert "There is a preset “Wide” already." in taken.content.decode()
    assert client.post(f"/create/presets/{pk}/name/", {"preset_name": "upright"}).status_code == 302
    assert client.post(f"/create/presets/{pk}/delete/", follow=True).status_code == 200
    assert [preset.name for preset in Preset.objects.all()] == ["Wide"]


@pytest.mark.parametrize("action", ["use", "name", "delete"])
def test_a_strangers_preset_looks_absent(client: Client, stranger: User, action: str) -> None:
    theirs = Preset.objects.create(owner=stranger, name="Theirs")
    assert client.post(f"/create/presets/{theirs.pk}/{action}/").status_code == 404
    assert client.get(f"/create/presets/{theirs.pk}/{action}/").status_code == 405


@pytest.mark.parametrize("values", [[], 7, {"model": 3}, {"model": [None, {}]}, {"aspect_ratio": "9:16"}])
def test_odd_stored_values_do_no_harm(client: Client, model: AIModel, owner: User, values: Any) -> None:
    preset = Preset.objects.create(owner=owner, name="Odd", values=values)
    assert "Odd" in client.get("/create/").content.decode()
    assert client.post(f"/create/presets/{preset.pk}/use/", shot(model), headers=HTMX).status_code == 200
    assert Draft.objects.get().values["prompt"] == ["A fox in the snow"]


def test_a_line_says_what_is_in_it(client: Client, model: AIModel) -> None:
    save(client, "Upright", shot(model))
    assert "Grok Video T2V · 9:16 · 480p · 8 s · × 4" in client.get("/create/presets/").content.decode()
    model.delete()
    assert "its model is gone · 9:16" in client.get("/create/presets/").content.decode()
