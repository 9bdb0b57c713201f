"""A disk that takes no more: finished takes wait at the service, pages say so, and all goes on by itself."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from huey.contrib.djhuey import HUEY
from PIL import Image
from pytest_django.fixtures import Settings

from catalog.models import Account
from generations import download, room, tasks, vault
from generations.models import Generation, Status
from tests.clients.server import ScriptedServer, file_answer
from tests.factories import make_take
from tests.generations.media_files import encoded
from tests.generations.results import asset_of, fetched, finished, listed
from tests.generations.small_disk import SmallDisk

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

MUCH = 1 << 60
PICTURE = encoded(Image.effect_noise((640, 480), 60), "PNG")


def ready(service: ScriptedServer, take: Generation) -> None:
    asset = asset_of("image", "generated_image", url=f"{service.url}/image")
    service.will(listed(take, asset), file_answer(PICTURE))


def refusing(number: int) -> Any:
    def refuse(*args: object) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def assert_waits(take: Generation) -> None:
    """Nothing is marked done, nothing is given up."""
    assert (take.status, take.note, take.error_code) == (Status.DOWNLOADING, room.HELD, "")
    assert not take.result
    assert take.next_attempt_at
    assert timezone.now() < take.next_attempt_at < timezone.now() + timedelta(minutes=1)


def test_below_the_reserve_nothing_is_asked_for(
    service: ScriptedServer, owner: User, settings: Settings
) -> None:
    settings.KEEP_FREE = MUCH
    take = finished(owner, "image")
    assert_waits(fetched(take))
    assert service.seen == []
    settings.KEEP_FREE = 0
    ready(service, take)
    fetched(take)
    assert (take.status, take.note) == (Status.COMPLETE, "")


def test_a_file_that_does_not_fit_beside_the_reserve_is_not_begun(
    service: ScriptedServer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "shortage", lambda need=0: room._full(1000) if need > 1000 else None)
    take = finished(owner, "image")
    ready(service, take)
    assert_waits(fetched(take))
    assert download._part(take).stat().st_size == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES])
def test_a_storage_that_refuses_makes_the_take_wait(
    service: ScriptedServer, owner: User, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    take = finished(owner, "image")
    ready(service, take)
    with monkeypatch.context() as full:
        full.setattr(vault, "put_anew", refusing(number))
        assert_waits(fetched(take))
    assert room.shortage()
    asked = len(service.seen)
    assert_waits(fetched(take))
    assert len(service.seen) == asked
    room.forget()
    assert download._part(take).read_bytes() == PICTURE
    ready(service, take)
    assert fetched(take).status == Status.COMPLETE


def test_our_own_disk_is_no_reason_to_give_up(
    service: ScriptedServer, owner: User, settings: Settings
) -> None:
    settings.KEEP_FREE = MUCH
    take = finished(owner, "image")
    Generation.objects.update(attempts=50, deadline_at=timezone.now() - timedelta(days=1))
    assert_waits(fetched(take))


def test_other_trouble_is_no_want_of_room(
    service: ScriptedServer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = finished(owner, "image")
    ready(service, take)
    monkeypatch.setattr(vault, "put_anew", refusing(errno.EIO))
    fetched(take)
    assert take.status == Status.DOWNLOADING
    assert take.note != room.HELD
    assert not room.shortage()


def test_meanwhile_the_worker_goes_on_with_all_but_downloads(owner: User, settings: Settings) -> None:
    Account.objects.current()
    HUEY.flush()
    make_take(owner, status=Status.DOWNLOADING)
    ordered = make_take(owner, status=Status.PREPARING)
    settings.KEEP_FREE = MUCH
    tasks.sweep()
    assert [task.args for task in HUEY.pending()] == [(ordered.pk,)]
    HUEY.flush()
    settings.KEEP_FREE = 0
    tasks.sweep()
    assert len(HUEY.pending()) == 2
    HUEY.flush()


@pytest.mark.parametrize("path", ["/gallery/", "/catalog/", "/create/", "/library/"])
def test_every_page_says_what_is_wrong_and_what_to_do(client: Client, settings: Settings, path: str) -> None:
    assert "The studio&#x27;s disk is too full" not in client.get(path).content.decode()
    settings.KEEP_FREE = MUCH
    page = client.get(path).content.decode()
    assert "The studio&#x27;s disk is too full" in page
    assert "are free; the last" in page
    assert "Free some space there." in page


def test_the_banner_goes_by_itself(client: Client, settings: Settings) -> None:
    settings.KEEP_FREE = MUCH
    part = client.get("/gallery/room/", headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" in part
    assert "<html" not in part
    settings.KEEP_FREE = 0
    part = client.get("/gallery/room/", headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in part
    assert 'id="shortage" hidden' in part


def test_the_disk_of_another_machines_worker_is_said_too(client: Client, owner: User) -> None:
    make_take(owner, status=Status.DOWNLOADING, note=room.HELD)
    assert "Finished takes wait for room" in client.get("/gallery/").content.decode()


# On a disk that is really full


@pytest.fixture
def disk(tmp_path: Path, settings: Settings) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk", 200)
    if not disk.is_there:
        pytest.skip("only an administrator may mount a disk")
    settings.MEDIA_ROOT, settings.FILE_UPLOAD_TEMP_DIR = disk.path / "media", disk.path
    settings.KEEP_FREE = 0
    yield disk
    disk.unmount()


def test_a_download_goes_on_where_the_disk_was_full(
    disk: SmallDisk, service: ScriptedServer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as blind:
        blind.setattr(room, "refuse", lambda need=0: None)
        take = finished(owner, "image")
        ready(service, take)
        assert_waits(fetched(take))
    part = download._part(take)
    have = part.stat().st_size
    assert 0 < have < len(PICTURE)
    assert PICTURE.startswith(part.read_bytes())
    room.forget()
    disk.change("size=4m")
    ready(service, take)
    assert fetched(take).status == Status.COMPLETE
    assert take.result.read() == PICTURE
    assert service.seen[-2].headers["range"] == f"bytes={have}-"


def test_a_disk_without_room_is_seen_before_anything_is_written(
    disk: SmallDisk, service: ScriptedServer, owner: User
) -> None:
    take = finished(owner, "image")
    ready(service, take)
    assert_waits(fetched(take))
    assert download._part(take).stat().st_size == 0


def test_a_read_only_disk_is_seen_and_said(disk: SmallDisk, client: Client) -> None:
    disk.change("ro")
    assert "The studio can&#x27;t write to its disk" in client.get("/gallery/").content.decode()
    disk.change("rw")
    assert "The studio can&#x27;t write to its disk" not in client.get("/gallery/").content.decode()


def test_a_full_disk_leaves_nothing_half_in_the_storage(disk: SmallDisk) -> None:
    from django.core.files.base import ContentFile

    with pytest.raises(OSError, match="No space"):
        default_storage.save("takes/1.png", ContentFile(PICTURE))
    assert not [path for path in disk.path.rglob("*") if path.is_file()]
