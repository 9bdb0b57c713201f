"""Two hundred mutants of each kind of file: none breaks or hangs its reader, none is served as a program."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from generations import uploads
from generations.media.errors import BadMedia
from generations.media.preparer import prepared
from generations.models import Asset
from tests.generations.media_files import clip, encoded, picture, sound

pytestmark = pytest.mark.any_database

MUTANTS = 200
THROUGH_THE_PAGE = 8
LONGEST_S = 5
SERVED = {
    *("image/png", "image/jpeg", "image/webp"),
    *("audio/mpeg", "audio/wav", "audio/mp4", "audio/aac", "audio/ogg", "audio/flac", "audio/webm"),
    *("video/mp4", "video/quicktime", "video/webm"),
}
PROGRAMS = (
    b"<html><script>alert(1)</script>",
    b"<svg onload=alert(1)>",
    b"#EXTM3U\nfile:///etc/passwd\n",
    b"\xff" * 8,
)
Mutation = Callable[[random.Random, bytes], bytes]


def flip(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 20)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def flip_head(chance: random.Random, data: bytes) -> bytes:
    """Where formats keep their lengths and counts."""
    return flip(chance, data[:400]) + data[400:]


def cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(1, len(data))]


def insert(chance: random.Random, data: bytes) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + chance.choice(PROGRAMS) * chance.randint(1, 40) + data[at:]


def repeat(chance: random.Random, data: bytes) -> bytes:
    start = chance.randrange(len(data))
    piece = data[start : start + chance.randint(1, 2000)]
    return data[:start] + piece * chance.randint(2, 30) + data[start:]


def enlarge(chance: random.Random, data: bytes) -> bytes:
    """A number that claims as much as fits."""
    at = chance.randrange(max(1, len(data) - 8))
    value = chance.choice([b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\1", b"\xff" * 8])
    return data[:at] + value + data[at + len(value) :]


MUTATIONS: tuple[Mutation, ...] = (flip, flip_head, cut, insert, repeat, enlarge)


def seeds(kind: str, folder: Path) -> list[bytes]:
    if kind == "image":
        return [encoded(picture((320, 200)), format) for format in ("PNG", "JPEG", "WEBP")]
    if kind == "video":
        forms = (("mp4", "libx264"), ("mov", "libx264"), ("webm", "libvpx"))
        return [
            clip(folder / form, seconds=1, format=form, codec=codec).read_bytes() for form, codec in forms
        ]
    forms = (("mp3", "mp3"), ("wav", "pcm_s16le"), ("ipod", "aac"), ("ogg", "libopus"), ("flac", "flac"))
    return [sound(folder / form, seconds=1, format=form, codec=codec).read_bytes() for form, codec in forms]


def mutants(kind: str, folder: Path, count: int) -> Iterator[bytes]:
    chance, whole = random.Random(f"{kind} 7"), seeds(kind, folder)
    for number in range(count):
        mutate = MUTATIONS[number % len(MUTATIONS)]
        yield mutate(chance, chance.choice(whole))


def outcome(path: Path, folder: Path) -> str:
    """The type as which it would be served."""
    try:
        return str(prepared(path, folder, "mutant")["found"]["content_type"])
    except BadMedia:
        return "refused"


@contextmanager
def bounded(seconds: float, name: str) -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise TimeoutError(f"{name} hangs")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("kind", ["image", "audio", "video"])
def test_a_mutant_is_taken_or_refused_but_never_breaks_its_reader(tmp_path: Path, kind: str) -> None:
    outcomes = set()
    for number, content in enumerate(mutants(kind, tmp_path, MUTANTS)):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / "given"
        path.write_bytes(content)
        with bounded(LONGEST_S, f"mutant {number} of {kind}"):
            outcomes.add(outcome(path, folder))
    assert outcomes - SERVED == {"refused"}
    assert outcomes & SERVED


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["image", "audio", "video"])
def test_a_mutant_is_never_served_as_a_program(
    client: Client, owner: User, tmp_path: Path, kind: str
) -> None:
    for content in mutants(kind, tmp_path, THROUGH_THE_PAGE):
        try:
            uploads.store(owner, SimpleUploadedFile("page.html", content, "text/html"), kind)
        except BadMedia:
            continue
    assert Asset.objects.exists()
    for asset in Asset.objects.all():
        response = client.get(asset.url)
        assert response.headers["Content-Type"] in SERVED
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert not asset.file.name.endswith((".html", ".svg", ".js"))
