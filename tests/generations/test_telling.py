"""Files carry their story on download: written on the way out, read back by other programs, the stored file
as it was."""

from __future__ import annotations

import io
import json
import struct
import wave
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from generations.models import Generation
from generations.telling.sending import CannotSilence, silent, told
from generations.telling.splice import Blank, Slice, Spliced
from generations.telling.story import story_of
from tests.factories import make_take, mp4, png, wav
from tests.generations import media_files

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

PROMPT = "Füchse im Schnee 🦊\nzweite Zeile"
Made = Callable[[Path], bytes]


def film(**options: Any) -> Made:
    return lambda folder: media_files.clip(folder / "clip", seconds=0.5, **options).read_bytes()


def tune(folder: Path) -> bytes:
    return media_files.sound(folder / "tune.mp3", seconds=0.5, title="Of the service").read_bytes()


def bare_tune(folder: Path) -> bytes:
    """Without a tag in front."""
    content = tune(folder)
    return content[10 + sum((byte & 0x7F) << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0))) :]  # noqa: B905


FILMS: dict[str, Made] = {
    "index first": film(),
    "index last": film(faststart=False),
    "QuickTime": film(format="mov"),
}
SOUNDS: dict[str, Made] = {"wav": lambda _: wav(0.5), "mp3": tune, "mp3 without a tag": bare_tune}
PICTURES: dict[str, Made] = {
    "png": lambda _: png(),
    "jpeg": lambda _: media_files.encoded(media_files.picture(), "JPEG", comment=b"of the service"),
}
EVERY = FILMS | SOUNDS | PICTURES
AS_IT_IS: dict[str, bytes] = {
    "nothing": b"",
    "no film": b"\0\0\0\x18ftypisom and nothing more",
    "cut film": b"\0\0\0\x10ftypisom\0\0\0\0\0\0\xff\xffmoov",
    "cut PNG": png()[:50],
    "cut WAV": wav(0.1)[:100],
    "no MP3": b"ID3\x04\0\0\0\0\0\x04\0\0\0\0 no sound",
    "a GIF": b"GIF89a",
}


def kept(owner: User, content: bytes, **fields: Any) -> Generation:
    name = default_storage.save("takes/result.bin", ContentFile(content))
    return make_take(owner, **{"prompt": PROMPT, "resolution": "720p"} | fields, result=name)


def fetched(client: Client, take: Generation, query: str = "?download=1", **headers: str) -> Any:
    return client.get(f"{take.result_url}{query}", headers=headers)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def opened(content: bytes) -> Any:
    return av.open(io.BytesIO(content))


def frames(content: bytes) -> Iterator[bytes]:
    with opened(content) as box:
        for frame in box.decode(box.streams[0]):
            yield frame.to_image().tobytes() if box.streams.video else b"".join(map(bytes, frame.planes))


def tags(content: bytes) -> dict[str, str]:
    with opened(content) as box:
        return dict(box.metadata)


@pytest.mark.parametrize("name", FILMS | SOUNDS)
def test_films_and_sounds_play_alike_and_tell_their_story(
    client: Client, owner: User, tmp_path: Path, name: str
) -> None:
    content = EVERY[name](tmp_path)
    take = kept(owner, content)

    sent = body(fetched(client, take))

    assert sent != content
    assert list(frames(sent)) == list(frames(content))
    found = tags(sent)
    assert found["title"] == PROMPT
    facts = json.loads(found["comment"])
    assert facts["prompt"] == PROMPT
    assert facts["model"] == "Grok Video T2V"
    assert facts["settings"]["resolution"] == "720p"
    assert facts["ids"]["generation"] == str(take.remote_id)
    with default_storage.open(take.result.name) as file:
        assert file.read() == content


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_look_alike_and_tell_their_story(
    client: Client, owner: User, tmp_path: Path, name: str
) -> None:
    content = PICTURES[name](tmp_path)
    sent = body(fetched(client, kept(owner, content)))
    with Image.open(io.BytesIO(sent)) as image, Image.open(io.BytesIO(content)) as before:
        assert image.tobytes() == before.tobytes()
        comment = image.info.get("Comment") or image.info["comment"].decode()
        assert json.loads(comment)["prompt"] == PROMPT
        assert image.info.get("Title", PROMPT) == PROMPT


