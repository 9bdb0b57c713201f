"""The gallery page, its poll, and the history button."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as with_settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account
from generations.gallery.cursors import cursor_of
from generations.gallery.page import PAGE_SIZE
from generations.gallery.poll import Poll
from generations.models import Generation, Input, Status
from tests.factories import make_asset, make_model, make_take, remove_takes
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def account(owner: User) -> Account:
    return Account.objects.current()


def test_takes_are_shown_newest_first(client: Client, owner: User) -> None:
    old = make_take(owner, prompt="The old one", created=timezone.now() - timedelta(days=1))
    new = make_take(owner, prompt="The new one")
    page = client.get("/gallery/").content.decode()
    assert page.index(f"take-{new.pk}") < page.index(f"take-{old.pk}")


def test_the_first_visit_says_what_to_do(client: Client) -> None:
    assert "Make the first take" in client.get("/gallery/").content.decode()


def test_nothing_found_offers_the_way_back(client: Client, owner: User) -> None:
    make_take(owner)
    assert "Show all takes" in client.get("/gallery/?q=unicorn").content.decode()


def test_older_takes_come_by_link_and_by_fragment(client: Client, owner: User) -> None:
    for n in range(PAGE_SIZE + 2):
        make_take(owner, prompt=f"Take number {n:02}", created=timezone.now() - timedelta(minutes=n))
    page = client.get("/gallery/").content.decode()
    assert f"Take number {PAGE_SIZE - 1:02}" in page
    assert f"Take number {PAGE_SIZE:02}" not in page
    link = page.split('class="takes-more" href="')[1].split('"')[0].replace("&amp;", "&")
    for headers in ({}, HTMX):
        older = client.get(link, headers=headers).content.decode()
        assert f"Take number {PAGE_SIZE:02}" in older
        assert ("<html" in older) is not bool(headers)


def test_the_heading_counts_anew_when_takes_come_or_go(client: Client, owner: User) -> None:
    takes = [make_take(owner, favorite=n < 2) for n in range(3)]
    page = client.get("/gallery/?favorite=1&sort=oldest").content.decode()
    assert 'hx-get="/gallery/count/?favorite=1&amp;sort=oldest" hx-trigger="counted from:body"' in page
    for do in ("delete", "restore"):
        assert "counted" in client.post(f"/gallery/{takes[0].pk}/{do}/", headers=HTMX)["HX-Trigger"]
    client.post(f"/gallery/{takes[0].pk}/delete/", headers=HTMX)
    again = client.get("/gallery/count/?favorite=1&sort=oldest", headers=HTMX).content.decode()
    assert ">1 take, oldest first</p>" in again
    assert client.get("/gallery/count/?favorite=1")["Location"] == "/gallery/?favorite=1"


def test_a_stranger_sees_nothing(client: Client, stranger: User) -> None:
    make_take(stranger, prompt="Private matter")
    assert "Private matter" not in client.get("/gallery/").content.decode()


def test_prompts_are_shown_as_text(client: Client, owner: User) -> None:
    make_take(owner, prompt="<img src=x onerror=alert(1)>")
    page = client.get("/gallery/").content.decode()
    assert "<img src=x" not in page


@pytest.mark.parametrize("rows", [1, PAGE_SIZE])
def test_queries_of_the_gallery(
    client: Client, owner: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Owner, which takes, the takes, how many there are and how many run; account and counts for the rail.
    Nothing that stands behind a take: its card doesn't speak of it."""
    for _ in range(rows):
        take = make_take(owner, ai_model=make_model())
        Input.objects.create(generation=take, asset=make_asset(owner), role="start_frame")
    with django_assert_num_queries(6):
        client.get("/gallery/")


