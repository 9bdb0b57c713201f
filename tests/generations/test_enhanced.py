"""A prompt that the service enhanced: the person's own words stay, and the service's stand beside them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Account
from clients.answers import RemoteGeneration
from generations import lifecycle
from generations.models import Generation, Status
from tests.factories import make_take
from tests.generations.orders import Press
from tests.sandboxed import Studio

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

OWN, THEIRS = "A fox in the snow", "A red fox, frost on its fur, crosses deep snow at dawn"


def body(text: str, **inputs: Any) -> dict[str, Any]:
    return {"type": "video", "generated_video_inputs": {"text_prompt": text, **inputs}}


@pytest.fixture
def answer(studio: Studio) -> RemoteGeneration:
    """What the service lists of something that is done."""
    items = Account.objects.current().client().list_generations().items
    return next(item for item in items if item.status == "complete" and item.type == "video")


def told(owner: User, answer: RemoteGeneration, sent: dict[str, Any], listed: dict[str, Any]) -> Generation:
    """A running take once it was looked at."""
    take = make_take(owner, status=Status.PROCESSING, prompt=OWN, body=sent, lease_owner="tests")
    lifecycle.apply(take, dataclasses.replace(answer, input=listed))
    return Generation.objects.get(pk=take.pk)


def test_both_are_kept_and_shown(client: Client, owner: User, answer: RemoteGeneration) -> None:
    take = told(owner, answer, body(OWN, enhance_prompt=True), body(THEIRS))
    assert (take.prompt, take.enhanced_prompt) == (OWN, THEIRS)
    page = client.get(take.get_absolute_url()).content.decode()
    assert "As the service enhanced it" in page
    assert OWN in page
    assert THEIRS in page


@pytest.mark.parametrize(
    ("sent", "listed"),
    [
        (body(OWN, enhance_prompt=True), body(f" {OWN} ")),
        (body(OWN, enhance_prompt=True), body("")),
        (body(OWN, enhance_prompt=True), {"generated_video_inputs": "none"}),
        (body(OWN), body(THEIRS)),
    ],
    ids=["the same words", "no words", "no readable ones", "not asked for"],
)
def test_nothing_is_told_where_there_is_nothing_else(
    client: Client, owner: User, answer: RemoteGeneration, sent: dict[str, Any], listed: dict[str, Any]
) -> None:
    take = told(owner, answer, sent, listed)
    assert take.enhanced_prompt == ""
    assert "As the service enhanced it" not in client.get(take.get_absolute_url()).content.decode()


def test_the_request_asks_for_it_only_when_it_is_switched_on(press: Press) -> None:
    [on], [off] = press(enhance_prompt="on"), press(enhance_prompt="", prompt="Another")
    assert on.body["generated_video_inputs"]["enhance_prompt"] is True
    assert "enhance_prompt" not in off.body["generated_video_inputs"]
