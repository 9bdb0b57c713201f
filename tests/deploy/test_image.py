"""What can be held of Dockerfile and compose.yaml without an engine that runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.environment import NAMES
from tests.project.running import PROJECT, free_port

DOCKERFILE = (PROJECT / "Dockerfile").read_text()
COMPOSE = (PROJECT / "compose.yaml").read_text()


def health_check(port: int | None) -> int:
    """The exit code of the image's own check, of a studio at this port."""
    command = re.search(r"^HEALTHCHECK .*?CMD (\[.*\])$", DOCKERFILE.replace("\\\n", ""), re.M)
    assert command
    env = {**os.environ, "ALLOWED_HOSTS": "localhost, studio.example.com", "STUDIO_PORT": str(port)}
    check = [sys.executable, *json.loads(command[1])[1:]]
    return subprocess.run(check, env=env, capture_output=True, timeout=30, check=False).returncode


@pytest.mark.django_db(transaction=True)
@pytest.mark.any_database
def test_the_health_check_tells_a_studio_from_none(live_server: LiveServer) -> None:
    assert health_check(urlsplit(live_server.url).port) == 0
    assert health_check(free_port()) != 0


def test_compose_sets_what_the_studio_reads() -> None:
    studio = COMPOSE[COMPOSE.index("x-studio") : COMPOSE.index("services:")]
    names = re.findall(r"^    ([A-Z0-9_]+):", studio, re.M)
    assert {"DATABASE_URL", "QUEUE_URL", "SECRET_KEY"} <= set(names) <= set(NAMES)


def test_every_setting_is_explained() -> None:
    example = (PROJECT / ".env.example").read_text()
    assert [name for name in NAMES if not re.search(rf"^#{name}=", example, re.M)] == []
