"""An upload that ends half-way leaves nothing: no asset, no file, and in the end no temporary one."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from generations import tasks, uploads
from generations.models import Asset
from hedra_studio.management.commands.studio import forget_cut_uploads
from tests.factories import make_model
from tests.generations.media_files import sound

pytestmark = pytest.mark.any_database

BEFORE_S = 2 * 24 * 3600


@pytest.fixture
def temporary(settings: Settings, tmp_path: Path) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = folder
    return folder


def left(folder: Path, name: str, age_s: float = 0) -> Path:
    """A file, or a folder with one, as a killed process leaves it."""
    path = folder / name
    if "folder" in name:
        path.mkdir()
        (path / "clean").write_bytes(b"half")
    else:
        path.write_bytes(b"half")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def half_of_an_upload(model: AIModel, content: bytes) -> bytes:
    """A request that ends in the middle of its file, which is a sound that could be played."""
    mark, secret = "m" * 20, "a" * 32
    fields = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("role", "audio"), ("model", model.form_key))
    )
    disposition = 'Content-Disposition: form-data; name="file"; filename="fox.mp3"'
    begin = f"{fields}--{mark}\r\n{disposition}\r\nContent-Type: audio/mpeg\r\n\r\n"
    length = len(begin) + len(content) + len(f"\r\n--{mark}--\r\n")
    head = (
        "POST /assets/ HTTP/1.1\r\nHost: localhost\r\n"
        f"Cookie: {settings.CSRF_COOKIE_NAME}={secret}\r\nX-CSRFToken: {secret}\r\n"
        f"Content-Length: {length}\r\nContent-Type: multipart/form-data; boundary={mark}\r\n\r\n"
    )
    return head.encode() + begin.encode() + content[: len(content) // 2]


def answer_to(live_server: LiveServer, request: bytes) -> bytes:
    """What comes after the sender has hung up half-way."""
    with socket.create_connection((live_server.thread.host, live_server.thread.port), timeout=20) as wire:
        wire.sendall(request)
        wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(65_536), b""))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", [1 << 20, 1 << 10], ids=["in memory", "on disk"])
def test_a_cut_connection_leaves_no_asset_and_no_file(
    live_server: LiveServer, owner: User, temporary: Path, media_root: Path, settings: Settings, limit: int
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = limit
    model = make_model(requires_audio_input=True)
    content = sound(media_root.parent / "fox.mp3").read_bytes()
    assert b"No file arrived" in answer_to(live_server, half_of_an_upload(model, content))
    assert not Asset.objects.exists()
    assert [path for path in media_root.rglob("*") if path.is_file()] == []
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_goes_by_and_by(temporary: Path) -> None:
    old = [left(temporary, name, BEFORE_S) for name in ("tmp-old.upload", "tmp-folder-old")]
    kept = [
        left(temporary, "tmp-new.upload"),
        left(temporary, "tmp-folder-new"),
        left(temporary, "take.part", BEFORE_S),
    ]
    assert uploads.forget_cut() == 2
    assert [path.exists() for path in old] == [False, False]
    assert [path.exists() for path in kept] == [True, True, True]


@pytest.mark.django_db
def test_each_worker_does_it_for_its_machine(temporary: Path) -> None:
    old = left(temporary, "tmp-old.upload", BEFORE_S)
    tasks.tidy_here()
    assert not old.exists()


def test_a_new_start_removes_all_of_them_and_no_download(temporary: Path) -> None:
    for name in ("tmp-a.upload", "tmp-folder", "take.part"):
        left(temporary, name)
    forget_cut_uploads(temporary)
    assert [path.name for path in temporary.iterdir()] == ["take.part"]
