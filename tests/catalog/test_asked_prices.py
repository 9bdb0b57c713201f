"""Prices that only the service can tell: asked for in the background and shown as it answers."""

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.mirror.details import read_details
from catalog.mirror.sync import sync
from catalog.models import Account, AIModel, AskedPrice, CallBudget, Rest, SharedBudget
from catalog.models.asked_price import FRESH_FOR
from catalog.models.budget import BURST
from catalog.pages.filters import Line
from catalog.prices.asked import AskedPrices
from catalog.prices.asking import MOST_FAILURES, Asker, ask_due, forget_old
from catalog.prices.quoting import Shot
from sandbox.server import Handle
from tests.sandboxed import Studio

PAGE = "/catalog/?service=hoox"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def connected(studio: Studio, hoox: Account) -> None:
    """Both services."""


def line(client: Client, slug: str, query: str = "") -> Line:
    filters = client.get(f"{PAGE}&{query}").context["filters"]
    found: Line = next(line for line in filters.lines if line.model.slug == slug)
    return found


def answer_all(account: Account) -> None:
    """As the worker does, with a fresh budget for each round."""
    while ask_due(account) is not None:
        CallBudget.objects.all().delete()
        Rest.objects.all().delete()


def test_until_the_service_answers_the_price_is_from(client: Client, hoox: Account) -> None:
    before = line(client, "kling-pro", "seconds=10")
    assert (before.credits, before.total.unknown) == (None, "from 7.5 cr")
    assert "From 7.5 cr" in client.get(PAGE).content.decode()

    answer_all(hoox)

    after = line(client, "kling-pro", "seconds=10")
    assert after.credits == 15
    assert after.total.arithmetic == "Hoox's own price for 10 s"
    assert client.get(f"{PAGE}&seconds=10").context["filters"].asked.pending == 0


def test_only_what_people_look_at_is_asked_for(client: Client, hoox: Account) -> None:
    client.get("/create/")
    assert not AskedPrice.objects.exists()

    lines = client.get(PAGE).context["filters"].lines
    assert len(lines) == 40
    assert AskedPrice.objects.count() == sum(not line.cannot for line in lines) > 0


def test_the_page_looks_again_until_all_is_answered(client: Client, hoox: Account) -> None:
    pending = client.get(PAGE).context["filters"].asked.pending
    poll = f"/catalog/prices/?service=hoox&pending={pending}"
    assert f"pending={pending}" in client.get(PAGE).content.decode()
    assert client.get(poll, headers=HTMX).status_code == 204

    answer_all(hoox)

    part = client.get(poll, headers=HTMX)
    assert part.status_code == 200
    assert 'hx-trigger="every 2s' not in part.content.decode(), "nothing is left to wait for"


OLD = timezone.now() - FRESH_FOR - FRESH_FOR


def test_what_is_asked_anew_is_shown_and_not_paid(client: Client, hoox: Account) -> None:
    shown = line(client, "kling-pro", "seconds=10")
    answer_all(hoox)
    AskedPrice.objects.update(asked_at=OLD, answered_at=OLD)
    prices = AskedPrices([(shown.model, shown.fit.shot)])
    assert prices.is_old(shown.model, shown.fit.shot)
    assert prices.quote(shown.model, shown.fit.shot).credits == 15
    assert prices.to_pay(shown.model, shown.fit.shot).credits is None

    answer_all(hoox)

    prices = AskedPrices([(shown.model, shown.fit.shot)])
    assert prices.to_pay(shown.model, shown.fit.shot).credits == 15


def test_an_old_answer_is_none_once_asking_again_has_failed(client: Client, hoox: Account) -> None:
    shown = line(client, "kling-pro", "seconds=10")
    answer_all(hoox)
    AskedPrice.objects.update(answered_at=OLD, error="Hoox could not be reached.")
    quote = AskedPrices([(shown.model, shown.fit.shot)]).quote(shown.model, shown.fit.shot)
    assert (quote.credits, quote.unknown) == (None, "Hoox could not be reached.")


