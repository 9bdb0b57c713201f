"""A take's result as an input: one asset, no second copy on the disk, nothing sent twice."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django.fixtures import Settings

from catalog.models import Account
from generations import reuse, uploads
from generations.media.probe import BadMedia
from generations.models import Asset, Generation, Upload
from tests.factories import make_asset, make_take, mp4, png, wav
from tests.generations.test_extracts import film_with_sound

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

FILES = {"video": ("mp4", "video/mp4"), "image": ("png", "image/png"), "text_to_speech": ("wav", "audio/wav")}


def made(owner: User, type: str = "video", content: bytes | None = None) -> Generation:
    """A finished take with its files."""
    suffix, content_type = FILES[type]
    content = content or {"video": mp4, "image": png, "text_to_speech": wav}[type]()
    take = make_take(owner, type=type, content_type=content_type, size=len(content), width=128, height=72)
    take.result.save(f"takes/{take.pk}.{suffix}", ContentFile(content), save=False)
    take.poster.save(f"takes/{take.pk}-poster.webp", ContentFile(png()), save=False)
    take.save()
    return take


@pytest.mark.parametrize(
    ("type", "kind"), [("video", "video"), ("image", "image"), ("text_to_speech", "audio")]
)
def test_the_asset_holds_the_very_result(owner: User, type: str, kind: str) -> None:
    take = made(owner, type)
    asset = reuse.asset_of(take)
    assert (asset.kind, asset.content_type, asset.size, asset.take) == (
        kind,
        take.content_type,
        take.size,
        take,
    )
    assert (asset.width, asset.height) == (128, 72)
    assert asset.file.read() == take.result.read()
    assert asset.name == f"a-fox-in-the-snow-{take.pk}.{FILES[type][0]}"


def test_a_sound_has_its_wave_to_be_drawn_and_no_picture(owner: User) -> None:
    asset = reuse.asset_of(made(owner, "text_to_speech"))
    assert asset.peaks
    assert len(asset.peaks) == 200
    assert not asset.thumbnail
    assert reuse.asset_of(made(owner, "image")).thumbnail.size


def test_used_twice_it_is_one_asset_and_one_file(owner: User) -> None:
    take = made(owner)
    first, second = reuse.asset_of(take), reuse.asset_of(take)
    assert first.pk == second.pk
    assert Path(first.file.path).samefile(take.result.path)


@pytest.mark.parametrize("gone", ["take", "asset"])
def test_what_is_deleted_of_the_one_stays_of_the_other(owner: User, gone: str) -> None:
    take = made(owner)
    asset = reuse.asset_of(take)
    lost, kept = (take.result, asset.file) if gone == "take" else (asset.file, take.result)
    default_storage.delete(str(lost.name))
    assert kept.size == take.size


def test_an_asset_whose_file_has_gone_gets_it_back(owner: User) -> None:
    take = made(owner)
    default_storage.delete(str(reuse.asset_of(take).file.name))
    assert reuse.asset_of(take).file.size == take.size


def test_a_disk_without_links_gets_a_copy(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: object, target: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("generations.reuse.os.link", refuse)
    take = made(owner)
    asset = reuse.asset_of(take)
    assert asset.file.read() == take.result.read()
    assert not Path(asset.file.path).samefile(take.result.path)


def test_what_was_uploaded_before_is_the_same_asset(owner: User) -> None:
    content = png(300, 200)
    uploaded = uploads.store(owner, SimpleUploadedFile("mine.png", content), "image")
    take = made(owner, "image", default_storage.open(uploaded.file.name).read())
    asset = reuse.asset_of(take)
    assert (asset.pk, asset.take, asset.name) == (uploaded.pk, take, "mine.png")


def test_where_it_was_made_nothing_has_to_be_sent(owner: User) -> None:
    take = made(owner, "image")
    asset = reuse.asset_of(take)
    upload = Upload.objects.get(asset=asset, account=take.account)
    assert (upload.remote_id, bool(upload.uploaded_at)) == (take.remote_asset_id, True)


def test_an_upload_that_is_there_keeps_its_id(owner: User) -> None:
    take = made(owner, "image")
    asset = reuse.asset_of(take)
    upload = Upload.objects.get(asset=asset)
    upload.forget()
    upload.refresh_from_db()
    upload.accept(str(upload.remote_id))
    reuse.asset_of(take)
    assert Upload.objects.get(asset=asset).remote_id == upload.remote_id != take.remote_asset_id


def test_elsewhere_it_has_to_be_sent(owner: User, settings: Settings) -> None:
    take = made(owner, "image")
    settings.HEDRA_KEY = f"sk_{uuid4().hex}"
    asset = reuse.asset_of(take)
    assert not Upload.objects.filter(asset=asset, account=Account.objects.current()).exists()


def test_a_result_made_at_the_other_service_is_no_asset_of_this_one(owner: User) -> None:
    elsewhere = Account.objects.create(service="hoox", fingerprint="x")
    take = made(owner, "image")
    take.account = elsewhere
    take.save()
    assert not Upload.objects.filter(asset=reuse.asset_of(take)).exists()


def test_a_result_that_is_not_here_any_more_is_said_to_be_gone(owner: User) -> None:
    take = made(owner)
    default_storage.delete(str(take.result.name))
    with pytest.raises(BadMedia, match="not here any more"):
        reuse.asset_of(take)
    with pytest.raises(BadMedia, match="not here any more"):
        reuse.asset_of(make_take(owner))


@pytest.mark.parametrize("last", [False, True])
def test_a_frame_is_a_picture_of_its_own(owner: User, last: bool) -> None:
    take = made(owner, content=mp4(width=256, height=144))
    asset = reuse.still_of(take, last=last)
    assert (asset.kind, asset.content_type, asset.width, asset.height) == ("image", "image/png", 256, 144)
    assert asset.take is None, "no service has it as the take's result"
    with Image.open(asset.file) as image:
        assert (image.convert("L").getextrema()[0] > 100) == last, "it grows brighter"
    assert reuse.still_of(take, last=last).pk == asset.pk


def test_a_frame_knows_its_clip_which_stays_out_of_the_library(owner: User) -> None:
    take = made(owner)
    still = reuse.still_of(take, last=True)
    assert reuse.source_of(still) == take
    assert still.cropped_from
    assert still.cropped_from.hidden_at
    whole = reuse.asset_of(take)
    assert (whole.pk, whole.hidden_at) == (still.cropped_from.pk, None)


def test_an_upload_comes_from_no_take(owner: User) -> None:
    assert reuse.source_of(make_asset(owner)) is None


def test_the_sound_of_a_clip_is_an_audio_file(owner: User, tmp_path: Path) -> None:
    take = made(owner, content=film_with_sound(tmp_path / "film", "aac").read_bytes())
    asset = reuse.sound_of(take)
    assert (asset.kind, asset.content_type, asset.take) == ("audio", "audio/mp4", None)


def test_a_mute_clip_has_no_sound_to_use(owner: User) -> None:
    with pytest.raises(BadMedia, match="no sound"):
        reuse.sound_of(made(owner))
    assert not Asset.objects.exists()
