"""An answer about one slot that comes late never lands in another, for which the dialog is open by then."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from generations import uploads
from generations.models import Asset
from tests.e2e.inputs import open_form, slot
from tests.factories import make_model, make_take, png

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model(owner: User) -> AIModel:
    return make_model(name="From two frames", requires_start_frame=True, requires_end_frame=True)


@pytest.fixture
def frames(owner: User) -> list[Asset]:
    return [
        uploads.store(owner, SimpleUploadedFile(f"{name}.png", png(1600, 900, colour)), "image")
        for name, colour in (("start", "#b45309"), ("end", "#0369a1"))
    ]


def held_by(page: Page, role: str) -> list[str]:
    return [str(field.input_value()) for field in slot(page, role).locator(f"input[name={role}]").all()]


def withhold(page: Page, pattern: str) -> list[Route]:
    """The first request of this address waits in the list; later ones go on."""
    waiting: list[Route] = []
    page.route(pattern, lambda route: route.continue_() if waiting else waiting.append(route))
    return waiting


def test_a_late_crop_is_not_put_into_another_slot(
    page: Page, live_server: LiveServer, model: AIModel, frames: list[Asset]
) -> None:
    start, end = frames
    open_form(page, live_server, model, f"&start_frame={start.pk}&end_frame={end.pk}&aspect_ratio=9:16")
    waiting = withhold(page, "**/crop/")
    slot(page, "start_frame").get_by_role("button", name="Crop to 9:16").click()
    with page.expect_request("**/crop/"):
        page.get_by_role("button", name="Crop", exact=True).click()
    page.keyboard.press("Escape")
    slot(page, "end_frame").get_by_role("button", name="Crop to 9:16").click()
    with page.expect_response("**/crop/"):
        waiting[0].continue_()
    page.get_by_role("button", name="Crop", exact=True).click()
    expect(slot(page, "end_frame")).to_contain_text("506 × 900")
    assert held_by(page, "end_frame") == [str(Asset.objects.get(cropped_from=end).pk)]
    assert held_by(page, "start_frame") == [str(start.pk)]


def test_a_late_take_goes_into_the_slot_it_was_picked_for(
    page: Page, live_server: LiveServer, model: AIModel, owner: User
) -> None:
    name = default_storage.save("takes/still.png", ContentFile(png(320, 180)))
    make_take(
        owner, type="image", prompt="A blue wall", result=name, poster=name, content_type="image/png",
        size=100, width=320, height=180,
    )  # fmt: skip
    open_form(page, live_server, model)
    waiting = withhold(page, "**/library/pick/")
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    page.get_by_role("dialog").get_by_role("link", name="Takes").click()
    with page.expect_request("**/library/pick/"):
        page.get_by_role("button", name="Use A blue wall").click()
    page.keyboard.press("Escape")
    slot(page, "end_frame").get_by_role("button", name="From library").click()
    waiting[0].continue_()
    expect(slot(page, "start_frame")).to_contain_text("320 × 180")
    expect(page.get_by_role("dialog", name="Library · End frame")).to_be_visible()
    assert held_by(page, "end_frame") == []


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "fox.png"
    path.write_bytes(png(1600, 900, "#7c3aed"))
    return path


def choose(page: Page, model: AIModel) -> None:
    page.get_by_label("Model", exact=True).select_option(str(model.form_key))


def test_what_arrives_while_the_model_changes_stays_in_its_slot(
    page: Page, live_server: LiveServer, model: AIModel, picture: Path
) -> None:
    """The panel was asked for without it."""
    other = make_model(name="From one frame", requires_start_frame=True)
    open_form(page, live_server, model)
    waiting = withhold(page, "**/create/panel/")
    with page.expect_request("**/create/panel/"):
        choose(page, other)
    with page.expect_response("**/assets/"):
        slot(page, "start_frame").locator("input[type=file]").set_input_files(picture)
    with page.expect_response("**/create/panel/"):
        waiting[0].continue_()
    expect(slot(page, "end_frame")).to_have_count(0)
    expect(slot(page, "start_frame").locator(".slot-upload")).to_have_count(0)
    expect(slot(page, "start_frame")).to_contain_text("1600 × 900")
    assert held_by(page, "start_frame") == [str(Asset.objects.get().pk)]


def test_the_panel_that_comes_last_does_not_take_it_out_again(
    page: Page, live_server: LiveServer, model: AIModel, picture: Path
) -> None:
    """The slot was asked for first."""
    other = make_model(name="From one frame", requires_start_frame=True)
    open_form(page, live_server, model)
    panels, slots = withhold(page, "**/create/panel/"), withhold(page, "**/create/slot/")
    with page.expect_request("**/create/slot/"):
        slot(page, "start_frame").locator("input[type=file]").set_input_files(picture)
    with page.expect_request("**/create/panel/"):
        choose(page, other)
    with page.expect_response("**/create/slot/"):
        slots[0].continue_()
    with page.expect_response("**/create/panel/"):
        panels[0].continue_()
    expect(slot(page, "end_frame")).to_have_count(0)
    expect(slot(page, "start_frame").locator(".slot-upload")).to_have_count(0)
    expect(slot(page, "start_frame")).to_contain_text("1600 × 900")


@pytest.mark.parametrize("withheld", ["panel", "slot"])
def test_what_arrives_for_a_model_that_lacks_its_slot_is_carried(
    page: Page, live_server: LiveServer, model: AIModel, picture: Path, withheld: str
) -> None:
    """It was sent while the new panel is on its way; or the panel overtakes its slot."""
    other = make_model(name="From one frame", requires_start_frame=True)
    open_form(page, live_server, model)
    field = slot(page, "end_frame").locator("input[type=file]")
    if withheld == "panel":
        files = withhold(page, "**/assets/")
        with page.expect_request("**/assets/"):
            field.set_input_files(picture)
        waiting = withhold(page, "**/create/panel/")
        with page.expect_request("**/create/panel/"):
            choose(page, other)
        with page.expect_response("**/assets/"):
            files[0].continue_()
        waiting[0].continue_()
    else:
        waiting = withhold(page, "**/create/slot/")
        with page.expect_request("**/create/slot/"):
            field.set_input_files(picture)
        choose(page, other)
        expect(slot(page, "end_frame")).to_have_count(0)
        waiting[0].continue_()
    expect(slot(page, "end_frame")).to_have_count(0)
    carried = page.locator("#panel input[name=end_frame]")
    expect(carried).to_have_value(str(Asset.objects.get().pk))
    choose(page, model)
    expect(slot(page, "end_frame")).to_contain_text("1600 × 900")
    expect(page.locator(".slot-upload")).to_have_count(0)


def test_a_late_library_does_not_cover_another(
    page: Page, live_server: LiveServer, model: AIModel, frames: list[Asset]
) -> None:
    open_form(page, live_server, model)
    waiting = withhold(page, "**/library/?for=*")
    with page.expect_request("**/library/?for=*"):
        slot(page, "start_frame").get_by_role("button", name="From library").click()
    page.keyboard.press("Escape")
    slot(page, "end_frame").get_by_role("button", name="From library").click()
    search = page.get_by_role("dialog").get_by_role("searchbox")
    search.fill("half-typed")
    with page.expect_response("**/library/?for=start_frame*"):
        waiting[0].continue_()
    slot(page, "end_frame").evaluate("() => new Promise((done) => requestAnimationFrame(() => done()))")
    expect(search).to_have_value("half-typed")
