"""Strangers' files become small pictures of our own, or the model keeps its letter."""

from __future__ import annotations

import struct
import sys
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from catalog.mirror import logos
from catalog.mirror.logo_maker import SIDE
from catalog.models import Account
from tests.catalog.logo_helpers import (
    GREEN,
    drawing,
    logo_of,
    photo,
    picture_of,
    run,
    stored,
    tile,
    with_logo,
)
from tests.catalog.nasty_svg import DRAWABLE, UNDRAWABLE, heavy_filter, image, local_image, svg
from tests.clients.server import (
    Handler,
    ScriptedServer,
)
from tests.factories import png

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def test_a_drawing_becomes_a_small_picture(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))

    assert run(account) == 1

    picture = picture_of(model)
    assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (SIDE, SIDE))
    assert picture.getpixel((SIDE // 2, SIDE // 2)) == (*GREEN, 255)
    assert picture.getpixel((0, 0)) == (0, 0, 0, 0)


def test_a_wide_drawing_keeps_its_shape(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg('<rect width="40" height="10" fill="#0a0"/>', size='viewBox="0 0 40 10"')))

    run(account)

    assert picture_of(model).getbbox() == (0, 36, 96, 60)


@pytest.mark.parametrize("said", ["text/xml", "application/xml; charset=utf-8", "text/plain", ""])
def test_a_drawing_is_known_by_its_content(account: Account, service: ScriptedServer, said: str) -> None:
    model = with_logo(account, service)
    service.will(lambda handler: handler.send(200, svg().encode(), {"Content-Type": said}))

    run(account)

    assert picture_of(model).getbbox()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(16, 16), (400, 100), (30, 600)])
def test_a_photo_becomes_a_small_picture_too(
    account: Account, service: ScriptedServer, format: str, size: tuple[int, int]
) -> None:
    out = BytesIO()
    Image.new("RGB", size, "#b45309").save(out, format)
    model = with_logo(account, service)
    service.will(photo(out.getvalue()))

    run(account)

    picture = picture_of(model)
    assert (picture.format, picture.size) == ("PNG", (SIDE, SIDE))
    left, top, right, bottom = picture.getbbox() or (0, 0, 0, 0)
    assert (right - left) / (bottom - top) == pytest.approx(size[0] / size[1], rel=0.1)


@pytest.mark.parametrize("text", DRAWABLE.values(), ids=DRAWABLE)
def test_what_is_odd_but_can_be_drawn_is_drawn(account: Account, service: ScriptedServer, text: str) -> None:
    model = with_logo(account, service)
    service.will(drawing(text))

    run(account)

    assert picture_of(model).getbbox()
    assert len(service.seen) == 1


@pytest.mark.parametrize("text", UNDRAWABLE.values(), ids=UNDRAWABLE)
def test_what_can_not_be_drawn_leaves_the_letter(
    account: Account, service: ScriptedServer, text: str
) -> None:
    model = with_logo(account, service)
    service.will(drawing(text))

    run(account)

    assert logo_of(model).error == logos.UNDRAWABLE
    assert "<img" not in tile(model)


@pytest.mark.slow
def test_what_takes_minutes_is_ended(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(heavy_filter()))

    run(account)

    assert logo_of(model).error == logos.UNDRAWABLE


def test_a_drawing_can_not_show_files_of_this_machine(
    account: Account, service: ScriptedServer, tmp_path: Path
) -> None:
    model = with_logo(account, service)
    service.will(drawing(local_image(tmp_path)))

    run(account)

    assert logo_of(model).error == logos.UNDRAWABLE


def test_a_drawing_can_not_make_us_call_anybody(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(image(f"{service.url}/tracker.png")), photo(png()))

    run(account)

    assert logo_of(model).error == logos.UNDRAWABLE
    assert [seen.path for seen in service.seen] == ["/logo.svg"]


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be so large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = zlib.compress(bytes(10_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("content", [bomb(5000, 5000), bomb(100_000, 100_000), png()[:60], b"\xff\xd8\xff"])
def test_a_photo_that_is_a_bomb_or_damaged_leaves_the_letter(
    account: Account, service: ScriptedServer, content: bytes
) -> None:
    model = with_logo(account, service)
    service.will(photo(content))

    run(account)

    assert logo_of(model).error == logos.UNDRAWABLE


def drip(handler: Handler) -> None:
    """Headers without an end, each byte well within the time that a read may take."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    while not handler.server.over.wait(0.05):
        handler.wfile.write(b"x")


def test_a_server_that_never_comes_to_the_point_is_left(
    account: Account, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = "from catalog.mirror import logo_maker; logo_maker.DEADLINE_S = 2; logo_maker.main()"
    monkeypatch.setattr(logos, "MAKER", [sys.executable, "-c", hasty])
    model = with_logo(account, service)
    service.will(drip)

    run(account)

    assert logo_of(model).error == logos.TOO_SLOW


def test_the_maker_knows_no_key(
    account: Account, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEDRA_API_KEY", "sk_hedra_4f1c9e7ab2d8466f")
    telltale = "import os, json; print(json.dumps({'error': ' '.join(os.environ), 'passing': False}))"
    monkeypatch.setattr(logos, "MAKER", [sys.executable, "-c", telltale])
    model = with_logo(account, service)

    run(account)

    assert "PATH" in logo_of(model).error
    assert "HEDRA" not in logo_of(model).error


@pytest.mark.parametrize(
    "answer",
    [
        '{"picture": "PGh0bWw+", "is_light": false}',
        '{"picture": "iVBORw0KGgo="}',
        '{"picture": "x", "is_light": false}',
        '{"picture": [1], "is_light": false}',
        '{"is_light": true}',
        '{"error": {}}',
        "{}",
        '["error"]',
        "null",
        '{"picture": ',
        "",
    ],
)
def test_an_answer_that_is_no_picture_is_not_kept(
    account: Account, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(logos, "MAKER", [sys.executable, "-c", f"print({answer!r})"])
    model = with_logo(account, service)

    run(account)

    assert (logo_of(model).error, stored()) == (logos.UNDRAWABLE, [])


@pytest.mark.parametrize(
    ("colour", "is_light"), [("#fff", True), ("#f5d90a", True), ("#000", False), ("#2563eb", False)]
)
def test_light_ink_gets_a_dark_ground(
    account: Account, service: ScriptedServer, colour: str, is_light: bool
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg(f'<circle cx="5" cy="5" r="3" fill="{colour}"/>')))

    run(account)

    assert logo_of(model).is_light is is_light
    assert ("is-light" in tile(model)) is is_light
