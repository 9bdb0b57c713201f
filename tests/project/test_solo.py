"""Bound to loopback: one owner, no password, and nobody who isn't at this machine."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

pytestmark = pytest.mark.django_db

CountQueries = Callable[[int], AbstractContextManager[Any]]


def test_the_owner_is_signed_in_without_a_password() -> None:
    response = Client().get("/gallery/")
    assert response.status_code == 200
    owner = User.objects.get()
    assert response.context["user"] == owner
    assert not owner.has_usable_password()


def test_no_session_is_opened(django_assert_num_queries: CountQueries, owner: User) -> None:
    with django_assert_num_queries(1):  # the owner
        response = Client().get("/")
    assert response.headers["Location"] == "/gallery/"
    assert not response.cookies


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_names_of_this_machine_are_answered(host: str) -> None:
    assert Client(headers={"host": host}).get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "192.168.1.5", ""]
)
def test_another_sites_name_is_refused_before_any_page(host: str) -> None:
    """A site may point its name at 127.0.0.1 and would then read our pages as its own."""
    for path in ("/", "/gallery/", "/healthz"):
        assert Client(headers={"host": host}).get(path).status_code == 400
    assert not User.objects.exists()


@pytest.mark.parametrize("address", ["192.168.1.5", "203.0.113.9", "fe80::1", ""])
def test_a_request_from_another_machine_is_refused(address: str) -> None:
    response = Client().get("/gallery/", REMOTE_ADDR=address)
    assert response.status_code == 403
    assert b"set ALLOWED_HOSTS" in response.content


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_request_through_a_proxy_is_refused(header: str) -> None:
    """Behind a proxy everybody seems to sit at this machine: that would be an open studio."""
    assert Client(headers={header: "203.0.113.9"}).get("/gallery/").status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_another_sites_form_is_refused(origin: str) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"origin": origin})
    assert browser.post("/catalog/sync/").status_code == 403


def test_signing_in_leads_straight_to_the_gallery() -> None:
    assert Client().get("/login/").headers["Location"] == "/"


def test_the_owner_cannot_sign_in_from_elsewhere(owner: User, settings: Any) -> None:
    settings.SOLO = False
    for password in ("", "owner", "!"):
        Client().post("/login/", {"username": "owner", "password": password})
    assert Client().get("/gallery/").status_code == 302
