"""Logos: strangers' files become small pictures of our own, or the model keeps its letter."""

from __future__ import annotations

import struct
import sys
import zlib
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog import tasks
from catalog.mirror import logos
from catalog.mirror.logo_maker import SIDE
from catalog.models import Account, AIModel, Logo
from catalog.models.logo import digest_of
from tests.catalog.factories import make_model
from tests.catalog.nasty_svg import DOT, DRAWABLE, UNDRAWABLE, heavy_filter, image, local_image, svg
from tests.clients.server import (
    Answer,
    Handler,
    ScriptedServer,
    cut,
    redirect,
    server_error,
    text_answer,
)
from tests.factories import png
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db

GREEN = (0, 170, 0)


def drawing(text: str) -> Answer:
    return lambda handler: handler.send(200, text.encode("latin-1"), {"Content-Type": "image/svg+xml"})


def photo(content: bytes) -> Answer:
    return lambda handler: handler.send(200, content, {"Content-Type": "image/png"})


def with_logo(account: Account, service: ScriptedServer, path: str = "/logo.svg") -> AIModel:
    return make_model(account, logo_url=f"{service.url}{path}")


def run(account: Account) -> int:
    """One round of the worker."""
    logos.link(account)
    return logos.fetch_due(account)


def make_due() -> None:
    Logo.objects.update(due_at=timezone.now())


def logo_of(model: AIModel) -> Logo:
    model.refresh_from_db()
    assert model.logo
    return model.logo


def picture_of(model: AIModel) -> Image.Image:
    with logo_of(model).file.open() as file:
        return Image.open(BytesIO(file.read()))


def tile(model: AIModel) -> str:
    return render_to_string("catalog/_logo.html", {"model": model})


def stored() -> list[str]:
    return default_storage.listdir("logos")[1] if default_storage.exists("logos") else []


# What becomes of a file


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


# Whose logo it is


def test_an_address_of_many_models_is_fetched_once(account: Account, service: ScriptedServer) -> None:
    models = [with_logo(account, service) for _ in range(3)]
    service.will(drawing(svg()))

    assert run(account) == 1

    assert {logo_of(model).pk for model in models} == {Logo.objects.get().pk}
    assert len(service.seen) == 1


def test_nothing_is_fetched_twice_in_a_row(account: Account, service: ScriptedServer) -> None:
    with_logo(account, service)
    service.will(drawing(svg()))

    assert [run(account), run(account)] == [1, 0]
    assert len(service.seen) == 1


def test_what_another_process_is_fetching_is_left_to_it(account: Account, service: ScriptedServer) -> None:
    with_logo(account, service)
    logos.link(account)
    logo = logos.due(account).get()
    Logo.objects.update(due_at=timezone.now() + logos.LEASE)

    assert not logos._claim(logo)
    assert logos.fetch_due(account) == 0


def test_a_fetch_cut_off_by_the_worker_s_end_is_taken_up_later(
    account: Account, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = with_logo(account, service)
    monkeypatch.setattr(logos, "_fetch", lambda *_: None)
    assert run(account) == 1
    assert not logos.due(account)

    logo = logo_of(model)
    assert timezone.now() < logo.due_at <= timezone.now() + logos.LEASE


def test_models_without_an_address_or_no_longer_on_offer_are_passed_over(
    account: Account, service: ScriptedServer
) -> None:
    make_model(account, logo_url="")
    make_model(account, logo_url=f"{service.url}/old.svg", retired_at=timezone.now())

    assert run(account) == 0
    assert not Logo.objects.exists()


def test_a_new_address_brings_a_new_logo_and_the_old_file_goes(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), photo(png()))
    run(account)
    before = stored()

    AIModel.objects.update(logo_url=f"{service.url}/new.png")
    run(account)

    assert logo_of(model).url == f"{service.url}/new.png"
    assert Logo.objects.count() == len(stored()) == 1
    assert stored() != before


