"""Fixtures that every folder of tests may use."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from sandbox.server import Handle, start
from tests.sandboxed import Studio


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def owner(db: None) -> User:
    from hedra_studio.middleware import local_owner

    return local_owner()


@pytest.fixture
def stranger(db: None) -> User:
    return User.objects.create_user("stranger")


@pytest.fixture
def client(owner: User) -> Client:
    """A browser of the local owner's."""
    return Client()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handle]:
    """The service's stand-in on a port of its own; takes are ready within a second."""
    with start(state_dir=tmp_path_factory.mktemp("sandbox"), speed=60) as handle:
        yield handle


@pytest.fixture
def studio(sandbox: Handle, settings: Settings, owner: User) -> Iterator[Studio]:
    """A studio with a catalog, at an account of its own."""
    settings.HEDRA_URL, settings.HEDRA_KEY = sandbox.api_url, f"sk_sandbox_{uuid4().hex}"
    studio = Studio(sandbox, settings.HEDRA_KEY)
    studio.sync()
    yield studio
    sandbox.clear_faults()
