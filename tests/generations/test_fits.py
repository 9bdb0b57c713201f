"""What fits the balance: less of the same, then other models; never more than there is."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Account, AIModel
from generations import choosing
from generations.fits import MOST, Fitting, what_fits
from generations.forms import ShotForm
from tests.factories import make_asset, make_model
from tests.generations.shots import shot
from tests.sandboxed import Studio

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HTMX = {"HX-Request": "true"}


@pytest.fixture
def account(owner: User) -> Account:
    return Account.objects.current()


@pytest.fixture
def model(account: Account) -> AIModel:
    """7 credits a second, half of it at 480p; 5 to 15 s."""
    return make_model(account, name="First")


def form(owner: User, model: AIModel, **changes: Any) -> ShotForm:
    return ShotForm.shown(shot(model, **changes), owner=owner, model=model)


def fitting(owner: User, model: AIModel, balance: int, **changes: Any) -> list[Fitting]:
    return what_fits(form(owner, model, **changes), choosing.usable_models(), balance)


def told(found: list[Fitting]) -> list[tuple[str, tuple[str, ...], Decimal | None]]:
    return [(one.model.name, one.changes, one.total.credits) for one in found]


def test_one_thing_less_comes_before_two(owner: User, model: AIModel) -> None:
    found = fitting(owner, model, 59, duration_ms="10000", variations="2")
    assert told(found) == [
        ("First", ("8 s", "480p"), Decimal(56)),
        ("First", ("1 variation", "8 s"), Decimal(56)),
        ("First", ("1 variation", "480p"), Decimal(35)),
    ]
    assert told(fitting(owner, model, 70, duration_ms="10000", variations="2"))[0][1] == ("480p",)


def test_as_much_of_it_as_the_credits_pay_for(owner: User, model: AIModel) -> None:
    shorter = [one for one in fitting(owner, model, 59, duration_ms="15000") if one.changes == ("8 s",)]
    assert [(one.values, one.total.credits) for one in shorter] == [({"duration_ms": "8000"}, Decimal(56))]


def test_what_gives_less_of_everything_is_left_out(owner: User, model: AIModel) -> None:
    found = fitting(owner, model, 60, duration_ms="15000", variations="4")
    kept = [amounts(one) for one in found]
    assert len(kept) > 1
    for one in kept:
        more = [other for other in kept if all(its >= mine for its, mine in zip(other, one, strict=True))]
        assert more == [one]


def amounts(one: Fitting) -> tuple[int, int, str]:
    values = {"variations": "4", "duration_ms": "15000", "resolution": "720p"} | one.values
    return int(values["variations"]), int(values["duration_ms"]), values["resolution"]


def test_nothing_fits_an_empty_wallet(owner: User, model: AIModel) -> None:
    assert fitting(owner, model, 0) == []


def test_other_models_follow_the_dearest_first(owner: User, account: Account, model: AIModel) -> None:
    make_model(account, name="Cheap", pricing={"base_cost": 5})
    make_model(account, name="Near", pricing={"base_cost": 30})
    make_model(account, name="Dear", pricing={"base_cost": 90})
    found = fitting(owner, model, 34)
    assert told(found) == [
        ("First", ("480p",), Decimal(18)),
        ("Near", (), Decimal(30)),
        ("Cheap", (), Decimal(5)),
    ]
    assert found[1].values["resolution"] == "720p"


def test_the_same_model_leaves_room_for_others(owner: User, account: Account, model: AIModel) -> None:
    for n in range(9):
        make_model(account, name=f"Other {n}", pricing={"base_cost": n + 1})
    found = fitting(owner, model, 60, duration_ms="15000", variations="8")
    assert len(found) == MOST
    assert [one.model.name for one in found].count("First") == 3


@pytest.mark.parametrize(
    "lacks",
    [
        {"pricing": None},
        {"pricing": {"base_cost": 99}},
        {"aspect_ratios": ["16:9"]},
        {"aspect_ratios": None},
        {"resolutions": ["480p"]},
        {"durations": ["3000"]},
        {"requires_start_frame": True},
        {"type": "image", "durations": None},
        {"max_prompt_length": 3},
        {"tags": ["extend"]},
    ],
    ids=str,
)
def test_what_cannot_make_the_shot_is_not_offered(
    owner: User, account: Account, model: AIModel, lacks: dict[str, Any]
) -> None:
    make_model(account, **{"name": "Other", "pricing": {"base_cost": 1}} | lacks)
    assert {one.model.name for one in fitting(owner, model, 30)} == {"First"}


def test_models_of_another_account_are_paid_elsewhere(owner: User, model: AIModel) -> None:
    other = Account.objects.create(fingerprint="other")
    elsewhere = make_model(other, name="Other", pricing={"base_cost": 1})
    found = what_fits(form(owner, model), [model, elsewhere], 30)
    assert {one.model.name for one in found} == {"First"}


def test_the_inputs_have_to_go_in(owner: User, account: Account) -> None:
    model = make_model(account, name="First", requires_start_frame=True)
    slot = {"type": "image", "role": "start_frame", "required": True}
    small = [{"mode": "image_to_video", "slots": [slot | {"min_dimension_px": 2000}]}]
    make_model(account, name="Wants more pixels", pricing={"base_cost": 1}, inputs=small)
    make_model(account, name="Text only", pricing={"base_cost": 1})
    make_model(account, name="Takes it", pricing={"base_cost": 1}, requires_start_frame=True)
    frame = make_asset(owner, width=1280, height=720)
    found = fitting(owner, model, 10, start_frame=str(frame.pk))
    assert {one.model.name for one in found} == {"Takes it"}


def test_several_shots_keep_their_length_and_model(owner: User, account: Account, model: AIModel) -> None:
    several = make_model(account, name="Kling V3", tags=["multi-shot"])
    parts = {"shot_prompt": ["A fox", "A whale"], "shot_seconds": ["5", "5"]}
    found = fitting(owner, several, 70, variations="2", **parts)
    assert told(found) == [("Kling V3", ("480p",), Decimal(70)), ("Kling V3", ("1 variation",), Decimal(70))]


def test_a_typed_length_is_shortened_to_whole_seconds(owner: User, account: Account) -> None:
    details = {"credit_cost": 2, "unit_scale": 1, "billing_unit": "second"}
    lacks = dict.fromkeys(("pricing", "durations", "aspect_ratios", "resolutions"))
    sound = make_model(account, type="text_to_sound", name="Sound", price_details=details, **lacks)
    found = fitting(owner, sound, 9, duration_seconds="7.5")
    assert told(found) == [("Sound", ("4 s",), Decimal(8))]


# On the page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_refused_order_shows_what_fits(studio: Studio, client: Client, headers: dict[str, str]) -> None:
    studio.sandbox.settings(key=studio.key, balance=20)
    model = AIModel.objects.current().get(name="Grok Video T2V")
    response = client.post("/create/", shot(model), headers=headers)
    assert response.status_code == 422
    page = response.content.decode()
    assert '<p class="price-short" role="alert">Needs 15 more credits. Nothing was ordered.</p>' in page
    assert "Your 20 credits pay for" in page
    assert "resolution=480p" in page


def test_nothing_is_offered_while_the_credits_suffice(studio: Studio, client: Client) -> None:
    assert 'class="fit"' not in client.get("/create/").content.decode()


@pytest.mark.parametrize(
    ("name", "balance", "changes"),
    [
        ("Grok Video T2V", 20, {"variations": "4", "duration_ms": "15000"}),
        ("Sora 2 Pro T2V", 300, {"duration_ms": "12000", "resolution": "1080p"}),
        ("Seedance 2.0 T2V", 90, {"duration_ms": "10000"}),
        ("Nano Banana Pro T2I", 30, {"resolution": "4K", "variations": "8"}),
        ("GPT Image 2 T2I", 8, {"resolution": "1K"}),
        ("ElevenLabs Text to Sound V2", 5, {"duration_seconds": "10"}),
        ("Sora 2 Pro I2V", 60, {"duration_ms": "8000", "start_frame": "an image"}),
    ],
)
def test_every_link_leads_to_a_shot_that_the_balance_pays_for(
    studio: Studio, client: Client, owner: User, name: str, balance: int, changes: dict[str, str]
) -> None:
    """The figure beside it is the price on that page's button, and the words and inputs came along."""
    studio.sandbox.settings(key=studio.key, balance=balance)
    asset = make_asset(owner, width=1280, height=720)
    values = {key: str(asset.pk) if value == "an image" else value for key, value in changes.items()}
    model = AIModel.objects.current().get(name=name)
    page = client.post("/create/price/", shot(model, **values), headers=HTMX).content.decode()
    offered = re.findall(r'class="fit" href="([^"]+)".*?class="fit-price num">([\d,]+) cr<', page)
    assert offered
    for link, credits in offered:
        found = client.get(unescape(link)).content.decode()
        assert f"Generate · {credits} credit" in found
        assert int(credits.replace(",", "")) <= balance
        assert "A fox in the snow</textarea>" in found
        frame = f'name="start_frame" value="{asset.pk}"'
        assert ("an image" in changes.values()) is (frame in found)


def test_a_long_prompt_stays_out_of_the_address(studio: Studio, client: Client) -> None:
    studio.sandbox.settings(key=studio.key, balance=20)
    model = AIModel.objects.current().get(name="Grok Video T2V")
    values = shot(model, prompt="A fox " * 400)
    page = client.post("/create/price/", values, headers=HTMX).content.decode()
    links = re.findall(r'class="fit" href="([^"]+)"', page)
    assert links
    assert all(len(link) < 1000 for link in links)