def test_an_answer_serves_every_page_that_asks_the_same(client: Client, hoox: Account) -> None:
    client.get(f"{PAGE}&seconds=5")
    asked = AskedPrice.objects.count()

    client.get(f"{PAGE}&seconds=4.5&takes=4&shot_ratio=9:16")

    repeated = AskedPrice.objects.filter(model__slug="kling-pro").count()
    assert (repeated, AskedPrice.objects.count() - asked < 40) == (1, True)


def test_several_takes_cost_several_times_as_much(client: Client, hoox: Account) -> None:
    client.get(PAGE)
    answer_all(hoox)

    assert line(client, "kling-pro", "takes=4").credits == 30


def test_sound_is_asked_for_once_the_models_switches_are_known(client: Client, hoox: Account) -> None:
    while AIModel.objects.filter(account=hoox, detail_at=None).exists():
        read_details(hoox)
        CallBudget.objects.all().delete()
        Rest.objects.all().delete()
    client.get(f"{PAGE}&audio=off")
    client.get(f"{PAGE}&audio=on")
    answer_all(hoox)

    silent, loud = (line(client, "veo-3.1", f"audio={sound}").credits for sound in ("off", "on"))
    assert silent is not None
    assert loud is not None
    assert silent < loud


def test_what_is_chosen_of_a_models_settings_decides_its_price(hoox: Account) -> None:
    while AIModel.objects.filter(account=hoox, detail_at=None).exists():
        read_details(hoox)
        CallBudget.objects.all().delete()
        Rest.objects.all().delete()
    image, video = (AIModel.objects.get(account=hoox, slug=slug) for slug in ("gpt-image-2", "veo-3.1"))
    cheap, dear = (Shot(options={"quality": quality, "style": "any"}) for quality in ("low", "high"))
    silent = Shot(8000, "720p", options={"generateAudio": "false"})
    asked = [(image, cheap), (image, dear), (video, silent), (video, Shot(8000, "720p", audio=False))]
    AskedPrices(asked).want()
    assert AskedPrice.objects.filter(model=video).count() == 1, "the same switch, whoever turns it"
    answer_all(hoox)

    prices = AskedPrices(asked)
    low, high, no_sound, _ = (prices.quote(model, shot).credits for model, shot in asked)
    assert low is not None
    assert high is not None
    assert low < high
    assert no_sound == Decimal("22.4")


def test_the_budget_is_shared_and_never_overdrawn(client: Client, hoox: Account, sandbox: Handle) -> None:
    client.get(PAGE)
    CallBudget.objects.all().delete()
    budget = SharedBudget(hoox.pk)
    for _ in range(BURST - 12):
        budget.spend()

    pause = ask_due(hoox)

    assert pause is not None
    assert AskedPrice.objects.exclude(credits=None).count() == 2, "ten are left to people"


def test_a_service_in_trouble_is_left_alone_and_asked_again(
    client: Client, hoox: Account, sandbox: Handle
) -> None:
    sandbox.fault("answer", status=503, service="hoox", match={"path": "/asset/pricing"}, times=0)
    client.get(PAGE)

    Asker().step()

    assert AskedPrice.objects.exclude(asked_at=None).count() == MOST_FAILURES
    assert client.get(PAGE).context["filters"].asked.pending, "the others are still to come"
    assert not AskedPrice.objects.exclude(answered_at=None).exists()
    sandbox.clear_faults()
    answer_all(hoox)
    assert AskedPrice.objects.filter(credits=None).count() <= MOST_FAILURES, "they wait their turn"


def test_a_model_that_cannot_be_priced_says_why(client: Client, hoox: Account, sandbox: Handle) -> None:
    refusal = {"error": "This model is not in your plan", "code": "INVALID_PLAN"}
    sandbox.fault(
        "answer", status=403, body=refusal, service="hoox", match={"path": "/asset/pricing"}, times=0
    )
    client.get(PAGE)

    answer_all(hoox)

    refused = line(client, "kling-pro")
    assert refused.credits is None
    assert "plan" in refused.total.unknown
    assert client.get(PAGE).context["filters"].asked.pending == 0


