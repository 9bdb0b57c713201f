"""Whatever is sent as a shot, the page answers with the form."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client

from catalog.models import AIModel
from generations.forms import ShotForm
from generations.models import Draft
from tests.factories import make_model

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

ENDLESS = "9" * 5000


@pytest.fixture
def model(owner: User) -> AIModel:
    return make_model(tags=["multi-shot"])


@pytest.mark.parametrize("path", ["", "panel/", "price/"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prompt", "a\0b"),
        ("shot_prompt", "a\0b"),
        ("duration_ms", ENDLESS),
        ("wish_duration_ms", f"{ENDLESS}|5000"),
        ("wish_duration_ms", f"5000|{ENDLESS}"),
    ],
)
def test_odd_values_do_not_break_the_form(
    client: Client, model: AIModel, path: str, name: str, value: str
) -> None:
    sent = {"model": str(model.form_key), "prompt": "A fox", name: value}
    assert client.post(f"/create/{path}", sent).status_code in (200, 422)


def test_no_word_holds_what_a_database_refuses(owner: User, model: AIModel) -> None:
    query = QueryDict("prompt=A+%00fox&shot_prompt=A+%00hare&shot_seconds=5")
    body = str(ShotForm.shown(query, owner=owner, model=model).body())
    assert "A fox" in body
    assert "A hare" in body


def test_no_name_of_a_draft_holds_what_a_database_refuses(client: Client, owner: User) -> None:
    sent = {"setting_\0odd": "1", "prompt": "A fox", "draft_page": "\0page"}
    assert client.post("/create/draft/", sent).status_code == 204
    draft = Draft.objects.get(owner=owner)
    assert "\0" not in f"{''.join(draft.values)}{draft.page}"
    assert draft.values["prompt"] == ["A fox"]
