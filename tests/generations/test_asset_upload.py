"""Uploading into a slot, and showing an upload to its owner."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from catalog.models import AIModel
from generations.models import Asset
from generations.uploads import clean_name
from tests.factories import make_asset, make_model, mp4, png, wav
from tests.generations.test_bad_uploads import BAD

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def model(owner: User) -> AIModel:
    return make_model(requires_start_frame=True, requires_audio_input=True)


def upload(
    client: Client, model: AIModel, content: bytes, name: str = "fox.png", role: str = "start_frame"
) -> HttpResponse:
    file = SimpleUploadedFile(name, content, "image/png")
    return client.post("/assets/", {"file": file, "role": role, "model": model.pk})  # type: ignore[return-value]


def test_an_image_fills_its_slot(client: Client, model: AIModel) -> None:
    response = upload(client, model, png(640, 360))
    asset = Asset.objects.get()
    page = response.content.decode()
    assert response.status_code == 200
    assert f'value="{asset.pk}"' in page
    assert "640 × 360" in page
    assert (asset.content_type, asset.name) == ("image/png", "fox.png")


def test_sound_fills_its_slot(client: Client, model: AIModel) -> None:
    assert upload(client, model, wav(2), "voice.wav", "audio").status_code == 200
    assert Asset.objects.get().duration_ms == pytest.approx(2000, abs=20)


def test_the_same_bytes_are_kept_once(client: Client, model: AIModel, media_root: Path) -> None:
    upload(client, model, png(), "a.png")
    upload(client, model, png(), "b.png")
    assert Asset.objects.count() == 1
    assert len([path for path in media_root.rglob("*") if path.is_file()]) == 2  # the file and its thumbnail


def test_files_that_went_missing_come_back_with_the_same_bytes(
    client: Client, model: AIModel, media_root: Path
) -> None:
    upload(client, model, png())
    kept = {path: path.read_bytes() for path in media_root.rglob("*") if path.is_file()}
    assert len(kept) == 2
    for path in kept:
        path.unlink()
    assert upload(client, model, png(), "again.png").status_code == 200
    assert {path: path.read_bytes() for path in media_root.rglob("*") if path.is_file()} == kept
    asset = Asset.objects.get()
    assert [client.get(f"/assets/{asset.pk}/{name}").status_code for name in ("file", "thumbnail")] == [
        200,
        200,
    ]


def test_sound_that_went_missing_comes_back(client: Client, model: AIModel) -> None:
    upload(client, model, wav(1), "voice.wav", "audio")
    Path(Asset.objects.get().file.path).unlink()
    assert upload(client, model, wav(1), "voice.wav", "audio").status_code == 200
    assert Path(Asset.objects.get().file.path).read_bytes() == wav(1)


def test_a_file_appears_whole_or_not_at_all(
    client: Client, model: AIModel, media_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is found under its name is taken for the file: half of it, left by a full disk, must not be."""
    client.raise_request_exception = False

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("django.core.files.storage.filesystem.file_move_safe", full)
        assert upload(client, model, png()).status_code == 500
    assert [path for path in media_root.rglob("*") if path.is_file()] == []
    assert upload(client, model, png()).status_code == 200


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"<html><script>alert(1)</script></html>", ""),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", ""),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', ""),
        (mp4(), "This is a video; an image goes here."),
        (wav(1), "This is an audio file; an image goes here."),
        (png()[:60], ""),
    ],
    ids=["empty", "html", "ffconcat", "svg", "video", "audio", "truncated"],
)
def test_a_refused_file_says_why_at_its_slot(
    client: Client, model: AIModel, content: bytes, words: str
) -> None:
    response = upload(client, model, content)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'role="alert"' in page
    assert words in page
    assert not Asset.objects.exists()


def test_no_file_at_all(client: Client, model: AIModel) -> None:
    response = client.post("/assets/", {"role": "start_frame", "model": model.pk})
    assert response.status_code == 422
    assert "No file arrived" in response.content.decode()


@pytest.mark.parametrize("data", [{"role": "nonsense"}, {"model": "0"}, {"model": "x"}, {"model": ""}])
def test_a_slot_that_is_not_there(client: Client, model: AIModel, data: dict[str, str]) -> None:
    assert client.post("/assets/", {"role": "start_frame", "model": str(model.pk)} | data).status_code == 404


def test_an_upload_is_shown_to_its_owner_only(client: Client, owner: User, stranger: User) -> None:
    mine, theirs = make_asset(owner), make_asset(stranger)
    for name in ("file", "thumbnail"):
        assert client.get(f"/assets/{mine.pk}/{name}").status_code == 200
        assert client.get(f"/assets/{theirs.pk}/{name}").status_code == 404


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("fox.png", "fox.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\fox.png", "fox.png"),
        ("", "upload"),
        (None, "upload"),
        ("...", "upload"),
        ("a\x00b\r\n.png", "ab.png"),
        ("x" * 300 + ".png", "x" * 110 + ".png"),
        ("狐 🦊.png", "狐 🦊.png"),
        ("%22q%22.png", '"q".png'),
    ],
)
def test_names_are_cleaned(name: str | None, clean: str) -> None:
    assert clean_name(name) == clean


@pytest.mark.parametrize("name", BAD)
def test_every_kind_of_bad_file_is_refused_and_nothing_is_lost(
    client: Client, model: AIModel, media_root: Path, tmp_path: Path, name: str
) -> None:
    make, _ = BAD[name]
    response = upload(client, model, make(tmp_path / "scratch"), f"{name}.png")
    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()
    assert not Asset.objects.exists()
    assert [path for path in media_root.rglob("*") if path.is_file()] == []
    assert upload(client, model, png()).status_code == 200
