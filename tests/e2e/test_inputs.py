"""Inputs of a shot in a real browser: several uploads at once, the library, cropping, trimming, speakers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from generations import uploads
from generations.models import Asset
from hedra_studio.middleware import MOST_OF_STRANGERS
from tests.factories import make_model, make_take, png, wav

from .accessible import hold_accessible

pytestmark = pytest.mark.django_db(transaction=True)

COLOURS = ("#b45309", "#0369a1", "#15803d", "#7c3aed")


@pytest.fixture
def avatar(owner: User) -> AIModel:
    return make_model(
        name="Hedra Avatar", durations=["auto"], requires_start_frame=True, requires_audio_input=True
    )


@pytest.fixture
def starter(owner: User) -> AIModel:
    """Starts from one image."""
    return make_model(name="Sora 2 Pro I2V", requires_start_frame=True)


@pytest.fixture
def referrer(owner: User) -> AIModel:
    """Takes up to four reference images."""
    slot = {"role": "reference", "type": "image", "min_count": 0, "max_count": 4, "min_dimension_px": 50}
    return make_model(name="Vidu Reference", inputs=[{"mode": "reference", "slots": [slot]}])


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"frame-{number}.png" for number in range(len(COLOURS))]
    for path, colour in zip(paths, COLOURS, strict=True):
        path.write_bytes(png(320, 180, colour))
    return paths


@pytest.fixture
def voices(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "anna.wav", tmp_path / "ben.wav"]
    for path, seconds in zip(paths, (8, 4), strict=True):
        path.write_bytes(wav(seconds))
    return paths


@pytest.fixture(autouse=True)
def _quiet_end(page: Page, live_server: LiveServer) -> Iterator[None]:
    """No request is left when the tables are emptied."""
    yield
    page.wait_for_load_state("networkidle")


def open_form(page: Page, live_server: LiveServer, model: AIModel, query: str = "") -> None:
    page.goto(f"{live_server.url}/create/?from=1&model={model.form_key}{query}")
    page.wait_for_function("() => window.htmx !== undefined")


def slot(page: Page, role: str) -> Locator:
    return page.locator(f"#slot-{role}")


def values(page: Page, name: str) -> list[str]:
    return [field.input_value() for field in page.locator(f"#create-form input[name={name}]").all()]


def is_upload_of(name: str, request: Request) -> bool:
    return request.url.endswith("/assets/") and name.encode() in (request.post_data_buffer or b"")


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


def uploaded(owner: User, name: str, content: bytes, kind: str = "image") -> Asset:
    return uploads.store(owner, SimpleUploadedFile(name, content), kind)


def test_an_upload_is_picked_from_the_library_by_keyboard(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    asset = uploaded(owner, "fox.png", png(640, 360))
    open_form(page, live_server, starter)
    page.locator("#slot-start_frame").get_by_role("button", name="From library").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Library · Start frame")
    expect(dialog.get_by_role("button", name="Use fox.png")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(slot(page, "start_frame")).to_contain_text("640 × 360")
    assert values(page, "start_frame") == [str(asset.pk)]


def test_what_a_take_has_made_is_picked(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    content = png(320, 180)
    name = default_storage.save("takes/still.png", ContentFile(content))
    make_take(
        owner, type="image", prompt="A blue wall", result=name, poster=name, content_type="image/png",
        size=len(content), width=320, height=180,
    )  # fmt: skip
    open_form(page, live_server, starter)
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Takes").click()
    dialog.get_by_role("button", name="Use A blue wall").click()
    expect(dialog).to_be_hidden()
    expect(slot(page, "start_frame")).to_contain_text("320 × 180")


def test_the_library_keeps_the_focus_where_it_was(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    uploaded(owner, "fox.png", png(640, 360))
    open_form(page, live_server, starter)
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    dialog = page.get_by_role("dialog")
    search, takes = dialog.get_by_role("searchbox"), dialog.get_by_role("link", name="Takes")
    search.fill("heron")
    search.press("Enter")
    expect(dialog.get_by_text("No name holds “heron”.")).to_be_visible()
    expect(search).to_be_focused()
    takes.press("Enter")
    expect(takes).to_have_attribute("aria-current", "page")
    expect(takes).to_be_focused()


def test_the_library_that_does_not_answer_says_so(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    uploaded(owner, "fox.png", png(640, 360))
    open_form(page, live_server, starter)
    page.context.set_offline(True)
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("can’t be reached")
    page.context.set_offline(False)
    dialog.get_by_role("button", name="Try again").click()
    expect(dialog.get_by_role("button", name="Use fox.png")).to_be_visible()
    page.keyboard.press("Escape")
    expect(slot(page, "start_frame").get_by_role("button", name="From library")).to_be_focused()


def test_without_script_the_library_is_a_page_and_nothing_typed_is_lost(
    browser: Browser, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    uploaded(owner, "fox.png", png(640, 360))
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/create/?from=1&model={starter.form_key}")
    page.get_by_label("Prompt", exact=True).fill("A fox at dawn")
    page.get_by_role("radio", name="9:16").check()
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    page.get_by_role("button", name="Use fox.png").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A fox at dawn")
    expect(page.get_by_role("radio", name="9:16")).to_be_checked()
    slot(page, "start_frame").get_by_role("button", name="Crop to 9:16").click()
    expect(slot(page, "start_frame")).to_contain_text("202 × 360")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A fox at dawn")
    page.context.close()


def test_a_picture_is_cropped_by_keyboard_to_the_shape_of_the_shot(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    asset = uploaded(owner, "fox.png", png(1600, 900))
    open_form(page, live_server, starter, f"&start_frame={asset.pk}&aspect_ratio=16:9")
    frame = slot(page, "start_frame")
    expect(frame.get_by_role("button", name="Crop to")).to_have_count(0)
    page.get_by_role("radio", name="9:16").check()
    frame.get_by_role("button", name="Crop to 9:16").click()
    slider = page.get_by_role("slider", name="Place of the frame")
    expect(slider).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "2 % from the left")
    with page.expect_request("**/crop/") as asked:
        page.get_by_role("button", name="Crop", exact=True).click()
    expect(frame).to_contain_text("506 × 900")
    assert "0.0200" in (asked.value.post_data or "")
    cropped = Asset.objects.get(cropped_from=asset)
    assert values(page, "start_frame") == [str(cropped.pk)]


def test_the_frame_follows_the_pointer(
    page: Page, live_server: LiveServer, owner: User, starter: AIModel
) -> None:
    asset = uploaded(owner, "fox.png", png(1600, 900))
    open_form(page, live_server, starter, f"&start_frame={asset.pk}&aspect_ratio=9:16")
    slot(page, "start_frame").get_by_role("button", name="Crop to 9:16").click()
    box: Any = page.locator(".crop-stage").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 20, steps=4)
    page.mouse.up()
    expect(page.get_by_role("slider", name="Place of the frame")).to_have_attribute("aria-valuenow", "100")


def test_sound_is_trimmed_by_keyboard_and_the_price_follows(
    page: Page, live_server: LiveServer, avatar: AIModel, pictures: list[Path], voices: list[Path]
) -> None:
    open_form(page, live_server, avatar)
    page.get_by_label("Start frame").set_input_files(pictures[0])
    slot(page, "audio").locator("input[type=file]").set_input_files(voices[0])
    expect(page.get_by_role("button", name="Generate")).to_have_text("Generate · 56 credits")
    end = page.get_by_role("slider", name="End of the sound")
    end.focus()
    for _ in range(30):
        page.keyboard.press("ArrowLeft")
    expect(end).to_have_attribute("aria-valuetext", "5.0 s")
    expect(page.get_by_role("button", name="Generate")).to_have_text("Generate · 35 credits")
    page.get_by_role("slider", name="Start of the sound").press("ArrowRight")
    assert (values(page, "audio_start_ms"), values(page, "audio_ms")) == (["100"], ["4900"])
    page.get_by_role("button", name="Use all of it").click()
    expect(page.get_by_role("button", name="Generate")).to_have_text("Generate · 56 credits")
    assert (values(page, "audio_start_ms"), values(page, "audio_ms")) == ([""], [""])


def test_two_speakers_are_pointed_at_by_click_and_by_key(
    page: Page, live_server: LiveServer, avatar: AIModel, pictures: list[Path], voices: list[Path]
) -> None:
    open_form(page, live_server, avatar)
    page.get_by_label("Start frame").set_input_files(pictures[0])
    slot(page, "audio").locator("input[type=file]").set_input_files(voices)
    expect(page.get_by_text("Click on the face of each speaker")).to_be_visible()
    stage = page.locator(".faces-stage")
    stage.scroll_into_view_if_needed()
    box: Any = stage.bounding_box()
    stage.click(position={"x": box["width"] / 4, "y": box["height"] / 2})
    dot = page.get_by_role("button", name="Face of speaker 1, anna.wav")
    expect(dot).to_be_focused()
    first = [float(share) for share in values(page, "point")[0].split(",")]
    assert first == pytest.approx([0.25, 0.5], abs=0.02)
    page.keyboard.press("ArrowRight")
    moved = [float(share) for share in values(page, "point")[0].split(",")]
    assert moved == pytest.approx([first[0] + 0.01, first[1]], abs=0.0002)
    page.get_by_role("button", name="2 ben.wav").press("Enter")
    expect(page.get_by_role("button", name="Face of speaker 2, ben.wav")).to_be_focused()
    assert values(page, "point")[1] == "0.5,0.4"
    page.keyboard.press("Delete")
    assert values(page, "point")[1] == ""


def test_another_picture_has_other_faces(
    page: Page, live_server: LiveServer, avatar: AIModel, pictures: list[Path], voices: list[Path]
) -> None:
    open_form(page, live_server, avatar)
    page.get_by_label("Start frame").set_input_files(pictures[0])
    slot(page, "audio").locator("input[type=file]").set_input_files(voices[0])
    page.locator(".faces-stage").click()
    expect(page.locator(".face")).to_be_visible()
    page.get_by_label("Start frame").set_input_files(pictures[1])
    expect(slot(page, "start_frame")).to_contain_text("frame-1.png")
    expect(page.locator(".face")).to_be_hidden()
    assert values(page, "point") == [""]


def test_enter_in_a_field_presses_generate_and_nothing_else(
    browser: Browser, live_server: LiveServer, owner: User, avatar: AIModel
) -> None:
    frame, anna = uploaded(owner, "fox.png", png(1600, 900)), uploaded(owner, "anna.wav", wav(8), "audio")
    page = browser.new_context(java_script_enabled=False).new_page()
    query = f"&start_frame={frame.pk}&aspect_ratio=9:16&audio={anna.pk}"
    page.goto(f"{live_server.url}/create/?from=1&model={avatar.form_key}{query}")
    page.get_by_label("Length").fill("4000")
    page.get_by_label("1 · anna.wav").fill("0.5, 0.3")
    page.get_by_label("Length").press("Enter")
    expect(page.get_by_text("Describe the shot in a few words.")).to_be_visible()
    expect(page.get_by_label("Length")).to_have_value("4000")
    expect(page.get_by_label("1 · anna.wav")).to_have_value("0.5, 0.3")
    page.context.close()


def test_everything_about_inputs_is_accessible_and_fits(
    themed: Page, live_server: LiveServer, owner: User, avatar: AIModel
) -> None:
    frame, anna, ben = (
        uploaded(owner, "fox.png", png(1600, 900)),
        uploaded(owner, "anna.wav", wav(8), "audio"),
        uploaded(owner, "a very long name of a recording made on a friday.wav", wav(4), "audio"),
    )
    query = f"&start_frame={frame.pk}&aspect_ratio=9:16&point=0.25,0.5&audio={anna.pk}"
    open_form(themed, live_server, avatar, query)
    hold_accessible(themed)
    themed.locator("#slot-start_frame").get_by_role("button", name="Crop to 9:16").click()
    hold_accessible(themed, "#crop-dialog")
    themed.keyboard.press("Escape")
    themed.locator("#slot-audio").get_by_role("button", name="From library").click()
    expect(themed.get_by_role("button", name=f"Use {ben.name}")).to_be_visible()
    hold_accessible(themed, "#library-dialog")
    themed.goto(f"{live_server.url}/library/")
    hold_accessible(themed)
    open_form(themed, live_server, avatar, f"{query}&audio={ben.pk}&point=0.7,0.5")
    hold_accessible(themed)


def test_pages_of_inputs_keep_to_the_content_security_policy(
    page: Page, live_server: LiveServer, owner: User, avatar: AIModel, complaints: list[str]
) -> None:
    frame = uploaded(owner, "fox.png", png(1600, 900))
    anna = uploaded(owner, "anna.wav", wav(8), "audio")
    open_form(page, live_server, avatar, f"&start_frame={frame.pk}&aspect_ratio=9:16&audio={anna.pk}")
    page.locator(".faces-stage").click()
    slot(page, "start_frame").get_by_role("button", name="Crop to 9:16").click()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    slot(page, "start_frame").get_by_role("button", name="From library").click()
    expect(page.get_by_role("button", name="Use fox.png")).to_be_visible()
    page.goto(f"{live_server.url}/library/")
    page.get_by_role("button", name="Hide fox.png").click()
    expect(page.get_by_role("button", name="Undo fox.png")).to_be_visible()
    assert complaints == []
