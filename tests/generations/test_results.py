"""A finished result of any kind comes home: from where the service keeps it, checked, with a picture."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image

from catalog.models import Voice
from generations import pictures
from generations.models import Generation, Status
from tests.clients.server import ScriptedServer, cut, file_answer, json_answer
from tests.factories import mp4, png, wav
from tests.generations.media_files import png_of_claimed_size, sound
from tests.generations.results import asset_of, fetched, finished, listed

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

BALANCE = {"remaining": 100, "expiring": 0, "used": 0}


def status_of(take: Generation, asset_id: str) -> Any:
    """The look at one generation, which has no link."""
    return json_answer(
        {"id": str(take.remote_id), "asset_id": asset_id, "type": "image", "status": "complete"}
        | {"progress": 1, "url": None, "download_url": None, "streaming_url": None}
    )


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_an_image_comes_by_the_lists_link(
    service: ScriptedServer, owner: User, tmp_path: Path, format: str
) -> None:
    take = finished(owner, "image")
    path = tmp_path / "made"
    Image.new("RGB", (1600, 900), "teal").save(path, format)
    asset = asset_of("image", "generated_image", url=f"{service.url}/image", width=1600, height=900)
    service.will(listed(take, asset), file_answer(path.read_bytes()), json_answer(BALANCE))

    fetched(take)

    assert (take.status, take.content_type) == (Status.COMPLETE, f"image/{format.lower()}")
    assert (take.width, take.height, take.charged) == (1600, 900, 5)
    assert take.remote_asset_id == UUID(asset["id"])
    assert not take.preview
    with Image.open(take.poster) as poster:
        assert (poster.format, poster.size) == ("WEBP", (960, 540))


def test_an_image_that_no_status_links_to_is_found_among_the_assets(
    service: ScriptedServer, owner: User
) -> None:
    take = finished(owner, "image_upscale")
    asset = asset_of("image", "generated_image", url=f"{service.url}/image")
    service.will(listed(take), status_of(take, asset["id"]), json_answer([asset]), file_answer(png()))
    service.will(json_answer(BALANCE))

    fetched(take)

    assert take.status == Status.COMPLETE
    assert [seen.query["type"] for seen in service.seen if seen.path == "/assets"] == [["image"]]
    assert take.remote_asset_id == UUID(asset["id"])


@pytest.mark.parametrize(
    "type", ["text_to_speech", "text_to_sound", "speech_to_speech", "audio_isolation", "audio"]
)
def test_sound_gets_a_picture_of_its_wave(service: ScriptedServer, owner: User, type: str) -> None:
    take = finished(owner, type)
    asset = asset_of("audio", "generated_audio", url=f"{service.url}/sound", duration_ms=2000)
    service.will(listed(take, asset), file_answer(wav()), json_answer(BALANCE))

    fetched(take)

    assert (take.status, take.content_type, take.duration_ms) == (Status.COMPLETE, "audio/wav", 2000)
    assert not take.preview
    with Image.open(take.poster) as poster:
        assert (poster.format, poster.has_transparency_data) == ("WEBP", True)


def test_an_mp3_is_sound_too(service: ScriptedServer, owner: User, tmp_path: Path) -> None:
    take = finished(owner, "text_to_speech")
    content = sound(tmp_path / "s.mp3").read_bytes()
    asset = asset_of("audio", "generated_audio", url=f"{service.url}/sound")
    service.will(listed(take, asset), file_answer(content), json_answer(BALANCE))

    assert fetched(take).content_type == "audio/mpeg"


@pytest.mark.parametrize("type", ["video", "video_to_video", "motion_control", "video_upscale"])
def test_a_clip_keeps_its_hover_preview(service: ScriptedServer, owner: User, type: str) -> None:
    take = finished(owner, type)
    asset = asset_of("video", "generated_video", download_url=f"{service.url}/clip", url=None)
    service.will(listed(take, asset), file_answer(mp4()), json_answer(BALANCE))

    fetched(take)

    assert take.status == Status.COMPLETE
    assert take.poster.size
    assert not take.preview
    pictures.make_wanted()
    take.refresh_from_db()
    assert take.preview.size
    assert take.sprite.size


def test_a_picture_too_large_to_decode_is_kept_without_a_poster(service: ScriptedServer, owner: User) -> None:
    take = finished(owner, "image_upscale")
    content = png_of_claimed_size(12_000, 9_000)
    asset = asset_of("image", "generated_image", url=f"{service.url}/image")
    service.will(listed(take, asset), file_answer(content), json_answer(BALANCE))

    fetched(take)

    assert (take.status, take.width, take.height) == (Status.COMPLETE, 12_000, 9_000)
    assert take.is_oversized
    assert not take.poster
    assert take.result.size == len(content)


def voices_of(*ids: str) -> Any:
    return json_answer([asset_of("voice", "voice", labels=[], source="clone") | {"id": each} for each in ids])


def test_a_voice_comes_with_its_sample_and_can_be_chosen_at_once(
    service: ScriptedServer, owner: User
) -> None:
    take = finished(owner, "voice_clone")
    asset = asset_of("voice", "voice", preview_url=f"{service.url}/sample", labels=[])
    service.will(listed(take, asset), file_answer(wav()), voices_of(asset["id"]), json_answer(BALANCE))

    fetched(take)

    assert (take.status, take.content_type) == (Status.COMPLETE, "audio/wav")
    assert Voice.objects.filter(remote_id=asset["id"]).exists()


def test_a_voice_without_a_sample_is_complete_without_a_file(service: ScriptedServer, owner: User) -> None:
    take = finished(owner, "voice_clone")
    asset = asset_of("voice", "voice", labels=[])
    service.will(listed(take), status_of(take, asset["id"]), json_answer([asset]), voices_of(asset["id"]))
    service.will(json_answer(BALANCE))

    fetched(take)

    assert (take.status, bool(take.result), take.charged) == (Status.COMPLETE, False, 5)
    assert [seen.query["type"] for seen in service.seen if seen.path == "/assets"] == [["voice"]]


@pytest.mark.parametrize("answer", [cut, file_answer(b"no sound"), json_answer({}, 403)])
def test_a_voice_does_not_wait_for_a_broken_sample(
    service: ScriptedServer, owner: User, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda seconds: None)
    take = finished(owner, "voice_clone")
    asset = asset_of("voice", "voice", preview_url=f"{service.url}/sample", labels=[])
    service.will(listed(take, asset), *[answer] * 4)

    fetched(take)

    assert (take.status, bool(take.result)) == (Status.COMPLETE, False)


def test_what_is_ready_without_a_link_is_asked_for_again(service: ScriptedServer, owner: User) -> None:
    take = finished(owner, "image")
    service.will(listed(take), status_of(take, str(uuid4())), json_answer([]))

    fetched(take)

    assert (take.status, take.error_code) == (Status.DOWNLOADING, "")
    assert take.next_attempt_at
    assert take.next_attempt_at < timezone.now() + timedelta(minutes=1)


def test_a_file_of_another_kind_than_asked_for_is_shown_as_what_it_is(
    service: ScriptedServer, owner: User
) -> None:
    take = finished(owner, "audio_isolation")
    asset = asset_of("video", "generated_video", url=f"{service.url}/clip")
    service.will(listed(take, asset), file_answer(mp4()), json_answer(BALANCE))

    fetched(take)

    assert (take.media_kind, take.result_kind) == ("audio", "video")
    pictures.make_wanted()
    take.refresh_from_db()
    assert take.preview
