"""Logos in tests: what a server answers, and what became of it."""

from __future__ import annotations

from io import BytesIO

from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import timezone
from PIL import Image

from catalog.mirror import logos
from catalog.models import Account, AIModel, Logo
from tests.catalog.factories import make_model
from tests.clients.server import (
    Answer,
    ScriptedServer,
)

GREEN = (0, 170, 0)


def drawing(text: str) -> Answer:
    return lambda handler: handler.send(200, text.encode("latin-1"), {"Content-Type": "image/svg+xml"})


def photo(content: bytes) -> Answer:
    return lambda handler: handler.send(200, content, {"Content-Type": "image/png"})


def with_logo(account: Account, service: ScriptedServer, path: str = "/logo.svg") -> AIModel:
    return make_model(account, logo_url=f"{service.url}{path}")


def run(account: Account) -> int:
    """One round of the worker."""
    logos.link(account)
    return logos.fetch_due(account)


def make_due() -> None:
    Logo.objects.update(due_at=timezone.now())


def logo_of(model: AIModel) -> Logo:
    model.refresh_from_db()
    assert model.logo
    return model.logo


def picture_of(model: AIModel) -> Image.Image:
    with logo_of(model).file.open() as file:
        return Image.open(BytesIO(file.read()))


def tile(model: AIModel) -> str:
    return render_to_string("catalog/_logo.html", {"model": model})


def stored() -> list[str]:
    return default_storage.listdir("logos")[1] if default_storage.exists("logos") else []
