"""Inputs of a shot in a real browser: cropping, trimming, speakers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from generations.models import Asset
from tests.factories import png, wav

from .accessible import hold_accessible
from .inputs import open_form, slot, uploaded, values

pytestmark = pytest.mark.django_db(transaction=True)


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
    page.locator(".crop-picture").evaluate("picture => picture.decode()")
    stage = page.locator(".crop-stage")
    stage.hover()  # which waits until it stands where it stays
    box: Any = stage.bounding_box()
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
