"""Signed addresses of this studio that a service may call: inputs to fetch, and where news of orders go."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import PurePath

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.urls import reverse

from generations.models import Asset, Generation

VALID_FOR = timedelta(hours=24)
"""A service may fetch an input late; no take runs longer than this."""
_inputs = TimestampSigner(salt="generations.shared")
_orders = Signer(salt="generations.hook")


def base_url() -> str:
    """Where the service reaches this studio, or "". Its stand-in is on this machine and needs no name."""
    return (settings.HOOX_SANDBOX and settings.LOCAL_URL) or settings.PUBLIC_URL


def input_url(asset: Asset) -> str:
    """A link to this one file for whoever has it, for a day. Its ending tells the kind."""
    name = f"input{PurePath(asset.file.name or '').suffix}"
    return base_url() + reverse("shared_input", args=[_inputs.sign(str(asset.pk)), name])


def shared_asset(signed: str) -> Asset | None:
    """What a link leads to; None when it is forged or too old."""
    try:
        pk = int(_inputs.unsign(signed, max_age=VALID_FOR))
    except (BadSignature, ValueError):
        return None
    return Asset.objects.filter(pk=pk).first()


def hook_url(take: Generation) -> str:
    """Where news of this one order goes; a retry is another order."""
    token = _orders.sign(f"{take.pk}-{take.remote_id.hex}")
    return base_url() + reverse("hoox_hook", args=[token])


def order_of(token: str) -> tuple[int, uuid.UUID] | None:
    """The card and the order of it that the token stands for."""
    try:
        pk, _, order = _orders.unsign(token).partition("-")
        return int(pk), uuid.UUID(order)
    except (BadSignature, ValueError):
        return None
