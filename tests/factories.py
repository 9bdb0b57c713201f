"""Rows for tests, each with sensible defaults."""

from __future__ import annotations

import math
import wave
from array import array
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

import av
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from catalog.makers import maker_of
from catalog.models import Account, AIModel
from generations.models import Asset, Entry, Generation, GenerationQuerySet, Status


def make_model(account: Account | None = None, **fields: Any) -> AIModel:
    """A text-to-video model of 7 cr/s with three ratios, two resolutions and 5 to 15 s."""
    now = timezone.now()
    defaults: dict[str, Any] = {
        "slug": f"tests/model-{uuid4().hex[:8]}",
        "name": "Grok Video T2V",
        "type": "video",
        "pricing": {"base_cost": None, "credits_per_second": 7, "modifiers": {"resolution": {"480p": 0.5}}},
        "aspect_ratios": ["16:9", "9:16", "1:1"],
        "resolutions": ["480p", "720p"],
        "default_resolution": "720p",
        "durations": [f"{seconds}000" for seconds in range(5, 16)],
        "first_seen": now,
        "last_seen": now,
    }
    fields = defaults | {"maker": maker_of(str(fields.get("name", "Grok Video T2V")))} | fields
    account = account or Account.objects.current()
    account.touch()
    return AIModel.objects.create(account=account, **fields)


def make_avatar() -> AIModel:
    """Speaks: a frame and a recording, whose length is the clip's."""
    return make_model(
        name="Hedra Avatar", durations=["auto"], requires_start_frame=True, requires_audio_input=True
    )


def make_take(owner: User, **fields: Any) -> Generation:
    """A finished take of 35 credits, without files."""
    now = timezone.now()
    defaults: dict[str, Any] = {
        "account": fields.get("account") or Account.objects.current(),
        "model_name": "Grok Video T2V",
        "prompt": "A fox in the snow",
        "status": Status.COMPLETE,
        "quoted": Decimal(35),
        "charged": Decimal(35),
        "body": {"type": "video", "generated_video_inputs": {"text_prompt": "A fox in the snow"}},
        "created": now,
        "updated": now,
    }
    values = defaults | fields
    idle = values["status"] in (Status.COMPLETE, Status.ERROR)
    return Generation.objects.create(owner=owner, **{"next_attempt_at": None} if idle else {}, **values)


def remove_takes(takes: GenerationQuerySet) -> None:
    """As if they had never been: the studio itself removes no take, and no line of its ledger."""
    Entry.objects.filter(take__in=takes)._raw_delete("default")
    takes.delete()


def make_asset(owner: User, **fields: Any) -> Asset:
    name = default_storage.save(f"assets/{uuid4().hex}.png", ContentFile(png()))
    defaults: dict[str, Any] = {
        "kind": "image",
        "name": "fox.png",
        "file": name,
        "thumbnail": name,
        "sha256": uuid4().hex,
        "size": 1000,
        "content_type": "image/png",
        "width": 64,
        "height": 36,
    }
    return Asset.objects.create(owner=owner, **defaults | fields)


def png(width: int = 64, height: int = 36, colour: str = "#b45309") -> bytes:
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def wav(seconds: float = 2.0, rate: int = 16_000) -> bytes:
    """A 440 Hz tone."""
    out = BytesIO()
    tone = (int(math.sin(n * 2 * math.pi * 440 / rate) * 12_000) for n in range(int(seconds * rate)))
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(array("h", tone).tobytes())
    return out.getvalue()


def mp4(seconds: float = 1.0, width: int = 128, height: int = 72) -> bytes:
    """A small H.264 clip of a moving grey."""
    out = BytesIO()
    with av.open(out, "w", format="mp4") as box:
        stream = box.add_stream("libx264", rate=24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for n in range(int(seconds * 24)):
            picture = Image.new("RGB", (width, height), ((n * 8) % 256,) * 3)
            box.mux(stream.encode(av.VideoFrame.from_image(picture)))
        box.mux(stream.encode(None))
    return out.getvalue()
