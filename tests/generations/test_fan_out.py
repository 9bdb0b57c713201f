"""One shot for several models: listed, priced, held by the cap, ordered as a whole, compared."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.mirror import voices
from catalog.models import Account, AIModel, Voice
from generations.models import Asset, Generation, Purse, Status
from tests.factories import make_asset, make_model, png
from tests.sandboxed import Studio

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
GROK, KLING, HAILUO = "Grok Video T2V", "Kling 2.5 Turbo T2V", "MiniMax Hailuo 2.3 Standard T2V"


def named(name: str) -> AIModel:
    return AIModel.objects.current().get(name=name)


def unpriced(name: str) -> None:
    AIModel.objects.filter(name=name).update(pricing=None, price_details=None)


def shot(*names: str, base: str = GROK, **changes: Any) -> dict[str, Any]:
    """The create form on `base`, with these models chosen in the list below it."""
    return {
        "shot": str(uuid4()),
        "model": named(base).pk,
        "prompt": "A fox in the snow",
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "duration_ms": "5000",
        "variations": "1",
        "several": ["", *(str(named(name).pk) for name in names)],
    } | changes


def listed(client: Client, form: dict[str, Any], **headers: str) -> str:
    response = client.post("/create/several/", form, headers=headers or HTMX)
    assert response.status_code == 200
    return response.content.decode()


def row_of(page: str, name: str) -> str:
    rows = [row for row in re.findall(r"<li>.*?</li>", page, re.DOTALL) if f">{name} " in row]
    assert len(rows) == 1, name
    return " ".join(re.sub(r"<[^>]+>", " ", rows[0]).split())


def unfit(page: str, name: str) -> str:
    [row] = re.findall(rf"<li><span>{re.escape(name)}</span> <span[^>]*>(.*?)</span></li>", page)
    return str(row)


def token(page: str) -> str:
    return re.findall(r'name="seen_total" value="([^"]*)"', page)[0]


def order(client: Client, form: dict[str, Any], **headers: str) -> Any:
    """Press the button of a list that shows what is chosen now."""
    seen = token(listed(client, form))
    return client.post("/create/several/order/", form | {"seen_total": seen}, headers=headers or HTMX)


# The list


def test_every_model_says_what_it_would_change_and_its_own_price(studio: Studio, client: Client) -> None:
    page = listed(client, shot())
    assert row_of(page, GROK) == f"{GROK} Hedra 35 cr 720p · 5 s"
    assert row_of(page, KLING) == f"{KLING} Hedra 50 cr 1080p · 5 s · no 720p: 1080p"
    assert row_of(page, HAILUO) == f"{HAILUO} Hedra 36 cr 768p · 6 s · no 720p: 768p · priced at 6 s"


def test_what_cannot_make_the_very_shot_says_why(studio: Studio, client: Client) -> None:
    page = listed(client, shot(duration_ms="15000", aspect_ratio="9:16"))
    assert unfit(page, KLING) == "longest 10 s"
    assert unfit(page, HAILUO) == "no 9:16, longest 10 s"


def test_an_input_goes_only_to_models_that_take_it(studio: Studio, client: Client, owner: User) -> None:
    frame = make_asset(owner, width=1280, height=720)
    page = listed(client, shot(base="Grok Video I2V", start_frame=frame.pk))
    assert "Kling 2.5 Turbo I2V" in page
    assert row_of(page, "Kling 2.5 Turbo I2V").startswith("Kling 2.5 Turbo I2V Hedra 50 cr")
    assert "takes no start frame" in unfit(page, GROK)
    without = listed(client, shot())
    assert "needs start frame" in unfit(without, "Grok Video I2V")


def test_only_models_of_the_same_outcome_are_listed(studio: Studio, client: Client) -> None:
    page = listed(client, shot())
    assert "Nano Banana" not in page
    assert "Video Upscale" not in page


def test_an_unknown_price_can_not_be_included_and_says_so(studio: Studio, client: Client) -> None:
    unpriced(KLING)
    page = listed(client, shot(KLING))
    assert "price unknown, so no cap could hold it" in row_of(page, KLING)
    assert token(page) == ""


def test_the_first_opening_offers_the_model_of_the_form(studio: Studio, client: Client) -> None:
    form = {name: value for name, value in shot().items() if name != "several"}
    page = listed(client, form | {"open": "1"})
    assert token(page) == f"{named(GROK).pk}:35"
    assert "Order 1 take · 35 credits" in page


def test_variations_are_counted_with_every_model(studio: Studio, client: Client) -> None:
    page = listed(client, shot(GROK, KLING, variations="2", cap="500"))
    assert "Order 4 takes · 170 credits" in page


def test_the_list_is_put_away_again(studio: Studio, client: Client) -> None:
    page = listed(client, shot() | {"close": "1"})
    assert "Several models …" in page
    assert "checkbox" not in page


def test_what_was_made_a_moment_ago_is_named(studio: Studio, client: Client) -> None:
    order(client, shot(GROK))
    page = listed(client, shot(GROK, KLING))
    take = Generation.objects.get()
    assert re.search(rf'<a href="{take.get_absolute_url()}">you made this', page)
    assert page.count("you made this") == 1
    Generation.objects.update(status=Status.ERROR)
    assert "you made this" not in listed(client, shot(GROK))


def test_without_script_the_shot_is_kept_as_the_draft(studio: Studio, client: Client) -> None:
    client.post("/create/several/", shot(GROK, prompt="A fox that is not forgotten"))
    assert "A fox that is not forgotten" in client.get("/create/").content.decode()
    assert "A fox that is not forgotten" in client.get("/create/several/").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_models(studio: Studio, client: Client) -> None:
    account, form = named(GROK).account, shot(GROK)
    listed(client, form)
    with CaptureQueriesContext(connection) as few:
        listed(client, form)
    for _ in range(20):
        make_model(account, name="Another")
    with CaptureQueriesContext(connection) as many:
        assert "Another" in listed(client, form)
    assert len(many) <= len(few)


def test_an_input_is_read_once_for_all_models(studio: Studio, client: Client, owner: User) -> None:
    frame = make_asset(owner, width=1280, height=720)
    form = shot(base="Grok Video I2V", start_frame=frame.pk)
    with CaptureQueriesContext(connection) as queries:
        assert "Kling 2.5 Turbo I2V" in listed(client, form)
    reads = [query["sql"] for query in queries if 'FROM "generations_asset"' in query["sql"]]
    assert len(reads) == 1


def test_voices_are_read_once_for_all_models(studio: Studio, client: Client) -> None:
    voices.sync(Account.objects.current())
    voice = Voice.objects.current()[0]
    spoken = {"speech_text": "Good evening", "speech_voice": voice.remote_id}
    form = shot(base="Hedra Avatar", **spoken)
    with CaptureQueriesContext(connection) as queries:
        assert "Kling AI Avatar v2 Pro" in listed(client, form)
    reads = [query["sql"] for query in queries if 'FROM "catalog_voice"' in query["sql"]]
    assert len(reads) == 1


def test_a_late_question_does_not_open_the_list_again(studio: Studio, client: Client) -> None:
    """A list asks for its prices again and again; the last question may leave after it was put away."""
    form = {name: value for name, value in shot().items() if name != "several"}
    assert client.post("/create/several/", form, headers=HTMX).status_code == 204


def test_without_script_it_is_a_page_that_carries_the_shot(studio: Studio, client: Client) -> None:
    page = client.post("/create/several/", shot(GROK)).content.decode()
    assert "<html" in page
    assert '<input type="hidden" name="prompt" value="A fox in the snow">' in page
    assert '<input type="hidden" name="duration_ms" value="5000">' in page


def test_the_page_can_be_opened_by_its_address(studio: Studio, client: Client) -> None:
    page = client.get(f"/create/several/?model={named(GROK).pk}&prompt=A+fox").content.decode()
    assert "35 cr" in page
    assert not Purse.objects.exists()


def page_with(client: Client, file: SimpleUploadedFile) -> str:
    form = shot(base="Grok Video I2V", start_frame_file=file)
    return client.post("/create/several/", form).content.decode()


def test_files_that_come_without_script_are_kept(studio: Studio, client: Client) -> None:
    file = SimpleUploadedFile("fox.png", png(1280, 720), "image/png")
    page = page_with(client, file)
    assert f'<input type="hidden" name="start_frame" value="{Asset.objects.get().pk}">' in page
    bad = SimpleUploadedFile("fox.png", b"no image", "image/png")
    page = page_with(client, bad)
    assert "needs start frame" in unfit(page, "Grok Video I2V")
    assert page.count("error-text") == 1


def test_a_model_that_is_gone_is_chosen_anew(studio: Studio, client: Client) -> None:
    page = listed(client, shot() | {"model": "0"})
    assert "Choose a model first" in page


# The order


def test_one_press_orders_every_model_once(studio: Studio, client: Client) -> None:
    form = shot(GROK, KLING)
    response = order(client, form)
    assert response.status_code == 200
    takes = Generation.objects.filter(fan_out=form["shot"])
    assert {(take.model_name, take.quoted) for take in takes} == {(GROK, 35), (KLING, 50)}
    assert len({take.shot for take in takes}) == 2
    page = response.content.decode()
    assert all(f'id="take-{take.pk}"' in page for take in takes)
    assert f"/gallery/?fan_out={form['shot']}" in page
    assert f'value="{form["shot"]}"' not in page  # what is ordered next is another shot


def test_without_script_the_comparison_follows(studio: Studio, client: Client) -> None:
    form = shot(GROK, KLING)
    seen = token(listed(client, form))
    response = client.post("/create/several/order/", form | {"seen_total": seen})
    assert response["Location"] == f"/gallery/?fan_out={form['shot']}"
    page = client.get(response["Location"]).content.decode()
    assert GROK in page
    assert KLING in page


def test_each_body_is_the_forms_own(studio: Studio, client: Client) -> None:
    order(client, shot(GROK, HAILUO, aspect_ratio="16:9"))
    bodies = {take.model_name: take.body for take in Generation.objects.all()}
    assert bodies[GROK]["generated_video_inputs"]["duration_ms"] == 5000
    assert bodies[GROK]["generated_video_inputs"]["resolution"] == "720p"
    assert bodies[HAILUO]["generated_video_inputs"]["duration_ms"] == 6000
    assert bodies[HAILUO]["generated_video_inputs"]["resolution"] == "768p"
    assert bodies[HAILUO]["generated_video_inputs"]["text_prompt"] == "A fox in the snow"


@pytest.mark.django_db(transaction=True)
def test_what_was_on_the_button_is_charged(studio: Studio, client: Client) -> None:
    order(client, shot(GROK, HAILUO))
    studio.work_until_idle()
    takes = Generation.objects.all()
    assert {take.status for take in takes} == {Status.COMPLETE}
    assert sum(sum(amounts) for amounts in studio.charges().values()) == Decimal(35 + 36)


def test_pressed_twice_it_orders_once(studio: Studio, client: Client) -> None:
    form = shot(GROK, KLING)
    first, second = order(client, form), order(client, form)
    assert (first.status_code, second.status_code) == (200, 200)
    assert Generation.objects.count() == 2


def test_a_sent_form_with_other_models_is_another_order(studio: Studio, client: Client) -> None:
    form = shot(GROK)
    order(client, form)
    more = form | {"several": shot(GROK, KLING)["several"]}
    response = order(client, more)
    page = response.content.decode()
    assert response.status_code == 422
    assert "This was already sent" in page
    [fresh] = re.findall(r'name="shot" id="id_shot" value="([^"]+)"', page)
    assert UUID(fresh) != UUID(form["shot"])
    assert Generation.objects.count() == 1
    assert order(client, more | {"shot": fresh, "several": shot(KLING)["several"]}).status_code == 200
    assert Generation.objects.count() == 2


def test_no_script_people_see_the_total_before_anything_is_ordered(studio: Studio, client: Client) -> None:
    form = shot(GROK, KLING, seen_total="")
    response = client.post("/create/several/order/", form)
    page = response.content.decode()
    assert response.status_code == 422
    assert "This comes to 85 credits. Nothing was ordered; press again to accept it." in page
    assert not Generation.objects.exists()
    again = client.post("/create/several/order/", form | {"seen_total": token(page)})
    assert again.status_code == 302


# Refusals: nothing stored, everything kept


def refused(client: Client, form: dict[str, Any]) -> str:
    response = order(client, form)
    assert response.status_code == 422
    assert not Generation.objects.exists()
    page = response.content.decode()
    for key in filter(None, form["several"]):
        assert f'value="{key}"' in page
    return page


def test_what_exceeds_the_cap_is_refused_as_a_whole(studio: Studio, client: Client) -> None:
    page = refused(client, shot(GROK, KLING, HAILUO))
    assert "121 credits at Hedra are more than your cap of 100. Nothing was ordered." in page
    assert studio.submissions() == []


def test_a_cap_that_is_raised_is_remembered(studio: Studio, client: Client, owner: User) -> None:
    assert order(client, shot(GROK, KLING, HAILUO, cap="121")).status_code == 200
    assert Purse.objects.get(owner=owner).fan_out_cap == 121
    assert re.search(r'name="cap"[^>]* value="121"', listed(client, shot()))


@pytest.mark.parametrize("cap", ["", "0", "-5", "12.5", "many", "1000001", "9" * 40, "١٢"])
def test_a_cap_that_is_no_number_holds_everything_back(studio: Studio, client: Client, cap: str) -> None:
    page = refused(client, shot(GROK, cap=cap))
    assert "Write the cap as a whole number" in page
    assert not Purse.objects.exists()


def test_a_short_balance_is_refused_as_a_whole(studio: Studio, client: Client) -> None:
    studio.sandbox.settings(key=studio.key, balance=60)
    page = refused(client, shot(GROK, KLING))
    assert "Needs 25 more credits at Hedra. Nothing was ordered." in page


def test_an_unknown_price_is_refused(studio: Studio, client: Client) -> None:
    unpriced(KLING)
    page = refused(client, shot(GROK, KLING))
    assert "Kling 2.5 Turbo T2V can&#x27;t be included: its price is not known beforehand" in page


def test_a_model_that_can_not_make_it_is_refused(studio: Studio, client: Client) -> None:
    page = order(client, shot(GROK, "Grok Video I2V")).content.decode()
    assert "Grok Video I2V can&#x27;t be included: needs start frame. Nothing was ordered." in page


def test_a_model_that_has_gone_is_refused(studio: Studio, client: Client) -> None:
    response = order(client, shot(several=["", "999999"]))
    assert response.status_code == 422
    assert "A model that you chose is not offered any more." in response.content.decode()


def test_no_model_is_no_order(studio: Studio, client: Client) -> None:
    assert "Choose the models that shall make the shot. Nothing was ordered." in refused(client, shot())


def test_without_a_prompt_all_models_say_so_once(studio: Studio, client: Client) -> None:
    page = refused(client, shot(GROK, KLING, prompt=""))
    assert page.count("Describe the shot in a few words.") == 1


def test_a_changed_price_is_shown_first(studio: Studio, client: Client) -> None:
    form = shot(GROK)
    seen = token(listed(client, form))
    named(GROK).account.models.filter(name=GROK).update(pricing={"base_cost": None, "credits_per_second": 8})
    response = client.post("/create/several/order/", form | {"seen_total": seen}, headers=HTMX)
    assert response.status_code == 422
    assert "This comes to 40 credits." in response.content.decode()


def test_over_the_amount_that_people_chose_it_asks_once(studio: Studio, client: Client, owner: User) -> None:
    Purse.objects.create(owner=owner, ask_over=80)
    form = shot(GROK, KLING)
    page = refused(client, form)
    assert "This costs 85 credits, more than the 80 above which you want to be asked." in page
    seen = token(page)
    assert f'name="sure" value="{seen}"' in page
    sure = form | {"seen_total": seen, "sure": seen}
    assert client.post("/create/several/order/", sure, headers=HTMX).status_code == 200


def test_a_form_without_its_id_is_no_order(studio: Studio, client: Client) -> None:
    form = shot(GROK) | {"shot": "x"}
    assert client.post("/create/several/order/", form).status_code == 400
    assert not Generation.objects.exists()
