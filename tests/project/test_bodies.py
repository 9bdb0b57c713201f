"""What is too large is refused before it is received: nothing of it fills the disk."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from pytest_django.fixtures import Settings

from hedra_studio import middleware

pytestmark = pytest.mark.django_db


class Noting(TemporaryFileUploadHandler):
    names: ClassVar[list[str]] = []

    def new_file(self, field_name: str, file_name: str, *rest: Any, **more: Any) -> None:
        self.names.append(file_name)
        super().new_file(field_name, file_name, *rest, **more)


@pytest.fixture
def received(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files of which bytes reached the disk, in a studio with a sign-in."""
    settings.SOLO, settings.FILE_UPLOAD_HANDLERS = False, [f"{__name__}.Noting"]
    names: list[str] = []
    monkeypatch.setattr(Noting, "names", names)
    return names


def send(client: Client, path: str, size: int, settings: Settings) -> int:
    client.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    file = SimpleUploadedFile("bomb.bin", bytes(size))
    return client.post(path, {"csrfmiddlewaretoken": "a" * 32, "file": file}).status_code


@pytest.mark.parametrize("path", ["/login/", "/assets/", "/nowhere/"])
def test_strangers_send_no_files(received: list[str], settings: Settings, path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert send(client, path, middleware.MOST_OF_STRANGERS, settings) == 403
    assert received == []


def test_who_signed_in_does(received: list[str], settings: Settings, stranger: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(stranger)
    assert send(client, "/assets/", middleware.MOST_OF_STRANGERS, settings) == 404  # no such slot
    assert received == ["bomb.bin"]


def test_nobody_sends_more_than_a_form_may_hold(
    received: list[str], settings: Settings, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(middleware, "MOST_SENT", 2 * middleware.MOST_OF_STRANGERS)
    client = Client()
    client.force_login(stranger)
    assert send(client, "/assets/", middleware.MOST_SENT, settings) == 413
    assert received == []
