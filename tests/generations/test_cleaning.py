"""Files are kept without what they tell of place, time and device; what is seen and heard stays."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, PngImagePlugin

from generations.media.cleaning import cleaned
from generations.media.probe import probe
from tests.generations.media_files import clip, encoded, noise, picture, png_chunk, sideways, sound

pytestmark = pytest.mark.any_database

PLACE = b"+52.5200+013.4050/"
SECRET = "52.5200N 13.4050E"


def exif(orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = SECRET  # the maker of the camera
    tags.get_ifd(0x8825)[29] = SECRET  # the day in the GPS directory
    return tags.tobytes()


def clean(tmp_path: Path, content: bytes, name: str = "given") -> Path:
    path, folder = tmp_path / name, tmp_path / f"{name}-folder"
    path.write_bytes(content)
    folder.mkdir()
    return cleaned(path, folder)


def photo(format: str, orientation: int = 1, **options: Any) -> bytes:
    return encoded(picture((640, 480)), format, exif=exif(orientation), **options)


def frames(path: Path) -> list[bytes]:
    with av.open(str(path)) as opened:
        return [bytes(packet) for packet in opened.demux() if packet.size]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_tells_no_place_and_keeps_every_pixel(tmp_path: Path, format: str) -> None:
    given = photo(format, **({"lossless": True} if format == "WEBP" else {}))
    kept = clean(tmp_path, given)
    assert SECRET.encode() in given
    assert SECRET.encode() not in kept.read_bytes()
    with Image.open(kept) as image, Image.open(io.BytesIO(given)) as before:
        assert not image.getexif()
        assert image.tobytes() == before.tobytes()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_on_its_side_is_stood_up(tmp_path: Path, format: str) -> None:
    kept = clean(tmp_path, photo(format, orientation=6))
    with Image.open(kept) as image:
        assert image.size == (480, 640)
        assert not image.getexif()
        red, _, blue = image.convert("RGB").getpixel((240, 20))  # type: ignore[misc]
    assert (red > 200, blue < 60) == (True, True)  # the left side is on top now


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_what_tells_nothing_stays_byte_for_byte(tmp_path: Path, format: str) -> None:
    given = encoded(picture((640, 480)), format)
    assert clean(tmp_path, given).read_bytes() == given


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_the_same_photo_gives_the_same_bytes(tmp_path: Path, format: str) -> None:
    given = photo(format, orientation=8)
    assert clean(tmp_path, given, "a").read_bytes() == clean(tmp_path, given, "b").read_bytes()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_colours_keep_their_meaning(tmp_path: Path, format: str) -> None:
    profile = b"a profile " * 20
    with Image.open(clean(tmp_path, photo(format, icc_profile=profile))) as image:
        assert image.info["icc_profile"] == profile


def test_texts_of_a_png_go(tmp_path: Path) -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Location", SECRET)
    texts.add_itxt("XML:com.adobe.xmp", SECRET)
    kept = clean(tmp_path, encoded(picture(), "PNG", pnginfo=texts) + b"behind " + SECRET.encode())
    assert SECRET.encode() not in kept.read_bytes()
    assert probe(kept).width == 64


def test_what_hangs_behind_a_jpeg_goes(tmp_path: Path) -> None:
    """Phones put a film, or the same picture once more with its place, behind the first."""
    kept = clean(tmp_path, encoded(picture(), "JPEG") + photo("JPEG"))
    assert kept.read_bytes() == encoded(picture(), "JPEG")


def test_a_progressive_jpeg_keeps_all_its_scans(tmp_path: Path) -> None:
    given = photo("JPEG", progressive=True)
    with Image.open(clean(tmp_path, given)) as image, Image.open(io.BytesIO(given)) as before:
        assert image.tobytes() == before.tobytes()


@pytest.mark.parametrize("format", ["mp4", "mov"])
def test_a_film_tells_no_place_and_keeps_every_frame(tmp_path: Path, format: str) -> None:
    given = clip(tmp_path / "film", format=format).read_bytes()
    told = with_place(given)
    assert PLACE in told
    kept = clean(tmp_path, told)
    assert PLACE not in kept.read_bytes()
    assert frames(kept) == frames(tmp_path / "film")
    assert probe(kept).duration_ms == 2000


def with_place(film: bytes) -> bytes:
    """As phones write it: a box at the end of the index, which lies behind the pictures."""
    at = film.rindex(b"moov") - 4
    size = struct.unpack_from(">I", film, at)[0]
    place = box(b"udta", box(b"\xa9xyz", struct.pack(">HH", len(PLACE), 0x15C7) + PLACE))
    index = film[at : at + size] + place
    moved = film[:at] + box(b"free", film[at + 8 : at + size]) + film[at + size :]
    return moved + box(b"moov", index[8:])


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def test_a_film_stays_turned(tmp_path: Path) -> None:
    given = sideways(clip(tmp_path / "film", size=(64, 48)))
    kept = clean(tmp_path, with_place(given.read_bytes()))
    assert (probe(kept).width, probe(kept).height) == (48, 64)


def test_a_track_of_places_is_left_out(tmp_path: Path) -> None:
    """Action cameras write where they were, several times a second, beside the pictures."""
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as out:
        film: Any = out.add_stream("libx264", rate=24)
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        other: Any = out.add_stream("aac", rate=48_000, layout="mono")
        for _ in range(48):
            out.mux(film.encode(av.VideoFrame.from_image(picture())))  # type: ignore[no-untyped-call]
        for block in range(50):
            out.mux(other.encode(noise(block * 960, 960, "fltp")))
        out.mux(film.encode())
        out.mux(other.encode(None))
    with av.open(str(path)) as opened:
        kinds = [(packet.stream.type, bytes(packet)) for packet in opened.demux() if packet.size]
    films = [data for kind, data in kinds if kind == "video" and len(data) > 20]
    told = path.read_bytes().replace(b"soun", b"meta").replace(b"mp4a", b"gpmd")
    kept = clean(tmp_path, told).read_bytes()
    assert [kind for kind, data in kinds if len(data) > 20 and data in kept] == ["video"] * len(films)


def test_tags_of_a_webm_go(tmp_path: Path) -> None:
    path = tmp_path / "film.webm"
    with av.open(str(path), "w", format="webm") as out:
        stream: Any = out.add_stream("libvpx", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        out.metadata["LOCATION"] = SECRET
        for _ in range(24):
            out.mux(stream.encode(av.VideoFrame.from_image(picture())))  # type: ignore[no-untyped-call]
        out.mux(stream.encode())
    before = frames(path)
    kept = clean(tmp_path, path.read_bytes())
    assert SECRET.encode() in path.read_bytes()
    assert SECRET.encode() not in kept.read_bytes()
    assert frames(kept) == before


SOUNDS = {"mp3": "mp3", "flac": "flac", "wav": "pcm_s16le", "ipod": "aac", "ogg": "libopus"}


@pytest.mark.parametrize("format", SOUNDS)
def test_a_sound_tells_no_place(tmp_path: Path, format: str) -> None:
    name = "title" if format != "ogg" else "GPS"
    path = sound(tmp_path / "sound", format=format, codec=SOUNDS[format], **{name: SECRET})
    before = path.read_bytes()
    kept = clean(tmp_path, before)
    assert SECRET.encode() in before
    assert SECRET.encode() not in kept.read_bytes()
    assert frames(kept) == frames(path)
    assert probe(kept).duration_ms == probe(path).duration_ms


def test_the_cover_of_a_song_goes(tmp_path: Path) -> None:
    path = sound(tmp_path / "song", cover=True)
    kept = clean(tmp_path, path.read_bytes())
    with av.open(str(kept)) as opened:
        assert [stream.type for stream in opened.streams] == ["audio"]


def test_unknown_chunks_of_a_png_go(tmp_path: Path) -> None:
    data = encoded(picture(), "PNG")
    given = data[:33] + png_chunk(b"caBX", SECRET.encode()) + data[33:]
    assert clean(tmp_path, given).read_bytes() == data