def test_a_story_is_one_row(
    client: Client, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    take = kept(owner, png())
    with django_assert_num_queries(2):  # who asks, and the take
        fetched(client, take)


def test_a_wave_opens_where_only_waves_do(client: Client, owner: User) -> None:
    content = wav(0.5)
    sent = body(fetched(client, kept(owner, content)))
    with wave.open(io.BytesIO(sent)) as after, wave.open(io.BytesIO(content)) as before:
        assert after.readframes(100_000) == before.readframes(100_000)
    assert int.from_bytes(sent[4:8], "little") == len(sent) - 8


@pytest.mark.parametrize("name", EVERY)
def test_lengths_and_ranges_are_those_of_what_is_sent(
    client: Client, owner: User, tmp_path: Path, name: str
) -> None:
    take = kept(owner, EVERY[name](tmp_path))
    whole = fetched(client, take)
    content = body(whole)
    assert int(whole["Content-Length"]) == len(content)
    for first, last in ((0, 0), (10, 400), (len(content) - 300, len(content) - 1)):
        part = fetched(client, take, Range=f"bytes={first}-{last}")
        assert part["Content-Range"] == f"bytes {first}-{last}/{len(content)}"
        assert body(part) == content[first : last + 1]
    assert fetched(client, take, **{"If-None-Match": whole["ETag"]}).status_code == 304
    assert fetched(client, take, "?download=1&clean=1")["ETag"] != whole["ETag"]


@pytest.mark.parametrize("name", EVERY)
def test_a_clean_export_is_the_file_as_it_came(
    client: Client, owner: User, tmp_path: Path, name: str
) -> None:
    content = EVERY[name](tmp_path)
    take = kept(owner, content)
    assert body(fetched(client, take, "?download=1&clean=1")) == content
    assert body(fetched(client, take, "")) == content


@pytest.mark.parametrize("name", EVERY)
def test_the_choice_holds_for_links_that_were_there_before(
    client: Client, owner: User, tmp_path: Path, name: str
) -> None:
    """On cards behind the sheet, and in other tabs; and what was fetched before isn't taken for it."""
    content = EVERY[name](tmp_path)
    take = kept(owner, content)
    before = fetched(client, take)
    assert before["Cache-Control"] == "private, max-age=0"
    client.post("/gallery/downloads/", {"clean": "1"})
    assert body(fetched(client, take, **{"If-None-Match": before["ETag"]})) == content
    client.post("/gallery/downloads/", {"clean": "0"})
    assert fetched(client, take, **{"If-None-Match": before["ETag"]}).status_code == 304


@pytest.mark.parametrize("name", AS_IT_IS)
def test_what_is_not_as_expected_is_sent_as_it_is(client: Client, owner: User, name: str) -> None:
    assert body(fetched(client, kept(owner, AS_IT_IS[name]))) == AS_IT_IS[name]


def test_a_film_that_comes_piece_by_piece_is_sent_as_it_is(
    client: Client, owner: User, tmp_path: Path
) -> None:
    path = tmp_path / "pieces.mp4"
    with av.open(str(path), "w", format="mp4", options={"movflags": "frag_keyframe+empty_moov"}) as box:
        stream: Any = box.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(5):
            box.mux(stream.encode(av.VideoFrame.from_image(media_files.picture())))  # type: ignore[no-untyped-call]
        box.mux(stream.encode())
    content = path.read_bytes()
    assert body(fetched(client, kept(owner, content))) == content


def test_a_file_that_has_gone_is_not_found(client: Client, owner: User) -> None:
    take = kept(owner, png())
    default_storage.delete(take.result.name)
    assert fetched(client, take).status_code == 404


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=15)
@given(prompt=st.text(max_size=200) | st.sampled_from(["x" * 100_000, "🦊" * 40_000, "\n\r\n", "a\0b"]))
def test_any_prompt_can_be_told(owner: User, tmp_path: Path, name: str, prompt: str) -> None:
    content = EVERY[name](tmp_path)
    take = kept(owner, content)
    take.prompt = prompt
    sent = told(take)
    whole = b"".join(sent.part(0, sent.size - 1))
    assert len(whole) == sent.size
    story = story_of(take)
    if name in PICTURES:
        with Image.open(io.BytesIO(whole)) as image:
            image.load()
            comment = image.info.get("Comment") or image.info["comment"].decode()
    else:
        comment = tags(whole)["comment"]
        assert next(frames(whole)) == next(frames(content))
    assert comment == story.comment
    assert json.loads(comment)["model"] == "Grok Video T2V"


def test_the_story_never_holds_the_request_itself(owner: User) -> None:
    take = kept(owner, png(), body={"type": "image", "text_prompt": "x", "webhook_url": "https://secret"})
    assert "secret" not in story_of(take).comment


SECRET = "a secret of the service"


def webp(_: Path) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    return media_files.encoded(media_files.picture(), "WEBP", lossless=True, exif=exif)


def still(format: str) -> Made:
    def make(_: Path) -> bytes:
        exif = Image.Exif()
        exif[0x010E] = SECRET
        return media_files.encoded(media_files.picture(), format, exif=exif)

    return make


def tagged(codec: str, format: str) -> Made:
    def make(folder: Path) -> bytes:
        path = folder / f"tagged.{format}"
        return media_files.sound(path, seconds=0.5, codec=codec, format=format, title=SECRET).read_bytes()

    return make


TELLING: dict[str, Made] = {
    "png": still("PNG"),
    "jpeg": still("JPEG"),
    "webp": webp,
    "mp3": tagged("mp3", "mp3"),
    "wav": tagged("pcm_s16le", "wav"),
    "flac": tagged("flac", "flac"),
    "webm": tagged("libopus", "webm"),
    "mp4": tagged("aac", "mp4"),
}


