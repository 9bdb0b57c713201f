"""What a person sees is what is charged: the button, the take and the service's ledger agree."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.mirror import voices
from catalog.models import Account, AIModel, Voice
from generations import uploads
from generations.forms import ShotForm
from generations.models import Asset, Generation, Status
from tests.factories import mp4, png, wav
from tests.sandboxed import Studio

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HTMX = {"HX-Request": "true"}
FILES = {
    "image": ("frame.png", lambda: png(1024, 1024)),
    "audio": ("speech.wav", lambda: wav(3.2)),
    "video": ("clip.mp4", lambda: mp4(3.5, 640, 360)),
}
BOUGHT: list[tuple[str, dict[str, str]]] = [
    ("Grok Video T2V", {"resolution": "480p", "duration_ms": "7000"}),
    ("Grok Video T2V", {"duration_ms": "15000", "variations": "4"}),
    ("Grok Video I2V", {"start_frame": "@image", "resolution": "480p"}),
    ("Sora 2 Pro T2V", {"resolution": "1080p", "duration_ms": "8000"}),
    ("Veo 3 Fast T2V", {"resolution": "1080p", "duration_ms": "6000", "variations": "2"}),
    ("Kling V3 Standard I2V", {"start_frame": "@image", "duration_ms": "4000"}),
    ("MiniMax Hailuo-02 Standard T2V", {"duration_ms": "10000"}),
    ("Seedance 2.0 T2V", {"resolution": "480p", "duration_ms": "9000"}),
    ("Hedra Avatar", {"start_frame": "@image", "audio": "@audio", "resolution": "1080p"}),
    ("Hedra Omnia", {"start_frame": "@image", "audio": "@audio", "audio_start_ms": "1000"}),
    ("Kling 2.6 Motion Control Pro VI2V", {"start_frame": "@image", "video": "@video"}),
    ("Nano Banana Pro T2I", {"resolution": "4K", "variations": "2"}),
    ("Seedream 4.5 T2I", {"resolution": "2160p (4K UHD)"}),
    ("Flux Dev T2I", {"resolution": "720p"}),
    ("Nano Banana I2I", {"reference_image": "@image", "resolution": "2K"}),
    ("ElevenLabs V3", {"voice": "@voice", "prompt": "The fog lifts. " * 90}),
    ("ElevenLabs Text to Sound V2", {"duration_seconds": "7.5"}),
    ("ElevenLabs Speech to Speech", {"voice": "@voice", "audio": "@audio"}),
    ("ElevenLabs Audio Isolation", {"audio": "@audio"}),
    ("Image Upscale", {"image": "@image", "target_resolution": "4K"}),
    ("Video Upscale", {"video": "@video", "target_resolution": "2K"}),
    ("Voice Clone", {"audio": "@audio", "name": "The fox"}),
]


@pytest.fixture
def given(studio: Studio, owner: User) -> dict[str, str]:
    """What stands for "@image" and the like."""
    studio.sandbox.fault("stuck", times=0)  # the charge comes before anything is rendered
    studio.sandbox.settings(key=studio.key, balance=100_000)
    voices.sync(Account.objects.current())
    return {f"@{kind}": str(_asset(owner, kind).pk) for kind in FILES} | {
        "@voice": Voice.objects.current()[0].remote_id
    }


def _asset(owner: User, kind: str) -> Asset:
    name, content = FILES[kind]
    return uploads.store(owner, SimpleUploadedFile(name, content()), kind)


def test_the_button_the_take_and_the_ledger_agree(
    studio: Studio, client: Client, owner: User, given: dict[str, str]
) -> None:
    shown = {}
    for name, chosen in BOUGHT:
        model = AIModel.objects.current().get(name=name)
        values = _values(owner, model, {key: given.get(value, value) for key, value in chosen.items()})
        button = shown[values["shot"]] = _seen(client, values)
        response = client.post("/create/", values | {"seen_price": str(button)}, headers=HTMX)
        assert response.status_code == 200, f"{name}: {response.content.decode()}"
    ours = Generation.objects.filter(imported=False)
    studio.work_until(lambda: not ours.exclude(status=Status.PROCESSING).exists())

    assert _sums(ours, "quoted") == _sums(ours, "charged") == shown
    assert studio.charges() == {str(take.remote_id): [take.quoted] for take in ours}
    left = 100_000 - sum(shown.values())
    assert f'balance-value num">{left:,.0f}<' in client.get("/create/").content.decode()


def _seen(client: Client, values: dict[str, Any]) -> Decimal:
    """The price on the button."""
    page = client.post("/create/price/", values, headers=HTMX).content.decode()
    [credits] = re.findall(r"Generate · ([\d,]+) credits?<", page)
    return Decimal(credits.replace(",", ""))


def _sums(takes: Iterable[Generation], column: str) -> dict[str, Decimal]:
    """By press of the button."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for take in takes:
        sums[str(take.shot)] += getattr(take, column)
    return dict(sums)


def _values(owner: User, model: AIModel, chosen: dict[str, str]) -> dict[str, Any]:
    """The form as its page shows it, with what is chosen."""
    form = ShotForm.shown({}, owner=owner, model=model)
    usual = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    return {**usual, "prompt": "A fox in the snow", "shot": str(uuid4()), **chosen}