def test_an_address_that_vanishes_takes_the_logo_along(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)

    AIModel.objects.update(logo_url="")
    logos.link(account)

    model.refresh_from_db()
    assert (model.logo, Logo.objects.count(), stored()) == (None, 0, [])


def test_a_shared_logo_stays_while_one_model_has_it(account: Account, service: ScriptedServer) -> None:
    first, second = with_logo(account, service), with_logo(account, service)
    service.will(drawing(svg()))
    run(account)

    AIModel.objects.filter(pk=first.pk).update(logo_url="")
    logos.link(account)

    assert logo_of(second).file
    assert len(stored()) == 1


def test_a_retired_model_keeps_its_logo(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)

    AIModel.objects.update(retired_at=timezone.now())
    make_due()

    assert run(account) == 0
    assert logo_of(model).file


def test_the_same_picture_at_two_addresses_is_two_files(account: Account, service: ScriptedServer) -> None:
    first, second = with_logo(account, service, "/a.svg"), with_logo(account, service, "/b.svg")
    service.will(drawing(svg()), drawing(svg()))
    run(account)

    AIModel.objects.filter(pk=first.pk).update(logo_url="")
    logos.link(account)

    assert picture_of(second)


def test_the_list_in_memory_learns_of_a_logo_and_of_nothing_else(
    account: Account, service: ScriptedServer
) -> None:
    def revision() -> int:
        account.refresh_from_db()
        return account.revision

    with_logo(account, service)
    logos.link(account)
    linked = revision()
    service.will(drawing(svg()), drawing(svg()))
    logos.fetch_due(account)
    assert revision() > linked

    fetched = revision()
    make_due()
    assert run(account) == 1
    assert revision() == fetched


# When it is fetched again


def test_a_good_logo_is_looked_at_again_after_a_week(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)
    logo = logo_of(model)

    assert logo.fetched_at
    assert logo.due_at - logo.fetched_at == timedelta(days=7)


def test_another_picture_at_the_same_address_replaces_the_file(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), drawing(svg(DOT.replace("#0a0", "#00a"))))
    run(account)
    before = logo_of(model).src
    make_due()
    run(account)

    assert logo_of(model).src != before
    assert len(stored()) == 1


def test_failures_pause_for_longer_each_time(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    pauses = []
    for _ in range(8):
        service.will(text_answer("gone", 404))
        make_due()
        run(account)
        pauses.append(logo_of(model).due_at - timezone.now())

    days = [round(pause / timedelta(days=1)) for pause in pauses]
    assert days == [1, 2, 4, 8, 16, 30, 30, 30]
    assert logo_of(model).error == "There is no picture at its address."


@pytest.mark.parametrize("answer", [server_error(503), cut])
def test_a_server_that_is_down_is_tried_again_soon(
    account: Account, service: ScriptedServer, answer: Answer
) -> None:
    model = with_logo(account, service)
    service.will(answer)
    run(account)

    assert logo_of(model).due_at < timezone.now() + timedelta(minutes=11)


def test_a_picture_outlives_a_failure(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), text_answer("gone", 404), drawing(svg()))
    run(account)
    make_due()
    run(account)

    assert logo_of(model).error
    assert picture_of(model)

    make_due()
    run(account)
    assert (logo_of(model).error, logo_of(model).failures) == ("", 0)


def test_a_lost_file_comes_back(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), drawing(svg()))
    run(account)
    default_storage.delete(logo_of(model).file.name)
    make_due()
    run(account)

    assert picture_of(model)


def test_a_file_cut_off_while_it_was_written_is_written_anew(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), drawing(svg()))
    run(account)
    Path(logo_of(model).file.path).write_bytes(b"\x89PNG")
    make_due()
    run(account)

    assert picture_of(model).size == (SIDE, SIDE)


