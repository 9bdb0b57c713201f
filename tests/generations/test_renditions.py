"""Posters, thumbnails and hover previews."""

from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from generations.media.errors import BadMedia
from generations.media.renditions import poster, preview, thumbnail
from tests.generations.media_files import clip, encoded, film_without_frames, picture, sideways, sound

pytestmark = pytest.mark.any_database

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def near(pixel: Any, colour: tuple[int, int, int]) -> bool:
    return all(abs(seen - meant) < 60 for seen, meant in zip(pixel, colour, strict=True))


def corners(path: Path) -> tuple[Any, Any]:
    """Upper left and lower right pixel."""
    with Image.open(path) as image:
        rgb = image.convert("RGB")
        return rgb.getpixel((2, 2)), rgb.getpixel((rgb.width - 3, rgb.height - 3))


@pytest.mark.parametrize(("suffix", "format"), [("webp", "WEBP"), ("jpg", "JPEG")])
def test_poster_of_a_video(tmp_path: Path, suffix: str, format: str) -> None:
    out = tmp_path / f"poster.{suffix}"

    size = poster(clip(tmp_path / "film", size=(1280, 720), seconds=1), "video", out)

    assert size == (960, 540)
    with Image.open(out) as image:
        assert (image.format, image.size) == (format, size)
    left, right = corners(out)
    assert near(left, RED)
    assert near(right, BLUE)


def fade_in(moment_s: float) -> Image.Image:
    return Image.new("RGB", (64, 48), "black" if moment_s < 1 else "white")


def test_a_film_that_begins_black_shows_what_comes(tmp_path: Path) -> None:
    out = tmp_path / "poster.webp"

    poster(clip(tmp_path / "film", seconds=4, paint=fade_in), "video", out)

    assert near(corners(out)[0], WHITE)


def test_a_wholly_black_film_has_a_poster_all_the_same(tmp_path: Path) -> None:
    black = clip(tmp_path / "film", paint=lambda _: Image.new("RGB", (64, 48)))

    assert poster(black, "video", tmp_path / "poster.webp") == (64, 48)


def test_one_frame_is_enough(tmp_path: Path) -> None:
    film = clip(tmp_path / "film", seconds=1 / 24)

    assert poster(film, "video", tmp_path / "poster.webp") == (64, 48)
    preview(film, tmp_path / "preview.mp4")


def test_a_film_taken_upright_is_shown_upright(tmp_path: Path) -> None:
    film, out = sideways(clip(tmp_path / "film")), tmp_path / "poster.webp"

    assert poster(film, "video", out) == (48, 64)
    above, below = corners(out)
    assert near(above, RED)
    assert near(below, BLUE)


def test_thumbnail_of_a_large_image(tmp_path: Path) -> None:
    path, out = tmp_path / "photo", tmp_path / "small.webp"
    path.write_bytes(encoded(picture((2000, 1000)), "JPEG"))

    assert thumbnail(path, "image", out) == (320, 160)


def test_small_images_are_not_blown_up(tmp_path: Path) -> None:
    path = tmp_path / "icon"
    path.write_bytes(encoded(picture((20, 10)), "PNG"))

    assert poster(path, "image", tmp_path / "small.webp") == (20, 10)


def test_a_tall_image_stays_in_proportion(tmp_path: Path) -> None:
    path = tmp_path / "tall"
    path.write_bytes(encoded(picture((100, 3000)), "PNG"))

    assert thumbnail(path, "image", tmp_path / "small.webp") == (11, 320)


