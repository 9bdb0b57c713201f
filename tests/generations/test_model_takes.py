"""Takes by the model they were made with: a part of the model's page, and a filter of the gallery."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import AIModel
from generations.gallery.made_with import LATEST
from generations.models import Status
from tests.factories import make_model, make_take

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def model() -> AIModel:
    return make_model(name="Veo 3 T2V")


def part(client: Client, model: AIModel) -> str:
    return client.get(f"/gallery/model/{model.pk}/", headers=HTMX).content.decode()


def test_the_part_shows_the_latest_takes_and_what_all_were_charged(
    client: Client, owner: User, model: AIModel
) -> None:
    for _ in range(LATEST + 1):
        make_take(owner, ai_model=model, charged=Decimal("2.5"))
    make_take(owner, ai_model=make_model(), prompt="Of another model")

    html = part(client, model)

    assert html.count("<li>") == LATEST
    assert f"{LATEST + 1} takes · 17.5 credits charged" in html
    assert f'href="/gallery/?model={model.pk}"' in html
    assert "Of another model" not in html
    assert "<html" not in html


def test_what_nobody_knows_the_charge_of_has_no_sum(client: Client, owner: User, model: AIModel) -> None:
    make_take(owner, ai_model=model, charged=None)

    html = part(client, model)

    assert "1 take" in html
    assert "charged" not in html


def test_a_sum_of_some_charges_says_of_how_many(client: Client, owner: User, model: AIModel) -> None:
    for charged in (35, 40, None):
        make_take(owner, ai_model=model, charged=charged)

    assert "3 takes · 75 credits charged for the 2 whose charge is known" in part(client, model)


def test_a_sum_of_all_charges_says_no_more(client: Client, owner: User, model: AIModel) -> None:
    for charged in (35, 0):
        make_take(owner, ai_model=model, charged=charged)

    assert "2 takes · 35 credits charged</span>" in part(client, model)


def test_each_state_is_said(client: Client, owner: User, model: AIModel) -> None:
    make_take(owner, ai_model=model, status=Status.ERROR, charged=Decimal(0))
    running = make_take(owner, ai_model=model, status=Status.PROCESSING)

    html = part(client, model)

    assert "Failed · 0 cr" in html
    assert running.state_word in html


def test_no_take_yet_is_said(client: Client, model: AIModel) -> None:
    assert "You have made none with it yet." in part(client, model)


def test_takes_of_others_and_deleted_ones_stay_away(
    client: Client, owner: User, stranger: User, model: AIModel
) -> None:
    make_take(stranger, ai_model=model, prompt="Private matter")
    make_take(owner, ai_model=model).delete_softly()

    assert "You have made none with it yet." in part(client, model)
    assert "Private matter" not in client.get(f"/gallery/?model={model.pk}").content.decode()


def test_without_script_the_part_leads_to_the_gallery(client: Client, model: AIModel) -> None:
    response = client.get(f"/gallery/model/{model.pk}/")

    assert response["Location"] == f"/gallery/?model={model.pk}"


def test_an_unknown_model_is_not_found(client: Client) -> None:
    assert client.get("/gallery/model/999999/", headers=HTMX).status_code == 404


def test_a_prompt_is_text_in_the_part(client: Client, owner: User, model: AIModel) -> None:
    make_take(owner, ai_model=model, prompt="<img src=x>")

    assert "<img src=x>" not in part(client, model)


@pytest.mark.parametrize("rows", [1, 10])
def test_queries_of_the_part(
    client: Client,
    owner: User,
    model: AIModel,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Owner, model, takes, the sums."""
    for _ in range(rows):
        make_take(owner, ai_model=model)
    make_take(owner, ai_model=model, status=Status.ERROR, error_code="INTERNAL")
    with django_assert_num_queries(5):
        part(client, model)


# The gallery's filter


def test_the_gallery_shows_takes_of_one_model_and_names_it(
    client: Client, owner: User, model: AIModel
) -> None:
    make_take(owner, ai_model=model, prompt="A fox")
    make_take(owner, ai_model=make_model(), prompt="A hare")

    page = client.get(f"/gallery/?model={model.pk}&q=fox").content.decode()

    assert "A fox" in page
    assert "A hare" not in page
    assert "Veo 3 T2V" in page.split('aria-label="Filters that are on"')[1].split("</nav>")[0]
    assert 'href="/gallery/?q=fox"' in page, "the chip takes only the model off"


def test_other_filters_keep_the_model(client: Client, owner: User, model: AIModel) -> None:
    make_take(owner, ai_model=model)

    page = client.get(f"/gallery/?model={model.pk}").content.decode()

    assert f'href="/gallery/?kind=image&amp;model={model.pk}"' in page
    assert f'<input type="hidden" name="model" value="{model.pk}">' in page


def test_a_model_without_takes_reads_as_filtered_not_as_empty(
    client: Client, owner: User, model: AIModel
) -> None:
    make_take(owner)

    assert "No take fits these filters" in client.get(f"/gallery/?model={model.pk}").content.decode()


@pytest.mark.parametrize("pk", ["999999", "x", "-1", "9" * 30, "١", ""])
def test_what_is_no_model_filters_nothing(client: Client, owner: User, pk: str) -> None:
    make_take(owner, prompt="A fox")

    assert "A fox" in client.get("/gallery/", {"model": pk}).content.decode()
