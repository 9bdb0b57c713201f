"""The catalog page: what it shows, to whom, and at what expense."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account
from catalog.pages.filters import PAGE_SIZE, Line
from tests.catalog.factories import make_model, rate, real_rows
from tests.clients.server import ScriptedServer, json_answer, server_error

PAGE = "/catalog/"
HTMX = {"HX-Request": "true"}


def lines(client: Client, query: str = "") -> dict[str, Line]:
    """The lines of the page by their model's name, in its order."""
    return {line.model.name: line for line in client.get(f"{PAGE}?{query}").context["filters"].lines}


def test_every_model_shows_what_it_is_and_costs(client: Client, account: Account) -> None:
    make_model(account, "Veo 3 T2V", pricing=rate(55), durations=["4000", "6000", "8000"])

    page = client.get(PAGE).content.decode()

    for words in ("Veo 3 T2V", "Google", "16:9", "9:16", "720p", "4, 6, 8 s", "55 cr/s", "priced at 6 s"):
        assert words in page
    assert re.search(r"330</b>\s*cr", page)
    assert "55 cr/s × 6 s = 330" in page


def test_the_real_catalog_fits_the_page(client: Client, account: Account, service: ScriptedServer) -> None:
    service.will(json_answer(real_rows()))
    client.post("/catalog/sync/")

    response = client.get(PAGE)

    filters = response.context["filters"]
    assert (filters.total, filters.shown) == (len(real_rows()), len(real_rows()))
    assert all(line.total.known for line in filters.lines if line.model.request_type == "video")


def test_before_the_first_sync_the_page_says_so_and_offers_one(client: Client, account: Account) -> None:
    response = client.get(PAGE)

    assert response.status_code == 200
    assert response.context["empty_kind"] == "never"
    assert "/catalog/sync/" in response.content.decode()
    assert f"The studio asks {account.label} for models" in response.content.decode()


def test_waiting_for_the_first_sync_keeps_what_was_asked_for(client: Client, account: Account) -> None:
    page = client.get(f"{PAGE}?seconds=8&q=veo").content.decode()

    assert f'hx-get="{PAGE}?seconds=8&amp;q=veo" hx-trigger="every 3s' in page


def test_a_service_without_models_is_told_apart_from_filters(client: Client, account: Account) -> None:
    make_model(account, retired_at=timezone.now())
    Account.objects.update(synced_at=timezone.now())
    assert client.get(PAGE).context["empty_kind"] == "none"

    make_model(account)
    assert client.get(PAGE).context["empty_kind"] is None
    filtered = client.get(f"{PAGE}?seconds=8&q=nothing")
    assert filtered.context["empty_kind"] == "filtered"
    assert f'href="{PAGE}?seconds=8">Show all models' in filtered.content.decode()


def test_retired_models_and_other_keys_models_stay_away(client: Client, account: Account) -> None:
    make_model(account, "Here")
    make_model(account, "Retired", retired_at=timezone.now())
    make_model(Account.objects.create(fingerprint="another key"), "Elsewhere")

    assert list(lines(client)) == ["Here"]


def test_the_last_syncs_failure_is_told(client: Client, account: Account) -> None:
    make_model(account)
    Account.objects.update(sync_error="Hedra could not be reached.")

    assert "Hedra could not be reached." in client.get(PAGE).content.decode()


def test_names_are_text_never_markup(client: Client, account: Account) -> None:
    make_model(account, "<script>alert(1)</script>", description="<b>")

    assert "<script>alert" not in client.get(PAGE).content.decode()


# Your shot


@pytest.mark.parametrize(
    ("seconds", "durations", "shot_ms", "credits", "remarks"),
    [
        ("", ["5000", "10000"], 5000, 35, ""),
        ("8", ["5000", "10000"], 10_000, 70, "priced at 10 s"),
        ("8", ["4", "6", "8"], 8000, 56, ""),
        ("2.5", [], 2500, 18, "durations not stated"),
    ],
)
def test_the_shot_is_priced_at_a_length_the_model_offers(
    client: Client,
    account: Account,
    seconds: str,
    durations: list[str],
    shot_ms: int,
    credits: int,
    remarks: str,
) -> None:
    make_model(account, "One", durations=durations)

    line = lines(client, f"seconds={seconds}")["One"]

    assert (line.fit.shot.duration_ms, line.credits, line.remarks) == (shot_ms, Decimal(credits), remarks)


def test_an_avatar_is_priced_for_audio_of_that_length(client: Client, account: Account) -> None:
    make_model(account, "Avatar", durations=["auto"], requires_audio_input=True, max_duration_ms=8000)

    assert lines(client, "seconds=5")["Avatar"].credits == Decimal(35)
    assert lines(client, "seconds=10")["Avatar"].fit.reasons == ("longest 8 s",)


