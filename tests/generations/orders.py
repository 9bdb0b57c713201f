"""What the tests of orders share: where requests go, what is sent, and the sandbox's ledger as judge."""

from __future__ import annotations

import io
from collections.abc import Callable

import av
from django.core.files.uploadedfile import SimpleUploadedFile

from generations.models import Generation
from tests.factories import png
from tests.sandboxed import Studio

Press = Callable[..., list[Generation]]

ORDER = {"method": "POST", "path": "/generations"}
LISTING = {"method": "GET", "path": "/generations"}
LOOK_UP = {"method": "GET", "path": "/generations/*/status"}


def image(name: str = "start.png", colour: str = "#b45309") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png(640, 360, colour), "image/png")


def assert_plays(take: Generation) -> None:
    with av.open(io.BytesIO(take.result.read())) as box:
        frames = sum(1 for _ in box.decode(video=0))
    assert frames > 24
    assert take.poster.size > 100
    assert take.preview.size > 100


def assert_paid_once(studio: Studio, *takes: Generation) -> None:
    """The sandbox's ledger is the judge: a charge per take, each what we show, no id used twice."""
    charges = studio.charges()
    assert sorted(charges) == sorted(str(take.remote_id) for take in takes)
    assert {key: [value] for key, value in ((str(t.remote_id), t.charged) for t in takes)} == charges
