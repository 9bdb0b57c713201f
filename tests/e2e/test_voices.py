"""Voices in a browser: one player, filters that keep the place, all of it by keyboard and without script."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from playwright.sync_api import Browser, Page, Request, expect
from pytest_django.live_server_helper import LiveServer

from catalog.models import Account, Voice
from tests.catalog.voice_factories import make_voice
from tests.factories import wav

from .accessible import hold_accessible

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/catalog/voices/"
POLL_MS = 3000
WATCH = """button => {
  window.states = [];
  const note = () => states.push(button.dataset.state ?? "");
  new MutationObserver(note).observe(button, { attributeFilter: ["data-state"] });
}"""


def recorded(account: Account, name: str, seconds: float = 30, **fields: str) -> Voice:
    """A voice whose preview has been copied."""
    file = default_storage.save(f"voices/{name}.wav", ContentFile(wav(seconds, rate=8000)))
    copied = {"preview": file, "preview_type": "audio/wav", "preview_at": timezone.now()}
    return make_voice(account, name, **copied, **fields)


@pytest.fixture
def account(owner: User) -> Account:
    account = Account.objects.current()
    account.voices_synced_at = account.synced_at = timezone.now()
    account.balance_tried_at = timezone.now()
    account.save()
    return account


@pytest.fixture
def cast(account: Account) -> list[Voice]:
    """Two that can be heard for a while, a short one, and one whose preview can't be fetched."""
    return [
        recorded(account, "Ben", language="English", gender="Male"),
        recorded(account, "Maya", language="English", gender="Female", description="Warm"),
        recorded(account, "Rosa", 0.4, language="Spanish", gender="Female"),
        make_voice(
            account,
            "Theo",
            language="Greek",
            labels={"use_case": "narration"},
            preview_url="https://x.example/theo.mp3",
            preview_error="The service's preview can't be used. It is damaged and can't be played.",
            preview_tried_at=timezone.now() + timedelta(hours=1),
        ),
        make_voice(account, "Unheard"),
    ]


