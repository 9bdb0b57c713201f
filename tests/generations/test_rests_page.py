"""Pages say which service is busy or away, and stop saying so by themselves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.models import Account, Rest
from catalog.services import HOOX
from tests.factories import make_model, make_take

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
AWAY = "Hedra sandbox has not answered since"
LOST = "nothing is lost"


def rest(account: Account | None = None, why: str = Rest.Why.AWAY, seconds: float = 60) -> Rest:
    now = timezone.now()
    values = {"why": why, "since": now, "until": now + timedelta(seconds=seconds), "failures": 3}
    return Rest.objects.update_or_create(account=account or Account.objects.current(), defaults=values)[0]


@pytest.fixture
def pages(owner: User) -> list[str]:
    make_model()
    return ["/gallery/", "/create/", make_take(owner, status="processing").get_absolute_url()]


def asked(page: str) -> dict[str, str]:
    """What the page's poll sends."""
    poll = page.split('id="poll"')[1]
    return dict(re.findall(r'name="(seen|rests)" value="([^"]*)"', poll))


def test_a_service_that_is_away_is_told_of(client: Client, pages: list[str]) -> None:
    rest()
    for path in pages:
        page = client.get(path).content.decode()
        assert AWAY in page
        assert LOST in page


def test_nothing_is_said_of_one_that_is_well(client: Client, pages: list[str]) -> None:
    Rest.objects.create(account=Account.objects.current(), failures=2, since=timezone.now())
    for path in pages:
        assert LOST not in client.get(path).content.decode()


def test_the_moment_is_in_words_that_hold_tomorrow(client: Client, pages: list[str]) -> None:
    rest()
    Rest.objects.update(since="2026-01-05T12:03:00Z")
    assert f"{AWAY} 5 Jan, 12:03 UTC." in client.get("/gallery/").content.decode()


@pytest.mark.parametrize(("seconds", "told"), [(2, False), (40, True)])
def test_a_busy_service_is_told_of_when_it_lasts(
    client: Client, pages: list[str], seconds: float, told: bool
) -> None:
    rest(why=Rest.Why.BUSY, seconds=seconds)
    assert ("takes no more requests until about" in client.get("/gallery/").content.decode()) is told


def test_each_service_for_itself(client: Client, pages: list[str], settings: Settings) -> None:
    settings.HOOX_KEY = "hx_live_1"
    rest(Account.objects.current(HOOX))
    page = client.get("/gallery/").content.decode()
    assert "Hoox has not answered" in page.replace("Hoox sandbox", "Hoox")
    assert AWAY not in page
    settings.HOOX_KEY = ""
    assert LOST not in client.get("/gallery/").content.decode()


def test_it_comes_and_goes_with_the_poll(client: Client, pages: list[str]) -> None:
    before = client.get("/gallery/").content.decode()
    rest()
    came = client.get("/gallery/updates/", asked(before), headers=HTMX)
    assert AWAY in came.content.decode()

    lasts = client.get("/gallery/updates/", asked(came.content.decode()), headers=HTMX)
    assert lasts.status_code == 204

    Rest.objects.answered(Account.objects.current().pk)
    gone = client.get("/gallery/updates/", asked(came.content.decode()), headers=HTMX)
    assert gone.status_code == 200
    assert 'id="rests"' in gone.content.decode()
    assert LOST not in gone.content.decode()


def test_so_it_does_on_a_takes_own_page(client: Client, pages: list[str]) -> None:
    path = pages[-1]

    def poll_of(page: str) -> str:
        return re.findall(r'id="state"[^>]*hx-get="([^"]*)"', page)[0].replace("&amp;", "&")

    before = client.get(path).content.decode()
    assert client.get(poll_of(before), headers=HTMX).status_code == 204
    rest()
    came = client.get(poll_of(before), headers=HTMX).content.decode()
    assert AWAY in came
    assert client.get(poll_of(came), headers=HTMX).status_code == 204
    Rest.objects.all().delete()
    assert LOST not in client.get(poll_of(came), headers=HTMX).content.decode()
