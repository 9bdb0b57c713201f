"""Previews: our own checked copy, made on first demand. Nothing leads a browser to the service."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.mirror import voice_previews
from catalog.mirror.sound import Sound, check
from catalog.mirror.voice_previews import ensure_copy
from catalog.models import Account, Voice
from tests.catalog.voice_factories import make_voice, voice_row
from tests.clients.server import (
    Answer,
    ScriptedServer,
    cut_body,
    file_answer,
    json_answer,
    redirect,
    server_error,
    text_answer,
)
from tests.factories import mp4, wav

pytestmark = pytest.mark.any_database

SOUND = wav(seconds=1)


@pytest.fixture(autouse=True)
def _temporary_files(settings: Settings, tmp_path: Path) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "tmp"


@pytest.fixture
def voice(account: Account, service: ScriptedServer) -> Voice:
    return make_voice(account, "Maya", preview_url=f"{service.url}/media/maya.mp3?sig=secret")


def address(voice: Voice) -> str:
    return f"/catalog/voices/{voice.pk}/preview/"


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def stored(media_root: Path) -> list[bytes]:
    return [path.read_bytes() for path in media_root.rglob("*") if path.is_file()]


def test_the_first_demand_fetches_and_the_next_ones_do_not(
    client: Client, voice: Voice, service: ScriptedServer
) -> None:
    service.will(file_answer(SOUND, "application/octet-stream"))

    first, second = client.get(address(voice)), client.get(address(voice))

    assert (first.status_code, first["Content-Type"], body(first)) == (200, "audio/wav", SOUND)
    assert body(second) == SOUND
    assert len(service.seen) == 1
    assert "x-api-key" not in service.seen[0].headers
    voice.refresh_from_db()
    assert (voice.preview_ms, voice.length_words) == (1000, "0:01")


def test_a_part_can_be_asked_for(client: Client, voice: Voice, service: ScriptedServer) -> None:
    service.will(file_answer(SOUND))

    response = client.get(address(voice), headers={"Range": "bytes=100-199"})

    assert (response.status_code, body(response)) == (206, SOUND[100:200])


def test_looking_at_the_list_fetches_nothing(client: Client, voice: Voice, service: ScriptedServer) -> None:
    page = client.get("/catalog/voices/").content.decode()

    assert address(voice) in page
    assert "sig=secret" not in page
    assert service.url not in page
    assert service.seen == []


def test_an_expired_link_is_asked_for_anew_once(
    client: Client, voice: Voice, service: ScriptedServer
) -> None:
    fresh = {"preview_url": f"{service.url}/media/maya.mp3?sig=fresh"}
    rows = [voice_row("Maya", id=voice.remote_id, asset=fresh)]
    service.will(text_answer("expired", 403), json_answer(rows), file_answer(SOUND))

    response = client.get(address(voice))

    assert (response.status_code, body(response)) == (200, SOUND)
    assert [seen.path.rpartition("/")[2] for seen in service.seen] == ["maya.mp3", "voices", "maya.mp3"]
    assert service.seen[2].query == {"sig": ["fresh"]}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([server_error(503)], "can't be reached"),
        ([cut_body(SOUND[:2000], len(SOUND), Content_Type="audio/wav")], "can't be reached"),
        ([text_answer("no sound at all")], "no recording"),
        ([file_answer(mp4(), "audio/mp4")], "pictures"),
        ([text_answer("", 403), server_error(500)], "doesn't work"),
        ([redirect("http://10.1.2.3/inside.mp3")], "doesn't follow"),
        ([cut_body(b"", 11 * 1024 * 1024)], "larger than the 10 MB"),
    ],
)
def test_a_failure_is_an_error_in_words(
    client: Client,
    voice: Voice,
    service: ScriptedServer,
    media_root: Path,
    tmp_path: Path,
    answers: list[Answer],
    words: str,
) -> None:
    service.will(*answers)

    response = client.get(address(voice))

    assert response.status_code == 502
    assert response["Content-Type"].startswith("text/plain")
    assert response["Cache-Control"] == "no-store"
    assert words in response.content.decode()
    assert "http" not in response.content.decode()
    assert not Voice.objects.get().preview
    assert stored(media_root) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_link_that_stays_expired_is_not_asked_for_for_ever(
    client: Client, voice: Voice, service: ScriptedServer
) -> None:
    expired = {"preview_url": f"{service.url}/media/maya.mp3?sig=old"}
    rows = [voice_row("Maya", id=voice.remote_id, asset=expired)]
    service.will(text_answer("", 403), json_answer(rows), text_answer("", 403))

    assert client.get(address(voice)).status_code == 502
    assert len(service.seen) == 3


def test_a_burst_after_a_failure_asks_once_and_later_it_is_tried_again(
    client: Client, voice: Voice, service: ScriptedServer
) -> None:
    service.will(server_error(500), file_answer(SOUND))

    burst = [client.get(address(voice)) for _ in range(3)]
    Voice.objects.update(preview_tried_at=timezone.now() - timedelta(seconds=11))
    later = client.get(address(voice))

    assert [response.status_code for response in burst] == [502, 502, 502]
    assert len({response.content for response in burst}) == 1
    assert later.status_code == 200
    assert len(service.seen) == 2


def test_a_copy_that_has_gone_from_the_storage_is_fetched_again(
    client: Client, voice: Voice, service: ScriptedServer
) -> None:
    service.will(file_answer(SOUND), file_answer(SOUND))
    body(client.get(address(voice)))
    copy = Voice.objects.get().preview
    copy.storage.delete(copy.name)

    assert body(client.get(address(voice))) == SOUND
    assert len(service.seen) == 2


def test_a_new_recording_takes_the_place_of_the_old_copy(
    client: Client, voice: Voice, service: ScriptedServer, media_root: Path
) -> None:
    other = wav(seconds=2)
    service.will(file_answer(SOUND), file_answer(other))
    body(client.get(address(voice)))
    Voice.objects.update(preview_at=None)

    assert body(client.get(address(voice))) == other
    assert stored(media_root) == [other]


def test_the_old_copy_serves_while_the_new_recording_does_not_come(
    client: Client, voice: Voice, service: ScriptedServer
) -> None:
    service.will(file_answer(SOUND), server_error(500))
    body(client.get(address(voice)))
    Voice.objects.update(preview_at=None)

    assert body(client.get(address(voice))) == SOUND
    assert len(service.seen) == 2


def test_a_voice_without_a_preview_says_so_and_asks_nobody(
    client: Client, account: Account, service: ScriptedServer
) -> None:
    response = client.get(address(make_voice(account)))

    assert response.status_code == 502
    assert "offers none" in response.content.decode()
    assert service.seen == []


def test_voices_out_of_reach_are_not_found(client: Client, account: Account, voice: Voice) -> None:
    retired = make_voice(account, retired_at=timezone.now(), preview_url="https://x.example/a")
    elsewhere = make_voice(
        Account.objects.create(fingerprint="another key"), preview_url="https://x.example/a"
    )

    for path in (address(retired), address(elsewhere), "/catalog/voices/999999/preview/"):
        assert client.get(path).status_code == 404
    assert client.post(address(voice)).status_code == 405


def test_links_stay_out_of_the_log(
    client: Client, voice: Voice, service: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    service.will(server_error(500))
    with caplog.at_level(logging.DEBUG):
        client.get(address(voice))

    assert f"preview of voice {voice.pk}" in caplog.text
    assert "sig=secret" not in caplog.text


def sync_meanwhile(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A sync learns of this address after the old one was fetched."""

    def learn_and_check(path: Path) -> Sound:
        Voice.objects.update(preview_url=url, preview_at=None)
        return check(path)

    monkeypatch.setattr(voice_previews, "check", learn_and_check)


