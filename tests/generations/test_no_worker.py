"""The pages say when takes wait and no worker is there; they say nothing, and ask nothing, otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from generations.gallery.poll import Poll
from generations.models import Generation, Status, Worker
from tests.factories import make_take

pytestmark = pytest.mark.django_db

WORDS = "No worker is running: takes wait, nothing is lost."
HTMX = {"HX-Request": "true"}
PAGES = ["/gallery/", "/create/", "/catalog/"]


def ago(seconds: float) -> dict[str, object]:
    return {"next_attempt_at": timezone.now() - timedelta(seconds=seconds)}


def waiting(owner: User) -> Generation:
    return make_take(owner, status=Status.PREPARING, **ago(40))


@pytest.mark.parametrize("path", PAGES)
def test_it_is_said_on_every_page_while_a_take_waits(client: Client, owner: User, path: str) -> None:
    waiting(owner)
    assert WORDS in client.get(path).content.decode()


def test_a_worker_that_was_seen_a_moment_ago_is_enough(client: Client, owner: User) -> None:
    waiting(owner)
    worker = Worker.objects.enlist()
    assert WORDS not in client.get("/gallery/").content.decode()
    Worker.objects.filter(pk=worker.pk).update(seen_at=timezone.now() - timedelta(seconds=40))
    assert WORDS in client.get("/gallery/").content.decode()


@pytest.mark.parametrize(
    ("status", "due_s", "queries"),
    [(Status.COMPLETE, None, 6), (Status.PREPARING, 5, 8), (Status.PROCESSING, -60, 8)],
    ids=["nothing waits", "just pressed", "due later"],
)
def test_nothing_is_said_or_asked_while_nothing_waits_in_vain(
    client: Client,
    owner: User,
    status: Status,
    due_s: float | None,
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Owner, which takes, they, counts; account, the rail. A take under way: its account and inputs."""
    make_take(owner, status=status, **({} if due_s is None else ago(due_s)))
    client.get("/gallery/")
    with django_assert_num_queries(queries):
        page = client.get("/gallery/").content.decode()
    assert WORDS not in page


def test_somebody_elses_takes_are_not_told_of(client: Client, stranger: User) -> None:
    waiting(stranger)
    assert WORDS not in client.get("/gallery/").content.decode()


def test_an_open_page_is_told_once(client: Client, owner: User) -> None:
    poll = {"seen": Poll([waiting(owner)]).seen_value}
    told = client.get("/gallery/updates/", poll, headers=HTMX)
    assert WORDS in told.content.decode()
    assert 'name="no_worker"' in told.content.decode()
    assert client.get("/gallery/updates/", poll | {"no_worker": "1"}, headers=HTMX).status_code == 204


def test_the_words_go_when_a_worker_has_moved_a_take(client: Client, owner: User) -> None:
    take = waiting(owner)
    poll = {"seen": Poll([take]).seen_value, "no_worker": "1"}
    Worker.objects.enlist()
    Generation.objects.filter(pk=take.pk).update(updated=timezone.now())
    page = client.get("/gallery/updates/", poll, headers=HTMX).content.decode()
    assert 'id="worker"' in page
    assert WORDS not in page
