"""Logos as pages show them."""

from __future__ import annotations

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.mirror import logos
from catalog.models import Account, AIModel
from catalog.models.logo import digest_of
from tests.catalog.logo_helpers import (
    drawing,
    logo_of,
    make_due,
    picture_of,
    run,
    tile,
    with_logo,
)
from tests.catalog.nasty_svg import svg
from tests.clients.server import (
    ScriptedServer,
    text_answer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def test_it_is_served_as_a_picture_of_ours(
    account: Account,
    service: ScriptedServer,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)
    src = logo_of(model).src
    client.get(src)  # makes the local owner

    with django_assert_num_queries(2):  # who asks, and the logo
        response = client.get(src)

    assert response.status_code == 200
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, max-age=2592000"
    assert client.get(src, headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_an_unknown_or_unfetched_logo_is_not_found(
    account: Account, service: ScriptedServer, client: Client
) -> None:
    model = with_logo(account, service)
    logos.link(account)

    assert client.get(f"/catalog/logos/{digest_of(model.logo_url)}/").status_code == 404
    assert client.get(f"/catalog/logos/{'0' * 64}/").status_code == 404


def test_a_lost_file_is_not_found(account: Account, service: ScriptedServer, client: Client) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)
    default_storage.delete(logo_of(model).file.name)

    assert client.get(logo_of(model).src).status_code == 404


def test_a_lost_file_is_fetched_again_once_somebody_misses_it(
    account: Account, service: ScriptedServer, client: Client
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), drawing(svg()))
    run(account)
    default_storage.delete(logo_of(model).file.name)

    client.get(logo_of(model).src)

    assert run(account) == 1
    assert picture_of(model)


def test_a_lost_file_that_can_not_be_had_waits_its_time(
    account: Account, service: ScriptedServer, client: Client
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()), text_answer("gone", 404))
    run(account)
    default_storage.delete(logo_of(model).file.name)
    make_due()
    run(account)

    client.get(logo_of(model).src)

    assert run(account) == 0


def test_a_lost_file_that_is_being_fetched_is_left_to_it(
    account: Account, service: ScriptedServer, client: Client
) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    run(account)
    default_storage.delete(logo_of(model).file.name)
    make_due()
    assert logos._claim(logo_of(model))

    client.get(logo_of(model).src)

    assert run(account) == 0


def test_a_page_never_links_to_the_service(account: Account, service: ScriptedServer) -> None:
    model = with_logo(account, service)
    service.will(drawing(svg()))
    assert tile(model) == '<span class="logo logo-xai" aria-hidden="true">G</span>'

    run(account)

    logo_of(model)
    assert service.url not in tile(model)
    assert f'src="/catalog/logos/{digest_of(model.logo_url)}/?v=' in tile(model)


def test_a_list_needs_no_query_per_logo(
    account: Account, service: ScriptedServer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        with_logo(account, service)
    service.will(drawing(svg()))
    run(account)

    with django_assert_num_queries(1):
        for model in AIModel.objects.select_related("logo"):
            assert "<img" in tile(model)
