"""The page of voices: what it shows, what narrows it, and at what expense."""

import gzip
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account, Voice
from catalog.pages.voice_filters import PAGE_SIZE, SHOWN_CHOICES, Choice, VoiceFilters
from tests.catalog.voice_factories import make_voice

PAGE = "/catalog/voices/"
HTMX = {"HX-Request": "true"}


def filters(client: Client, query: str = "") -> VoiceFilters:
    found: VoiceFilters = client.get(f"{PAGE}?{query}").context["filters"]
    return found


def names(client: Client, query: str = "") -> list[str]:
    return [voice.name for voice in filters(client, query).voices]


def choices(client: Client, query: str = "") -> dict[str, Choice]:
    found = filters(client, query).facets
    return {choice.id: choice for facet in found for choice in (*facet.choices, *facet.further)}


@pytest.fixture
def cast(account: Account) -> list[Voice]:
    """Three voices, two languages."""
    return [
        make_voice(account, "Maya", language="English", gender="Female", age="Young", accent="British"),
        make_voice(account, "omar", language="Arabic", gender="Male", age="Old", description="Calm and low"),
        make_voice(account, "Ben", language="English", gender="Male", labels={"use_case": "social_media"}),
    ]


def test_every_voice_shows_what_is_known_of_it(client: Client, account: Account) -> None:
    labels = {"language": "en", "use_case": "social_media"}
    make_voice(account, "Maya", language="English", accent="British", description="Warm", labels=labels)

    page = client.get(PAGE).content.decode()

    for words in ("Maya", "English", "British", "Warm", "Use case: Social media", "no preview"):
        assert words in page
    assert 'class="play js-only"' not in page


def test_voices_stand_in_the_order_of_their_names(client: Client, cast: list[Voice]) -> None:
    assert names(client) == ["Ben", "Maya", "omar"]


def test_the_length_is_shown_once_it_is_known(client: Client, account: Account) -> None:
    make_voice(account, "Maya", preview="voices/1.mp3", preview_ms=64_400)

    assert "1:04" in client.get(PAGE).content.decode()


def test_names_are_text_never_markup(client: Client, account: Account) -> None:
    make_voice(account, "<script>alert(1)</script>", description="<b>", labels={"<i>": "<u>"}, language="<s>")
    make_voice(account, "Other", language="French")

    page = client.get(PAGE).content.decode()
    assert not re.search("<script>alert|<b>|<i>|<u>|<s>", page)


def test_retired_voices_and_other_keys_voices_stay_away(client: Client, account: Account) -> None:
    make_voice(account, "Here")
    make_voice(account, "Retired", retired_at=timezone.now())
    make_voice(Account.objects.create(fingerprint="another key"), "Elsewhere")

    assert names(client) == ["Here"]


# Filters


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("language=english", ["Ben", "Maya"]),
        ("language=ENGLISH", ["Ben", "Maya"]),
        ("language=english&language=arabic", ["Ben", "Maya", "omar"]),
        ("language=english&gender=male", ["Ben"]),
        ("gender=male&age=old", ["omar"]),
        ("language=klingon", []),
        ("q=may", ["Maya"]),
        ("q=LOW+calm", ["omar"]),
        ("q=social", ["Ben"]),
        ("q=british", ["Maya"]),
        ("q=male&language=english", ["Ben", "Maya"]),
        ("q=nothing", []),
        ("page=99", ["Ben", "Maya", "omar"]),
        ("page=-1&language=&q=%00&gender=" + "x" * 500, []),
    ],
)
def test_any_of_one_filter_and_all_of_several(
    client: Client, cast: list[Voice], query: str, found: list[str]
) -> None:
    assert names(client, query) == found


def test_a_chip_counts_what_it_would_show(client: Client, cast: list[Voice]) -> None:
    counts = {id_: choice.count for id_, choice in choices(client).items()}
    assert counts == {
        "language-english": 2,
        "language-arabic": 1,
        "gender-male": 2,
        "gender-female": 1,
        "age-young": 1,
        "age-old": 1,
    }, "one accent alone tells nothing apart"

    narrowed = choices(client, "gender=male&q=omar")
    assert (narrowed["language-english"].count, narrowed["language-arabic"].count) == (0, 1)
    assert narrowed["gender-female"].count == 0
    assert (narrowed["gender-male"].count, narrowed["gender-male"].active) == (1, True)


def test_chips_switch_on_and_off_and_keep_the_rest(client: Client, cast: list[Voice]) -> None:
    found = choices(client, "q=a&language=english&page=1")

    assert found["language-english"].url == f"{PAGE}?q=a"
    assert found["language-arabic"].url == f"{PAGE}?q=a&language=english&language=arabic"
    assert found["gender-male"].url == f"{PAGE}?q=a&language=english&gender=male"


