"""The servers that a studio of several machines leans on. What is not there is said, and its tests skip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pytest_django.fixtures import Settings

from hedra_studio.env import Environment
from hedra_studio.storage import media


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


@pytest.fixture
def redis_url() -> str:
    return named("TEST_REDIS_URL")


@pytest.fixture
def postgresql_url() -> str:
    return named("TEST_DATABASE_URL")


def named(variable: str) -> str:
    url = os.environ.get(variable, "")
    if not url:
        pytest.skip(f"{variable} names no server")
    return url
