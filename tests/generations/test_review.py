"""The review inbox: unseen takes as they arrived, kept, rejected, skipped, and taken back."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Account
from generations.models import Generation, Status
from tests.factories import make_take

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def account(owner: User) -> Account:
    return Account.objects.current()


@pytest.fixture
def takes(owner: User) -> list[Generation]:
    """As they arrived, which is not as they were made."""
    now = timezone.now()
    return [
        make_take(
            owner,
            prompt=f"Arrived {place}",
            unseen=True,
            created=now - timedelta(hours=place),
            finished_at=now - timedelta(minutes=10 - place),
        )
        for place in range(3)
    ]


def form_of(page: str) -> dict[str, str]:
    """What the page's buttons send along."""
    form = page.split('id="review-form"')[1].split("</form>")[0]
    found = re.findall(r'name="(after|steps|pk)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def shown(page: str) -> int | None:
    """The take that is to be judged."""
    found = re.search(r'data-take="(\d+)"', page)
    return int(found[1]) if found else None


class Sitter:
    """Somebody who reviews without script: every press is a form or a link of the page they see."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.page = client.get("/gallery/review/").content.decode()

    @property
    def sees(self) -> int | None:
        return shown(self.page)

    def press(self, verdict: str) -> None:
        self._post("/gallery/review/", verdict=verdict)

    def undo(self) -> None:
        self._post("/gallery/review/undo/")

    def skip(self) -> None:
        link = re.search(r'id="review-skip"[^>]* href="([^"]*)"', self.page)
        assert link
        self.page = self.client.get(unescape(link[1])).content.decode()

    def back(self) -> bool:
        """Whether there was a way."""
        link = re.search(r'id="review-back"[^>]* href="([^"]*)"', self.page)
        if link:
            self.page = self.client.get(unescape(link[1])).content.decode()
        return link is not None

    def _post(self, path: str, **data: str) -> None:
        self.page = self.client.post(path, form_of(self.page) | data, follow=True).content.decode()


def verdicts(takes: list[Generation]) -> list[tuple[str, bool]]:
    for take in takes:
        take.refresh_from_db()
    return [(take.verdict, take.unseen) for take in takes]


def test_takes_come_in_the_order_in_which_they_arrived(client: Client, takes: list[Generation]) -> None:
    sitter = Sitter(client)
    for take, verdict in zip(takes, ("keep", "reject", "keep"), strict=True):
        assert sitter.sees == take.pk
        sitter.press(verdict)
    assert "All seen" in sitter.page
    assert verdicts(takes) == [("keep", False), ("reject", False), ("keep", False)]


def test_undo_goes_back_step_by_step(client: Client, takes: list[Generation]) -> None:
    Generation.objects.filter(pk=takes[1].pk).update(verdict="reject")  # judged once, and found anew
    sitter = Sitter(client)
    sitter.press("keep")
    sitter.press("keep")
    sitter.undo()
    assert sitter.sees == takes[1].pk
    assert verdicts(takes) == [("keep", False), ("reject", True), ("", True)]
    sitter.undo()
    assert sitter.sees == takes[0].pk
    assert verdicts(takes) == [("", True), ("reject", True), ("", True)]
    assert "review-undo" not in sitter.page
    sitter.press("reject")
    assert sitter.sees == takes[1].pk


def test_what_was_skipped_waits_for_another_sitting(client: Client, takes: list[Generation]) -> None:
    sitter = Sitter(client)
    sitter.skip()
    sitter.press("keep")
    assert sitter.sees == takes[2].pk
    sitter.undo()
    assert sitter.sees == takes[1].pk
    sitter.press("keep")
    sitter.skip()
    assert "The rest was skipped" in sitter.page
    assert "2 takes still wait" in sitter.page
    assert shown(client.get("/gallery/review/").content.decode()) == takes[0].pk


def test_a_skip_after_an_undo_does_not_go_back(client: Client, takes: list[Generation]) -> None:
    sitter = Sitter(client)
    sitter.press("keep")
    sitter.skip()
    sitter.undo()
    assert sitter.sees == takes[0].pk
    sitter.skip()
    assert sitter.sees == takes[2].pk


def test_what_was_skipped_is_gone_back_to_one_by_one(client: Client, takes: list[Generation]) -> None:
    """Judged ones are left out: they come back by undo. Then the way leads on as it did."""
    takes.append(make_take(takes[0].owner, unseen=True, finished_at=takes[2].finished_at))
    sitter = Sitter(client)
    assert not sitter.back()
    sitter.skip()
    sitter.press("keep")
    sitter.skip()
    sitter.skip()
    assert "The rest was skipped" in sitter.page
    for take in (takes[3], takes[2], takes[0]):
        assert sitter.back()
        assert sitter.sees == take.pk
    assert not sitter.back()
    sitter.skip()
    assert sitter.sees == takes[2].pk
    sitter.undo()
    assert sitter.sees == takes[1].pk
    assert sitter.back()
    assert sitter.sees == takes[0].pk


def test_stars_leave_a_take_on_the_desk(client: Client, takes: list[Generation]) -> None:
    """With and without script; its verdict follows, and undo brings it back with its stars."""
    sitter = Sitter(client)
    sitter.skip()
    second = takes[1]
    found = re.search(r'id="star-4" [^>]*formaction="([^"]*)"', sitter.page)
    assert found
    here = re.search(r'name="next" value="([^"]*)"', sitter.page)
    assert here
    form = {"rating": "4", "next": unescape(here[1])}
    sitter.page = client.post(found[1], form, follow=True).content.decode()
    assert sitter.sees == second.pk
    assert re.search(r'id="star-4"[^>]* aria-pressed="true"', sitter.page)
    row = client.post(found[1], {"rating": "2"}, headers=HTMX).content.decode()
    assert re.search(r'id="star-2"[^>]* aria-pressed="true"', row)
    assert found[1] in row
    assert "verdict" not in row
    sitter.press("keep")
    sitter.undo()
    assert sitter.sees == second.pk
    assert verdicts([second]) == [("", True)]
    assert second.rating == 2


def test_the_head_says_what_waits(client: Client, owner: User, stranger: User) -> None:
    now = timezone.now()
    for charged in (300, 10, None):
        make_take(owner, unseen=True, finished_at=now, charged=charged)
    make_take(owner, unseen=True, finished_at=now, deleted_at=now)
    make_take(owner, unseen=True, finished_at=now, status=Status.DOWNLOADING)
    make_take(stranger, unseen=True, finished_at=now)
    page = client.get("/gallery/review/").content.decode()
    assert "3 unseen · 310 credits waiting" in page
    assert re.search(r'id="count-unseen"[^>]*>3<', page)


def test_credits_of_two_services_are_never_added(client: Client, owner: User, hoox: Account) -> None:
    now = timezone.now()
    make_take(owner, unseen=True, finished_at=now, charged=Decimal(35))
    make_take(owner, unseen=True, finished_at=now, charged=Decimal(20), account=hoox)
    page = client.get("/gallery/review/").content.decode()
    assert "credits waiting: 35 of Hedra and 20 of Hoox" in page


def test_a_part_comes_with_counts_and_an_address_that_outlives_a_reload(
    client: Client, takes: list[Generation]
) -> None:
    data = {"pk": takes[0].pk, "verdict": "keep"}
    response = client.post("/gallery/review/", data, headers=HTMX)
    page = response.content.decode()
    assert "<html" not in page
    assert "Kept. 2 unseen." in page
    assert 'id="count-unseen"' in page
    again = client.get(response.headers["HX-Replace-Url"]).content.decode()
    assert form_of(again) == form_of(page)
    assert "review-undo" in again


def test_the_next_poster_comes_meanwhile_and_no_video(client: Client, owner: User) -> None:
    now = timezone.now()
    for place in range(2):
        make_take(
            owner,
            unseen=True,
            finished_at=now + timedelta(seconds=place),
            result=f"takes/{place}.mp4",
            poster=f"takes/{place}.webp",
        )
    page = client.get("/gallery/review/").content.decode()
    first, second = Generation.objects.unseen()
    assert f'<img src="{second.poster_url}" alt="" hidden>' in page
    assert f'src="{first.result_url}"' in page
    assert str(second.result_url) not in page


@pytest.mark.parametrize(
    "data",
    [{"verdict": "keep"}, {"pk": "x", "verdict": "keep"}, {"pk": "9" * 30, "verdict": "keep"}, {"pk": "1"}],
)
def test_what_is_no_judgement_is_refused(client: Client, data: dict[str, str]) -> None:
    assert client.post("/gallery/review/", data).status_code == 400


def test_a_strangers_take_is_neither_judged_nor_undone(client: Client, stranger: User) -> None:
    theirs = make_take(stranger, verdict="keep", finished_at=timezone.now())
    assert client.post("/gallery/review/", {"pk": theirs.pk, "verdict": "reject"}).status_code == 404
    page = client.post("/gallery/review/undo/", {"steps": f"{theirs.pk}:reject"}, follow=True)
    assert shown(page.content.decode()) is None
    theirs.refresh_from_db()
    assert (theirs.verdict, theirs.unseen) == ("keep", False)


@pytest.mark.parametrize(
    "query",
    ["steps=%00:,x:keep,1:maybe,,:", "after=nonsense", "take=-1", "take=9999999999999999999&steps=1"],
)
def test_any_address_is_a_safe_one(client: Client, takes: list[Generation], query: str) -> None:
    assert shown(client.get(f"/gallery/review/?{query}").content.decode()) == takes[0].pk
    assert client.post("/gallery/review/undo/", {"steps": query}, follow=True).status_code == 200


def test_takes_of_one_shot_are_told_apart(client: Client, owner: User) -> None:
    shot, when = uuid4(), timezone.now()
    for position in (0, 2, 3):
        make_take(owner, shot=shot, position=position, unseen=position == 2, finished_at=when)
    assert "take 2 of 3" in client.get("/gallery/review/").content.decode()
    Generation.objects.exclude(position=2).update(deleted_at=when)
    assert "take 1 of" not in client.get("/gallery/review/").content.decode()


def test_queries_of_the_inbox(
    client: Client, takes: list[Generation], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Owner, takes, inputs, those of the shot, those before, what waits; accounts and counts of the rail."""
    with django_assert_num_queries(8):
        client.get("/gallery/review/")


def test_the_inbox_has_an_index(client: Client, owner: User, takes: list[Generation]) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the planner of the other database reads few rows as they lie")
    plan = Generation.objects.owned_by(owner).unseen()[:2].explain()
    assert "take_unseen" in plan
    assert "TEMP B-TREE" not in plan