def test_the_commonest_come_first_and_ages_in_their_order(client: Client, account: Account) -> None:
    for age in ("Old", "Young", "Ancient", "Middle-aged", "Old"):
        make_voice(account, "A", age=age, language="English" if age == "Old" else "Arabic")

    assert list(choices(client)) == [
        "language-arabic",
        "language-english",
        "age-young",
        "age-middle-aged",
        "age-old",
        "age-ancient",
    ]


def test_rare_values_are_behind_a_fold_unless_they_are_chosen(client: Client, account: Account) -> None:
    for number in range(SHOWN_CHOICES + 3):
        make_voice(account, "A", accent=f"Accent {number:02}")

    (facet,) = filters(client).facets
    assert (len(facet.choices), len(facet.further)) == (SHOWN_CHOICES, 3)
    (facet,) = filters(client, f"accent=accent+{SHOWN_CHOICES + 2}").facets
    assert [choice.value for choice in facet.choices if choice.active] == ["accent 10"]
    assert len(facet.further) == 2


def test_a_chosen_value_that_nobody_has_can_be_taken_away(client: Client, cast: list[Voice]) -> None:
    choice = choices(client, "accent=martian")["accent-martian"]

    assert (choice.active, choice.count, choice.url) == (True, 0, PAGE)


def test_what_is_left_of_all_is_told(client: Client, cast: list[Voice]) -> None:
    def told(query: str) -> str:
        page = client.get(f"{PAGE}?{query}").content.decode()
        status = page[page.index('<p role="status">') :].partition("</p>")[0]
        return " ".join(re.sub("<[^>]*>", "", status).split())

    assert told("") == "3 voices of Hedra sandbox"
    assert told("language=english") == "2 of 3 voices · Show all"
    assert told("q=nothing") == "0 of 3 voices · Show all"


# Pages


def test_many_voices_come_in_pages(client: Client, account: Account) -> None:
    for number in range(PAGE_SIZE + 1):
        make_voice(account, f"Voice {number:03}", gender="Male")

    first, second = filters(client, "gender=male"), filters(client, "gender=male&page=2")

    assert (len(first.voices), first.previous_url) == (PAGE_SIZE, "")
    assert first.next_url == f"{PAGE}?gender=male&page=2"
    assert [voice.name for voice in second.voices] == [f"Voice {PAGE_SIZE:03}"]
    assert (second.previous_url, second.next_url) == (f"{PAGE}?gender=male", "")
    assert filters(client, "page=9").criteria.page == 2


def test_hundreds_of_voices_make_a_small_page(
    client: Client, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    facts = {"preview_url": "https://x.example/a?sig=" + "s" * 500, "description": "A calm voice. " * 8}
    for number in range(500):
        make_voice(account, f"Voice {number}", language=f"Language {number % 40}", gender="Male", **facts)
    client.get(PAGE)

    # Owner, account, voices; the rail's own: takes, balance.
    with django_assert_num_queries(4):
        page = client.get(PAGE).content
    assert len(gzip.compress(page)) < 20_000


# By htmx


def test_htmx_gets_the_list_alone_and_the_address_moves(client: Client, cast: list[Voice]) -> None:
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{PAGE}"}

    response = client.get(f"{PAGE}?language=english&q=", headers=headers)

    assert "<html" not in response.content.decode()
    assert response["HX-Push-Url"] == f"{PAGE}?language=english"
    assert "HX-Request" in response["Vary"]


def test_the_same_view_again_is_no_step_to_go_back_to(client: Client, cast: list[Voice]) -> None:
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{PAGE}?q=maya"}

    assert client.get(f"{PAGE}?q=maya", headers=headers)["HX-Push-Url"] == "false"


# Nothing to show


def test_before_the_voices_were_read_the_page_says_so(client: Client, account: Account) -> None:
    response = client.get(PAGE)

    assert response.context["empty_kind"] == "never"
    assert "for the first time" in response.content.decode()
    assert "every 3s" in response.content.decode()


def test_a_first_reading_that_failed_says_why(client: Client, account: Account) -> None:
    Account.objects.update(voices_error="Hedra could not be reached.")

    page = client.get(PAGE).content.decode()

    assert "Hedra could not be reached." in page
    assert "have not been read yet" in page


def test_a_later_failure_leaves_the_list_and_is_told(
    client: Client, account: Account, cast: list[Voice]
) -> None:
    Account.objects.update(voices_error="Hedra could not be reached.", voices_synced_at=timezone.now())

    page = client.get(PAGE).content.decode()

    assert "Hedra could not be reached." in page
    assert "Maya" in page


def test_none_on_offer_is_told_apart_from_all_filtered_out(client: Client, account: Account) -> None:
    Account.objects.update(voices_synced_at=timezone.now())
    assert client.get(PAGE).context["empty_kind"] == "none"

    make_voice(account, "Maya")
    assert client.get(PAGE).context["empty_kind"] is None
    response = client.get(f"{PAGE}?q=nothing")
    assert response.context["empty_kind"] == "filtered"
    assert "Show all voices" in response.content.decode()


def test_looking_is_all_one_can_do(client: Client, account: Account) -> None:
    assert client.post(PAGE).status_code == 405
