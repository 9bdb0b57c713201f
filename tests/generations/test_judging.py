"""What people think of a take: stars, keep or reject, notes, and whether anybody has seen it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Account
from generations.models import Generation, Note, Status
from tests.factories import make_take

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def account(owner: User) -> Account:
    return Account.objects.current()


@pytest.fixture
def take(owner: User) -> Generation:
    return make_take(owner, unseen=True, duration_ms=4000)


# Stars and verdict


def test_stars_are_given_and_taken_off(client: Client, take: Generation) -> None:
    client.post(f"/gallery/{take.pk}/rate/", {"rating": "4"})
    take.refresh_from_db()
    assert take.rating == 4
    page = client.get(f"/gallery/{take.pk}/").content.decode()
    pressed = re.findall(r'id="star-(\d)"[^>]* value="(\d)"[^>]* aria-pressed="true"', page)
    assert pressed == [("4", "0")], "the star that is pressed takes the rating off"
    client.post(f"/gallery/{take.pk}/rate/", {"rating": "0"})
    take.refresh_from_db()
    assert take.rating == 0


@pytest.mark.parametrize("verdict", ["keep", "reject"])
def test_a_verdict_is_shown_on_the_card_and_can_be_taken_back(
    client: Client, take: Generation, verdict: str
) -> None:
    words = {"keep": "Kept", "reject": "Rejected"}[verdict]
    client.post(f"/gallery/{take.pk}/verdict/", {"verdict": verdict})
    assert f'aria-label="{words}"' in client.get("/gallery/").content.decode()
    client.post(f"/gallery/{take.pk}/verdict/", {"verdict": ""})
    assert words not in client.get("/gallery/").content.decode()


def test_beside_others_only_the_buttons_of_its_letter_answer(client: Client, take: Generation) -> None:
    said = {"verdict": "keep", "letter": "B"}
    page = client.post(f"/gallery/{take.pk}/verdict/", said, headers=HTMX).content.decode()
    assert re.findall(r'id="(verdict-\w*)"', page) == ["verdict-B", "verdict-keepB", "verdict-rejectB"]
    assert 'id="count-unseen"' in page
    assert f'id="take-{take.pk}"' not in page
    said["letter"] = '"><script>'
    page = client.post(f"/gallery/{take.pk}/verdict/", said, headers=HTMX).content.decode()
    assert 'id="judging"' in page, "what is no letter is not looked at"
    assert "<script>" not in page


def test_a_judgement_answers_with_buttons_card_and_counts(client: Client, take: Generation) -> None:
    """The card moves its version: a page that shows the take has something else to show."""
    before = take.version
    sent = {"rating": "5", "in_sheet": "1"}
    page = client.post(f"/gallery/{take.pk}/rate/", sent, headers=HTMX).content.decode()
    for part in ('id="judging"', f'id="take-{take.pk}"', 'id="count-unseen"'):
        assert part in page
    page = client.post(f"/gallery/{take.pk}/rate/", {"rating": "5"}, headers=HTMX).content.decode()
    assert f'id="take-{take.pk}"' not in page, "a take's own page has no card of it"
    take.refresh_from_db()
    assert not take.unseen
    assert take.version != before


@pytest.mark.parametrize("path", ["rate", "verdict", "favorite", ""])
@pytest.mark.parametrize("address", ["/gallery/?stacked=1", "/gallery/{pk}/?in=stacked%3D1"])
def test_the_card_below_stays_as_its_list_shows_it(
    client: Client, owner: User, take: Generation, path: str, address: str
) -> None:
    """With its stack, and leading to the take in that list."""
    make_take(owner, shot=take.shot, position=1)
    target = "sheet-body" if not path else f"favorite-{take.pk}-open"
    said = HTMX | {"HX-Target": target, "HX-Current-URL": f"http://testserver{address.format(pk=take.pk)}"}
    url = f"/gallery/{take.pk}/{path}/" if path else f"/gallery/{take.pk}/?in=stacked%3D1"
    data = {"rating": "5", "verdict": "keep", "favorite": "1", "in_sheet": "1"}
    answer = client.post(url, data, headers=said) if path else client.get(url, headers=said)
    card = answer.content.decode().partition(f'id="take-{take.pk}"')[2]
    assert 'title="All 2 takes of this shot"' in card
    assert f'href="/gallery/{take.pk}/?in=stacked%3D1"' in card


@pytest.mark.parametrize("address", ["http://[", "http://testserver/gallery/?" + "a&" * 2000, ""])
def test_an_odd_address_of_the_page_is_no_list(client: Client, take: Generation, address: str) -> None:
    said = HTMX | {"HX-Current-URL": address}
    sent = {"rating": "5", "in_sheet": "1"}
    page = client.post(f"/gallery/{take.pk}/rate/", sent, headers=said).content.decode()
    assert f'href="/gallery/{take.pk}/"' in page


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("rate", {"rating": "6"}),
        ("rate", {"rating": "-1"}),
        ("rate", {"rating": "x\0"}),
        ("rate", {}),
        ("verdict", {"verdict": "maybe"}),
        ("verdict", {}),
    ],
)
def test_what_is_no_judgement_changes_nothing(
    client: Client, take: Generation, path: str, data: dict[str, str]
) -> None:
    response = client.post(f"/gallery/{take.pk}/{path}/", data)
    assert response.status_code == 400
    assert b"Nothing was changed." in response.content
    take.refresh_from_db()
    assert (take.rating, take.verdict, take.unseen) == (0, "", True)


@pytest.mark.parametrize("path", ["rate", "verdict", "notes", "notes/1/delete"])
def test_a_strangers_take_is_judged_by_nobody_else(client: Client, stranger: User, path: str) -> None:
    take = make_take(stranger)
    data = {"rating": "1", "verdict": "keep", "text": "Mine now"}
    assert client.post(f"/gallery/{take.pk}/{path}/", data).status_code == 404
    take.refresh_from_db()
    assert (take.rating, take.verdict, take.notes.count()) == (0, "", 0)


# Seen


def test_opening_a_finished_take_is_seeing_it(client: Client, take: Generation) -> None:
    client.get(f"/gallery/{take.pk}/")
    take.refresh_from_db()
    assert not take.unseen


def test_the_sheet_brings_the_card_and_the_count_at_first_sight_only(
    client: Client, take: Generation
) -> None:
    headers = HTMX | {"HX-Target": "sheet-body"}
    first = client.get(f"/gallery/{take.pk}/", headers=headers).content.decode()
    again = client.get(f"/gallery/{take.pk}/", headers=headers).content.decode()
    for page in (first, again):
        assert "<html" not in page
        assert 'id="state"' in page
    assert f'id="take-{take.pk}"' in first
    assert f'id="take-{take.pk}"' not in again


@pytest.mark.parametrize("how", ["ahead", "its headers", "while it runs"])
def test_what_nobody_looks_at_stays_unseen(client: Client, take: Generation, how: str) -> None:
    if how == "ahead":
        client.get(f"/gallery/{take.pk}/", headers={"Sec-Purpose": "prefetch"})
    elif how == "its headers":
        client.head(f"/gallery/{take.pk}/")
    else:
        Generation.objects.filter(pk=take.pk).update(status=Status.DOWNLOADING)
        client.get(f"/gallery/{take.pk}/")
    take.refresh_from_db()
    assert take.unseen


# Notes


def test_notes_are_about_the_whole_or_a_moment(client: Client, take: Generation) -> None:
    client.post(f"/gallery/{take.pk}/notes/", {"text": "The paw slides", "at": "0:03.2"})
    client.post(f"/gallery/{take.pk}/notes/", {"text": "Best of <all>", "at": ""})
    page = client.get(f"/gallery/{take.pk}/").content.decode()
    assert 'data-seek="3.200"' in page
    assert ">0:03.2</a>" in page
    assert "Best of &lt;all&gt;" in page
    assert page.index("Best of") < page.index("The paw slides")


def test_a_note_is_deleted(client: Client, take: Generation) -> None:
    note = Note.objects.create(take=take, text="Wrong take")
    page = client.post(f"/gallery/{take.pk}/notes/{note.pk}/delete/", headers=HTMX).content.decode()
    assert "Wrong take" not in page
    assert not Note.objects.exists()


def test_a_note_is_deleted_only_by_its_own_take(client: Client, owner: User, take: Generation) -> None:
    note = Note.objects.create(take=make_take(owner), text="Of another take")
    assert client.post(f"/gallery/{take.pk}/notes/{note.pk}/delete/").status_code == 404
    assert Note.objects.exists()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"text": "Here", "at": "soon"}, "A moment is written like 0:03.2."),
        ({"text": "Here", "at": "0:05"}, "The clip ends at 0:04.0."),
        ({"text": "  "}, "A note needs words."),
        ({"text": "x" * 2001}, "2,000 characters"),
        ({"text": "nul\0"}, "Null characters are not allowed."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "part"])
def test_what_is_no_note_is_given_back_with_the_reason(
    client: Client, take: Generation, data: dict[str, str], problem: str, headers: dict[str, str]
) -> None:
    response = client.post(f"/gallery/{take.pk}/notes/", data, headers=headers)
    page = response.content.decode()
    assert response.status_code == 422
    assert problem in page
    assert ("<html" in page) is not headers
    marked = re.findall(r'id="(note-\w+)"[^>]* aria-invalid="true"', page)
    assert marked == ["note-at" if "at" in data else "note-text"]
    if data["text"].strip():
        assert f'value="{data["text"]}"' in page
    assert not Note.objects.exists()


def test_a_take_without_a_length_has_no_moments(client: Client, owner: User) -> None:
    take = make_take(owner)
    response = client.post(f"/gallery/{take.pk}/notes/", {"text": "Here", "at": "1"})
    assert response.status_code == 422
    assert "The length of this take isn" in response.content.decode()
