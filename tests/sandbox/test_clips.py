"""The clips themselves, opened as a player would."""

import io
import struct
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from sandbox.rendering.caption import Caption
from sandbox.rendering.clip import Film, write_clip, write_poster, write_preview
from sandbox.rendering.palettes import palette_for
from sandbox.rendering.spec import ClipSpec, Part
from tests.sandbox.conftest import Api, image_bytes, tone_bytes, video, video_bytes

Colour = tuple[int, int, int]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    data = {
        "red.png": image_bytes((400, 300)),
        "blue.png": image_bytes((300, 400), "blue"),
        "tone.wav": tone_bytes(1.5),
        "input.mp4": video_bytes(tmp_path),
    }
    for name, content in data.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in data}


def spec(**changes: Any) -> ClipSpec:
    return ClipSpec(**{"width": 320, "height": 180, "duration_ms": 2000, "prompt": "Waves", **changes})


def loudness(path: Path) -> list[float]:
    """The peak of each tenth of a second, 0 to 1."""
    peaks = [0.0] * 100
    with av.open(str(path)) as clip:
        for frame in clip.decode(audio=0):
            samples = struct.unpack(f"<{frame.samples}f", bytes(frame.planes[0])[: frame.samples * 4])
            tenth = int((frame.time or 0) * 10)
            peaks[tenth] = max(peaks[tenth], *map(abs, samples))
    return peaks


def middle(image: Image.Image) -> Colour:
    colour = image.getpixel((image.width // 2, image.height // 3))
    assert isinstance(colour, tuple)
    red, green, blue = colour
    return int(red), int(green), int(blue)


def near(colour: Colour, other: Colour) -> bool:
    return all(abs(one - two) < 30 for one, two in zip(colour, other, strict=True))


@pytest.mark.parametrize(
    ("ratio", "resolution", "size"),
    [("1:1", "480p", (480, 480)), ("16:9", "480p", (854, 480)), ("9:16", "480p", (480, 854))],
)
def test_a_clip_is_what_was_ordered(api: Api, ratio: str, resolution: str, size: tuple[int, int]) -> None:
    take = api.finished(api.generate(video(inputs={"aspect_ratio": ratio, "resolution": resolution}))["id"])
    data = api.http.get(take["asset"]["asset"]["url"], timeout=30).content

    with av.open(io.BytesIO(data)) as clip:
        (stream,) = clip.streams.video
        assert not clip.streams.audio
        assert (stream.codec.name, stream.pix_fmt) == ("h264", "yuv420p")
        assert (stream.width, stream.height) == size
        assert (take["asset"]["asset"]["width"], take["asset"]["asset"]["height"]) == size
        assert clip.duration == pytest.approx(5_000_000, abs=42_000)
        assert sum(1 for _ in clip.decode(video=0)) == 120
    assert data.index(b"moov") < data.index(b"mdat")


def test_variations_differ(api: Api) -> None:
    answer = api.generate(video(batch_size=2))
    urls = [api.finished(item["id"])["asset"]["asset"]["poster_url"] for item in answer["batch_results"]]

    assert api.http.get(urls[0], timeout=30).content != api.http.get(urls[1], timeout=30).content


def test_the_start_image_moves(files: dict[str, Path], tmp_path: Path) -> None:
    stripe = Image.new("RGB", (400, 225), "blue")
    stripe.paste("red", (150, 0, 250, 225))
    stripe.save(files["red.png"])
    widths = [
        sum(near(middle(image.crop((x, 0, x + 1, image.height))), (255, 0, 0)) for x in range(image.width))
        for image in Film(spec(start=files["red.png"])).images(0, 0.5, 1)
    ]

    assert widths[0] + 4 < widths[1] < widths[2] - 4


def test_the_end_image_comes_at_the_end(files: dict[str, Path]) -> None:
    film = Film(spec(start=files["red.png"], end=files["blue.png"]))
    begin, late, end = (middle(image) for image in film.images(0.1, 0.75, 1))

    assert near(begin, (255, 0, 0))
    assert near(end, (0, 0, 255))
    assert not near(late, begin)
    assert not near(late, end)


def test_an_input_video_is_seen(files: dict[str, Path]) -> None:
    film = Film(spec(video=files["input.mp4"], duration_ms=3000))

    assert [middle(image)[0] > 128 for image in film.images(0.1, 0.9)] == [True, False]


def test_the_prompt_is_drawn() -> None:
    plain, written = (
        Caption(text, "Model", (320, 180)).image.getchannel("A").getextrema() for text in ("", "Words")
    )

    assert isinstance(plain[1], int | float)
    assert written[1] >= plain[1]
    assert Caption("One", "M", (320, 180)).image.tobytes() != Caption("Two", "M", (320, 180)).image.tobytes()
    assert Caption("word " * 300, "M", (320, 180)).image.height < 90


def test_a_prompt_chooses_its_colours() -> None:
    import random

    assert "desert" in palette_for("A caravan crosses the desert dunes", random.Random(1)).words
    assert "ocean" in palette_for("Ocean waves", random.Random(2)).words


def test_each_shot_has_its_own_picture() -> None:
    parts = (Part("Desert heat", 1000), Part("Neon night city", 1000))
    first, second = Film(spec(parts=parts)).images(0.1, 0.9)

    assert not near(middle(first), middle(second))


@pytest.mark.parametrize(("start_ms", "heard"), [(0, range(15)), (-500, range(5, 20)), (500, range(10))])
def test_the_audio_is_heard_where_it_belongs(
    files: dict[str, Path], tmp_path: Path, start_ms: int, heard: range
) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(spec(start=files["red.png"], audio=(files["tone.wav"],), audio_start_ms=start_ms), path)
    peaks = loudness(path)[:20]

    with av.open(str(path)) as clip:
        assert clip.streams.audio[0].codec.name == "aac"
        assert clip.duration == pytest.approx(2_000_000, abs=42_000)
    assert all(peaks[tenth] > 0.1 for tenth in list(heard)[1:-1])
    assert all(
        peaks[tenth] < 0.05 for tenth in set(range(1, 19)) - set(range(heard.start - 1, heard.stop + 1))
    )


def test_several_tracks_are_mixed(files: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(spec(audio=(files["tone.wav"], files["tone.wav"])), path)

    assert loudness(path)[8] > 0.1


def test_a_failed_clip_leaves_no_file(files: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(OSError, match="cannot identify"):
        write_clip(spec(start=files["tone.wav"]), folder / "clip.mp4")

    assert list(folder.iterdir()) == []


def test_posters_and_previews(tmp_path: Path) -> None:
    write_poster(spec(), tmp_path / "poster.jpg")
    write_poster(spec(), tmp_path / "small.jpg", max_width=160)
    write_preview(spec(), tmp_path / "preview.webp")

    with Image.open(tmp_path / "poster.jpg") as poster, Image.open(tmp_path / "small.jpg") as small:
        assert (poster.format, poster.size, small.size) == ("JPEG", (320, 180), (160, 90))
    with Image.open(tmp_path / "preview.webp") as preview:
        assert (preview.format, getattr(preview, "n_frames", 1)) == ("WEBP", 12)


def test_a_clip_of_the_past_is_made_when_asked_for(api: Api) -> None:
    take = next(row for row in api.get("/generations").json()["data"] if row["asset"])
    answer = api.http.get(take["asset"]["asset"]["url"], timeout=60)

    with av.open(io.BytesIO(answer.content)) as clip:
        assert clip.duration == pytest.approx(take["asset"]["asset"]["duration_ms"] * 1000, abs=42_000)
