"""Media in a bucket: kept under exact names, served in parts to its owner alone, in trouble like a disk."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from generations import reuse, uploads
from generations.media.probe import BadMedia
from generations.models import Generation
from hedra_studio.env import Environment
from hedra_studio.storage import media
from tests.deploy.conftest import Store
from tests.e2e.test_main_job import plays
from tests.factories import make_take, mp4, png, wav
from tests.project.running import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def take(in_bucket: Store, owner: User) -> Generation:
    take = make_take(owner, content_type="video/mp4", size=len(mp4()), width=128, height=72)
    take.result = default_storage.save(f"takes/{take.pk}.mp4", ContentFile(mp4()))
    take.save()
    return take


def test_a_file_keeps_its_exact_name_and_is_replaced_in_one_step(in_bucket: Store) -> None:
    for content in (b"first", b"second one"):
        assert default_storage.save("takes/7.mp4", ContentFile(content)) == "takes/7.mp4"
    assert in_bucket.objects == {"takes/7.mp4": 10}
    assert default_storage.open("takes/7.mp4").read() == b"second one"


def test_what_is_stored_is_private(in_bucket: Store) -> None:
    default_storage.save("takes/7.mp4", ContentFile(b"mine"))
    grants = in_bucket.client.get_object_acl(Bucket=in_bucket.bucket, Key="takes/7.mp4")["Grants"]
    assert not any(grant["Grantee"].get("URI") for grant in grants), "nothing for all users"


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        ("", 200, 0, None),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=100-199", 206, 100, 200),
        ("bytes=-24", 206, -24, None),
    ],
)
def test_a_take_is_served_whole_and_in_parts(
    take: Generation, client: Client, asked: str, status: int, first: int, last: int | None
) -> None:
    answer = client.get(f"/gallery/{take.pk}/result", headers={"Range": asked} if asked else {})
    part = mp4()[first:last]
    assert (answer.status_code, b"".join(answer)) == (status, part)  # type: ignore[arg-type]
    assert (answer["Content-Type"], answer["Content-Length"]) == ("video/mp4", str(len(part)))


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_it_plays_and_seeks_in_a_browser(
    in_bucket: Store, owner: User, page: Page, live_server: LiveServer
) -> None:
    clip = default_storage.save("takes/long.mp4", ContentFile(mp4(5)))
    take = make_take(owner, result=clip, content_type="video/mp4", width=128, height=72, duration_ms=5000)
    page.goto(live_server.url + take.get_absolute_url())
    plays(page)


def test_only_the_part_that_is_asked_for_is_fetched(take: Generation, client: Client) -> None:
    """Seeking in a film of an hour must not bring the hour."""
    fetched: list[str] = []
    events = default_storage.connection.meta.client.meta.events
    events.register(
        "before-send.s3", lambda request, **_: fetched.append(_text(request.headers.get("Range")))
    )
    client.get(f"/gallery/{take.pk}/result", headers={"Range": "bytes=100-199"}).close()
    assert fetched == ["", "bytes=100-199"], "its size, and the part"


def test_what_the_browser_has_is_not_asked_for(take: Generation, client: Client, in_bucket: Store) -> None:
    etag = client.get(f"/gallery/{take.pk}/result")["ETag"]
    in_bucket.client.delete_object(Bucket=in_bucket.bucket, Key=take.result.name)
    assert client.get(f"/gallery/{take.pk}/result", headers={"If-None-Match": etag}).status_code == 304


def test_a_stranger_gets_nothing(take: Generation, client: Client) -> None:
    Generation.objects.update(owner=User.objects.create_user("another"))
    assert client.get(f"/gallery/{take.pk}/result").status_code == 404


def test_a_file_that_has_gone_is_not_found(take: Generation, client: Client, in_bucket: Store) -> None:
    in_bucket.client.delete_object(Bucket=in_bucket.bucket, Key=take.result.name)
    assert client.get(f"/gallery/{take.pk}/result").status_code == 404
    with pytest.raises(BadMedia, match="not here any more"):
        reuse.asset_of(take)


@pytest.mark.parametrize(("kind", "content"), [("image", png(300, 200)), ("audio", wav()), ("video", mp4())])
def test_an_upload_is_kept_once(in_bucket: Store, owner: User, kind: str, content: bytes) -> None:
    first, again = (uploads.store(owner, SimpleUploadedFile("mine", content), kind) for _ in range(2))
    assert first == again
    assert in_bucket.objects[first.file.name] == first.size
    assert first.file.read()


def test_a_result_becomes_an_input_without_a_way_through_the_studio(
    take: Generation, in_bucket: Store
) -> None:
    asset = reuse.asset_of(take)
    assert asset.file.name.endswith(".mp4")
    assert in_bucket.objects[asset.file.name] == take.size
    assert reuse.still_of(take, last=True).kind == "image"


def test_a_store_that_does_not_answer_is_said_and_not_kept(
    take: Generation, client: Client, in_bucket: Store, settings: Settings
) -> None:
    elsewhere = in_bucket.env | {"MEDIA_S3_ENDPOINT": f"http://127.0.0.1:{free_port()}"}
    settings.STORAGES = {**settings.STORAGES, "default": media(Environment(elsewhere))}
    answer = client.get(f"/gallery/{take.pk}/result")
    assert (answer.status_code, answer.content.startswith(b"The storage doesn't answer")) == (503, True)
    assert "no-cache" in answer["Cache-Control"]


def test_its_troubles_are_those_of_a_disk(in_bucket: Store, settings: Settings) -> None:
    with pytest.raises(FileNotFoundError):
        default_storage.open("takes/none.mp4")
    with pytest.raises(FileNotFoundError):
        default_storage.size("takes/none.mp4")
    with pytest.raises(FileNotFoundError):
        default_storage.part("takes/none.mp4", 0, 1)
    assert not default_storage.exists("takes/none.mp4")
    default_storage.delete("takes/none.mp4")
    settings.STORAGES = {"default": media(Environment(in_bucket.env | {"MEDIA_S3_BUCKET": f"no-{uuid4()}"}))}
    with pytest.raises(OSError, match="none"):
        storages["default"].save("takes/none.mp4", ContentFile(b"x"))


def _text(header: bytes | str | None) -> str:
    return header.decode() if isinstance(header, bytes) else header or ""
