from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from catalog.models import AIModel
from generations.forms import ShotForm
from generations.models import Generation
from generations.placing import place
from tests.clients.server import ScriptedServer
from tests.generations.orders import Press
from tests.sandboxed import Studio


@pytest.fixture
def press(studio: Studio, owner: User) -> Press:
    """Press Generate on a model of the sandbox; the takes, still untouched by any worker."""

    def press(model_name: str = "Grok Video T2V", files: Any = None, **changes: Any) -> list[Generation]:
        model = AIModel.objects.current().get(name=model_name)
        first = ShotForm.shown({}, owner=owner, model=model)
        values = {name: first[name].value() for name in first.fields if first[name].value() is not None}
        form = ShotForm(
            {**values, "prompt": "A fox in the snow", "shot": str(uuid4()), "again": "1", **changes},
            files,
            owner=owner,
            model=model,
        )
        assert form.is_valid(), form.errors
        return place(form)

    return press


@pytest.fixture
def service(settings: Settings, owner: User) -> Iterator[ScriptedServer]:
    """A service that gives the answers which a test has written."""
    with ScriptedServer() as server:
        settings.HEDRA_URL, settings.HEDRA_KEY = server.url, f"sk_tests_{uuid4().hex}"
        yield server