def test_what_the_service_priced_instead_is_said(client: Client, hoox: Account) -> None:
    AIModel.objects.filter(slug="kling-pro").update(durations=["5", "8"])
    hoox.touch()
    client.get(f"{PAGE}&seconds=8")
    answer_all(hoox)

    priced = line(client, "kling-pro", "seconds=8")
    assert priced.credits is not None
    assert priced.remarks.startswith("priced as duration ")
    assert priced.remarks in client.get(f"{PAGE}&seconds=8").content.decode()


def test_old_answers_are_asked_for_again_while_people_look(client: Client, hoox: Account) -> None:
    client.get(PAGE)
    answer_all(hoox)
    AskedPrice.objects.update(credits=Decimal(999), answered_at=timezone.now() - FRESH_FOR * 2, asked_at=None)
    assert line(client, "kling-pro").credits == 999, "shown until there is a better one"

    answer_all(hoox)

    assert line(client, "kling-pro").credits == Decimal("7.5")


def test_forgotten_prices_are_not_kept_for_ever(client: Client, hoox: Account) -> None:
    client.get(PAGE)
    AskedPrice.objects.update(wanted_at=timezone.now() - FRESH_FOR * 200)

    forget_old()

    assert not AskedPrice.objects.exists()


def test_credits_of_two_services_are_never_set_against_each_other(client: Client, hoox: Account) -> None:
    AIModel.objects.filter(account=hoox).update(detail_at=timezone.now())
    hoox.touch()
    client.get("/catalog/")
    answer_all(hoox)

    filters = client.get("/catalog/").context["filters"]
    fitting = [line.model.account.service for line in filters.lines if line.fit.rank == 0]
    assert fitting == sorted(fitting), "all of one service, then all of the other"
    assert [line.model.account.service for line in filters.cheapest] == ["hedra", "hoox"]
    assert "Hoox credits" in client.get("/catalog/").content.decode()


def test_hedras_prices_are_never_asked_for(client: Client, hoox: Account) -> None:
    model = AIModel.objects.filter(account__service="hedra").first()
    assert model is not None

    prices = AskedPrices([(model, Shot(5000))])
    prices.want()

    assert (prices.pending, AskedPrice.objects.count()) == (0, 0)


@pytest.mark.parametrize("query", ["", "service=hoox&max_price=20&takes=4&seconds=8"])
def test_the_page_of_both_services_costs_few_queries(
    client: Client, hoox: Account, query: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(f"/catalog/?{query}")
    answer_all(hoox)

    with django_assert_num_queries(5):  # the owner, accounts, pins, asked prices, the rail's counts
        client.get(f"/catalog/?{query}")


def test_prices_that_the_service_has_changed_are_asked_for_anew(
    client: Client, hoox: Account, sandbox: Handle
) -> None:
    client.get(PAGE)
    answer_all(hoox)
    AIModel.objects.filter(slug="kling-pro").update(raw={"base_cost": 5})

    sync(hoox)

    assert line(client, "kling-pro").total.unknown == "from 7.5 cr"
    assert client.get(PAGE).context["filters"].asked.pending == 1


def test_only_prices_that_can_be_seen_are_asked_for(client: Client, hoox: Account) -> None:
    client.get("/catalog/?service=hedra")
    assert not AskedPrice.objects.exists()

    filters = client.get(f"{PAGE}&seconds=60").context["filters"]
    assert all(asked.model.longest_ms is None for asked in AskedPrice.objects.select_related("model"))
    assert filters.asked.pending == AskedPrice.objects.count() < 40


def test_a_resolution_of_any_length_breaks_nothing(client: Client, hoox: Account) -> None:
    AIModel.objects.filter(slug="kling-pro").update(resolutions=["\u3042" * 3000])
    hoox.touch()

    assert client.get(PAGE).status_code == 200
    assert client.get(PAGE).status_code == 200
