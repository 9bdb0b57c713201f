"""What probe() makes of good files; test_bad_uploads holds the others."""

import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from generations.media.probe import BadMedia, probe
from tests.generations.media_files import (
    clip,
    encoded,
    film_with_gap,
    picture,
    png_of_claimed_size,
    sideways,
    sound,
)

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize(
    ("format", "content_type", "extension"),
    [("PNG", "image/png", "png"), ("JPEG", "image/jpeg", "jpg"), ("WEBP", "image/webp", "webp")],
)
def test_images(tmp_path: Path, format: str, content_type: str, extension: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(picture((64, 48)), format))

    found = probe(path)

    assert (found.kind, found.content_type, found.extension) == ("image", content_type, extension)
    assert (found.width, found.height, found.duration_ms) == (64, 48, None)
    assert found.size == path.stat().st_size


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16"])
def test_png_of_every_kind(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (64, 48)) if mode == "I;16" else picture(mode="RGBA").convert(mode)
    path = tmp_path / "upload"
    path.write_bytes(encoded(image, "PNG"))

    assert probe(path).width == 64


def test_a_photo_taken_upright_is_measured_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "upload"
    path.write_bytes(encoded(picture((64, 48)), "JPEG", exif=exif))

    assert (probe(path).width, probe(path).height) == (48, 64)


def test_a_photo_of_several_pictures_is_a_still(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    picture().save(path, "MPO", save_all=True, append_images=[picture((32, 24))])

    assert probe(path).content_type == "image/jpeg"


def test_a_cmyk_photo(tmp_path: Path) -> None:
    path = tmp_path / "print.jpg"
    path.write_bytes(encoded(picture(mode="CMYK"), "JPEG"))

    assert probe(path).kind == "image"


@pytest.mark.parametrize(
    ("options", "content_type", "extension"),
    [
        ({}, "video/mp4", "mp4"),
        ({"faststart": False}, "video/mp4", "mp4"),
        ({"format": "mov"}, "video/quicktime", "mov"),
        ({"format": "webm", "codec": "libvpx-vp9"}, "video/webm", "webm"),
        ({"format": "webm", "codec": "libvpx"}, "video/webm", "webm"),
        ({"codec": "mpeg4"}, "video/mp4", "mp4"),
        ({"pixels": "yuv420p10le"}, "video/mp4", "mp4"),
    ],
)
def test_videos(tmp_path: Path, options: dict[str, Any], content_type: str, extension: str) -> None:
    found = probe(clip(tmp_path / "upload", **options))

    assert (found.kind, found.content_type, found.extension) == ("video", content_type, extension)
    assert (found.width, found.height, found.duration_ms) == (64, 48, 2000)


def test_a_film_taken_upright_is_measured_upright(tmp_path: Path) -> None:
    found = probe(sideways(clip(tmp_path / "upload")))

    assert (found.width, found.height) == (48, 64)


def test_a_film_of_rare_frames(tmp_path: Path) -> None:
    assert probe(film_with_gap(tmp_path / "upload", gap_s=30)).duration_ms == 31_000


@pytest.mark.parametrize(
    ("codec", "format", "content_type", "extension"),
    [
        ("mp3", "mp3", "audio/mpeg", "mp3"),
        ("pcm_s16le", "wav", "audio/wav", "wav"),
        ("aac", "ipod", "audio/mp4", "m4a"),
        ("aac", "adts", "audio/aac", "aac"),
        ("libopus", "ogg", "audio/ogg", "ogg"),
        ("libopus", "webm", "audio/webm", "webm"),
        ("flac", "flac", "audio/flac", "flac"),
    ],
)
def test_sounds(tmp_path: Path, codec: str, format: str, content_type: str, extension: str) -> None:
    found = probe(sound(tmp_path / "upload", codec=codec, format=format))

    assert (found.kind, found.content_type, found.extension) == ("audio", content_type, extension)
    assert (found.width, found.height) == (None, None)
    assert found.duration_ms == pytest.approx(2000, abs=60)


def test_a_song_with_a_cover_is_sound(tmp_path: Path) -> None:
    assert probe(sound(tmp_path / "upload", cover=True)).kind == "audio"


def test_a_song_whose_tags_are_not_utf8(tmp_path: Path) -> None:
    path = sound(tmp_path / "upload", title="Lied")
    path.write_bytes(path.read_bytes().replace(b"Lied", b"\xff\xfe\xfd\xfc"))

    assert probe(path).kind == "audio"


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_wave_that_was_streamed_does_not_know_its_length(tmp_path: Path, size: int) -> None:
    path = sound(tmp_path / "upload", codec="pcm_s16le", format="wav")
    content = path.read_bytes()
    at = content.index(b"data") + 4
    path.write_bytes(content[:at] + struct.pack("<I", size) + content[at + 4 :])

    assert probe(path).duration_ms == pytest.approx(2000, abs=60)


@pytest.mark.parametrize("name", ["x.exe", "../../x", "a\nb", "", "🦊" * 300, "x.mp4\0.png"])
def test_names_do_not_matter(tmp_path: Path, name: str) -> None:
    path = tmp_path / "upload"
    path.write_bytes(encoded(picture(), "PNG"))

    assert probe(path, filename=name).content_type == "image/png"


def test_odd_paths_are_no_protocols(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    film = clip(tmp_path / "film")

    for name in ("concat:a|b", "-i", "http:x", "%03d.mp4"):
        assert probe(film.rename(name)).kind == "video"
        film = Path(name)


def test_a_photo_with_something_behind_it_is_still_that_photo(tmp_path: Path) -> None:
    path = tmp_path / "photo.html"
    path.write_bytes(encoded(picture(), "JPEG") + b"<script>alert(1)</script>")

    assert probe(path).content_type == "image/jpeg"


def test_a_cut_result(tmp_path: Path) -> None:
    path = clip(tmp_path / "result")
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(BadMedia, match="cut off"):
        probe(path)


def test_a_result_larger_than_an_upload_may_be_is_measured_but_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png_of_claimed_size(30_000, 20_000))  # its pixels aren't even there

    with pytest.raises(BadMedia, match="pixels"):
        probe(path)
    found = probe(path, any_size=True)

    assert (found.width, found.height, found.is_oversized) == (30_000, 20_000, True)


def test_a_result_longer_than_an_upload_may_be_passes(tmp_path: Path) -> None:
    path = film_with_gap(tmp_path / "long.mp4", gap_s=3700)

    with pytest.raises(BadMedia, match="at most 1 hour"):
        probe(path)
    assert probe(path, any_size=True).is_oversized


def test_a_damaged_result_of_a_usual_size_is_refused_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    path.write_bytes(encoded(picture((400, 300)), "PNG")[:300])

    with pytest.raises(BadMedia):
        probe(path, any_size=True)


@pytest.mark.parametrize("any_size", [False, True])
def test_a_clip_whose_end_is_damaged_far_from_its_only_keyframe(tmp_path: Path, any_size: bool) -> None:
    """Encoders put a keyframe every ten seconds, so that the end is often a long way from the last one."""
    path = clip(
        tmp_path / "film.mp4", seconds=6, paint=lambda at: Image.effect_noise((64, 48), 40), faststart=False
    )
    content = path.read_bytes()
    begin, end = content.index(b"mdat"), content.index(b"moov")
    hole = (end - begin) // 50
    path.write_bytes(content[: end - 4 - hole] + bytes(hole) + content[end - 4 :])

    with pytest.raises(BadMedia):
        probe(path, any_size=any_size)
