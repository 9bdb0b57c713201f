"""The servers that a studio of several machines leans on. What is not there is said, and its tests skip."""

from __future__ import annotations

import logging
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings
from redis import ConnectionError
from redis import Redis as Client

from hedra_studio.env import Environment
from hedra_studio.storage import media
from tests.project.running import free_port, wait_for


@dataclass
class Store:
    """An S3 server with a bucket of its own for each test."""

    endpoint: str
    bucket: str
    access_key: str = "studio-tests"
    secret_key: str = "studio-tests-secret"

    @property
    def env(self) -> dict[str, str]:
        return {
            "MEDIA_S3_BUCKET": self.bucket,
            "MEDIA_S3_ENDPOINT": self.endpoint,
            "MEDIA_S3_ACCESS_KEY": self.access_key,
            "MEDIA_S3_SECRET_KEY": self.secret_key,
        }

    @property
    def objects(self) -> dict[str, int]:
        """The names in the bucket with their sizes in bytes."""
        found = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {entry["Key"]: entry["Size"] for entry in found}

    @cached_property
    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
        )


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(s3_endpoint: str) -> Store:
    store = Store(s3_endpoint, f"studio-{uuid4().hex}")
    store.client.create_bucket(Bucket=store.bucket)
    return store


@pytest.fixture
def in_bucket(store: Store, settings: Settings) -> Store:
    """The studio of this test keeps its media there."""
    settings.STORAGES = {**settings.STORAGES, "default": media(Environment(store.env))}
    return store


class Redis:
    """A server of this test's own, that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        options = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        command = [shutil.which("redis-server") or "", *options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        wait_for(self._answers, "Redis")

    def _answers(self) -> bool:
        with suppress(ConnectionError):
            return bool(Client.from_url(self.url).ping())
        return False

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    server = Redis(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    """A team's is on a server."""
    return postgresql_url