def test_a_recording_that_was_replaced_while_it_came_is_not_kept(
    client: Client,
    voice: Voice,
    service: ScriptedServer,
    media_root: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service.will(file_answer(SOUND))
    sync_meanwhile(monkeypatch, f"{service.url}/media/other.mp3?sig=secret")

    response = client.get(address(voice))

    assert (response.status_code, "Try again" in body(response).decode()) == (502, True)
    voice.refresh_from_db()
    assert (voice.preview.name, voice.preview_at, voice.preview_error) == ("", None, "")
    assert stored(media_root) == []


def test_the_old_copy_serves_when_the_new_one_was_replaced_while_it_came(
    client: Client, voice: Voice, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.will(file_answer(SOUND), file_answer(wav(seconds=2)))
    body(client.get(address(voice)))
    Voice.objects.update(preview_at=None)
    sync_meanwhile(monkeypatch, f"{service.url}/media/other.mp3?sig=secret")

    assert body(client.get(address(voice))) == SOUND
    assert Voice.objects.get().preview_at is None


def test_a_recording_whose_link_was_signed_anew_while_it_came_is_kept(
    client: Client, voice: Voice, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.will(file_answer(SOUND))
    sync_meanwhile(monkeypatch, f"{service.url}/media/maya.mp3?sig=another")

    assert body(client.get(address(voice))) == SOUND
    assert Voice.objects.get().preview_at


def test_two_demands_at_once_leave_one_whole_copy(
    voice: Voice, service: ScriptedServer, media_root: Path
) -> None:
    """Both looked before either kept what it fetched."""
    service.will(file_answer(SOUND), file_answer(SOUND))
    mine, theirs = Voice.objects.get(), Voice.objects.get()

    ensure_copy(mine)
    ensure_copy(theirs)

    assert len(service.seen) == 2
    assert stored(media_root) == [SOUND]
    assert mine.preview.name == theirs.preview.name == Voice.objects.get().preview.name
