"""Nothing typed is lost, in a real browser: reloads, an unreachable studio, tabs, keys, sheets, no script."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import AIModel
from generations import prompts
from generations.models import Draft, Generation, Preset
from generations.views import create as views
from tests.factories import make_take, remove_takes

from .accessible import hold_accessible
from .showcase import Showcase, set_up

pytestmark = pytest.mark.django_db(transaction=True)

DRAFT = "/create/draft/"


@pytest.fixture
def shown(owner: User) -> Showcase:
    return set_up(owner)


@pytest.fixture
def create(page: Page, live_server: LiveServer, shown: Showcase) -> Page:
    page.goto(f"{live_server.url}/create/")
    return page


def stored() -> str:
    return str(Draft.objects.get().values["prompt"][0])


def page_of(page: Page) -> str:
    return page.locator("input[name=draft_page]").input_value()


def type_and_rest(page: Page, text: str) -> None:
    def is_stored(answer: Response) -> bool:
        return (
            answer.url.endswith(DRAFT) and answer.status == 204 and text in (answer.request.post_data or "")
        )

    with page.expect_response(is_stored):
        page.get_by_label("Prompt", exact=True).fill(text)


def test_typing_is_kept_after_a_moment_of_rest_and_said(create: Page) -> None:
    type_and_rest(create, "A kite over dunes")
    expect(create.locator("#draft-note")).to_contain_text("Draft kept · just now")
    assert stored() == "A kite over dunes"


def test_a_page_that_waited_for_the_first_catalog_keeps_it_too(
    page: Page, live_server: LiveServer, owner: User
) -> None:
    page.goto(f"{live_server.url}/create/")
    expect(page.get_by_role("heading", name="No models")).to_be_visible()
    set_up(owner)
    expect(page.get_by_label("Prompt", exact=True)).to_be_visible(timeout=10_000)
    type_and_rest(page, "A kite over dunes")
    assert stored() == "A kite over dunes"


def test_leaving_at_once_keeps_it_too(create: Page) -> None:
    create.get_by_label("Prompt", exact=True).fill("A kite over dunes")
    create.get_by_role("link", name="Catalog").click()
    create.get_by_role("link", name="Create").click()
    expect(create.get_by_label("Prompt", exact=True)).to_have_value("A kite over dunes")


def test_choices_are_in_the_draft_and_not_in_the_address(create: Page) -> None:
    create.get_by_label("4", exact=True).check(force=True)
    expect(create.get_by_role("button", name="Generate", exact=False).first).to_contain_text("140 credits")
    expect(create).to_have_url(re.compile("/create/$"))
    create.reload()
    expect(create.get_by_label("4", exact=True)).to_be_checked()


def test_words_wait_here_while_the_studio_cannot_be_reached(create: Page, live_server: LiveServer) -> None:
    create.route(f"**{DRAFT}", lambda route: route.abort())
    create.get_by_label("Prompt", exact=True).fill("A kite over dunes")
    note = create.locator("#draft-note")
    expect(note).to_contain_text("Not saved yet. Your words wait in this browser.")
    assert not Draft.objects.exists()
    create.unroute(f"**{DRAFT}")
    create.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(note).to_contain_text("Draft kept")
    assert stored() == "A kite over dunes"


def test_words_that_could_not_be_sent_are_there_at_the_next_visit(
    create: Page, live_server: LiveServer
) -> None:
    create.route(f"**{DRAFT}", lambda route: route.abort())
    create.get_by_label("Prompt", exact=True).fill("A kite over dunes")
    expect(create.locator("#draft-note")).to_contain_text("Not saved yet")
    create.goto(f"{live_server.url}/catalog/")
    create.unroute(f"**{DRAFT}")
    create.goto(f"{live_server.url}/create/")
    expect(create.get_by_label("Prompt", exact=True)).to_have_value("A kite over dunes")
    assert stored() == "A kite over dunes"
    create.wait_for_function("() => localStorage.length === 0")


def test_an_older_tab_does_not_overwrite_newer_words(
    create: Page, context: BrowserContext, live_server: LiveServer
) -> None:
    """The first tab was changed first, and its words arrive last."""
    create.route(f"**{DRAFT}", lambda route: route.abort())
    create.get_by_label("Prompt", exact=True).fill("The older words")
    expect(create.locator("#draft-note")).to_contain_text("Not saved yet")
    newer = context.new_page()
    newer.goto(f"{live_server.url}/create/")
    type_and_rest(newer, "The newer words")
    create.unroute(f"**{DRAFT}")
    with create.expect_response(lambda answer: answer.url.endswith(DRAFT)) as late:
        create.evaluate("() => window.dispatchEvent(new Event('online'))")
    assert late.value.status == 409
    assert stored() == "The newer words"
    expect(create.locator("#draft-note")).to_contain_text("Newer words of another page are kept.")
    type_and_rest(create, "The older words, gone on with")
    assert stored() == "The older words, gone on with"


def test_words_typed_after_going_back_are_kept(
    page: Page, live_server: LiveServer, owner: User, shown: Showcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser shows the page as it came half an hour ago; the draft was stored since."""
    page.goto(f"{live_server.url}/create/")  # brings the cookie, without which it would be another page
    then = timezone.now() - timedelta(minutes=30)
    with monkeypatch.context() as patched:
        patched.setattr(views, "timezone", SimpleNamespace(now=lambda: then))
        page.goto(f"{live_server.url}/create/")
    Draft.objects.create(owner=owner, values={"prompt": ["A fox"]}, page=page_of(page))
    page.goto(f"{live_server.url}/catalog/")
    page.go_back()
    told = page.locator("#draft-note").get_attribute("data-now")
    assert told == str(int(then.timestamp() * 1000))
    type_and_rest(page, "A kite over dunes")
    expect(page.locator("#draft-note")).to_contain_text("Draft kept")
    assert stored() == "A kite over dunes"