@pytest.mark.parametrize("rows", [1, PAGE_SIZE])
def test_cards_of_running_takes_cost_a_few_queries_more(
    client: Client, owner: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        take = make_take(owner, status=Status.PROCESSING)
        Input.objects.create(generation=take, asset=make_asset(owner), role="start_frame")
    with django_assert_num_queries(9):  # their accounts, their inputs, the inputs' assets
        client.get("/gallery/")


@pytest.mark.parametrize("rows", [1, PAGE_SIZE])
def test_cards_that_failed_cost_a_few_queries_more(
    client: Client, owner: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        make_take(owner, status=Status.ERROR, error_code="INTERNAL", ai_model=make_model())
    with django_assert_num_queries(9):  # their accounts, their models, their inputs
        client.get("/gallery/")


def test_older_takes_need_no_counts_of_the_rail(
    client: Client, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = make_take(owner)
    for _ in range(3):
        make_take(owner, created=first.created - timedelta(days=1))
    with django_assert_num_queries(3) as asked:
        client.get("/gallery/", {"before": cursor_of(first)}, headers=HTMX)
    assert "AVG" not in str(asked.captured_queries)


# The poll


def test_nothing_new_is_204_by_two_queries(
    client: Client, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    poll = Poll([make_take(owner, status=Status.PROCESSING) for _ in range(20)])
    with django_assert_num_queries(2):  # the owner; the takes and whether any service rests
        response = client.get("/gallery/updates/", {"seen": poll.seen_value}, headers=HTMX)
    assert (response.status_code, response.content) == (204, b"")


@given(updated=st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))
@with_settings(max_examples=25)
def test_any_moment_is_told_alike_by_the_page_and_the_database(owner: User, updated: datetime) -> None:
    """A whole second, which SQLite writes without a fraction, is one of them."""
    for moment in (updated, updated.replace(microsecond=0)):
        take = make_take(owner, status=Status.PROCESSING)
        Generation.objects.filter(pk=take.pk).update(updated=moment)
        poll = Poll([Generation.objects.get(pk=take.pk)])
        assert poll.changed(owner) == []
        assert not poll.gone


@pytest.mark.parametrize(
    ("status", "ends_in_s", "pause_s"),
    [
        (Status.PROCESSING, None, 2),
        (Status.PROCESSING, 3600, 2),
        (Status.PROCESSING, 0, 1),
        (Status.PROCESSING, -3600, 2),  # it is late, and nobody knows how late it will be
        (Status.FINALIZING, None, 1),
        (Status.DOWNLOADING, None, 1),
        (Status.COMPLETE, None, 15),
    ],
)
def test_a_take_that_may_be_ready_any_moment_is_asked_for_more_often(
    client: Client, owner: User, status: Status, ends_in_s: int | None, pause_s: int
) -> None:
    ends = {} if ends_in_s is None else {"eta_at": timezone.now() + timedelta(seconds=ends_in_s)}
    make_take(owner, status=status, **ends)
    assert f'hx-trigger="every {pause_s}s' in client.get("/gallery/").content.decode()


def test_the_pause_follows_the_time_and_not_only_the_takes(client: Client, owner: User) -> None:
    take = make_take(owner, status=Status.PROCESSING, eta_at=timezone.now() + timedelta(minutes=1))
    asked = {"seen": Poll([take]).seen_value, "every": "2"}
    assert client.get("/gallery/updates/", asked, headers=HTMX).status_code == 204
    Generation.objects.filter(pk=take.pk).update(eta_at=timezone.now())
    part = client.get("/gallery/updates/", asked, headers=HTMX).content.decode()
    assert 'hx-trigger="every 1s' in part
    assert f'id="take-{take.pk}"' not in part
    assert client.get("/gallery/updates/", asked | {"every": "1"}, headers=HTMX).status_code == 204


def test_older_takes_leave_the_pause_as_it_was(client: Client, owner: User) -> None:
    near, far = make_take(owner, status=Status.DOWNLOADING), make_take(owner, status=Status.QUEUED)
    query = {"before": cursor_of(near), "seen": Poll([near, far]).seen_value}
    for every in "1", "2":
        part = client.get("/gallery/", query | {"every": every}, headers=HTMX).content.decode()
        assert f'hx-trigger="every {every}s' in part


def test_a_finished_take_comes_with_a_poll_that_stops(client: Client, owner: User) -> None:
    take = make_take(owner, status=Status.PROCESSING)
    poll = Poll([take])
    Generation.objects.filter(pk=take.pk).update(status=Status.COMPLETE, updated=timezone.now())
    response = client.get("/gallery/updates/", {"seen": poll.seen_value}, headers=HTMX)
    assert "counted" in response["HX-Trigger"], "it may fit the filters no more"
    page = response.content.decode()
    assert f'id="take-{take.pk}"' in page
    assert "is-complete" in page
    assert "Ready: A fox in the snow" in page
    assert 'id="poll"' in page
    assert "hx-trigger" not in page.split('id="poll"')[1].split(">")[0]


def test_a_page_that_came_back_is_shown_its_cards_again(client: Client, owner: User, stranger: User) -> None:
    """With what was judged meanwhile; nothing is said to be ready, and nothing of it is watched."""
    loved, gone, strange = make_take(owner, favorite=True), make_take(owner), make_take(stranger)
    gone.delete_softly()
    seen = ",".join(f"{take.pk}:" for take in (loved, gone, strange))
    page = client.get("/gallery/updates/", {"seen": seen}, headers=HTMX).content.decode()
    heart = page.split(f'id="favorite-{loved.pk}"')[1].split(">")[0]
    assert 'aria-pressed="true"' in heart
    assert "is-deleted" in page.split(f'id="take-{gone.pk}"')[1].split(">")[0]
    assert f'id="take-{strange.pk}"' not in page
    assert '<div id="announcer" hx-swap-oob="innerHTML"></div>' in page
    assert 'name="seen"' not in page


def test_progress_keeps_the_poll_alive(client: Client, owner: User) -> None:
    take, other = (make_take(owner, status=Status.PROCESSING) for _ in range(2))
    poll = Poll([take, other])
    Generation.objects.filter(pk=take.pk).update(progress=0.5, updated=timezone.now())
    response = client.get("/gallery/updates/", {"seen": poll.seen_value}, headers=HTMX)
    assert "HX-Trigger" not in response
    page = response.content.decode()
    assert 'value="50"' in page
    assert f'id="take-{other.pk}"' not in page
    assert f"{other.pk}:" in page


@pytest.mark.parametrize("trash", [True, False], ids=["in the trash", "for good"])
def test_a_take_deleted_in_another_tab_ends_its_poll(client: Client, owner: User, trash: bool) -> None:
    take = make_take(owner, status=Status.PROCESSING)
    seen = Poll([take]).seen_value
    Generation.objects.filter(pk=take.pk).update(status=Status.COMPLETE, deleted_at=timezone.now())
    if not trash:
        remove_takes(Generation.objects.filter(pk=take.pk))
    page = client.get("/gallery/updates/", {"seen": seen}, headers=HTMX).content.decode()
    assert "hx-trigger" not in page.split('id="poll"')[1].split(">")[0]
    assert (f'id="take-{take.pk}"' in page) is trash
    assert ("is-deleted" in page) is trash


@pytest.mark.parametrize("deleted", [False, True])
def test_a_strangers_take_is_never_told(client: Client, stranger: User, deleted: bool) -> None:
    gone = {"deleted_at": timezone.now()} if deleted else {}
    take = make_take(stranger, status=Status.PROCESSING, prompt="Private matter", **gone)
    page = client.get(f"/gallery/updates/?seen={take.pk}:0", headers=HTMX).content.decode()
    assert "Private matter" not in page
    assert f"take-{take.pk}" not in page


def test_any_search_is_a_safe_one(client: Client, owner: User) -> None:
    make_take(owner)
    assert client.get("/gallery/?q=%00fox%00").status_code == 200


def test_an_older_page_joins_the_poll_of_the_page(client: Client, owner: User) -> None:
    """One poll for all that was scrolled in."""
    first, older = make_take(owner, status=Status.QUEUED), make_take(owner, status=Status.QUEUED)
    query = {"before": cursor_of(first), "seen": Poll([first]).seen_value}
    Generation.objects.filter(pk=older.pk).update(created=first.created - timedelta(hours=1))
    page = client.get("/gallery/", query, headers=HTMX).content.decode()
    seen = page.split('name="seen" value="')[1].split('"')[0]
    assert Poll.of({"seen": seen}).seen.keys() == {first.pk, older.pk}


# History


def test_the_history_button_brings_past_takes(studio: Studio, client: Client) -> None:
    page = client.post("/gallery/import/", follow=True).content.decode()
    assert "12 past takes brought in." in page
    again = client.post("/gallery/import/", follow=True).content.decode()
    assert "Nothing new in the history." in again


def test_in_a_team_only_an_administrator_brings_in_the_history(
    studio: Studio, client: Client, stranger: User, settings: Settings
) -> None:
    settings.SOLO = False
    client.force_login(stranger)
    assert "Import history" not in client.get("/gallery/").content.decode()
    page = client.post("/gallery/import/", follow=True).content.decode()
    assert "Only an administrator can bring in the history." in page
    assert not Generation.objects.exists()


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_an_administrators_import_is_the_administrators(
    studio: Studio, client: Client, stranger: User, settings: Settings, right: str
) -> None:
    settings.SOLO = False
    User.objects.filter(pk=stranger.pk).update(**{right: True})
    client.force_login(stranger)
    assert "Import history" in client.get("/gallery/").content.decode()
    assert "12 past takes brought in." in client.post("/gallery/import/", follow=True).content.decode()
    assert {take.owner_id for take in Generation.objects.all()} == {stranger.pk}
    make_take(stranger)
    assert "Import history" in client.get("/gallery/").content.decode()


def test_a_history_that_cannot_be_read_says_why(studio: Studio, client: Client) -> None:
    studio.sandbox.fault("answer", status=503, match={"method": "GET"}, times=0)
    page = client.post("/gallery/import/", follow=True).content.decode()
    assert "The history could not be read." in page


def test_a_take_made_with_another_key_says_what_it_waits_for(
    client: Client, owner: User, settings: Settings
) -> None:
    make_take(owner, status=Status.PROCESSING)
    settings.HEDRA_KEY = "sk_another"
    assert "Waits for the API key that it was made with." in client.get("/gallery/").content.decode()


def test_deleted_takes_are_found_in_the_trash_and_can_be_restored(client: Client, owner: User) -> None:
    make_take(owner, prompt="Kept")
    gone = make_take(owner, prompt="Thrown away", deleted_at=timezone.now())
    page = client.get("/gallery/?state=trash").content.decode()
    assert "Thrown away" in page
    assert "Kept" not in page
    client.post(f"/gallery/{gone.pk}/restore/")
    assert "The trash is empty" in client.get("/gallery/?state=trash").content.decode()


def test_search_finds_models_too(client: Client, owner: User) -> None:
    make_take(owner, model_name="Kling V3", prompt="Rain on glass")
    assert "Rain on glass" in client.get("/gallery/?q=kling+rain").content.decode()


@pytest.mark.parametrize(
    ("kind", "title", "make"), [("image", "No images yet", "image"), ("audio", "No sound yet", "speech")]
)
def test_a_kind_that_was_never_made_invites_to_make_it(
    client: Client, owner: User, kind: str, title: str, make: str
) -> None:
    make_take(owner)
    page = client.get(f"/gallery/?kind={kind}").content.decode()
    assert title in page
    assert f"/create/?make={make}" in page
    assert title not in client.get(f"/gallery/?kind={kind}&q=fox").content.decode()


def test_a_take_without_words_is_called_by_its_kind(client: Client, owner: User) -> None:
    make_take(owner, type="audio_isolation", prompt="")
    assert "Voice isolation" in client.get("/gallery/?kind=audio").content.decode()


def test_the_answers_of_several_models_stand_side_by_side(client: Client, owner: User) -> None:
    now, asked = timezone.now(), uuid4()
    make_take(
        owner,
        fan_out=asked,
        model_name="Kling V3",
        submitted_at=now - timedelta(seconds=42),
        finished_at=now,
        charged=Decimal(90),
    )
    make_take(owner, fan_out=asked, model_name="Veo 3", status=Status.PROCESSING)
    make_take(owner, fan_out=asked, model_name="Sora 2", status=Status.ERROR, error_code="MODERATION_FAILED")
    make_take(owner, model_name="Another prompt")
    page = client.get(f"/gallery/?fan_out={asked}").content.decode()
    assert "One prompt, 3 models" in page
    for words in ("Kling V3", "42 s", "90 cr", "Veo 3", "Making", "Sora 2", "Blocked by moderation"):
        assert words in page
    assert "Another prompt" not in page


def test_an_unknown_or_strangers_comparison_shows_nothing_of_it(
    client: Client, owner: User, stranger: User
) -> None:
    theirs = make_take(stranger, fan_out=uuid4(), prompt="Private")
    make_take(owner)
    page = client.get(f"/gallery/?fan_out={theirs.fan_out}").content.decode()
    assert "Private" not in page
    assert "No take fits these filters" in page
    assert client.get("/gallery/?fan_out=nonsense").status_code == 200


@pytest.mark.parametrize("beside", ["", "&favorite=1", "&state=trash", "&kind=image", "&day=2000-01-01"])
def test_a_search_without_a_hit_names_its_words(client: Client, beside: str) -> None:
    page = client.get(f"/gallery/?q=%3Cquokka%3E{beside}").content.decode()
    assert f"No take is found by “&lt;quokka&gt;”{' with these filters' if beside else ''}</h2>" in page
    assert ('href="/gallery/?q=%3Cquokka%3E">Search without the filters' in page) == bool(beside)


@pytest.mark.parametrize("asked", ["favorite=1&kind=audio", "state=trash&kind=audio"])
def test_nothing_under_two_filters_is_not_told_as_nothing_at_all(client: Client, asked: str) -> None:
    page = client.get(f"/gallery/?{asked}").content.decode()
    assert "No take fits these filters" in page
