"""How a result gets into our storage: in one step, with its hash, and never at the price of what is there."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generations import download, leases, lifecycle, reuse, vault
from generations.models import Generation, LeaseLost, Status
from tests.clients.server import ScriptedServer, file_answer
from tests.factories import png
from tests.generations.results import asset_of, fetched, finished, listed

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PICTURE = png(640, 360)
SHA256 = hashlib.sha256(PICTURE).hexdigest()


def ready(service: ScriptedServer, take: Generation, content: bytes = PICTURE) -> None:
    """The service will give this file of the take."""
    asset = asset_of("image", "generated_image", url=f"{service.url}/image")
    service.will(listed(take, asset), file_answer(content))


def claimed(take: Generation) -> Generation:
    Generation.objects.filter(pk=take.pk).update(lease_owner=None, lease_until=None)
    [claimed] = Generation.objects.filter(pk=take.pk).claim(take.account, 1)
    return claimed


def stored_files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_result_is_kept_with_its_hash(service: ScriptedServer, owner: User) -> None:
    take = finished(owner, "image")
    ready(service, take)
    fetched(take)
    assert (take.status, take.sha256, take.size) == (Status.COMPLETE, SHA256, len(PICTURE))
    assert take.result.read() == PICTURE
    assert take.verified_at
    assert not list(Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"{take.pk}-{take.remote_id}*"))


def test_it_is_moved_and_not_copied(
    service: ScriptedServer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, nodes = finished(owner, "image"), []
    ready(service, take)
    keep = vault.keep

    def noted(take: Generation, arrived: vault.Arrived | None, facts: dict[str, Any]) -> None:
        assert arrived
        nodes.append(arrived.path.stat().st_ino)
        keep(take, arrived, facts)

    monkeypatch.setattr(vault, "keep", noted)
    fetched(take)
    assert [Path(take.result.path).stat().st_ino] == nodes


def test_a_download_that_goes_on_is_hashed_whole(service: ScriptedServer, owner: User) -> None:
    take = finished(owner, "image")
    part = download._part(take)
    part.write_bytes(PICTURE[:100])
    ready(service, take)
    fetched(take)
    assert (take.status, take.sha256) == (Status.COMPLETE, SHA256)
    assert [seen.headers.get("range") for seen in service.seen if seen.path == "/image"][:1] == ["bytes=100-"]


def test_a_crash_before_the_row_is_written_leaves_one_file(
    service: ScriptedServer, owner: User, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = finished(owner, "image")
    ready(service, take)
    with monkeypatch.context() as killed:

        def crash(take: Generation, status: Status, **fields: object) -> None:
            raise KeyboardInterrupt

        killed.setattr(Generation, "enter", crash)
        with pytest.raises(KeyboardInterrupt):
            fetched(take)
    left = stored_files(media_root)
    assert left
    Generation.objects.update(lease_owner=None, lease_until=None)
    ready(service, take)
    fetched(take)
    assert take.status == Status.COMPLETE
    assert stored_files(media_root) == left
    assert take.result.read() == PICTURE


def test_a_worker_that_lost_its_lease_takes_nothing_away(service: ScriptedServer, owner: User) -> None:
    """It slept while another one finished the take; now it goes on where it was."""
    take = finished(owner, "image")
    sleeper = claimed(take)
    path = Path(settings.FILE_UPLOAD_TEMP_DIR) / "of-the-sleeper"
    path.write_bytes(PICTURE)
    Generation.objects.update(lease_owner=None, lease_until=None)
    ready(service, take)
    fetched(take)
    with pytest.raises(LeaseLost):
        vault.keep(sleeper, vault.Arrived(path, SHA256, vault.probe.probe(path)), {})
    take.refresh_from_db()
    assert take.result.read() == PICTURE


def test_a_sleeper_that_writes_on_does_not_spoil_the_file(service: ScriptedServer, owner: User) -> None:
    take = finished(owner, "image")
    part = download._part(take)
    part.write_bytes(PICTURE[:50])
    with part.open("r+b") as sleeping:
        download._begin(sleeping, 50)  # type: ignore[arg-type]
        ready(service, take)
        fetched(take)
        sleeping.write(PICTURE[50:90])
    assert take.result.read() == PICTURE


def lost(owner: User, content: bytes) -> Generation:
    """A complete take that is being fetched once more; `content` is what lies in the storage now."""
    take = finished(owner, "image")
    name = f"takes/{take.created:%Y/%m}/{take.pk}-{take.remote_id}-{SHA256[:16]}.png"
    default_storage.save(name, ContentFile(content))
    Generation.objects.filter(pk=take.pk).update(result=name, sha256=SHA256, damage="damaged")
    take.refresh_from_db()
    return take


def test_what_a_row_names_stays_until_it_names_the_new_file(
    service: ScriptedServer, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = lost(owner, b"spoilt")
    before = str(take.result.name)
    ready(service, take)
    enter = Generation.enter

    def watched(take: Generation, status: Status, **fields: Any) -> None:
        assert default_storage.open(before).read() == b"spoilt"
        enter(take, status, **fields)

    monkeypatch.setattr(Generation, "enter", watched)
    fetched(take)
    assert (take.status, take.damage) == (Status.COMPLETE, "")
    assert take.result.name != before
    assert take.result.read() == PICTURE
    assert not default_storage.exists(before)


def test_an_input_that_shares_the_file_is_mended_with_it(
    service: ScriptedServer, owner: User, media_root: Path
) -> None:
    take = lost(owner, PICTURE)
    asset = reuse.asset_of(take)
    with default_storage.open(str(take.result.name), "r+b") as file:
        file.write(b"spoilt")
    assert asset.file.read() != PICTURE
    ready(service, take)
    fetched(take)
    asset.refresh_from_db()
    assert asset.file.read() == PICTURE


def test_a_file_that_turns_out_whole_is_not_replaced(service: ScriptedServer, owner: User) -> None:
    take = lost(owner, PICTURE)
    before = str(take.result.name)
    ready(service, take)
    fetched(take)
    assert (take.status, take.damage, take.result.name) == (Status.COMPLETE, "", before)
    assert take.result.read() == PICTURE


def test_a_failed_fetch_leaves_what_is_there(service: ScriptedServer, owner: User) -> None:
    take = lost(owner, b"spoilt")
    ready(service, take, b"no picture")
    fetched(take)
    assert take.status == Status.DOWNLOADING
    assert take.result.read() == b"spoilt"


def test_a_finished_take_says_that_it_is_only_at_the_service_until_it_is_here(
    service: ScriptedServer, owner: User
) -> None:
    take = finished(owner, "image")
    [held] = Generation.objects.filter(pk=take.pk).claim(take.account, 1)
    assert held.place
    assert held.place.words == "Only at the service"
    ready(service, take)
    with leases.holding([held]):
        lifecycle.advance(held)
    assert held.place
    assert held.place.words == "On disk, verified"
