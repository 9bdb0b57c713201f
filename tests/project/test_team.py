"""Bound to anything but loopback: every page needs a signed-in user."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from hedra_studio.models import Session

pytestmark = pytest.mark.django_db

EXAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-4000-8000-000000000000"}
OPEN = {"/login/", "/healthz", "/readyz"}
SIGNED = {"shared_input", "hoox_hook", "share", "share_file"}
"""For whoever has the address, a service or a guest who can't sign in; none can be guessed."""


@pytest.fixture(autouse=True)
def _team(settings: Any) -> None:
    settings.SOLO = False


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", password="a-long-enough-one")


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Each route of the project with an address of it."""
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        for name, converter in pattern.pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower()
            for written in (f"<{kind}:{name}>", f"<{name}>"):
                address = address.replace(written, EXAMPLES.get(kind, "x"))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        else:
            yield address, pattern


ROUTES = list(routes(get_resolver().url_patterns))


def test_no_view_is_open_but_signing_in_and_readiness() -> None:
    unguarded = {
        (route.name if route.name in SIGNED else address)
        for address, route in ROUTES
        if not getattr(route.callback, "login_required", True)
    }
    assert unguarded == OPEN | SIGNED


@pytest.mark.parametrize("address", ["/shared/1:x:y/input.png", "/hooks/hoox/1-x:y/"])
def test_an_address_that_nobody_signed_leads_nowhere(address: str) -> None:
    assert Client().get(address).status_code in (404, 405)
    assert Client().post(address).status_code in (404, 405)


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_leads_to_signing_in(method: str) -> None:
    addresses = {address for address, route in ROUTES if not isinstance(route.pattern, RegexPattern)}
    assert {"/", "/create/", "/gallery/", "/gallery/1/", "/catalog/"} <= addresses
    for address in sorted(addresses - OPEN):
        response = getattr(Client(), method)(address)
        assert response.status_code == 302, address
        assert response.headers["Location"].startswith("/login/"), address


def test_a_fragment_makes_the_whole_page_go_to_signing_in() -> None:
    response = Client(headers={"HX-Request": "true"}).get("/gallery/")
    assert response.headers["HX-Redirect"].startswith("/login/")
    assert not response.content


def test_signing_in_leads_where_one_wanted_to_go(ada: User) -> None:
    browser = Client()
    page = browser.get("/catalog/", follow=True)
    assert b"Sign in" in page.content
    answer = browser.post(
        "/login/", {"username": "ada", "password": "a-long-enough-one", "next": page.context["next"]}
    )
    assert answer.headers["Location"] == "/catalog/"
    assert browser.get("/catalog/").status_code == 200


def test_strangers_are_not_told_what_the_studio_runs_on(ada: User, settings: Any) -> None:
    settings.SANDBOX = True
    browser = Client()
    assert b"Connect a real key" not in browser.get("/login/").content
    browser.force_login(ada)
    assert b"Connect a real key" in browser.get("/catalog/").content


def test_signing_in_never_leads_to_another_site(ada: User) -> None:
    fields = {"username": "ada", "password": "a-long-enough-one", "next": "https://evil.example/"}
    assert Client().post("/login/", fields).headers["Location"] == "/"


def test_signing_out_closes_the_studio(ada: User) -> None:
    browser = Client()
    browser.force_login(ada)
    assert browser.post("/logout/").status_code == 302
    assert browser.get("/gallery/").status_code == 302


@pytest.fixture
def signed_in(ada: User) -> Client:
    browser = Client()
    browser.force_login(ada)
    return browser


def test_session_and_person_are_asked_for_at_once(
    signed_in: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert signed_in.get("/").headers["Location"] == "/gallery/"


def test_whoever_was_shut_out_or_removed_is_out_at_once(signed_in: Client, ada: User) -> None:
    User.objects.update(is_active=False)
    assert signed_in.get("/gallery/").status_code == 302
    User.objects.update(is_active=True)
    ada.delete()
    assert signed_in.get("/gallery/").status_code == 302
    assert not Session.objects.exists()


def test_a_new_password_ends_the_old_one_s_sessions(signed_in: Client, ada: User) -> None:
    ada.set_password("another-long-enough-one")
    ada.save()
    assert signed_in.get("/gallery/").status_code == 302


def test_signing_in_as_someone_else_changes_the_person(signed_in: Client) -> None:
    bob = User.objects.create_user("bob", password="a-long-enough-one")
    signed_in.post("/logout/")
    signed_in.post("/login/", {"username": "bob", "password": "a-long-enough-one"})
    assert signed_in.get("/gallery/").context["user"] == bob
    assert Session.objects.get().person == bob


def test_a_way_to_sign_in_that_was_given_up_lets_nobody_in(signed_in: Client, settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend"]
    session = signed_in.session
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.save()
    assert signed_in.get("/gallery/").status_code == 302


def test_a_session_that_ran_out_is_none(signed_in: Client) -> None:
    Session.objects.update(expire_date=timezone.now())
    assert signed_in.get("/gallery/").status_code == 302


def test_a_wrong_password_is_said_and_the_name_kept(ada: User) -> None:
    answer = Client().post("/login/", {"username": "ada", "password": "wrong"})
    assert answer.status_code == 200
    assert b"match" in answer.content
    assert b'value="ada"' in answer.content


def test_after_five_wrong_tries_even_the_right_password_waits(ada: User) -> None:
    for _ in range(5):
        answer = Client().post("/login/", {"username": "ada", "password": "wrong"})
    assert answer.status_code == 429
    right = Client().post("/login/", {"username": "ada", "password": "a-long-enough-one"})
    assert right.status_code == 429
    assert b"Too many wrong tries" in right.content


def test_nobody_can_lock_a_colleague_out(ada: User) -> None:
    for _ in range(6):
        Client().post("/login/", {"username": "ada", "password": "wrong"}, REMOTE_ADDR="203.0.113.9")
    fields = {"username": "ada", "password": "a-long-enough-one"}
    assert Client().post("/login/", fields, REMOTE_ADDR="192.0.2.1").status_code == 302
