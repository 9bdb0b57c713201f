from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from huey.contrib.djhuey import HUEY
from pytest_django.fixtures import Settings

from catalog.models import Account
from sandbox.server import Handle
from tests.generations.hoox.orders import HooxStudio

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def at_hoox(sandbox: Handle, settings: Settings, hoox: Account, owner: User) -> Iterator[HooxStudio]:
    """An account of its own at Hoox, whose news find nobody unless a test says where."""
    settings.LOCAL_URL = NOWHERE
    HUEY.flush()
    yield HooxStudio(sandbox, hoox, settings.HOOX_KEY, owner)
    HUEY.flush()
