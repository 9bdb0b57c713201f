"""Cards of ready takes that the gallery's pages keep in memory: always as if they were drawn anew."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.cache import caches
from django.test import Client
from django.utils import timezone

from catalog.models import Account
from generations.models import Generation, Status, words
from tests.factories import make_model, make_take

pytestmark = pytest.mark.django_db

CARD = "generations/_take.html"
CHANGES: list[dict[str, Any]] = [
    {"favorite": True},
    {"rating": 4},
    {"verdict": "reject"},
    {"prompt": "An owl at dusk"},
    {"model_name": "Kling V3"},
    {"resolution": "1080p"},
    {"charged": Decimal(36)},
    {"charged": None},
    {"charged_before": Decimal(5)},
    {"recovered": True},
    {"verified_at": None},
    {"damage": "missing"},
    {"result": "takes/other.mp4", "verified_at": None},
    {"poster": ""},
    {"preview": "takes/fox.small.mp4"},
    {"sprite": "takes/fox.sprite.webp"},
    {"width": 720, "height": 1280},
    {"duration_ms": 61_000},
    {"content_type": "image/png", "poster": ""},
    {"type": "voice_clone", "prompt": "", "body": {"name": "Ada"}},
    {"fan_out": uuid4(), "submitted_at": timezone.now() - timedelta(days=1, seconds=42)},
    {"deleted_at": timezone.now()},
    {"status": Status.ERROR, "error_code": "INTERNAL"},
]


@pytest.fixture
def take(owner: User) -> Generation:
    return make_take(
        owner,
        type="video",
        result="takes/fox.mp4",
        poster="takes/fox.webp",
        width=1280,
        height=720,
        duration_ms=5000,
        verified_at=timezone.now(),
        finished_at=timezone.now() - timedelta(days=1),
    )


def cards(client: Client, query: str = "") -> str:
    page = client.get(f"/gallery/{query}").content.decode()
    return page[page.index('id="takes"') : page.index('id="poll"')]


def drawn(client: Client, query: str = "") -> int:
    """How many cards one visit draws."""
    return [part.name for part in client.get(f"/gallery/{query}").templates].count(CARD)


def test_a_ready_card_is_drawn_once(client: Client, take: Generation) -> None:
    assert [drawn(client), drawn(client)] == [1, 0]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: " ".join(change))
def test_a_change_of_the_row_is_seen_at_once(
    client: Client, take: Generation, change: dict[str, Any]
) -> None:
    before = cards(client)
    Generation.objects.filter(pk=take.pk).update(**change)
    after = cards(client)
    caches["template_fragments"].clear()
    assert after == cards(client)
    assert after != before


def test_what_the_page_adds_to_a_card_is_its_own(client: Client, owner: User, take: Generation) -> None:
    assert "?in=kind" not in cards(client)
    assert "?in=kind%3Dvideo" in cards(client, "?kind=video")
    cards(client, "?stacked=1")
    make_take(owner, shot=take.shot, position=1)
    assert "All 2 takes of this shot" in cards(client, "?stacked=1")


def test_a_running_card_follows_the_clock(client: Client, owner: User) -> None:
    make_take(owner, status=Status.PROCESSING, eta_at=timezone.now() + timedelta(minutes=5))
    assert [drawn(client), drawn(client)] == [1, 1]


def test_a_failed_card_follows_the_balance(client: Client, owner: User) -> None:
    body = {"type": "video", "generated_video_inputs": {"text_prompt": "A fox", "duration_ms": 8000}}
    make_take(owner, status=Status.ERROR, error_code="MISSING_CREDITS", ai_model=make_model(), body=body)
    for left in (7, 8):
        Account.objects.update(balance=Decimal(left), balance_at=timezone.now())
        assert f"you have {left}." in cards(client)


def test_pictures_are_told_of_only_while_they_may_follow(
    client: Client, take: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    Generation.objects.filter(pk=take.pk).update(finished_at=timezone.now())
    assert f'data-preview="/gallery/{take.pk}/preview"' in cards(client)
    monkeypatch.setattr(words, "PICTURES_FOLLOW_FOR", timedelta(0))
    assert "data-preview" not in cards(client)
