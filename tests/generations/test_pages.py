"""The gallery's pages by keyset and its poll."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from generations.gallery.cursors import cursor_of, parse_cursor
from generations.gallery.filters import GalleryFilters
from generations.gallery.page import PAGE_SIZE, GalleryPage
from generations.gallery.poll import Poll
from generations.models import Generation, Status
from tests.factories import make_take, remove_takes

pytestmark = pytest.mark.django_db


def walk(owner: User) -> list[int]:
    """The pks of all pages, following their links."""
    seen: list[int] = []
    cursor = ""
    while True:
        page = GalleryPage(owner, GalleryFilters({}), cursor)
        seen += [take.pk for take in page.takes]
        if not page.next_url:
            return seen
        cursor = cursor_of(page.takes[-1])


def test_pages_show_every_take_once_newest_first(owner: User) -> None:
    now = timezone.now()
    moments = [now - timedelta(seconds=n // 3) for n in range(2 * PAGE_SIZE + 5)]  # three at each moment
    takes = [make_take(owner, created=moment) for moment in moments]
    wanted = sorted(takes, key=lambda take: (take.created, take.pk), reverse=True)
    assert walk(owner) == [take.pk for take in wanted]


def test_a_take_that_arrives_between_two_pages_moves_nothing(owner: User) -> None:
    takes = [make_take(owner, created=timezone.now() - timedelta(minutes=n)) for n in range(PAGE_SIZE + 3)]
    first = GalleryPage(owner, GalleryFilters({}))
    assert first.next_url
    make_take(owner)
    second = GalleryPage(owner, GalleryFilters({}), cursor_of(first.takes[-1]))
    assert [take.pk for take in second.takes] == [take.pk for take in takes[PAGE_SIZE:]]


def test_strangers_and_deleted_takes_are_not_shown(owner: User, stranger: User) -> None:
    make_take(stranger)
    make_take(owner, deleted_at=timezone.now())
    page = GalleryPage(owner, GalleryFilters({}))
    assert (page.takes, page.empty_kind) == ([], "never")


def test_nothing_found_differs_from_never_used(owner: User) -> None:
    make_take(owner)
    assert GalleryPage(owner, GalleryFilters({"favorite": "1"})).empty_kind == "filtered"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "video"}, "video"),
        ({"kind": "audio"}, "speech"),
        ({"favorite": "1"}, "liked"),
        ({"state": "failed"}, "broken"),
        ({"state": "running"}, "going"),
        ({"q": "SNOW fox"}, "video"),
    ],
)
def test_filters(owner: User, query: dict[str, str], found: str) -> None:
    takes = {
        "video": make_take(owner, prompt="A fox in the snow"),
        "speech": make_take(owner, type="text_to_speech", prompt="Hello"),
        "liked": make_take(owner, type="image", prompt="A still", favorite=True),
        "broken": make_take(owner, type="image", prompt="A", status=Status.ERROR),
        "going": make_take(owner, type="image", prompt="A", status=Status.PROCESSING),
    }
    if query == {"kind": "video"}:
        remove_takes(Generation.objects.filter(type="image"))
    page = GalleryPage(owner, GalleryFilters(query))
    assert [take.pk for take in page.takes] == [takes[found].pk]


def test_unknown_filter_values_count_as_not_asked() -> None:
    filters = GalleryFilters({"kind": "hologram", "state": "x", "favorite": "yes"})
    assert not filters.active


def test_a_search_leaves_out_what_no_prompt_holds() -> None:
    assert GalleryFilters({"q": "\0 fox\0es\n "}).q == "foxes"
    assert GalleryFilters({"q": "red  fox"}).q == "red fox"


def test_a_filter_keeps_the_others() -> None:
    filters = GalleryFilters({"kind": "video", "q": "fox"})
    assert filters.favorites.url.endswith("?q=fox&kind=video&favorite=1")


@given(st.text(max_size=40))
def test_any_text_is_a_safe_cursor(text: str) -> None:
    parse_cursor(text)


def test_a_cursor_is_exact_to_the_microsecond() -> None:
    moment = datetime(2026, 11, 20, 9, 0, 0, 123457, UTC)
    assert parse_cursor(cursor_of(Generation(pk=7, created=moment))) == (moment, 7)


def test_the_poll_names_running_takes_only_and_what_changed(owner: User) -> None:
    done, running = make_take(owner), make_take(owner, status=Status.PROCESSING)
    poll = Poll([done, running])
    assert list(poll.seen) == [running.pk]
    assert poll.changed(owner) == []
    Generation.objects.filter(pk=running.pk).update(status=Status.COMPLETE, updated=timezone.now())
    changed = poll.changed(owner)
    assert [take.pk for take in changed] == [running.pk]
    assert not poll.after(changed).running


def test_the_poll_forgets_what_is_no_longer_there(owner: User) -> None:
    """Deleted in another tab."""
    gone, running = (make_take(owner, status=Status.PROCESSING) for _ in range(2))
    poll = Poll([gone, running])
    Generation.objects.filter(pk=gone.pk).update(status=Status.COMPLETE, deleted_at=timezone.now())
    assert poll.changed(owner) == []
    assert poll.gone == {gone.pk}
    assert list(poll.after([]).seen) == [running.pk]


def test_the_poll_comes_back_as_it_went(owner: User) -> None:
    poll = Poll([make_take(owner, status=Status.QUEUED), make_take(owner, status=Status.QUEUED)])
    assert Poll.of({"seen": poll.seen_value}).seen == poll.seen


@given(st.text(max_size=60))
def test_any_text_is_a_safe_poll(text: str) -> None:
    Poll.of({"seen": text})