@pytest.mark.parametrize("name", TELLING)
def test_a_silent_file_tells_nothing_and_plays_alike(owner: User, tmp_path: Path, name: str) -> None:
    content = TELLING[name](tmp_path)
    assert SECRET.encode() in content
    sent = silent(kept(owner, content).result)
    whole = b"".join(sent.part(0, sent.size - 1))
    assert len(whole) == sent.size
    assert SECRET.encode() not in whole
    assert "takes" not in sent.tag
    if name in ("png", "jpeg", "webp"):
        with Image.open(io.BytesIO(whole)) as image, Image.open(io.BytesIO(content)) as before:
            assert image.tobytes() == before.tobytes()
    else:
        assert list(frames(whole)) == list(frames(content))


@pytest.mark.parametrize("name", EVERY)
def test_a_file_with_our_story_is_silenced_too(owner: User, tmp_path: Path, name: str) -> None:
    take = kept(owner, EVERY[name](tmp_path), prompt="Secretive")
    sent = told(take)
    again = silent(kept(owner, b"".join(sent.part(0, sent.size - 1))).result)
    whole = b"".join(again.part(0, again.size - 1))
    assert b"Secretive" not in whole
    assert "Secretive".encode("utf-16-le") not in whole


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def piece(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def plain(format: str) -> bytes:
    return media_files.encoded(media_files.picture(), format)


def streamed_wav(told: bytes) -> bytes:
    """Whoever wrote it did not know how long it would be."""
    content, endless = wav(0.2), b"\xff" * 4
    return b"RIFF" + endless + content[8:36] + piece(b"LIST", told) + b"data" + endless + content[44:]


def wav_behind_its_end(told: bytes) -> bytes:
    return wav(0.2) + piece(b"LIST", told)


def webp_with(told: bytes) -> bytes:
    content = plain("WEBP") + piece(b"C2PA", told)
    return b"RIFF" + struct.pack("<I", len(content) - 8) + content[8:]


def jpeg_with(told: bytes) -> bytes:
    """Bytes that only fill, before and behind a comment and a part of another program."""
    content, length = plain("JPEG"), struct.pack(">H", len(told) + 2)
    parts = b"".join(b"\xff\xff\xff" + marker + length + told for marker in (b"\xfe", b"\xeb", b"\xe2"))
    return content[:2] + parts + b"\xff" + content[2:]


UNUSUAL: dict[str, Callable[[bytes], bytes]] = {
    "PNG behind its end": lambda told: png()[:33] + chunk(b"tEXt", told) + png()[33:] + told,
    "PNG with a signed claim": lambda told: png()[:33] + chunk(b"caBX", told) + png()[33:],
    "JPEG that is filled up": jpeg_with,
    "JPEG behind its end": lambda told: plain("JPEG") + told,
    "WAV that was streamed": streamed_wav,
    "WAV behind its end": wav_behind_its_end,
    "WAV with junk": lambda told: (
        (b"RIFF" + struct.pack("<I", len(wav(0.2) + piece(b"JUNK", told)) - 8) + wav(0.2)[8:])
        + piece(b"JUNK", told)
    ),
    "WebP with a signed claim": webp_with,
    "WebP behind its end": lambda told: plain("WEBP") + told,
    "film behind its end": lambda told: mp4() + told,
    "film with another box": lambda told: mp4() + struct.pack(">I", len(told) + 8) + b"skip" + told,
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_an_unusual_file_is_silent_too(owner: User, name: str) -> None:
    content = UNUSUAL[name](SECRET.encode())
    sent = silent(kept(owner, content).result)
    whole = b"".join(sent.part(0, sent.size - 1))
    assert len(whole) == sent.size
    assert SECRET.encode() not in whole
    if name.startswith(("PNG", "JPEG", "WebP")):
        with Image.open(io.BytesIO(whole)) as image, Image.open(io.BytesIO(content)) as before:
            assert image.tobytes() == before.tobytes()
    else:
        assert list(frames(whole)) == list(frames(mp4() if "film" in name else wav(0.2)))


@pytest.mark.parametrize("name", [*AS_IT_IS, "a sound of another kind", "a JPEG without an end"])
def test_what_nobody_can_silence_goes_to_nobody(owner: User, name: str) -> None:
    others = {"a sound of another kind": b"OggS" + bytes(100), "a JPEG without an end": plain("JPEG")[:-2]}
    content = (AS_IT_IS | others)[name]
    if name == "cut WAV":
        content = content[:40]  # shorter still: of sound that breaks off, what there is can be heard
    if name == "no MP3":
        content = b"ID3\x04\0\0\0\0\0\x04\0\0\0\0"
    with pytest.raises(CannotSilence):
        silent(kept(owner, content).result)


def test_slices_are_opened_one_after_the_other() -> None:
    """Each is a request of its own to a bucket; the first tells whether there is a file at all."""
    opened = list[int]()

    class Source:
        name, tag, size = "clip", "clip", 100

        def part(self, first: int, last: int) -> Iterator[bytes]:
            opened.append(first)
            return iter([bytes(last + 1 - first)])

    parts = Spliced(Source(), [b"a", Slice(0, 10), Blank(2), Slice(20, 30), b"z"]).part(0, 23)
    assert opened == [0]
    assert b"".join(parts) == b"a" + bytes(22) + b"z"
    assert opened == [0, 20]
