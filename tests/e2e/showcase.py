"""A studio with something of everything on its pages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.models import Account
from generations.models import Cap, Generation, Input, Note, Status
from tests.factories import make_asset, make_model, make_take, mp4, png, wav


@dataclass(frozen=True)
class Showcase:
    ready: Generation
    running: Generation
    failed: Generation
    lost: Generation
    """Rescued once, and found damaged by now."""
    image: Generation
    sound: Generation
    voice: Generation
    answers: tuple[Generation, ...]
    """Of several models to one prompt."""


def _filed(name: str, content: bytes) -> str:
    return default_storage.save(f"takes/{name}", ContentFile(content))


def make_ready(owner: User, **fields: object) -> Generation:
    """A finished take with its files."""
    clip = mp4()
    return make_take(
        owner,
        result=_filed("clip.mp4", clip),
        preview=_filed("preview.mp4", clip),
        poster=_filed("poster.png", png()),
        content_type="video/mp4",
        size=len(clip),
        width=128,
        height=72,
        duration_ms=1000,
        verified_at=timezone.now(),
        **fields,
    )


def make_sound(owner: User, **fields: object) -> Generation:
    """Finished speech with its wave."""
    spoken = wav()
    return make_take(
        owner,
        type="text_to_speech",
        prompt="Good evening, and welcome",
        result=_filed("speech.wav", spoken),
        poster=_filed("wave.png", png()),
        content_type="audio/wav",
        size=len(spoken),
        duration_ms=2000,
        **fields,
    )


def make_image(owner: User, **fields: object) -> Generation:
    still = png(640, 360)
    return make_take(
        owner,
        type="image",
        prompt="A lighthouse in a storm",
        result=_filed("still.png", still),
        poster=_filed("still-poster.png", still),
        content_type="image/png",
        size=len(still),
        width=640,
        height=360,
        **fields,
    )


def set_up(owner: User) -> Showcase:
    """Models of each kind, a known balance, and takes in each state and of each kind."""
    account = Account.objects.current()
    account.balance, account.balance_at = 12_480, timezone.now()
    account.balance_tried_at = account.synced_at = timezone.now()
    account.save()
    Cap.objects.create(account=account, daily=100_000, monthly=1_000_000)
    make_model(account)
    make_model(
        account, name="Hedra Avatar", durations=["auto"], requires_start_frame=True, requires_audio_input=True
    )
    make_model(account, name="Sora 2 Pro I2V", pricing=None, requires_start_frame=True)
    running = make_take(owner, status=Status.PROCESSING, progress=0.4, prompt="A train through snow")
    Input.objects.create(generation=running, asset=make_asset(owner), role=Input.Role.START_FRAME)
    failed = make_take(owner, status=Status.ERROR, error_code="MODERATION_FAILED", charged=0)
    ready = make_ready(owner, unseen=True, finished_at=timezone.now(), rating=4, verdict="keep")
    Note.objects.create(take=ready, at_ms=500, text="The best of the batch")
    asked = {"fan_out": uuid4(), "prompt": "One prompt for all"}
    return Showcase(
        ready=ready,
        running=running,
        failed=failed,
        lost=make_ready(owner, prompt="A heron lifts off", recovered=True, damage="damaged"),
        image=make_image(owner, made_from=ready),
        sound=make_sound(owner),
        voice=make_take(owner, type="voice_clone", prompt="", body={"type": "voice_clone", "name": "Anna"}),
        answers=(
            make_ready(owner, model_name="Kling V3", **asked),
            make_take(owner, model_name="Veo 3", status=Status.PROCESSING, **asked),
            make_take(owner, model_name="Sora 2", status=Status.ERROR, error_code="INTERNAL", **asked),
        ),
    )
