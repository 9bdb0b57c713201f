"""What scripts add to pages that work without them."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, Response, Route, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from generations.models import Generation
from tests.factories import make_model, png, remove_takes

from .showcase import Showcase, make_ready, set_up

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shown(owner: User) -> Showcase:
    return set_up(owner)


def test_hover_plays_a_preview_and_leaving_drops_it(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.goto(f"{live_server.url}/gallery/")
    page.locator(f"#take-{shown.ready.pk}").hover()
    preview = page.locator("video.take-preview")
    expect(preview).to_have_js_property("muted", True)
    expect(preview).to_have_attribute("src", re.compile("/preview$"))
    page.get_by_role("heading", name="Gallery").hover()
    expect(preview).to_have_count(0)


def test_focus_previews_like_hover(page: Page, live_server: LiveServer, shown: Showcase) -> None:
    page.goto(f"{live_server.url}/gallery/")
    page.locator(f"#favorite-{shown.ready.pk}").focus()
    page.keyboard.press("Tab")
    expect(page.locator("video.take-preview")).to_have_count(1)


def test_no_preview_for_people_who_want_less_motion(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{live_server.url}/gallery/")
    page.clock.install()
    page.locator(f"#take-{shown.ready.pk}").hover()
    page.clock.run_for(1000)
    expect(page.locator("video.take-preview")).to_have_count(0)


def test_favorite_keeps_the_place(page: Page, live_server: LiveServer, owner: User, shown: Showcase) -> None:
    for _ in range(12):
        make_ready(owner)
    page.goto(f"{live_server.url}/gallery/")
    button = page.locator(f"#favorite-{shown.ready.pk}")
    button.scroll_into_view_if_needed()
    before = page.evaluate("() => scrollY")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert before > 0
    assert page.evaluate("() => scrollY") == before
    assert Generation.objects.get(pk=shown.ready.pk).favorite


def test_a_heart_pressed_twice_is_off_again(page: Page, live_server: LiveServer, shown: Showcase) -> None:
    page.goto(f"{live_server.url}/gallery/")
    button = page.locator(f"#favorite-{shown.ready.pk}")
    for pressed in ("true", "false"):
        button.click()
        expect(button).to_have_attribute("aria-pressed", pressed)
    assert not Generation.objects.get(pk=shown.ready.pk).favorite


def test_theme_is_remembered(page: Page, live_server: LiveServer, shown: Showcase) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{live_server.url}/gallery/")
    page.get_by_role("button", name="Light").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.get_by_role("button", name="Light")).to_have_attribute("aria-pressed", "true")


def test_an_unreachable_studio_is_said_and_can_be_tried_again(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.goto(f"{live_server.url}/create/")
    page.context.set_offline(True)
    page.get_by_label("4", exact=True).check(force=True)
    expect(page.get_by_role("alert")).to_contain_text("can’t be reached")
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Generate")).to_have_text("Generate · 140 credits")
    expect(page.locator("#notice")).to_be_hidden()


def sent(page: Page, path: str) -> list[str]:
    """Bodies of the POSTs that reach the studio from now on."""
    bodies: list[str] = []

    def note(response: Response) -> None:
        if response.request.method == "POST" and response.url.endswith(path):
            bodies.append(response.request.post_data or "")

    page.on("response", note)
    return bodies


def test_an_order_that_never_left_is_sent_once_by_try_again(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    """Leaving the prompt for the button asks for the price too, and the poll fails later than the order."""
    page.goto(f"{live_server.url}/create/")
    orders = sent(page, "/create/")
    page.get_by_label("Prompt", exact=True).press_sequentially("A kite")
    page.context.set_offline(True)
    with page.expect_event("requestfailed", lambda request: "updates" in request.url):
        page.get_by_role("button", name="Generate").click()
    notice = page.locator("#notice")
    expect(notice).to_contain_text("Your shot was not ordered.")
    page.context.set_offline(False)
    expect(notice).to_contain_text("The studio is back. Your shot was not ordered.", timeout=10_000)
    page.get_by_role("button", name="Try again").dblclick()
    expect(page.locator(".take", has_text="A kite")).to_have_count(1)
    expect(notice).to_be_hidden()
    assert len(orders) == 1
    assert Generation.objects.filter(prompt="A kite").count() == 1


def test_the_notice_goes_when_the_studio_is_back(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    remove_takes(Generation.objects.filter(pk=shown.running.pk))  # nothing polls
    page.goto(f"{live_server.url}/create/")
    page.context.set_offline(True)
    page.get_by_label("4", exact=True).check(force=True)
    expect(page.locator("#notice")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#notice")).to_be_hidden(timeout=10_000)
    expect(page.get_by_role("button", name="Generate")).to_have_text("Generate · 140 credits")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_notice_covers_no_action(
    page: Page, live_server: LiveServer, shown: Showcase, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server.url}/create/")
    page.context.set_offline(True)
    button = page.get_by_role("button", name="Generate")
    button.click()
    expect(page.get_by_role("button", name="Try again")).to_be_in_viewport()
    button.click(trial=True)


def test_going_back_prices_what_the_browser_restores(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.goto(f"{live_server.url}/create/")
    page.get_by_label("4", exact=True).check(force=True)
    expect(page.get_by_role("button", name="Generate")).to_have_text("Generate · 140 credits")
    page.get_by_role("link", name="Catalog").click()
    expect(page.get_by_role("heading", name="Catalog")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("4", exact=True)).to_be_checked()
    expect(page.get_by_role("button", name="Generate")).to_have_text("Generate · 140 credits")
    expect(page.get_by_role("button", name="Generate")).to_be_enabled()


def test_going_back_keeps_the_model_and_its_panel(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.goto(f"{live_server.url}/create/")
    page.get_by_role("link", name="Avatar", exact=True).click()
    expect(page.get_by_label("Audio")).to_be_attached()
    page.get_by_role("link", name="Catalog").click()
    page.go_back()
    expect(page.get_by_label("Audio")).to_be_attached()
    expect(page.get_by_label("Model").locator(":checked")).to_have_text("Hedra Avatar · 7 cr/s")


def test_characters_are_counted_as_the_server_does(page: Page, live_server: LiveServer, owner: User) -> None:
    set_up(owner)
    AIModel.objects.update(max_prompt_length=10)
    page.goto(f"{live_server.url}/create/")
    page.get_by_label("Prompt", exact=True).fill("🪁" * 10)
    expect(page.locator(".prompt-count")).to_have_text("10 of 10 characters")
    expect(page.locator(".prompt-count")).not_to_have_class(re.compile("is-over"))


def test_a_long_prompt_scrolls_in_its_field(page: Page, live_server: LiveServer, shown: Showcase) -> None:
    page.goto(f"{live_server.url}/create/")
    field = page.get_by_label("Prompt", exact=True)
    field.fill("A kite over dunes\n" * 200)
    assert field.evaluate("field => field.clientHeight < innerHeight / 2")
    assert field.evaluate("field => field.scrollHeight > field.clientHeight")


def test_the_prompt_survives_a_reload(page: Page, live_server: LiveServer, shown: Showcase) -> None:
    page.goto(f"{live_server.url}/create/")
    page.get_by_label("Prompt", exact=True).fill("A kite over dunes")
    page.reload()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A kite over dunes")


def test_another_model_keeps_the_prompt_and_asks_for_its_inputs(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.goto(f"{live_server.url}/create/")
    page.get_by_label("Prompt", exact=True).fill("She hums")
    page.get_by_role("link", name="Avatar", exact=True).click()
    expect(page.get_by_label("Start frame")).to_be_attached()
    expect(page.get_by_label("Audio")).to_be_attached()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("She hums")


def test_models_in_turn_keep_the_choice_wherever_it_stands(
    page: Page, live_server: LiveServer, owner: User
) -> None:
    coarse = make_model(resolutions=["480p", "720p"])
    fine = make_model(
        resolutions=["720p", "1080p"],
        aspect_ratios=["16:9", "9:16"],
        durations=["4000", "8000", "12000"],
        description="Video from a text prompt.",
    )
    page.goto(f"{live_server.url}/create/?model={coarse.form_key}")
    for model, other in [(fine, "1080p"), (coarse, "480p"), (fine, "1080p")]:
        page.get_by_label("Model", exact=True).select_option(model.form_key)
        expect(page.get_by_role("radio", name=other)).to_be_visible()
        expect(page.get_by_role("radio", name="720p")).to_be_checked()


def test_a_model_waits_for_no_price_of_the_one_before(
    page: Page, live_server: LiveServer, owner: User
) -> None:
    """Neither for one that is asked for nor for one that waits for it."""
    coarse = make_model(resolutions=["480p", "720p"])
    fine = make_model(resolutions=["720p", "1080p"])
    page.goto(f"{live_server.url}/create/?model={coarse.form_key}")
    held: list[Route] = []
    page.route("**/create/price/", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/create/price/"):
        page.get_by_role("radio", name="480p").check()
    page.get_by_role("radio", name="9:16").check()
    page.wait_for_function("() => price['htmx-internal-data'].queuedRequests?.length")
    page.get_by_label("Model", exact=True).select_option(fine.form_key)
    expect(page.get_by_role("radio", name="1080p")).to_be_visible()
    expect(page.locator("#generate")).to_contain_text("credits")


PASTE = """(bytes) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data }));
}"""


PASTE_TEXT = """(bytes) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
  data.setData("text/plain", "A fox in the snow");
  const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  return !document.getElementById("id_prompt").dispatchEvent(paste);
}"""


def test_a_pasted_image_fills_the_slot(page: Page, live_server: LiveServer, shown: Showcase) -> None:
    page.goto(f"{live_server.url}/create/")
    page.get_by_label("Model").select_option(label="Sora 2 Pro I2V")
    expect(page.get_by_label("Start frame")).to_be_attached()
    page.evaluate(PASTE, list(png(640, 360)))
    expect(page.locator("#slot-start_frame")).to_have_class(re.compile("is-filled"))
    expect(page.locator("#announcer")).to_have_text("Start frame: ready")
    page.get_by_role("button", name="Remove the start frame").click()
    expect(page.locator("#slot-start_frame")).not_to_have_class(re.compile("is-filled"))
    expect(page.locator("#announcer")).to_have_text("Removed the start frame")


def test_text_that_brings_a_picture_of_itself_is_text(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    """As Word and Excel copy it."""
    page.goto(f"{live_server.url}/create/")
    page.get_by_label("Model").select_option(label="Sora 2 Pro I2V")
    expect(page.get_by_label("Start frame")).to_be_attached()
    was_taken = page.evaluate(PASTE_TEXT, list(png(640, 360)))
    assert not was_taken
    expect(page.locator("#slot-start_frame .slot-upload")).to_have_count(0)
    page.evaluate(PASTE, list(png(640, 360)))
    expect(page.locator("#slot-start_frame")).to_have_class(re.compile("is-filled"))


def test_an_image_that_the_model_cannot_take_is_said(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.goto(f"{live_server.url}/create/")
    page.evaluate(PASTE, list(png(640, 360)))
    notice = page.locator("#notice")
    expect(notice).to_contain_text("This model takes no image. Choose one that starts from an image.")
    page.get_by_label("Model").select_option(label="Sora 2 Pro I2V")
    expect(notice).to_be_hidden()


def test_a_wrong_file_is_refused_at_its_slot(
    page: Page, live_server: LiveServer, shown: Showcase, tmp_path: Path
) -> None:
    wrong = tmp_path / "fox.png"
    wrong.write_text("<html>not a picture</html>")
    page.goto(f"{live_server.url}/create/")
    page.get_by_label("Model").select_option(label="Sora 2 Pro I2V")
    page.get_by_label("Start frame").set_input_files(wrong)
    expect(page.locator("#slot-start_frame").get_by_role("alert")).to_be_visible()


def test_keyboard_sends_the_form_and_a_refusal_comes_back_to_the_field(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.goto(f"{live_server.url}/create/")
    page.get_by_label("Prompt", exact=True).focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_have_text("Describe the shot in a few words.")
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()


def test_deleting_a_failed_take_can_be_undone_in_place(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.goto(f"{live_server.url}/gallery/")
    card = page.locator(f"#take-{shown.failed.pk}")
    card.get_by_role("button", name="Delete").click()
    card.get_by_role("button", name="Undo").click()
    expect(card).to_contain_text("Blocked by moderation")
    assert Generation.objects.get(pk=shown.failed.pk).deleted_at is None


def test_keys_play_and_seek(page: Page, live_server: LiveServer, shown: Showcase) -> None:
    page.goto(live_server.url + shown.ready.get_absolute_url())
    page.wait_for_function("() => document.querySelector('#player').readyState >= 2")
    page.keyboard.press(".")
    page.wait_for_function("() => document.querySelector('#player').currentTime > 0")
    page.keyboard.press("k")
    page.wait_for_function("() => !document.querySelector('#player').paused")


@pytest.mark.parametrize(("path", "waits"), [("/create/", "No models"), ("/catalog/", "for the first time")])
def test_a_first_start_waits_for_the_catalog(
    page: Page, live_server: LiveServer, owner: User, path: str, waits: str
) -> None:
    page.goto(live_server.url + path)
    expect(page.get_by_role("heading", name=waits)).to_be_visible()
    set_up(owner)
    expect(page.get_by_text("Sora 2 Pro I2V").first).to_be_attached(timeout=10_000)
    expect(page.get_by_role("heading", name=waits)).to_have_count(0)


def test_typing_a_price_limit_adds_one_step_back_and_says_what_is_no_number(
    page: Page, live_server: LiveServer, shown: Showcase
) -> None:
    page.goto(f"{live_server.url}/catalog/")
    page.get_by_text("More filters").click()
    box = page.get_by_label("Highest price in credits")
    before = page.evaluate("() => history.length")
    box.fill("100 cr")
    expect(page).to_have_url(re.compile(r"\?max_price=100$"))
    with page.expect_response(re.compile("max_price=100")):
        box.press("Enter")
    with page.expect_response(re.compile("max_price=abc")):
        box.fill("abc")
    expect(page.get_by_text("Not a number of credits")).to_be_visible()
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_value("abc")
    assert page.evaluate("() => history.length") == before + 2
    box.fill("12,5")
    expect(page.get_by_text("Not a number of credits")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?max_price=12.5$"))
    box.blur()
    expect(box).not_to_have_attribute("aria-invalid", "true")
