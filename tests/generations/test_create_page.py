"""The create page: shown, followed, priced, refused and accepted."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import AIModel
from generations.models import Asset, Generation, Status
from tests.factories import make_asset, make_model, png
from tests.sandboxed import Studio

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HTMX = {"HX-Request": "true"}


def model_named(name: str) -> AIModel:
    return AIModel.objects.current().get(name=name)


def shot(model: AIModel, **changes: Any) -> dict[str, Any]:
    return {
        "shot": str(uuid4()),
        "model": model.pk,
        "prompt": "A fox in the snow",
        "aspect_ratio": "9:16",
        "resolution": "720p",
        "duration_ms": "5000",
        "variations": "1",
        "seen_price": "35",
    } | changes


def test_the_page_offers_models_and_prices_the_first(studio: Studio, client: Client) -> None:
    page = client.get("/create/").content.decode()
    assert "Grok Video T2V" in page
    assert re.search(r"Generate · [\d,]+ credits", page)
    assert "Motion Control" in page
    assert "Hedra Avatar" not in page  # it stands under another outcome


def test_a_named_model_and_its_values_are_taken_from_the_url(studio: Studio, client: Client) -> None:
    model = model_named("Grok Video T2V")
    page = client.get(
        f"/create/?model={model.pk}&prompt=A+fox&aspect_ratio=9:16&duration_ms=10000"
    ).content.decode()
    assert "A fox</textarea>" in page
    assert "7 cr/s × 10 s = 70" in page


def test_too_long_a_speech_is_said_to_be_and_is_no_missing_sound(client: Client, owner: User) -> None:
    avatar = make_model(durations=["auto"], requires_start_frame=True, requires_audio_input=True)
    frame = make_asset(owner)
    sent = shot(avatar, start_frame=frame.pk, speech_text="x" * 5001)
    response = client.post("/create/", sent, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 422
    assert "What is said has 5001 characters; up to 5000 can be spoken." in page
    field = re.search(r'<textarea id="id_speech_text"[^>]+>', page)
    assert field
    assert 'aria-invalid="true" aria-describedby="speech-notes"' in field[0]
    assert "x" * 5001 in page
    assert "needs audio" not in page


def test_the_panel_follows_the_model(studio: Studio, client: Client) -> None:
    avatar = model_named("Hedra Avatar")
    query = {"model": avatar.pk, "aspect_ratio": "9:16"}
    panel = client.post("/create/panel/", query, headers=HTMX).content.decode()
    assert "Start frame" in panel
    assert "Audio" in panel
    assert 'name="duration_ms"' not in panel
    assert "priced by the length of your audio" in panel.lower()


def test_the_price_follows_every_choice(studio: Studio, client: Client) -> None:
    model = model_named("Grok Video T2V")
    query = {"model": model.pk, "resolution": "720p", "duration_ms": "8000", "variations": "4"}
    price = client.post("/create/price/", query, headers=HTMX).content.decode()
    assert "7 cr/s × 8 s = 56, × 4 = 224" in price
    assert "Generate · 224 credits" in price


def test_an_accepted_shot_is_stored_and_shown_at_once(studio: Studio, client: Client) -> None:
    form = shot(model_named("Grok Video T2V"), variations="2", seen_price="70")
    response = client.post("/create/", form, headers=HTMX)
    assert response.status_code == 200
    takes = Generation.objects.filter(shot=form["shot"])
    assert {take.status for take in takes} == {Status.PREPARING}
    page = response.content.decode()
    assert all(f'id="take-{take.pk}"' in page for take in takes)
    assert form["shot"] not in page  # the form on the page now is the next shot's


def test_without_script_the_gallery_follows(studio: Studio, client: Client) -> None:
    response = client.post("/create/", shot(model_named("Grok Video T2V")), follow=True)
    assert response.redirect_chain == [("/gallery/", 302)]
    assert "A fox in the snow" in response.content.decode()


def test_an_image_comes_with_the_form(studio: Studio, client: Client) -> None:
    file = SimpleUploadedFile("fox.png", png(640, 360), "image/png")
    form = shot(model_named("Grok Video I2V"), start_frame_file=file)
    assert client.post("/create/", form).status_code == 302
    assert Generation.objects.get().start_frame == Asset.objects.get()


def test_a_double_click_orders_once(studio: Studio, client: Client) -> None:
    form = shot(model_named("Grok Video T2V"))
    client.post("/create/", form)
    client.post("/create/", form, headers=HTMX)
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_another_shot_in_a_form_that_was_sent_is_refused_with_a_fresh_form(
    studio: Studio, client: Client, headers: dict[str, str]
) -> None:
    """A browser may restore a page, its hidden fields included, after the form was sent."""
    form = shot(model_named("Grok Video T2V"))
    client.post("/create/", form)
    other = form | {"prompt": "A whale, quite another shot"}
    response = client.post("/create/", other, headers=headers)
    page = response.content.decode()
    assert response.status_code == 422
    assert "This form was already sent" in page
    assert "A whale, quite another shot</textarea>" in page
    [fresh] = re.findall(r'name="shot" value="([^"]+)"', page)
    assert fresh != form["shot"]
    assert client.post("/create/", other | {"shot": fresh}).status_code == 302
    assert Generation.objects.filter(prompt__startswith="A whale").count() == 1


def test_the_catalogs_raw_rows_are_not_read_for_the_page(studio: Studio, client: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/create/")
    reads = [query["sql"] for query in queries if 'FROM "catalog_aimodel"' in query["sql"]]
    assert reads
    assert not any('"raw"' in read for read in reads)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"prompt": ""}, "Describe the shot in a few words."),
        ({"aspect_ratio": "7:5"}, "The model doesn&#x27;t offer 7:5."),
        ({"seen_price": "30"}, "The price is now 35 credits. Nothing was ordered"),
        ({"model": "0"}, "Choose a model."),
        ({"model": "<script>"}, "Choose a model."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_refused_form_is_422_and_keeps_what_was_typed(
    studio: Studio, client: Client, changes: dict[str, str], words: str, headers: dict[str, str]
) -> None:
    form = shot(model_named("Grok Video T2V")) | {"prompt": "Kept"} | changes
    response = client.post("/create/", form, headers=headers)
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert ("<html" in page) is not bool(headers)
    if form["prompt"]:
        assert "Kept</textarea>" in page
    assert not Generation.objects.exists()


def test_a_file_sent_with_a_refused_form_is_kept(studio: Studio, client: Client) -> None:
    file = SimpleUploadedFile("fox.png", png(640, 360), "image/png")
    form = shot(model_named("Grok Video I2V"), prompt="", start_frame_file=file)
    page = client.post("/create/", form).content.decode()
    asset = Asset.objects.get()
    assert f'value="{asset.pk}"' in page
    assert "fox.png" in page


def test_an_empty_wallet_says_what_is_missing(studio: Studio, client: Client) -> None:
    studio.sandbox.settings(key=studio.key, balance=20)
    response = client.post("/create/", shot(model_named("Grok Video T2V")))
    assert response.status_code == 422
    assert "Needs 15 more credits" in response.content.decode()
    assert studio.submissions() == []


def test_the_balance_unknown_is_said_and_does_not_stop_anybody(studio: Studio, client: Client) -> None:
    studio.sandbox.fault("answer", status=503, match={"method": "GET", "path": "/billing/credits"}, times=0)
    page = client.get("/create/").content.decode()
    assert "Your balance is not known at the moment." in page
    assert client.post("/create/", shot(model_named("Grok Video T2V"))).status_code == 302


def test_no_catalog_yet(client: Client) -> None:
    page = client.get("/create/").content.decode()
    assert "No models to create with yet" in page


def test_someone_elses_image_is_not_used(studio: Studio, client: Client, stranger: User) -> None:
    theirs = make_asset(stranger)
    response = client.post("/create/", shot(model_named("Grok Video I2V"), start_frame=theirs.pk))
    assert response.status_code == 422
    assert "needs a start frame" in response.content.decode()


@pytest.mark.parametrize("path", ["/create/panel/", "/create/price/"])
def test_parts_are_only_asked_for_with_a_form(client: Client, path: str) -> None:
    assert client.get(path).status_code == 405
