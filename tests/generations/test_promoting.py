"""Cheap first, good later: the draft beside Generate, and the final that a draft becomes."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Account, AIModel
from generations import promoting
from generations.forms import ShotForm
from generations.models import Cap, Generation, Input, Purse, Status
from generations.promoting import draft_of, family
from tests.factories import make_asset, make_model, make_take
from tests.generations.orders import Press
from tests.sandboxed import Studio

from .controls import controls

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HTMX = {"HX-Request": "true"}
GROK, KLING = "Grok Video T2V", "Kling 2.5 Turbo T2V"


def named(name: str) -> AIModel:
    return AIModel.objects.current().get(name=name)


def form(name: str = GROK, **changes: Any) -> dict[str, Any]:
    """The create form with this model."""
    return {
        "shot": str(uuid4()),
        "model": named(name).pk,
        "prompt": "A fox in the snow",
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "duration_ms": "8000",
        "variations": "1",
    } | changes


def price_of(client: Client, values: dict[str, Any]) -> str:
    page = client.post("/create/price/", values, headers=HTMX).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


# The family


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("Veo 3 T2V", ["Veo 3 Fast T2V"]),
        ("Veo 3 Fast T2V", ["Veo 3 T2V"]),
        ("Kling V3 Pro T2V", ["Kling V3 Standard T2V"]),
        ("Veo 2 T2V", []),
        ("Kling 2.6 Pro T2V", []),
        ("Nano Banana Pro T2I", ["Nano Banana T2I"]),
        (GROK, []),
    ],
)
def test_a_family_differs_only_in_its_grade(studio: Studio, name: str, others: list[str]) -> None:
    assert [model.name for model in family(named(name))] == [name, *others]


# The draft of a shot


def drafted(owner: User, model: AIModel, **values: Any) -> Any:
    return draft_of(ShotForm.shown({"prompt": "A fox", **values}, owner=owner, model=model))


@pytest.mark.parametrize(
    ("name", "values", "words", "credits"),
    [
        (GROK, {"resolution": "720p", "duration_ms": "8000"}, "480p", 28),
        ("Veo 3 T2V", {"resolution": "1080p", "duration_ms": "8000"}, "Veo 3 Fast T2V · 720p", 160),
        ("Veo 3 T2V", {"resolution": "720p", "duration_ms": "8000"}, "Veo 3 Fast T2V", 160),
        ("Kling V3 Pro T2V", {"duration_ms": "5000"}, "Kling V3 Standard T2V · 720p", 90),
        (KLING, {"duration_ms": "10000"}, "5 s", 50),
        ("Nano Banana Pro T2I", {"resolution": "4K"}, "Nano Banana T2I · 1K", 6),
    ],
)
def test_the_draft_is_the_shot_at_its_cheapest(
    studio: Studio, owner: User, name: str, values: dict[str, str], words: str, credits: int
) -> None:
    draft = drafted(owner, named(name), **values)
    assert (draft.words, draft.total.credits) == (words, credits)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (GROK, {"resolution": "480p", "duration_ms": "5000"}),
        (KLING, {"duration_ms": "5000"}),
        ("ElevenLabs V3", {}),
    ],
)
def test_the_cheapest_has_no_draft(studio: Studio, owner: User, name: str, values: dict[str, str]) -> None:
    assert drafted(owner, named(name), **values) is None


def test_a_refused_shot_has_the_draft_it_had(client: Client, studio: Studio) -> None:
    values = form(variations="8")
    assert "Draft · 224 credits" in price_of(client, values)
    Cap.objects.create(account=Account.objects.current(), daily=1)
    refused = client.post("/create/", values, headers=HTMX)
    assert refused.status_code == 422
    assert "Draft · 224 credits" in " ".join(re.sub(r"<[^>]+>", " ", refused.content.decode()).split())


def test_without_a_known_price_there_is_no_draft(owner: User) -> None:
    assert drafted(owner, make_model(pricing=None)) is None


def test_a_fast_model_that_can_not_make_the_shot_is_no_draft(owner: User) -> None:
    usual = make_model(name="Veo 9 T2V", resolutions=["720p"], pricing=rate(50), durations=["8000"])
    make_model(name="Veo 9 Fast T2V", resolutions=["720p"], pricing=rate(5), aspect_ratios=["1:1"])
    assert drafted(owner, usual, aspect_ratio="16:9") is None


def test_shorter_is_only_what_nothing_else_makes_cheaper(owner: User) -> None:
    usual = make_model(name="Veo 9 T2V", resolutions=["720p"], pricing=rate(50), durations=["8000"])
    make_model(name="Veo 9 Fast T2V", resolutions=["720p"], pricing=rate(5), durations=["4000"])
    assert drafted(owner, usual).words == "Veo 9 Fast T2V · 4 s"
    make_model(name="Veo 9 Lite T2V", resolutions=["720p"], pricing=rate(40), durations=["8000"])
    assert drafted(owner, usual).words == "Veo 9 Lite T2V"


def rate(per_second: int) -> dict[str, Any]:
    return {"base_cost": None, "credits_per_second": per_second, "modifiers": {}}


def test_both_prices_stand_side_by_side(studio: Studio, client: Client) -> None:
    words = price_of(client, form(variations="2"))
    assert "Generate · 112 credits" in words
    assert "Draft · 56 credits cr 480p" in words  # of the two words one is for phones


def test_a_draft_that_can_not_be_paid_is_not_offered(studio: Studio, client: Client) -> None:
    studio.sandbox.settings(key=studio.key, balance=20)
    assert "Draft ·" not in price_of(client, form())


def test_the_draft_is_ordered_and_the_form_keeps_the_final(studio: Studio, client: Client) -> None:
    response = client.post("/create/draft-take/", form() | {"seen_draft": "28"}, headers=HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    take = Generation.objects.get()
    assert (take.resolution, take.quoted, take.duration_ms) == ("480p", 28, None)
    assert f'id="take-{take.pk}"' in page
    assert "Generate · 56 credits" in page


def test_without_script_the_gallery_follows_the_draft(studio: Studio, client: Client) -> None:
    response = client.post("/create/draft-take/", form() | {"seen_draft": "28"})
    assert response["Location"] == "/gallery/"


def test_a_draft_pressed_twice_is_one(studio: Studio, client: Client) -> None:
    sent = form() | {"seen_draft": "28"}
    for _ in range(2):
        assert client.post("/create/draft-take/", sent, headers=HTMX).status_code == 200
    assert Generation.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seen_draft": "20"}, "The price is now 28 credits. Nothing was ordered"),
        ({"prompt": ""}, "Describe the shot in a few words."),
        ({"resolution": "480p", "duration_ms": "5000"}, "There is no cheaper draft of this shot any more."),
    ],
)
def test_a_refused_draft_keeps_the_form(
    studio: Studio, client: Client, changes: dict[str, str], words: str, headers: dict[str, str]
) -> None:
    response = client.post("/create/draft-take/", form() | {"seen_draft": "28"} | changes, headers=headers)
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert ("<html" in page) is not bool(headers)
    assert not Generation.objects.exists()


def test_the_very_same_draft_is_asked_about(studio: Studio, client: Client) -> None:
    client.post("/create/draft-take/", form() | {"seen_draft": "28"}, headers=HTMX)
    again = form() | {"seen_draft": "28"}
    page = client.post("/create/draft-take/", again, headers=HTMX).content.decode()
    assert "The same model, words, settings and inputs." in page
    assert 'formaction="/create/draft-take/" name="draft_again"' in page
    assert 'id="generate"' not in page  # one question at a time
    assert Generation.objects.count() == 1
    assert client.post("/create/draft-take/", again | {"draft_again": "1"}, headers=HTMX).status_code == 200
    assert Generation.objects.count() == 2


def test_an_answer_about_the_draft_is_none_about_the_shot(
    studio: Studio, client: Client, owner: User
) -> None:
    """Enter in a field sends the shot with all that the page holds."""
    client.post("/create/", form(), headers=HTMX)
    Purse.objects.create(owner=owner, ask_over=20)
    sent = form() | {"seen_draft": "28"}
    page = client.post("/create/draft-take/", sent, headers=HTMX).content.decode()
    assert "more than the 20 you chose" in page
    Purse.objects.update(ask_over=None)
    answer = client.post("/create/", controls(page) | {"shot": str(uuid4())}, headers=HTMX)
    assert answer.status_code == 422
    assert "The same model, words, settings and inputs." in answer.content.decode()
    assert Generation.objects.count() == 1


# The final of a draft


@pytest.fixture
def draft(studio: Studio, press: Press) -> Generation:
    """A finished draft of 480p."""
    [take] = press(GROK, resolution="480p", duration_ms="8000", aspect_ratio="9:16")
    return finished(take)


def finished(take: Generation) -> Generation:
    Generation.objects.filter(pk=take.pk).update(status=Status.COMPLETE, next_attempt_at=None)
    take.refresh_from_db()
    return take


def final_url(take: Generation) -> str:
    return f"/gallery/{take.pk}/final/"


def test_the_take_offers_what_is_better(draft: Generation, client: Client) -> None:
    page = client.get(draft.get_absolute_url()).content.decode()
    assert final_url(draft) in page
    region = client.get(final_url(draft), headers=HTMX).content.decode()
    assert "Make final · 56 credits" in region
    assert '<input type="radio" name="resolution" value="720p"' in region


def test_the_final_repeats_the_draft_at_better_settings(draft: Generation, client: Client) -> None:
    response = client.post(final_url(draft), {"seen_price": "56", "resolution": "720p"})
    final = Generation.objects.get(made_from=draft)
    assert response["Location"] == final.get_absolute_url()
    assert (final.is_final, final.quoted, final.prompt) == (True, 56, draft.prompt)
    asked = {**draft.body["generated_video_inputs"], "resolution": "720p"}
    assert final.body == {**draft.body, "generated_video_inputs": asked}


def test_both_pages_link_each_other(draft: Generation, client: Client) -> None:
    client.post(final_url(draft), {"seen_price": "56"})
    final = Generation.objects.get(made_from=draft)
    assert final.get_absolute_url() in client.get(draft.get_absolute_url()).content.decode()
    assert draft.get_absolute_url() in client.get(final.get_absolute_url()).content.decode()


def test_inputs_go_with_it(studio: Studio, press: Press, owner: User, client: Client) -> None:
    frame = make_asset(owner, width=1280, height=720)
    [take] = press("Grok Video I2V", start_frame=[frame.pk], resolution="480p")
    finished(take)
    assert client.post(final_url(take), {"resolution": "720p"}).status_code == 302
    held = Input.objects.get(generation__made_from=take)
    assert (held.asset, held.role) == (frame, Input.Role.START_FRAME)


def test_the_fast_models_draft_becomes_the_usual_models_final(
    studio: Studio, press: Press, client: Client
) -> None:
    [take] = press("Veo 3 Fast T2V", resolution="1080p", duration_ms="8000")
    finished(take)
    page = client.get(final_url(take)).content.decode()
    assert re.search(r'<option value="\d+" selected>Veo 3 T2V', page)
    assert "Make final · 660 credits" in page
    fast = named("Veo 3 Fast T2V").pk
    assert "Make final · 240 credits" in client.get(f"{final_url(take)}?model={fast}").content.decode()


def test_the_best_settings_have_no_final(studio: Studio, press: Press, client: Client) -> None:
    [take] = press(GROK, resolution="720p")
    finished(take)
    assert final_url(take) not in client.get(take.get_absolute_url()).content.decode()


def test_a_running_take_has_no_final_yet(studio: Studio, press: Press, client: Client) -> None:
    [take] = press(GROK, resolution="480p")
    assert final_url(take) not in client.get(take.get_absolute_url()).content.decode()
    assert client.post(final_url(take), {"resolution": "720p"}).status_code == 404


def test_promoted_twice_it_is_made_once(draft: Generation, client: Client) -> None:
    for _ in range(2):
        client.post(final_url(draft), {"seen_price": "56"})
    final = Generation.objects.get(made_from=draft)
    page = client.get(final_url(draft)).content.decode()
    assert "You have made this one already" in page
    assert final.get_absolute_url() in page


def test_a_deleted_final_can_be_made_again(draft: Generation, client: Client) -> None:
    client.post(final_url(draft), {"seen_price": "56"})
    finished(Generation.objects.get(made_from=draft)).delete_softly()
    response = client.post(final_url(draft), {"seen_price": "56"})
    assert response.status_code == 302
    assert Generation.objects.filter(made_from=draft).count() == 2


def test_other_settings_are_another_final(draft: Generation, client: Client) -> None:
    for length in ("8000", "10000"):
        client.post(final_url(draft), {"resolution": "720p", "duration_ms": length})
    prices = set(Generation.objects.filter(made_from=draft).values_list("quoted", flat=True))
    assert prices == {Decimal(56), Decimal(70)}


def test_the_price_can_be_looked_at_without_script(draft: Generation, client: Client) -> None:
    shown = client.post(final_url(draft), {"duration_ms": "10000", "show": "1"})
    assert shown.status_code == 200
    assert "Make final · 70 credits" in shown.content.decode()
    assert not Generation.objects.filter(made_from=draft).exists()


# Refusals


def refused(client: Client, take: Generation, **sent: str) -> str:
    response = client.post(final_url(take), sent)
    assert response.status_code == 422
    assert not Generation.objects.filter(made_from=take).exists()
    return response.content.decode()


def test_another_price_than_was_seen_is_refused(draft: Generation, client: Client) -> None:
    page = refused(client, draft, seen_price="50")
    assert "The price is now 56 credits. Nothing was ordered; press again to accept it." in page
    assert "Make final · 56 credits" in page


def test_a_short_balance_is_refused(studio: Studio, draft: Generation, client: Client) -> None:
    Account.objects.update(balance_tried_at=None)
    studio.sandbox.settings(key=studio.key, balance=50)
    assert "Needs 6 more credits" in refused(client, draft)


def test_over_the_chosen_amount_it_asks_first(draft: Generation, owner: User, client: Client) -> None:
    Purse.objects.create(owner=owner, ask_over=50)
    page = refused(client, draft, seen_price="56")
    assert "more than the 50 you chose. Order it?" in page
    assert client.post(final_url(draft), {"seen_price": "56", "sure": "56"}).status_code == 302


def test_a_model_that_has_gone_is_refused(draft: Generation, client: Client) -> None:
    assert "This model is not offered any more." in refused(client, draft, model="999999")


def test_an_input_that_has_gone_is_refused(studio: Studio, client: Client, owner: User) -> None:
    body = {
        "type": "video",
        "model_slug": named("Grok Video I2V").slug,
        "start_keyframe_id": str(uuid4()),
        "generated_video_inputs": {"text_prompt": "A fox", "resolution": "480p", "duration_ms": 5000},
    }
    take = make_take(owner, ai_model=named("Grok Video I2V"), body=body, resolution="480p", imported=True)
    assert "The start frame of this take no longer exists here." in refused(client, take)


def test_a_strangers_take_is_not_there(studio: Studio, client: Client, stranger: User) -> None:
    take = make_take(stranger, ai_model=named(GROK))
    assert client.get(final_url(take)).status_code == 404
    assert client.post(final_url(take)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_draft_and_final_are_charged_as_their_buttons_said(studio: Studio, client: Client) -> None:
    client.post("/create/draft-take/", form() | {"seen_draft": "28"}, headers=HTMX)
    studio.work_until_idle()
    take = Generation.objects.get()
    assert promoting.Final(take, client.get("/").wsgi_request.GET).is_offered
    client.post(final_url(take), {"seen_price": "56", "resolution": "720p"})
    studio.work_until_idle()
    charged = {one.resolution: one.charged for one in Generation.objects.all()}
    assert charged == {"480p": Decimal(28), "720p": Decimal(56)}
    assert sorted(sum(amounts) for amounts in studio.charges().values()) == [28, 56]


@pytest.mark.parametrize(
    "asked",
    [
        {"duration_ms": "long"},
        {"duration_ms": [5000], "resolution": 480},
        {"multi_prompt": ["A fox", None]},
        {"multi_prompt": "A fox"},
        {"resolution": {"height": 480}, "aspect_ratio": None},
    ],
)
def test_what_a_service_says_of_a_past_take_may_be_odd(
    studio: Studio, client: Client, owner: User, asked: dict[str, Any]
) -> None:
    body = {"type": "video", "generated_video_inputs": {"text_prompt": "A fox", **asked}}
    take = make_take(owner, ai_model=named(GROK), body=body, imported=True)
    page = client.get(take.get_absolute_url())
    assert page.status_code == 200
    assert final_url(take) not in page.content.decode()
    assert client.get(final_url(take)).status_code == 404
