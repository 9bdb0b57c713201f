"""The catalog page: what it shows, to whom, and at what expense."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account, AIModel
from tests.catalog.factories import make_model, rate, real_rows
from tests.clients.server import ScriptedServer, json_answer, server_error

PAGE = "/catalog/"
HTMX = {"HX-Request": "true"}


def models(client: Client, query: str = "") -> dict[str, AIModel]:
    """The models on the page by name, in its order."""
    return {model.name: model for model in client.get(f"{PAGE}?{query}").context["models"]}


def test_every_model_shows_what_it_is_and_costs(client: Client, account: Account) -> None:
    make_model(account, "Veo 3 T2V", pricing=rate(55), durations=["4000", "6000", "8000"])

    page = client.get(PAGE).content.decode()

    for words in ("Veo 3 T2V", "Google", "16:9", "9:16", "720p", "4, 6, 8 s", "55 cr/s", "for 6 s"):
        assert words in page
    assert re.search(r"330</b>\s*cr", page)
    assert "55 cr/s × 6 s = 330" in page


def test_the_real_catalog_fits_the_page(client: Client, account: Account, service: ScriptedServer) -> None:
    service.will(json_answer(real_rows()))
    client.post("/catalog/sync/")

    response = client.get(PAGE)

    assert (response.context["total"], response.context["shown"]) == (53, 53)
    assert all(model.quote.known for model in response.context["models"])


def test_before_the_first_sync_the_page_says_so_and_offers_one(client: Client, account: Account) -> None:
    response = client.get(PAGE)

    assert response.status_code == 200
    assert response.context["empty_kind"] == "never"
    assert "/catalog/sync/" in response.content.decode()


def test_a_service_without_models_is_told_apart_from_filters(client: Client, account: Account) -> None:
    make_model(account, retired_at=timezone.now())
    Account.objects.update(synced_at=timezone.now())
    assert client.get(PAGE).context["empty_kind"] == "none"

    make_model(account)
    assert client.get(PAGE).context["empty_kind"] is None
    assert client.get(f"{PAGE}?q=nothing").context["empty_kind"] == "filtered"


def test_retired_models_and_other_keys_models_stay_away(client: Client, account: Account) -> None:
    make_model(account, "Here")
    make_model(account, "Retired", retired_at=timezone.now())
    make_model(Account.objects.create(fingerprint="another key"), "Elsewhere")

    assert list(models(client)) == ["Here"]


def test_the_last_syncs_failure_is_told(client: Client, account: Account) -> None:
    make_model(account)
    Account.objects.update(sync_error="Hedra could not be reached.")

    assert "Hedra could not be reached." in client.get(PAGE).content.decode()


def test_names_are_text_never_markup(client: Client, account: Account) -> None:
    make_model(account, "<script>alert(1)</script>", description="<b>")

    assert "<script>alert" not in client.get(PAGE).content.decode()


# Your shot


@pytest.mark.parametrize(
    ("seconds", "durations", "shot_ms", "credits", "note"),
    [
        ("", ["5000", "10000"], 5000, 35, ""),
        ("8", ["5000", "10000"], 10_000, 70, "for 10 s"),
        ("8", ["4", "6", "8"], 8000, 56, ""),
        ("60", ["4", "6", "8"], 8000, 56, "for 8 s, its longest"),
        ("2.5", [], 2500, 18, ""),
    ],
)
def test_the_shot_is_priced_at_a_length_the_model_offers(
    client: Client,
    account: Account,
    seconds: str,
    durations: list[str],
    shot_ms: int,
    credits: int,
    note: str,
) -> None:
    make_model(account, "One", durations=durations)

    model = models(client, f"seconds={seconds}")["One"]

    assert model.quote is not None
    assert (model.shot_ms, model.quote.credits, model.shot_note) == (shot_ms, Decimal(credits), note)


def test_an_avatar_is_priced_for_audio_of_that_length(client: Client, account: Account) -> None:
    make_model(account, "Avatar", durations=["auto"], requires_audio_input=True, max_duration_ms=8000)

    model = models(client, "seconds=10")["Avatar"]

    assert model.quote is not None
    assert (model.quote.credits, model.shot_note) == (Decimal(56), "for 8 s, its longest")


def test_an_unknown_price_gives_its_reason(client: Client, account: Account) -> None:
    make_model(account, pricing=None)

    assert "the service gives no price" in client.get(PAGE).content.decode().lower()


def test_use_takes_the_shot_along(client: Client, account: Account) -> None:
    model = make_model(account, "One", aspect_ratios=["16:9", "9:16"])

    assert models(client, "ratio=9:16&seconds=8")["One"].use_query == (
        f"model={model.pk}&duration_ms=10000&aspect_ratio=9:16"
    )
    assert f"/create/?model={model.pk}" in client.get(PAGE).content.decode()


# Pages and parts


def test_htmx_gets_the_results_alone(client: Client, account: Account) -> None:
    make_model(account, "One")

    part = client.get(PAGE, headers=HTMX)

    assert "One" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_going_back_gets_the_whole_page(client: Client, account: Account, header: str) -> None:
    page = client.get(PAGE, headers={**HTMX, header: "true"})

    assert "<html" in page.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_list_is_only_read(client: Client, account: Account, method: str) -> None:
    assert getattr(client, method)(PAGE).status_code == 405


@pytest.mark.parametrize("path", [PAGE, "/catalog/sync/"])
def test_strangers_are_sent_to_the_sign_in(account: Account, settings: Settings, path: str) -> None:
    settings.SOLO = False

    response = Client().post(path) if "sync" in path else Client().get(path)

    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_who_signed_in_sees_the_catalog(account: Account, settings: Settings, stranger: User) -> None:
    settings.SOLO = False
    make_model(account, "One")
    browser = Client()
    browser.force_login(stranger)

    assert list(models(browser)) == ["One"]


# Expense

QUERIES = 4
"""The owner, the account with its count, the models, the rail's counts of takes."""


