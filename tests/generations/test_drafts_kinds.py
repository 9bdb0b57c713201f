"""Whatever is made, in the form of every kind: what was chosen is there again in the draft."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import User
from django.test import Client

from catalog.mirror import voices
from catalog.models import Account, AIModel
from generations import choosing
from generations.forms import ShotForm
from generations.models import Asset
from generations.slots import slots_of
from tests.factories import make_asset
from tests.sandboxed import Studio

from .controls import controls

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

TEXT = 'A fox & a "whale" <b>\nat night'


def kinds(account: Account) -> list[AIModel]:
    """A model of each kind and service; those that take several shots, references and settings besides."""
    found: dict[tuple[Any, ...], AIModel] = {}
    for model in choosing.usable_models():
        what = (model.kind, model.account.service, model.extends, model.takes_several_shots)
        more = (any(slot.max_count > 1 for slot in slots_of(model)), bool(model.settings))
        found.setdefault((*what, *more), model)
    return list(found.values())


def chosen(model: AIModel, owner: User, assets: dict[str, Asset]) -> dict[str, Any]:
    """The form with everything chosen otherwise than it stands at first, and all its slots full."""
    form = ShotForm.shown({}, owner=owner, model=model)
    values: dict[str, Any] = {"model": str(model.form_key), "prompt": TEXT}
    options = [name for name in form.fields if name not in ("shot", "model", "prompt", "seen_price")]
    values |= {name: _other(form.fields[name]) for name in options}
    if form.takes_shots:
        values |= {"shot_prompt": ["The fog, wide", "", "Close"], "shot_seconds": ["3", "5", "4"]}
    if form.speaks:
        values |= {"point": ["0.25,0.5"], "audio_start_ms": "500", "audio_ms": "1500"}
    for slot in slots_of(model):
        values[slot.field_name] = [str(assets[slot.kind].pk)]
    return values


def _other(field: forms.Field) -> str | list[str]:
    if isinstance(field, forms.BooleanField):
        return [""] if field.initial else ["", "on"]
    if isinstance(field, forms.ChoiceField):
        flat = [
            v
            for value, label in field.choices
            for v in ([one for one, _ in label] if isinstance(label, list) else [value])
        ]
        return str(flat[-1])
    return str(field.max_value) if isinstance(field, forms.DecimalField) else "Ada"


@pytest.fixture
def assets(owner: User) -> dict[str, Asset]:
    found = {kind: make_asset(owner, kind=kind, duration_ms=3000) for kind in ("audio", "video")}
    return found | {"image": make_asset(owner)}


def held(page: str) -> dict[str, list[str]]:
    """What the form holds, without rows that nothing was written into."""
    return {name: values for name, values in controls(page).items() if any(values)}


def test_what_is_chosen_for_each_kind_is_there_again(
    studio: Studio, hoox: Account, client: Client, owner: User, assets: dict[str, Asset]
) -> None:
    voices.sync(Account.objects.current())
    models = kinds(hoox)
    assert {model.request_type for model in models} >= {
        "video", "image", "image_to_image", "text_to_speech", "text_to_sound", "image_upscale",
        "video_upscale", "audio_isolation", "speech_to_speech", "voice_clone", "video_to_video",
        "motion_control",
    }  # fmt: skip
    for model in models:
        values = chosen(model, owner, assets)
        panel = client.post("/create/panel/", values | {"make": "x"}, headers={"HX-Request": "true"})
        shown = held(panel.content.decode())
        assert held(client.get("/create/").content.decode()) == shown, model.name
        for name, value in values.items():
            wanted = [text for text in (value if isinstance(value, list) else [value]) if text]
            found = [text for text in shown.get(name, []) if text]
            assert found[: len(wanted)] == wanted, (model.name, name)
