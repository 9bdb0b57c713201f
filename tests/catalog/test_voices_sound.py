"""What counts as a recording: real files in, everything else out."""

from pathlib import Path

import pytest

from catalog.mirror import sound as sound_file
from catalog.mirror.sound import LONGEST_S, NoSound, check
from tests.factories import mp4, png, wav
from tests.generations.media_files import sound

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize(
    ("codec", "format", "content_type", "extension"),
    [
        ("mp3", "mp3", "audio/mpeg", "mp3"),
        ("aac", "adts", "audio/aac", "aac"),
        ("pcm_s16le", "wav", "audio/wav", "wav"),
        ("libopus", "ogg", "audio/ogg", "ogg"),
        ("flac", "flac", "audio/flac", "flac"),
        ("aac", "mp4", "audio/mp4", "m4a"),
        ("libopus", "webm", "audio/webm", "webm"),
    ],
)
def test_every_usual_format_is_known_by_its_content(
    tmp_path: Path, codec: str, format: str, content_type: str, extension: str
) -> None:
    found = check(sound(tmp_path / "no-extension", codec=codec, format=format))

    assert (found.content_type, found.extension) == (content_type, extension)
    assert found.duration_ms == pytest.approx(2000, abs=80)


def test_a_song_may_carry_its_cover(tmp_path: Path) -> None:
    assert check(sound(tmp_path / "song", cover=True, title="Song")).content_type == "audio/mpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"ID3",
        b"RIFF\0\0\0\0WAVE",
        b"<html><body>Expired</body></html>",
        b"#EXTM3U\nfile:///etc/passwd",
        b"ffconcat version 1.0\nfile /etc/passwd",
        b"\x1aE\xdf\xa3webm" + bytes(500),
        b"OggS" + bytes(500),
        b"\xff\xfb" + bytes(5000),
        png(),
        mp4(),
        wav()[:44],
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(NoSound, match=r"^[A-Z].*\.$"):
        check(path)


def test_a_part_that_claims_to_be_larger_than_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"RIFF\xf0\xff\xff\x7fWAVEbext\xf0\xff\xff\x7f" + bytes(1000))

    with pytest.raises(NoSound, match="damaged"):
        check(path)


def test_a_torn_end_is_passed_over_as_players_do(tmp_path: Path) -> None:
    path = sound(tmp_path / "whole")
    path.write_bytes(path.read_bytes() + b"TAG" + b"junk" * 40)

    assert check(path).duration_ms == pytest.approx(2000, abs=80)


def test_noise_where_sound_should_be_is_refused(tmp_path: Path) -> None:
    path = sound(tmp_path / "whole", codec="flac", format="flac")
    content = path.read_bytes()
    path.write_bytes(content[:1000] + bytes(len(content) - 1000))

    with pytest.raises(NoSound):
        check(path)


def test_a_file_of_nothing_but_broken_pieces_is_left_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, pieces = tmp_path / "file", []
    path.write_bytes(b"\xff\xf1\x50\x40\x01\x1f\xfc\0" * 20_000)
    decoded = sound_file._decoded_s
    monkeypatch.setattr(sound_file, "_decoded_s", lambda piece: (pieces.append(piece), decoded(piece))[1])

    with pytest.raises(NoSound):
        check(path)
    assert len(pieces) < 1000


def test_what_takes_too_long_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_file, "PATIENCE_S", -1)

    with pytest.raises(NoSound, match="too long"):
        check(sound(tmp_path / "file"))


def test_a_preview_is_not_an_audio_book(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_bytes(wav(seconds=LONGEST_S + 1, rate=100))

    with pytest.raises(NoSound, match="too long"):
        check(path)
