"""Uploads into the slots of a shot in a real browser: several at once, refused, cancelled, sent again."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, Route, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from generations.models import Asset
from hedra_studio.middleware import MOST_OF_STRANGERS
from tests.factories import png

from .inputs import is_upload_of, open_form, slot, values

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_several_uploads_the_failed_one_is_sent_again_alone(
    page: Page, live_server: LiveServer, referrer: AIModel, pictures: list[Path]
) -> None:
    sent: list[str] = []
    cut = ["frame-1.png"]

    def meet(route: Route) -> None:
        name = next(path.name for path in pictures if is_upload_of(path.name, route.request))
        sent.append(name)
        if name in cut:
            cut.remove(name)
            route.abort()
        else:
            route.continue_()

    page.route("**/assets/", meet)
    open_form(page, live_server, referrer)
    images = slot(page, "reference_image")
    images.locator("input[type=file]").set_input_files(pictures[:3])
    expect(images.locator(".slot-item")).to_have_count(2)
    row = images.locator(".slot-upload", has_text="frame-1.png")
    expect(row).to_contain_text("can’t be reached")
    expect(images.locator(".slot-upload")).to_have_count(1)
    row.get_by_role("button", name="Try again").click()
    expect(images.locator(".slot-item")).to_have_count(3)
    expect(images.locator(".slot-upload")).to_have_count(0)
    assert sorted(sent) == ["frame-0.png", "frame-1.png", "frame-1.png", "frame-2.png"]
    assert len(values(page, "reference_image")) == 3


def test_uploads_into_one_slot_all_stay_whatever_comes_first(
    page: Page, live_server: LiveServer, referrer: AIModel, pictures: list[Path]
) -> None:
    """The answer to the first is held back until the others are in."""
    held: list[Route] = []

    def meet(route: Route) -> None:
        if is_upload_of("frame-0.png", route.request):
            held.append(route)
        else:
            route.continue_()

    page.route("**/assets/", meet)
    open_form(page, live_server, referrer)
    images = slot(page, "reference_image")
    images.locator("input[type=file]").set_input_files(pictures)
    expect(images.locator(".slot-item")).to_have_count(3)
    held[0].continue_()
    expect(images.locator(".slot-item")).to_have_count(4)
    expect(images.locator("input[type=file]")).to_have_count(0)  # it is full
    names = images.locator(".slot-item").all_inner_texts()
    assert [name.split()[0] for name in names] == [path.name for path in pictures]


def test_an_upload_survives_what_is_redrawn_around_it_and_can_be_cancelled(
    page: Page, live_server: LiveServer, referrer: AIModel, pictures: list[Path]
) -> None:
    page.route("**/assets/", lambda route: None)  # never answered
    open_form(page, live_server, referrer)
    images = slot(page, "reference_image")
    images.locator("input[type=file]").set_input_files(pictures[:1])
    expect(images.locator(".slot-upload")).to_have_count(1)
    with page.expect_response("**/create/panel/"):
        page.evaluate("() => htmx.trigger(document.getElementById('id_model'), 'retry')")
    expect(images.locator(".slot-upload")).to_have_count(1)
    page.get_by_label("Prompt", exact=True).fill("A fox")
    page.get_by_role("button", name="Generate").click()
    expect(images.get_by_role("alert").filter(has_text="Wait until this has arrived")).to_be_visible()
    images.get_by_role("button", name="Cancel frame-0.png").click()
    expect(images.locator(".slot-upload")).to_have_count(0)
    assert not Asset.objects.exists()


@pytest.mark.parametrize("size", [1000, MOST_OF_STRANGERS])
def test_who_was_signed_out_is_told_so(
    page: Page,
    live_server: LiveServer,
    referrer: AIModel,
    settings: Settings,
    client: Client,
    owner: User,
    tmp_path: Path,
    size: int,
) -> None:
    settings.SOLO = False
    client.force_login(owner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
    open_form(page, live_server, referrer)
    page.context.clear_cookies(name=name)
    page.route("**/create/price/", lambda route: route.abort())  # it would lead to the sign-in by itself
    file = tmp_path / "fox.png"
    file.write_bytes(png(320, 180) + bytes(size))
    images = slot(page, "reference_image")
    images.locator("input[type=file]").set_input_files(file)
    expect(images.locator(".slot-upload")).to_contain_text("You were signed out. Reload, then sign in.")
    assert not Asset.objects.exists()


def test_what_can_be_told_before_is_refused_before(
    page: Page, live_server: LiveServer, referrer: AIModel, tmp_path: Path
) -> None:
    small, note = tmp_path / "small.png", tmp_path / "note.txt"
    small.write_bytes(png(40, 40))
    note.write_text("no picture")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    open_form(page, live_server, referrer)
    images = slot(page, "reference_image")
    images.locator("input[type=file]").set_input_files([small, note])
    expect(images.locator(".slot-upload", has_text="small.png")).to_contain_text(
        "40 px; the model needs 50 px"
    )
    expect(images.locator(".slot-upload", has_text="note.txt")).to_contain_text("not an image file")
    assert not [url for url in sent if url.endswith("/assets/")]


def test_more_files_than_fit_are_said_to_be_too_many(
    page: Page, live_server: LiveServer, referrer: AIModel, pictures: list[Path], tmp_path: Path
) -> None:
    fifth = tmp_path / "frame-5.png"
    fifth.write_bytes(png(99, 99))
    open_form(page, live_server, referrer)
    images = slot(page, "reference_image")
    images.locator("input[type=file]").set_input_files([*pictures, fifth])
    expect(images.locator(".slot-upload", has_text="frame-5.png")).to_contain_text("Up to 4 files fit here")
    expect(images.locator(".slot-item")).to_have_count(4, timeout=20_000)


def test_one_of_several_is_taken_out(
    page: Page, live_server: LiveServer, referrer: AIModel, pictures: list[Path]
) -> None:
    open_form(page, live_server, referrer)
    images = slot(page, "reference_image")
    images.locator("input[type=file]").set_input_files(pictures[:2])
    expect(images.locator(".slot-item")).to_have_count(2)
    kept = Asset.objects.get(name="frame-1.png")
    with page.expect_response("**/create/price/"):
        images.get_by_role("button", name="Remove frame-0.png").click()
        expect(images.locator(".slot-item")).to_have_count(1)
    assert values(page, "reference_image") == [str(kept.pk)]