def test_an_address_that_leads_into_a_private_network_is_not_followed(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    service.will(redirect("https://169.254.169.254/latest/meta-data/"))
    run(account)

    assert "doesn't follow" in logo_of(model).error


def test_a_logo_that_is_forgotten_while_it_is_fetched_leaves_no_file(
    account: Account, service: ScriptedServer
) -> None:
    model = with_logo(account, service)
    logos.link(account)
    logo = logo_of(model)
    Logo.objects.all().delete()

    logos._keep(logo, logos._Answer(png()))

    assert stored() == []


def test_a_run_leaves_the_rest_for_the_next_one(
    account: Account, service: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logos, "RUN_S", -1)
    with_logo(account, service)

    assert run(account) == 0
    assert logos.due(account).count() == 1


def test_the_worker_fetches_in_a_task_of_its_own(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    logos.link(account)
    service.will(drawing(svg()))

    tasks.fetch_logos.call_local(account.pk)

    assert picture_of(model)


def test_a_service_that_is_no_longer_connected_is_left_alone(
    account: Account, service: ScriptedServer, settings: Settings
) -> None:
    other = Account.objects.create(service="hoox", fingerprint="gone")
    make_model(other, logo_url=f"{service.url}/logo.svg")
    settings.HOOX_KEY = ""

    assert run(other) == 0


def test_every_logo_of_the_sandbox_can_be_drawn(studio: Studio) -> None:
    account = Account.objects.current()

    run(account)

    with_address = AIModel.objects.filter(account=account).exclude(logo_url="")
    assert with_address.exists()
    assert not with_address.filter(logo=None).exists()
    assert not Logo.objects.filter(file="").exists(), list(Logo.objects.values("url", "error"))


# The page


def test_it_is_served_as_a_picture_of_ours(
    account: Account,
    service: ScriptedServer,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)
    src = logo_of(model).src
    client.get(src)  # makes the local owner

    with django_assert_num_queries(2):  # who asks, and the logo
        response = client.get(src)

    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, max-age=2592000"
    assert client.get(src, headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_an_unknown_or_unfetched_logo_is_not_found(
    account: Account, service: ScriptedServer, client: Client
) -> None:
    model = with_logo(account, service)
    logos.link(account)

    assert client.get(f"/catalog/logos/{digest_of(model.logo_url)}/").status_code == 404
    assert client.get(f"/catalog/logos/{'0' * 64}/").status_code == 404


def test_a_lost_file_is_not_found(account: Account, service: ScriptedServer, client: Client) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)
    default_storage.delete(logo_of(model).file.name)

    assert client.get(logo_of(model).src).status_code == 404


def test_a_lost_file_is_fetched_again_once_somebody_misses_it(
    account: Account, service: ScriptedServer, client: Client
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), drawing(svg()))
    run(account)
    default_storage.delete(logo_of(model).file.name)

    client.get(logo_of(model).src)

    assert run(account) == 1
    assert picture_of(model)


def test_a_lost_file_that_can_not_be_had_waits_its_time(
    account: Account, service: ScriptedServer, client: Client
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), text_answer("gone", 404))
    run(account)
    default_storage.delete(logo_of(model).file.name)
    make_due()
    run(account)

    client.get(logo_of(model).src)

    assert run(account) == 0


def test_a_lost_file_that_is_being_fetched_is_left_to_it(
    account: Account, service: ScriptedServer, client: Client
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)
    default_storage.delete(logo_of(model).file.name)
    make_due()
    assert logos._claim(logo_of(model))

    client.get(logo_of(model).src)

    assert run(account) == 0


def test_a_page_never_links_to_the_service(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    assert tile(model) == '<span class="logo logo-xai" aria-hidden="true">G</span>'

    run(account)

    logo_of(model)
    assert service.url not in tile(model)
    assert f'src="/catalog/logos/{digest_of(model.logo_url)}/?v=' in tile(model)


def test_a_list_needs_no_query_per_logo(
    account: Account, service: ScriptedServer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        with_logo(account, service)
    service.will(drawing(svg()))
    run(account)

    with django_assert_num_queries(1):
        for model in AIModel.objects.select_related("logo"):
            assert "<img" in tile(model)