@pytest.fixture
def previews(page: Page) -> list[str]:
    """The previews that the browser asks for from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/preview/"):
            asked.append(request.url)

    page.on("request", note)
    return asked


def test_no_byte_comes_before_play_is_pressed(
    page: Page, live_server: LiveServer, cast: list[Voice], previews: list[str]
) -> None:
    page.goto(live_server.url + PAGE)
    page.wait_for_load_state("networkidle")
    assert previews == []

    page.get_by_role("button", name="Play Maya").click()
    expect(page.get_by_role("button", name="Pause Maya")).to_be_visible()
    expect(page.locator(f"#voice-{cast[1].pk} .voice-length")).to_have_text("0:30")
    assert {url.split("/")[-3] for url in previews} == {str(cast[1].pk)}


def test_another_voice_stops_the_first(page: Page, live_server: LiveServer, cast: list[Voice]) -> None:
    page.goto(live_server.url + PAGE)
    page.get_by_role("button", name="Play Ben").click()
    expect(page.get_by_role("button", name="Pause Ben")).to_be_visible()

    page.get_by_role("button", name="Play Maya").click()

    expect(page.get_by_role("button", name="Pause Maya")).to_be_visible()
    expect(page.get_by_role("button", name="Play Ben")).to_be_visible()
    expect(page.locator(".play[data-state]")).to_have_count(1)


def test_pause_holds_the_place_and_escape_gives_it_up(
    page: Page, live_server: LiveServer, cast: list[Voice]
) -> None:
    page.goto(live_server.url + PAGE)
    button = page.locator(f"#play-{cast[1].pk}")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("data-state", "playing")
    page.keyboard.press(" ")
    expect(button).to_have_attribute("data-state", "paused")
    expect(button).to_have_accessible_name("Play Maya")
    page.keyboard.press(" ")
    expect(button).to_have_attribute("data-state", "playing")

    page.keyboard.press("Escape")

    expect(button).not_to_have_attribute("data-state", "playing")
    expect(button).to_have_accessible_name("Play Maya")
    expect(button).to_be_focused()


def test_the_end_is_the_end(page: Page, live_server: LiveServer, cast: list[Voice]) -> None:
    page.goto(live_server.url + PAGE)
    button = page.locator(f"#play-{cast[2].pk}")
    button.evaluate(WATCH)

    button.click()

    page.wait_for_function("() => window.states.at(-1) === ''")
    assert "playing" in page.evaluate("() => window.states")
    expect(button).to_have_accessible_name("Play Rosa")


def test_what_went_wrong_is_said_in_the_row(page: Page, live_server: LiveServer, cast: list[Voice]) -> None:
    page.goto(live_server.url + PAGE)
    page.get_by_role("button", name="Play Theo").click()

    row = page.locator(f"#voice-{cast[3].pk}")
    expect(row.get_by_role("alert")).to_have_text(cast[3].preview_error)
    expect(page.get_by_role("button", name="Play Theo")).to_be_visible()

    page.get_by_role("button", name="Play Ben").click()
    expect(row.get_by_role("alert")).to_have_count(0)


def test_a_studio_out_of_reach_is_told_in_the_row(
    page: Page, live_server: LiveServer, cast: list[Voice]
) -> None:
    page.goto(live_server.url + PAGE)
    page.context.set_offline(True)
    page.get_by_role("button", name="Play Ben").click()

    expect(page.locator(f"#voice-{cast[0].pk}").get_by_role("alert")).to_contain_text("can’t be reached")


def test_filtering_goes_on_playing_what_is_still_there(
    page: Page, live_server: LiveServer, cast: list[Voice]
) -> None:
    page.goto(live_server.url + PAGE)
    page.get_by_role("button", name="Play Maya").click()
    expect(page.get_by_role("button", name="Pause Maya")).to_be_visible()

    page.get_by_role("link", name="Female").click()
    expect(page.locator(".voices tbody tr")).to_have_count(2)
    expect(page.get_by_role("button", name="Pause Maya")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}{PAGE}?gender=female")

    page.get_by_role("link", name="Spanish").click()
    expect(page.locator(".voices tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator(".voices tbody tr")).to_have_count(2)
    expect(page.get_by_role("button", name="Play Maya")).to_be_visible()


def test_typing_narrows_the_list_and_keeps_the_filters(
    page: Page, live_server: LiveServer, cast: list[Voice]
) -> None:
    page.goto(f"{live_server.url}{PAGE}?gender=female")
    page.get_by_role("searchbox").press_sequentially("warm")

    expect(page.locator(".voices tbody tr")).to_have_count(1)
    expect(page).to_have_url(f"{live_server.url}{PAGE}?q=warm&gender=female")
    expect(page.get_by_role("searchbox")).to_be_focused()

    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_rare_values_are_chosen_by_keyboard_one_after_another(
    page: Page, live_server: LiveServer, account: Account
) -> None:
    """The chosen chip leaves the fold, with the focus on it; the fold stays open for the next one."""
    for number in range(12):
        make_voice(account, f"Voice {number}", language=f"Language {number:02}")
    page.goto(live_server.url + PAGE)
    page.locator("#more-language summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    chosen = page.get_by_role("link", name="Language 08")
    expect(chosen).to_have_attribute("aria-current", "true")
    expect(chosen).to_be_focused()
    page.get_by_role("link", name="Language 11").click()
    expect(page.locator(".voices tbody tr")).to_have_count(2)


def test_without_script_everything_is_there(
    browser: Browser, live_server: LiveServer, cast: list[Voice]
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + PAGE)

    expect(page.locator("audio")).to_have_count(4)
    expect(page.locator("audio").first).to_be_visible()
    expect(page.locator("audio").first).to_have_attribute("preload", "none")
    expect(page.get_by_role("button", name="Play")).to_have_count(0)
    page.get_by_role("link", name="Female").click()
    page.get_by_role("searchbox").fill("warm")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".voices tbody tr")).to_have_count(1)
    assert page.url == f"{live_server.url}{PAGE}?q=warm&gender=female"
    context.close()


@pytest.mark.parametrize("names", [[], ["Maya"]])
def test_what_keeps_the_first_voices_away_is_told_once_until_they_are_read(
    page: Page, live_server: LiveServer, account: Account, names: list[str]
) -> None:
    """A region that is put in anew is read out anew; and a list that has come is not waited for."""
    told = Account.objects.filter(pk=account.pk)
    told.update(voices_synced_at=None, voices_error="Hedra could not be reached.")
    page.clock.install()
    page.goto(live_server.url + PAGE)
    page.get_by_role("alert").evaluate("alert => { window.told = alert; }")

    told.update(voices_error="Hedra is closed.")
    page.clock.run_for(POLL_MS)
    expect(page.get_by_role("alert")).to_contain_text("Hedra is closed.")
    assert page.get_by_role("alert").evaluate("alert => alert === window.told")

    for name in names:
        make_voice(account, name)
    told.update(voices_synced_at=timezone.now(), voices_error="")
    page.clock.run_for(POLL_MS)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".voices tbody tr")).to_have_count(len(names))

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(3 * POLL_MS)
    page.wait_for_load_state("networkidle")
    assert asked == []


STATES: dict[str, Callable[[], object]] = {
    "voices": lambda: None,
    "filtered": lambda: None,
    "none": lambda: Voice.objects.all().delete(),
    "never": lambda: (
        Voice.objects.all().delete(),
        Account.objects.update(voices_synced_at=None, voices_error="Hedra could not be reached."),
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_has_no_violations_and_fits(
    themed: Page, live_server: LiveServer, cast: list[Voice], state: str
) -> None:
    STATES[state]()
    themed.goto(f"{live_server.url}{PAGE}{'?q=nothing' if state == 'filtered' else ''}")
    if state == "voices":
        themed.get_by_role("button", name="Play Theo").click()
        expect(themed.locator(".voice-problem")).to_be_visible()
        themed.get_by_role("button", name="Play Ben").click()
    hold_accessible(themed)


def test_keeps_to_the_content_security_policy(
    page: Page, live_server: LiveServer, cast: list[Voice], complaints: list[str]
) -> None:
    page.goto(live_server.url + PAGE)
    page.get_by_role("button", name="Play Maya").click()
    expect(page.get_by_role("button", name="Pause Maya")).to_be_visible()

    assert complaints == []