def test_several_takes_are_priced_one_by_one_and_together(client: Client, account: Account) -> None:
    make_model(account, "One", pricing=rate(7, resolution={"720p": 0.5}))

    page = client.get(f"{PAGE}?takes=4")

    assert lines(client, "takes=4")["One"].credits == 4 * 18, "each is rounded up by itself"
    assert "4 × 18" in page.content.decode()


def test_what_fits_comes_first_and_what_cannot_says_why(client: Client, account: Account) -> None:
    make_model(account, "Cheap", pricing=rate(1), aspect_ratios=["16:9"])
    make_model(account, "Vague", pricing=rate(2), aspect_ratios=None)
    make_model(account, "Dear", pricing=rate(9), aspect_ratios=["9:16"])

    page = client.get(f"{PAGE}?shot_ratio=9:16")

    assert list(lines(client, "shot_ratio=9:16")) == ["Dear", "Vague", "Cheap"]
    assert "No 9:16" in page.content.decode()
    assert "aspect ratios not stated" in page.content.decode()


def test_the_cheapest_that_surely_fits_is_named(client: Client, account: Account) -> None:
    make_model(account, "Cheap", pricing=rate(1), resolutions=["480p"])
    make_model(account, "Vague", pricing=rate(2), resolutions=None)
    make_model(account, "Dear", pricing=rate(9), resolutions=["1080p"])

    filters = client.get(f"{PAGE}?shot_resolution=1080p&takes=2").context["filters"]

    assert [(line.model.name, line.credits) for line in filters.cheapest] == [("Dear", 90)]


def test_the_page_keeps_what_was_said_of_the_shot(client: Client, account: Account) -> None:
    make_model(account)

    page = client.get(
        f"{PAGE}?seconds=7.5&shot_ratio=9:21&audio=on&takes=4&have=start_frame&have=audio_input"
    )

    for value in ("7.5", "9:21", "on", "4", "start_frame", "audio_input"):
        assert re.search(rf'value="{value}" checked', page.content.decode())


def test_more_models_than_a_page_holds_are_parted(client: Client, account: Account) -> None:
    for number in range(PAGE_SIZE + 1):
        make_model(account, f"Model {number:03}", pricing=rate(number + 1))

    first, last = client.get(PAGE).context["filters"], client.get(f"{PAGE}?page=9").context["filters"]

    assert (len(first.lines), first.previous_url, first.next_url) == (PAGE_SIZE, "", "/catalog/?page=2")
    assert [line.model.name for line in last.lines] == [f"Model {PAGE_SIZE:03}"]
    assert last.next_url == ""


def test_a_change_of_the_catalog_shows_at_once(client: Client, account: Account) -> None:
    model = make_model(account, "Before")
    assert list(lines(client)) == ["Before"]

    model.name = "After"
    model.save()
    account.touch()

    assert list(lines(client)) == ["After"]


def test_an_unknown_price_gives_its_reason(client: Client, account: Account) -> None:
    make_model(account, pricing=None)

    assert "the service gives no price" in client.get(PAGE).content.decode().lower()


def test_use_takes_the_shot_along(client: Client, account: Account) -> None:
    model = make_model(account, "One", aspect_ratios=["16:9", "9:16"])

    taken = f"model={model.pk}&duration_ms=10000&aspect_ratio=9:16"
    assert lines(client, "ratio=9:16&seconds=8")["One"].use_query == taken
    assert lines(client, "shot_ratio=9:16&seconds=8")["One"].use_query == taken
    assert lines(client, "seconds=8&takes=4&shot_resolution=720p")["One"].use_query == (
        f"model={model.pk}&duration_ms=10000&resolution=720p&variations=4"
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

    assert list(lines(browser)) == ["One"]


# Expense

QUERIES = 7
"""The owner, the accounts with counts, the pins, the models and their trends, what takes have taught, the
rail's counts."""


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
    assert f"Hedra sandbox synced: {len(real_rows())} added." in response.content.decode()
    assert response.context["filters"].total == len(real_rows())


def test_a_failed_sync_says_why(client: Client, account: Account, service: ScriptedServer) -> None:
    make_model(account, "Kept")
    service.will(*[server_error()] * 9)

    page = client.post("/catalog/sync/", follow=True)

    assert "could not be synced" in page.content.decode()
    assert [line.model.name for line in page.context["filters"].lines] == ["Kept"]


def test_htmx_gets_the_synced_results(client: Client, account: Account, service: ScriptedServer) -> None:
    service.will(json_answer(real_rows()))

    part = client.post("/catalog/sync/?ratio=21:9", headers=HTMX)

    assert "<html" not in part.content.decode()
    filters, [(_, report)] = part.context["filters"], part.context["reports"]
    wide = [row for row in real_rows() if "21:9" in (row["aspect_ratios"] or [])]
    count = len(real_rows())
    assert [filters.shown, filters.total, str(report)] == [len(wide), count, f"{count} added"]


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

    with django_assert_max_num_queries(14):
        client.post("/catalog/sync/")
