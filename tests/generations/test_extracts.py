"""Pictures and sound taken out of clips."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from generations.media.errors import BadMedia
from generations.media.extracts import frame_at, has_sound, sound, still
from generations.media.probe import probe
from tests.generations.media_files import AUDIO_RATE, clip, noise, picture, sideways


def film_with_sound(path: Path, audio: str, *, format: str = "mp4", video: str = "libx264") -> Path:
    with av.open(str(path), "w", format=format) as box:
        pictures: Any = box.add_stream(video, rate=24)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        voice: Any = box.add_stream(audio, rate=AUDIO_RATE, layout="mono")
        for number in range(24):
            frame: Any = av.VideoFrame.from_image(picture())  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = number, Fraction(1, 24)
            box.mux(pictures.encode(frame))
        for block in range(50):
            box.mux(voice.encode(noise(block * 960, 960, voice.format.name)))
        box.mux(pictures.encode(None))
        box.mux(voice.encode(None))
    return path


def fade(moment_s: float) -> Image.Image:
    """From black over grey to white, one step a second."""
    return Image.new("RGB", (64, 48), ("black", "grey", "white")[min(2, int(moment_s))])


@pytest.mark.parametrize(("last", "brightness"), [(False, 0), (True, 255)])
def test_a_still_is_the_very_first_or_last_picture(tmp_path: Path, last: bool, brightness: int) -> None:
    film = clip(tmp_path / "film.mp4", seconds=2.05, paint=fade)  # white for one picture only

    still(film, tmp_path / "still.png", last=last)

    with Image.open(tmp_path / "still.png") as image:
        assert (image.format, image.size) == ("PNG", (64, 48))
        low, high = image.convert("L").getextrema()
        assert abs(low - brightness) < 12
        assert abs(high - brightness) < 12


@pytest.mark.parametrize("last", [False, True])
def test_a_still_of_a_single_picture(tmp_path: Path, last: bool) -> None:
    still(clip(tmp_path / "film.mp4", seconds=1 / 24), tmp_path / "still.png", last=last)
    assert (tmp_path / "still.png").stat().st_size


def test_a_still_is_upright(tmp_path: Path) -> None:
    still(sideways(clip(tmp_path / "film.mp4")), tmp_path / "still.png", last=True)
    with Image.open(tmp_path / "still.png") as image:
        assert image.size == (48, 64)


def test_a_webm_gives_its_last_picture_too(tmp_path: Path) -> None:
    film = clip(tmp_path / "film.webm", codec="libvpx-vp9", format="webm", seconds=2.05, paint=fade)
    still(film, tmp_path / "still.png", last=True)
    with Image.open(tmp_path / "still.png") as image:
        assert image.convert("L").getextrema()[0] > 230


@pytest.mark.parametrize(
    ("codec", "format", "video", "content_type"),
    [
        ("aac", "mp4", "libx264", "audio/mp4"),
        ("mp3", "mp4", "libx264", "audio/mpeg"),
        ("libopus", "webm", "libvpx-vp9", "audio/ogg"),
        ("pcm_s16le", "mov", "libx264", "audio/wav"),
    ],
)
def test_sound_leaves_its_clip_as_a_file_of_its_own(
    tmp_path: Path, codec: str, format: str, video: str, content_type: str
) -> None:
    film = film_with_sound(tmp_path / "film", codec, format=format, video=video)
    assert has_sound(film)

    found = probe(sound(film, tmp_path))

    assert (found.kind, found.content_type) == ("audio", content_type)
    assert found.duration_ms == pytest.approx(1000, abs=80)


def test_the_same_clip_gives_the_same_bytes(tmp_path: Path) -> None:
    film = film_with_sound(tmp_path / "film", "aac")
    first = sound(film, tmp_path).read_bytes()
    assert sound(film, tmp_path).read_bytes() == first


def test_a_mute_clip_has_none(tmp_path: Path) -> None:
    film = clip(tmp_path / "film.mp4")
    assert not has_sound(film)
    with pytest.raises(BadMedia, match="no sound"):
        sound(film, tmp_path)


def test_what_is_missing_or_no_clip_has_none(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("a fox")
    assert not has_sound(tmp_path / "text")
    assert not has_sound(tmp_path / "missing")


@pytest.mark.parametrize(("at_ms", "brightness"), [(0, 0), (990, 0), (1000, 128), (1990, 128), (60_000, 255)])
def test_a_frame_is_the_one_that_is_shown_at_its_moment(tmp_path: Path, at_ms: int, brightness: int) -> None:
    film = clip(tmp_path / "film.mp4", seconds=2.05, paint=fade)

    frame_at(film, tmp_path / "frame.png", at_ms)

    with Image.open(tmp_path / "frame.png") as image:
        low, high = image.convert("L").getextrema()
        assert (image.format, image.size) == ("PNG", (64, 48))
        assert max(abs(low - brightness), abs(high - brightness)) < 12
