"""How loud a sound is along its length."""

import wave
from array import array
from pathlib import Path

import pytest
from PIL import Image

from generations.media.errors import BadMedia
from generations.media.waveform import peaks, picture
from tests.factories import wav
from tests.generations.media_files import clip, sound

pytestmark = pytest.mark.any_database


def recording(path: Path, *parts: tuple[float, int]) -> Path:
    """Stretches of (seconds, amplitude), each a hum."""
    samples = array("h")
    for seconds, amplitude in parts:
        samples.extend(amplitude * (1 if n % 40 < 20 else -1) for n in range(int(seconds * 8000)))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return path


def test_a_loud_half_stands_above_a_soft_one(tmp_path: Path) -> None:
    found = peaks(recording(tmp_path / "s.wav", (1, 4000), (1, 16_000)), 10)

    assert len(found) == 10
    assert all(20 <= peak <= 30 for peak in found[:4])
    assert all(peak >= 95 for peak in found[6:])


@pytest.mark.parametrize("amplitude", [2000, 30_000])
def test_the_loudest_moment_reaches_the_top_however_soft_it_is(tmp_path: Path, amplitude: int) -> None:
    assert max(peaks(recording(tmp_path / "s.wav", (1, amplitude)))) == 100


def test_noise_is_not_blown_up(tmp_path: Path) -> None:
    assert max(peaks(recording(tmp_path / "s.wav", (1, 30)))) < 15


def test_silence_is_flat(tmp_path: Path) -> None:
    assert set(peaks(recording(tmp_path / "s.wav", (1, 0)))) == {0}


def test_a_sound_shorter_than_its_steps_still_fills_them(tmp_path: Path) -> None:
    assert len(peaks(recording(tmp_path / "s.wav", (0.1, 9000)), 200)) == 200


@pytest.mark.parametrize(
    ("codec", "format"), [("mp3", "mp3"), ("aac", "ipod"), ("libopus", "ogg"), ("flac", "flac")]
)
def test_every_format_can_be_drawn(tmp_path: Path, codec: str, format: str) -> None:
    assert max(peaks(sound(tmp_path / "s", codec=codec, format=format))) == 100


def test_a_song_with_a_cover_is_heard_not_seen(tmp_path: Path) -> None:
    assert len(peaks(sound(tmp_path / "s", cover=True), 5)) == 5


def test_the_picture_is_clear_between_its_bars(tmp_path: Path) -> None:
    path, out = tmp_path / "s.wav", tmp_path / "wave.webp"
    path.write_bytes(wav())

    picture(path, out)

    with Image.open(out) as image:
        assert (image.format, image.size) == ("WEBP", (960, 540))
        assert image.convert("RGBA").getpixel((2, 2)) == (0, 0, 0, 0)
        assert image.convert("RGBA").getchannel("A").getextrema() == (0, 255)


def test_a_mute_film_has_no_wave(tmp_path: Path) -> None:
    with pytest.raises(BadMedia, match="no sound"):
        peaks(clip(tmp_path / "film"))


def test_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("a fox")
    with pytest.raises(BadMedia):
        peaks(path)
