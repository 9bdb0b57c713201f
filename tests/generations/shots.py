"""Bound forms for tests: a usual shot on a model, and what is different about it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User

from catalog.models import AIModel
from generations.forms import ShotForm


def shot(model: AIModel, **changes: Any) -> dict[str, Any]:
    return {
        "shot": str(uuid4()),
        "model": str(model.pk),
        "prompt": "A fox in the snow",
        "aspect_ratio": "9:16",
        "resolution": "720p",
        "duration_ms": "5000",
        "variations": "1",
    } | changes


def checked(owner: User, model: AIModel, **changes: Any) -> ShotForm:
    """A form that holds."""
    form = ShotForm(shot(model, **changes), owner=owner, model=model)
    assert form.is_valid(), form.errors
    return form


def errors(form: ShotForm) -> str:
    return " ".join(message for messages in form.errors.values() for message in messages)