@pytest.mark.parametrize("suffix", ["webp", "jpg", "png"])
def test_thumbnails_are_upright_and_carry_no_metadata(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "where I live"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path, out = tmp_path / "photo", tmp_path / f"small.{suffix}"
    path.write_bytes(
        encoded(
            picture(),
            "JPEG",
            exif=exif,
            comment=b"where I live",
            icc_profile=profile,
            xmp=b"<x>where I live</x>",
        )
    )

    assert thumbnail(path, "image", out) == (48, 64)

    with Image.open(out) as image:
        assert not image.getexif()
        assert not {"exif", "comment", "icc_profile", "xmp"} & set(image.info)
    assert b"where I live" not in out.read_bytes()
    above, below = corners(out)
    assert near(above, RED)
    assert near(below, BLUE)


def test_text_inside_a_png_stays_behind(tmp_path: Path) -> None:
    notes = PngInfo()
    notes.add_text("parameters", "a secret prompt")
    path, out = tmp_path / "picture", tmp_path / "small.png"
    path.write_bytes(encoded(picture(), "PNG", pnginfo=notes))

    thumbnail(path, "image", out)

    assert b"secret" not in out.read_bytes()


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK", "I;16"])
def test_images_of_every_kind(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (64, 48)) if mode == "I;16" else picture(mode="RGBA").convert("RGB").convert(mode)
    path = tmp_path / "picture"
    path.write_bytes(encoded(image, "JPEG" if mode == "CMYK" else "PNG"))

    assert thumbnail(path, "image", tmp_path / "small.webp") == (64, 48)


def test_what_shines_through_is_white(tmp_path: Path) -> None:
    path, out = tmp_path / "picture", tmp_path / "small.webp"
    path.write_bytes(encoded(Image.new("RGBA", (64, 48), (0, 0, 0, 0)), "PNG"))

    thumbnail(path, "image", out)

    assert near(corners(out)[0], WHITE)


def test_sixteen_bits_of_grey_keep_their_brightness(tmp_path: Path) -> None:
    path, out = tmp_path / "picture", tmp_path / "small.png"
    path.write_bytes(encoded(Image.new("I;16", (64, 48), 65535 // 2), "PNG"))

    thumbnail(path, "image", out)

    assert near(corners(out)[0], (127, 127, 127))


def test_preview(tmp_path: Path) -> None:
    out = tmp_path / "preview.mp4"

    preview(clip(tmp_path / "film", size=(640, 360), seconds=5, fps=60), out)

    content = out.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat"), "it must start before it is wholly loaded"
    with av.open(str(out)) as opened:
        assert [stream.type for stream in opened.streams] == ["video"]
        stream = opened.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt, context.width, context.height) == ("h264", "yuv420p", 480, 270)
        assert opened.duration == pytest.approx(4_000_000, abs=50_000)
        assert sum(1 for _ in opened.decode(stream)) == 96


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (333, 777), (40, 30)])
def test_a_preview_has_even_sides_and_is_not_blown_up(tmp_path: Path, size: tuple[int, int]) -> None:
    film = clip(tmp_path / "film", size=size, seconds=0.5, pixels="yuv444p")
    out = tmp_path / "preview.mp4"

    preview(film, out)

    with av.open(str(out)) as opened:
        context = opened.streams.video[0].codec_context
        assert (context.width % 2, context.height % 2) == (0, 0)
        assert context.width <= min(480, size[0] + 1)
        assert context.width / context.height == pytest.approx(size[0] / size[1], rel=0.05)


def test_a_preview_of_a_slow_film_lasts_as_long(tmp_path: Path) -> None:
    out = tmp_path / "preview.mp4"

    preview(clip(tmp_path / "film", seconds=3, fps=5), out)

    with av.open(str(out)) as opened:
        assert opened.duration == pytest.approx(2_850_000, abs=100_000)


def test_a_preview_is_upright(tmp_path: Path) -> None:
    out, still = tmp_path / "preview.mp4", tmp_path / "still.png"

    preview(sideways(clip(tmp_path / "film")), out)
    poster(out, "video", still)

    above, below = corners(still)
    assert near(above, RED)
    assert near(below, BLUE)


@pytest.mark.parametrize("make", [poster, thumbnail])
@pytest.mark.parametrize("kind", ["image", "video"])
def test_text_is_refused(tmp_path: Path, make: Any, kind: str) -> None:
    path = tmp_path / "text"
    path.write_text("a fox")

    with pytest.raises(BadMedia):
        make(path, kind, tmp_path / "out.webp")


def test_a_film_without_frames_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMedia):
        poster(film_without_frames(tmp_path / "film"), "video", tmp_path / "out.webp")


def test_no_preview_of_sound(tmp_path: Path) -> None:
    with pytest.raises(BadMedia, match="only sound"):
        preview(sound(tmp_path / "s", codec="aac", format="ipod"), tmp_path / "preview.mp4")
