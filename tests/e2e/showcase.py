"""A studio with something of everything on its pages."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.models import Account
from generations.models import Generation, Input, Status
from tests.factories import make_asset, make_model, make_take, mp4, png


@dataclass(frozen=True)
class Showcase:
    ready: Generation
    running: Generation
    failed: Generation


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
        **fields,
    )


def set_up(owner: User) -> Showcase:
    """Models of each kind, a known balance, and takes in each state."""
    account = Account.objects.current()
    account.balance, account.balance_at = 12_480, timezone.now()
    account.balance_tried_at = account.synced_at = timezone.now()
    account.save()
    make_model(account)
    make_model(
        account, name="Hedra Avatar", durations=["auto"], requires_start_frame=True, requires_audio_input=True
    )
    make_model(account, name="Sora 2 Pro I2V", pricing=None, requires_start_frame=True)
    running = make_take(owner, status=Status.PROCESSING, progress=0.4, prompt="A train through snow")
    Input.objects.create(generation=running, asset=make_asset(owner), role=Input.Role.START_FRAME)
    failed = make_take(owner, status=Status.ERROR, error_code="MODERATION_FAILED", charged=0)
    return Showcase(ready=make_ready(owner), running=running, failed=failed)
