"""A wrong key, a service that is down, a catalog of nonsense: a clear word on the page, and nothing lost."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.models import Account, AIModel
from generations import tasks
from generations.models import Generation, Status
from tests.factories import make_model, make_take
from tests.sandboxed import Studio

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def order(client: Client) -> Generation:
    model = AIModel.objects.current().filter(name="Grok Video T2V").first() or make_model()
    form = {"shot": str(uuid4()), "model": model.pk, "prompt": "A fox", "aspect_ratio": "9:16"}
    form |= {"resolution": "720p", "duration_ms": "5000", "variations": "1"}
    assert client.post("/create/", form).status_code == 302
    return Generation.objects.latest("pk")


@pytest.fixture
def wrong_key(studio: Studio, settings: Settings) -> None:
    settings.HEDRA_KEY = "sk_hedra_wrong"


@pytest.fixture
def down(studio: Studio, settings: Settings) -> None:
    settings.HEDRA_URL = "http://127.0.0.1:9/web-app/public"


def test_a_wrong_key_is_named_on_the_catalog(wrong_key: None, client: Client) -> None:
    page = client.post("/catalog/sync/", follow=True).content.decode()
    assert "HEDRA_API_KEY" in page
    assert "sk_hedra_wrong" not in page


def test_a_wrong_key_from_the_start_is_named_on_every_page(wrong_key: None, client: Client) -> None:
    client.post("/catalog/sync/")
    for path in ("/gallery/", "/create/"):
        assert "HEDRA_API_KEY" in client.get(path).content.decode().split("<main")[1]


def test_a_take_ordered_with_a_wrong_key_fails_with_the_way_out(wrong_key: None, client: Client) -> None:
    take = order(client)
    tasks.drain()
    take.refresh_from_db()
    assert (take.status, take.error_code) == (Status.ERROR, "UNAUTHORIZED")
    page = client.get(take.get_absolute_url()).content.decode()
    for words in ("The API key was refused", "HEDRA_API_KEY", "Nothing was charged.", "Retry"):
        assert words in page
    assert "sk_hedra_wrong" not in page


def test_a_service_that_is_down_keeps_the_catalog_and_says_so(down: None, client: Client) -> None:
    page = client.post("/catalog/sync/", follow=True).content.decode()
    assert "could not be reached" in page
    assert "Grok Video T2V" in page


def test_a_take_ordered_while_the_service_is_down_waits_for_it(
    down: None, studio: Studio, settings: Settings, client: Client
) -> None:
    take = order(client)
    tasks.drain()
    take.refresh_from_db()
    assert (take.status, take.charged) == (Status.SUBMITTING, None)
    assert take.note in client.get("/gallery/").content.decode().replace("&#x27;", "'")
    settings.HEDRA_URL, settings.LOOK_UP_FOR_S = studio.sandbox.api_url, 0
    studio.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.error_message
    assert len(studio.submissions()) == 1


@pytest.mark.parametrize("body", [[], {}, None, "text", [None, 1, {"name": 5}], {"detail": "x"}])
def test_a_catalog_of_nonsense_changes_nothing(studio: Studio, client: Client, body: object) -> None:
    before = AIModel.objects.current().count()
    studio.sandbox.fault("answer", status=200, body=body, match={"method": "GET", "path": "/models"})
    page = client.post("/catalog/sync/", follow=True).content.decode()
    assert AIModel.objects.current().count() == before
    assert Account.objects.current().sync_error
    assert "Grok Video T2V" in page


def test_an_unreadable_status_keeps_the_take_waiting(studio: Studio, owner: User) -> None:
    take = make_take(owner, status=Status.PROCESSING, charged=None)
    for body in ({}, [], "x", {"data": [{"id": str(take.remote_id), "status": 7}]}):
        studio.sandbox.fault("answer", status=200, body=body, match={"method": "GET"}, times=0)
        studio.hurry()
        tasks.drain()
        studio.sandbox.clear_faults()
    take.refresh_from_db()
    assert take.is_running
