"""What every answer tells the browser."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client

pytestmark = pytest.mark.django_db

PAGES = ["/gallery/", "/create/", "/catalog/", "/nothing-here/"]


def policy(response: Any) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


@pytest.mark.parametrize("path", PAGES)
def test_only_our_own_scripts_and_styles_run(client: Client, path: str) -> None:
    csp = policy(client.get(path))
    assert csp["default-src"] == "'none'"
    assert csp["script-src"] == csp["style-src"] == csp["connect-src"] == csp["form-action"] == "'self'"
    assert csp["base-uri"] == csp["frame-ancestors"] == "'none'"
    assert "unsafe" not in str(csp)


@pytest.mark.parametrize("path", PAGES)
def test_the_other_headers_keep_strangers_out(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_pages_are_asked_for_anew_yet_going_back_stays_instant(client: Client) -> None:
    control = client.get("/gallery/").headers["Cache-Control"]
    assert "private" in control
    assert "no-cache" in control
    assert "no-store" not in control


def test_page_and_part_are_told_apart_by_caches(client: Client) -> None:
    assert "HX-Request" in client.get("/catalog/").headers["Vary"]


@pytest.mark.parametrize(
    ("headers", "whole"),
    [
        ({}, True),
        ({"HX-Request": "true"}, False),
        ({"HX-Request": "true", "HX-Boosted": "true"}, True),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, True),
    ],
)
def test_htmx_gets_a_part_only_when_it_asks_for_one(
    client: Client, headers: dict[str, str], whole: bool
) -> None:
    content = client.get("/catalog/", headers=headers).content
    assert (b"<html" in content) is whole


def test_a_missing_page_is_answered_in_the_studios_look(client: Client) -> None:
    response = client.get("/nothing-here/")
    assert response.status_code == 404
    assert b"There is nothing here" in response.content


def test_the_page_of_last_resort_needs_neither_request_nor_database() -> None:
    assert "Something broke" in render_to_string("500.html")


def test_readiness_is_said_in_two_letters(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_another_site_cannot_even_tell_that_a_studio_runs_here(client: Client) -> None:
    response = client.get("/static/css/base.css")
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response.headers
