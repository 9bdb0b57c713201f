"""Files are looked at in a process of their own: its death, its silence and its limits are refusals."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import AIModel
from generations import uploads
from generations.media import preparing
from generations.media.errors import DAMAGED, BadMedia
from generations.media.preparing import prepare
from generations.models import Asset
from tests.factories import make_model, mp4, png, wav
from tests.generations.media_files import encoded, picture
from tests.generations.test_cleaning import SECRET, photo

pytestmark = pytest.mark.any_database


def instead(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(preparing, "PREPARER", [sys.executable, "-c", script])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "given"
    path.write_bytes(png())
    return path


@pytest.mark.parametrize("script", ["import os; os.abort()", "raise SystemExit(3)", "raise MemoryError"])
def test_a_process_that_dies_met_a_damaged_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    instead(monkeypatch, script)
    with pytest.raises(BadMedia, match="damaged"):
        prepare(path, path.parent)


def test_a_process_that_never_answers_is_ended(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "import threading; threading.Event().wait()")
    monkeypatch.setattr(preparing, "PATIENCE_S", 0.5)
    with pytest.raises(BadMedia) as refused:
        prepare(path, path.parent)
    assert str(refused.value) == DAMAGED


def test_a_process_that_computes_for_ever_meets_its_limit(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited = "from generations.media import preparer as p; p.LEAST_CPU_S = 1; p.lock_down(0)"
    instead(monkeypatch, f"{limited}\nwhile True: pass")
    with pytest.raises(BadMedia, match="takes too long"):
        prepare(path, path.parent)


def test_long_sound_of_few_bytes_has_the_time_that_it_takes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty good minutes at 12 kbps were refused after six seconds of computing."""
    limited = "from generations.media import preparer as p; p.lock_down(3_760_000)"
    limit = "import json, resource as r; print(json.dumps({'refused': str(r.getrlimit(r.RLIMIT_CPU)[0])}))"
    instead(monkeypatch, f"{limited}\n{limit}")
    with pytest.raises(BadMedia) as told:
        prepare(path, path.parent)
    assert 40 <= int(str(told.value)) <= 90


def test_a_process_that_eats_memory_meets_its_limit(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited = "from generations.media import preparer as p; p.lock_down(0)"
    answer = 'print(\'{"refused": "It had all the memory."}\')'
    instead(monkeypatch, f"{limited}\nheld = bytearray(4 * 1024**3)\n{answer}")
    with pytest.raises(BadMedia, match="damaged"):
        prepare(path, path.parent)


def test_it_is_told_no_secret(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDRA_API_KEY", "sk_secret")
    instead(monkeypatch, "import json, os; print(json.dumps({'refused': ' '.join(os.environ)}))")
    with pytest.raises(BadMedia) as told:
        prepare(path, path.parent)
    assert "HEDRA_API_KEY" not in str(told.value)


@pytest.mark.django_db
def test_a_photo_is_kept_once_and_without_its_place(client: Client, owner: User) -> None:
    first, second = (
        uploads.store(owner, SimpleUploadedFile(name, photo("JPEG", orientation=6)), "image")
        for name in ("a.jpg", "b.jpg")
    )
    assert first == second
    assert (first.width, first.height) == (480, 640)
    kept = client.get(first.url)
    assert SECRET.encode() not in b"".join(kept.streaming_content)  # type: ignore[attr-defined]
    assert first.size == first.file.size


@pytest.mark.django_db
def test_a_photo_is_the_same_with_and_without_what_it_told(owner: User) -> None:
    with_place = uploads.store(owner, SimpleUploadedFile("a.jpg", photo("JPEG")), "image")
    plain = encoded(picture((640, 480)), "JPEG")
    assert uploads.store(owner, SimpleUploadedFile("b.jpg", plain), "image") == with_place


@pytest.mark.django_db
def test_what_was_kept_before_it_was_cleaned_is_still_the_same(owner: User) -> None:
    """Results of takes are kept as the service made them."""
    content = photo("JPEG")
    asset = uploads.store(owner, SimpleUploadedFile("a.jpg", content), "image")
    Path(asset.file.path).write_bytes(content)
    asset.sha256 = uploads.sha256_of(Path(asset.file.path))
    asset.save()
    assert uploads.store(owner, SimpleUploadedFile("b.jpg", content), "image") == asset
    assert Asset.objects.count() == 1


@pytest.mark.django_db
def test_a_video_fills_its_slot(client: Client, owner: User) -> None:
    model: AIModel = make_model(type="video_upscale", durations=None)
    file = SimpleUploadedFile("clip.mp4", mp4(2, 640, 360), "video/mp4")
    response = client.post("/assets/", {"file": file, "role": "video", "model": model.form_key})
    asset = Asset.objects.get()
    assert (response.status_code, response["X-Asset"]) == (200, str(asset.pk))
    assert (asset.kind, asset.content_type, asset.width, asset.duration_ms) == (
        "video",
        "video/mp4",
        640,
        2000,
    )
    assert asset.thumbnail.size


@pytest.mark.django_db
def test_of_a_sound_its_wave_is_kept(owner: User) -> None:
    asset = uploads.store(owner, SimpleUploadedFile("a.wav", wav(1)), "audio")
    assert len(asset.peaks or []) == 200
    assert max(asset.peaks or []) == 100


@pytest.mark.django_db
def test_a_slot_is_drawn_with_what_the_form_says(client: Client, owner: User) -> None:
    model = make_model(requires_start_frame=True)
    asset = uploads.store(owner, SimpleUploadedFile("fox.png", png(640, 360)), "image")
    form = {"role": "start_frame", "model": model.form_key, "start_frame": asset.pk, "aspect_ratio": "9:16"}
    page = client.post("/create/slot/", form).content.decode()
    assert f'name="start_frame" value="{asset.pk}"' in page
    assert "Crop to 9:16" in page
    assert client.post("/create/slot/", {**form, "role": "nonsense"}).status_code == 404
    assert client.get("/create/slot/").status_code == 405