def test_what_is_too_long_for_a_draft_is_said(create: Page) -> None:
    create.get_by_label("Prompt", exact=True).fill("x" * 70_000)
    expect(create.locator("#draft-note")).to_contain_text("This is too long to be kept as a draft")


def test_a_new_shot_is_blank_and_the_other_can_be_brought_back(create: Page) -> None:
    type_and_rest(create, "A kite over dunes")
    create.get_by_role("link", name="New shot").click()
    expect(create.get_by_label("Prompt", exact=True)).to_have_value("")
    expect(create.get_by_role("link", name="Go back to it")).to_be_visible()
    type_and_rest(create, "A whale")
    create.get_by_label("Prompt", exact=True).fill("A whale sings")
    create.get_by_role("button", name="Bring it back").click()
    expect(create.get_by_label("Prompt", exact=True)).to_have_value("A kite over dunes")
    assert Draft.objects.get().before["prompt"] == ["A whale sings"]


def earlier(owner: User, *words: str) -> None:
    start = timezone.now() - timedelta(hours=1)
    for place, text in enumerate(words):
        make_take(owner, prompt=text, created=start + timedelta(minutes=place))


def test_keys_walk_through_earlier_prompts_and_back_to_what_was_typed(
    page: Page, live_server: LiveServer, owner: User, shown: Showcase
) -> None:
    remove_takes(Generation.objects.all())
    earlier(owner, "A fox", "A whale", "A fox at night", "A whale")
    page.goto(f"{live_server.url}/create/")
    field = page.get_by_label("Prompt", exact=True)
    field.fill("Half a thought")
    for key, words in [
        ("ArrowUp", "A whale"),
        ("ArrowUp", "A fox at night"),
        ("ArrowUp", "A fox"),
        ("ArrowUp", "A fox"),
        ("ArrowDown", "A fox at night"),
        ("ArrowDown", "A whale"),
        ("ArrowDown", "Half a thought"),
        ("ArrowDown", "Half a thought"),
    ]:
        field.press(f"Alt+{key}")
        expect(field).to_have_value(words)
    expect(page.locator("#announcer")).to_have_text("What you typed")


def test_keys_wait_for_one_answer_and_never_overwrite_what_is_typed(
    page: Page, live_server: LiveServer, owner: User, shown: Showcase
) -> None:
    remove_takes(Generation.objects.all())
    earlier(owner, "A fox", "A whale")
    waiting: list[Route] = []
    page.route("**/create/prompts/", lambda route: waiting.append(route))
    page.goto(f"{live_server.url}/create/")
    field = page.get_by_label("Prompt", exact=True)
    with page.expect_request("**/create/prompts/"):
        field.press("Alt+ArrowUp")
    field.press("Alt+ArrowUp")
    field.press_sequentially("Mine")
    with page.expect_response("**/create/prompts/"):
        waiting[0].continue_()
    field.press("Alt+ArrowUp")
    expect(field).to_have_value("A whale")
    for words in ("A fox", "A fox"):
        field.press("Alt+ArrowUp")
        expect(field).to_have_value(words)
    field.press("Alt+ArrowDown")
    field.press("Alt+ArrowDown")
    expect(field).to_have_value("Mine")
    assert len(waiting) == 1


