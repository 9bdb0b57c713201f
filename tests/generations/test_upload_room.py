"""Uploads while the disk takes no more: a clear answer, and nothing of the form is lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.models import AIModel
from generations import room
from generations.models import Asset
from tests.factories import make_model, png

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

UNKEPT = "The studio&#x27;s disk is too full. This file was not kept; all else is."
LARGE = png() + bytes(3_000_000)  # so large that Django writes it to the disk while it arrives


@pytest.fixture
def model(owner: User) -> AIModel:
    return make_model(requires_start_frame=True)


def upload(client: Client, model: AIModel, content: bytes) -> tuple[int, str]:
    file = SimpleUploadedFile("fox.png", content, "image/png")
    response = client.post("/assets/", {"file": file, "role": "start_frame", "model": model.pk})
    return response.status_code, response.content.decode()


def test_below_the_reserve_an_upload_is_refused(client: Client, model: AIModel, settings: Settings) -> None:
    settings.KEEP_FREE = 1 << 60
    status, page = upload(client, model, png())
    assert (status, UNKEPT in page) == (422, True)
    assert not Asset.objects.exists()
    settings.KEEP_FREE = 0
    assert upload(client, model, png())[0] == 200


def test_a_disk_that_fills_up_while_a_file_arrives(
    client: Client, model: AIModel, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: TemporaryUploadedFile, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(TemporaryUploadedFile, "write", full, raising=False)
        status, page = upload(client, model, LARGE)
    assert (status, UNKEPT in page) == (422, True)
    assert not list(Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*"))
    room.forget()
    assert upload(client, model, png())[0] == 200


def test_a_storage_that_refuses_is_said_beside_the_form(
    client: Client, model: AIModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(name: str, path: Path) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("generations.uploads.put", full)
    status, page = upload(client, model, png())
    assert (status, UNKEPT in page) == (422, True)
    assert not Asset.objects.exists()


def test_the_form_without_script_keeps_what_was_typed(
    client: Client, model: AIModel, settings: Settings
) -> None:
    settings.KEEP_FREE = 1 << 60
    values = {
        "model": model.pk,
        "prompt": "A fox in the snow",
        "start_frame_file": SimpleUploadedFile("a.png", png()),
    }
    response = client.post("/create/", values)
    page = response.content.decode()
    assert response.status_code == 422
    assert UNKEPT in page
    assert "A fox in the snow" in page