@pytest.mark.parametrize("count", [0, 3, 60])
def test_the_page_costs_the_same_however_many_models(
    client: Client, account: Account, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        make_model(account, f"Model {number}")

    with django_assert_num_queries(QUERIES):
        client.get(f"{PAGE}?ratio=9:16&q=model&max_price=100&needs=text&sort=-name")


def test_a_part_costs_less(
    client: Client, account: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_model(account)

    with django_assert_num_queries(QUERIES - 1):
        client.get(PAGE, headers=HTMX)


# The sync button


def test_sync_brings_people_back_to_their_view(
    client: Client, account: Account, service: ScriptedServer
) -> None:
    service.will(json_answer(real_rows()))

    response = client.post("/catalog/sync/?ratio=9:16&sort=name&junk=1", follow=True)

    assert response.redirect_chain == [("/catalog/?ratio=9:16&sort=name", 302)]
    assert "Catalog synced: 53 added." in response.content.decode()
    assert response.context["total"] == 53


def test_a_failed_sync_says_why(client: Client, account: Account, service: ScriptedServer) -> None:
    make_model(account, "Kept")
    service.will(*[server_error()] * 9)

    page = client.post("/catalog/sync/", follow=True)

    assert "could not be synced" in page.content.decode()
    assert [model.name for model in page.context["models"]] == ["Kept"]


def test_htmx_gets_the_synced_results(client: Client, account: Account, service: ScriptedServer) -> None:
    service.will(json_answer(real_rows()))

    part = client.post("/catalog/sync/?ratio=21:9", headers=HTMX)

    assert "<html" not in part.content.decode()
    assert [part.context["shown"], part.context["total"], str(part.context["report"])] == [2, 53, "53 added"]


def test_sync_takes_a_post_with_a_token(account: Account) -> None:
    assert Client().get("/catalog/sync/").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/catalog/sync/").status_code == 403


def test_syncing_costs_few_queries(
    client: Client,
    account: Account,
    service: ScriptedServer,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    service.will(json_answer(real_rows()))

    with django_assert_max_num_queries(12):
        client.post("/catalog/sync/")