def test_prompts_that_can_not_be_read_are_asked_for_once_a_press(
    page: Page, live_server: LiveServer, owner: User, shown: Showcase, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove_takes(Generation.objects.all())
    monkeypatch.setattr(prompts, "PAGE_SIZE", 1)
    earlier(owner, "A fox", "A whale")
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page.goto(f"{live_server.url}/create/")
    field = page.get_by_label("Prompt", exact=True)
    field.press("Alt+ArrowUp")
    expect(field).to_have_value("A whale")
    page.route("**/create/prompts/**", refuse)
    field.press("Alt+ArrowUp")
    expect(page.locator("#announcer")).to_have_text("Earlier prompts can’t be read at the moment.")
    expect(field).to_have_value("A whale")
    assert len(asked) == 1
    page.unroute("**/create/prompts/**")
    field.press("Alt+ArrowUp")
    expect(field).to_have_value("A fox")


def test_an_earlier_prompt_is_searched_and_chosen(
    page: Page, live_server: LiveServer, owner: User, shown: Showcase
) -> None:
    earlier(owner, "A fox at night", "A whale")
    page.goto(f"{live_server.url}/create/")
    page.get_by_text("Earlier prompts", exact=True).first.click()
    found = page.locator("#prompts")
    expect(found.get_by_role("link", name="A whale")).to_be_visible()
    page.get_by_role("searchbox").fill("night")
    expect(found.get_by_role("link", name="A whale")).to_have_count(0)
    found.get_by_role("link", name="A fox at night").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A fox at night")
    expect(page.get_by_label("Prompt", exact=True)).to_be_focused()
    expect(page.get_by_role("searchbox")).to_be_hidden()


def test_escape_closes_a_sheet_and_goes_back_to_its_button(create: Page) -> None:
    button = create.locator("summary", has_text="Presets")
    button.click()
    create.get_by_label("Save these settings as").focus()
    create.keyboard.press("Escape")
    expect(create.get_by_label("Save these settings as")).to_be_hidden()
    expect(button).to_be_focused()


def test_a_preset_is_saved_by_enter_and_laid_over_another_shot(create: Page) -> None:
    create.get_by_label("9:16", exact=True).check(force=True)
    create.locator("summary", has_text="Presets").click()
    create.get_by_label("Save these settings as").fill("Upright")
    create.keyboard.press("Enter")
    expect(create.get_by_role("status").get_by_text("Saved “Upright”.")).to_be_visible()
    assert Preset.objects.get().values["aspect_ratio"] == ["9:16"]

    create.get_by_label("Save these settings as").fill("upright")
    create.keyboard.press("Enter")
    expect(create.get_by_role("alert")).to_contain_text("There is a preset “Upright” already.")
    expect(create.get_by_label("Save these settings as")).to_have_value("upright")

    create.get_by_label("1:1", exact=True).check(force=True)
    create.get_by_label("Prompt", exact=True).fill("A whale")
    create.locator("summary", has_text="Presets").click()
    create.get_by_role("button", name="Upright").click()
    expect(create.get_by_label("9:16", exact=True)).to_be_checked()
    expect(create.get_by_label("Prompt", exact=True)).to_have_value("A whale")
    expect(create.get_by_label("Save these settings as")).to_be_hidden()


def test_without_script_all_of_it_works_on_pages(
    browser: Browser, live_server: LiveServer, owner: User, shown: Showcase
) -> None:
    earlier(owner, "A heron lifts off")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/create/")
    page.get_by_label("Prompt", exact=True).fill("A whale")
    page.get_by_label("1:1", exact=True).check(force=True)
    page.get_by_role("button", name="Presets").click()
    page.get_by_label("Save the settings of your draft as").fill("Square")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved “Square”.")).to_be_visible()
    page.get_by_role("link", name="Create").first.click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A whale")
    page.get_by_label("9:16", exact=True).check(force=True)
    page.get_by_role("button", name="Earlier prompts").click()
    page.get_by_role("link", name="A heron lifts off").click()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("A heron lifts off")
    expect(page.get_by_label("9:16", exact=True)).to_be_checked()
    page.get_by_role("button", name="Presets").click()
    page.get_by_role("button", name="Use Square").click()
    expect(page.get_by_label("1:1", exact=True)).to_be_checked()
    context.close()


def test_the_sheets_and_pages_hold_for_everyone(
    themed: Page, live_server: LiveServer, owner: User, shown: Showcase
) -> None:
    model = AIModel.objects.get(name="Grok Video T2V")
    settings = {"model": [str(model.form_key)], "aspect_ratio": ["9:16"], "duration_ms": ["8000"]}
    Preset.objects.create(owner=owner, name="Upright", values=settings)
    earlier(owner, "A heron lifts off " * 20)
    Draft.objects.create(owner=owner, values={"prompt": ["A whale"]}, before={"prompt": ["A fox"]})
    themed.goto(f"{live_server.url}/create/")
    for name in ("Earlier prompts", "Presets"):
        themed.locator("summary", has_text=name).click()
        if name == "Earlier prompts":
            expect(themed.get_by_role("link", name="A heron").first).to_be_visible()
        hold_accessible(themed)
    for path in ("prompts", "presets"):
        themed.goto(f"{live_server.url}/create/{path}/")
        hold_accessible(themed)
