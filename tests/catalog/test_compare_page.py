"""Models side by side: what is shown, what differs, and where its links lead."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account, AIModel, AskedPrice
from catalog.pages.comparison import Comparison
from catalog.pages.criteria import Criteria
from tests.catalog.factories import make_model, rate

pytestmark = pytest.mark.any_database

HTMX = {"HX-Request": "true"}
QUALITY = {
    "key": "quality",
    "type": "select",
    "label": "Quality",
    "default": "low",
    "options": ["low", "high"],
    "affects_cost": True,
}


def address(*models: AIModel, query: str = "") -> str:
    return f"/catalog/compare/?{query}&" + "&".join(f"compare={model.pk}" for model in models)


def page(client: Client, *models: AIModel, query: str = "") -> str:
    response = client.get(address(*models, query=query))
    assert response.status_code == 200
    return response.content.decode()


def compared(client: Client, url: str) -> list[str]:
    return [offer.model.name for offer in client.get(url).context["comparison"].offers]


def rows(*models: AIModel, only: bool = False) -> dict[str, bool]:
    """Which of the shown facts differ."""
    comparison = Comparison(models, Criteria(), only_differences=only)
    return {row.label: row.differs for group in comparison.groups for row in group.rows}


@pytest.fixture
def hoox(db: None, settings: Settings) -> Account:
    settings.HOOX_KEY, settings.HOOX_URL = "hx_test", "http://127.0.0.1:9/nowhere"
    return Account.objects.current("hoox")


# What is shown


def test_models_stand_in_the_order_they_were_chosen(client: Client, account: Account) -> None:
    first, second = make_model(account, "Veo 3 T2V"), make_model(account, "Kling 2.6 Pro T2V")

    assert compared(client, address(second, first)) == ["Kling 2.6 Pro T2V", "Veo 3 T2V"]


def test_the_shot_is_priced_on_each_with_its_total(client: Client, account: Account) -> None:
    cheap, dear = make_model(account), make_model(account, pricing=rate(20.5))

    html = page(client, cheap, dear, query="seconds=10&takes=4")

    assert "<b>280</b> cr<small>70 each</small><small>7 cr/s × 10 s = 70</small>" in html
    assert "<b>820</b> cr<small>205 each</small>" in html


def test_what_cannot_make_the_shot_has_a_reason_in_place_of_a_price(client: Client, account: Account) -> None:
    html = page(client, make_model(account), make_model(account, durations=["60"]), query="seconds=60")

    reason = "Longest 10 s<small>nearest it makes: 10 s · 720p · 16:9, 70 cr</small>"
    assert f'<td class="num">{reason}</td><td class="num"><b>420</b> cr' in html
    assert "<b>70</b>" not in html
    assert "<td>no</td><td>yes, " in html


def test_what_may_make_the_shot_says_what_is_in_doubt(client: Client, account: Account) -> None:
    models = [make_model(account, pricing=rate(7, audio={"on": 2})), make_model(account, has_audio=True)]

    html = page(client, *models, query="audio=on")

    assert "<b>70</b> cr" in html
    assert "<td>perhaps, " in html
    assert "<small>sound can&#x27;t be chosen in an order</small></td><td>yes, " in html


def test_more_than_four_are_cut_with_a_word(client: Client, account: Account) -> None:
    models = [make_model(account, f"Model {n}") for n in range(6)]

    assert compared(client, address(*models)) == [f"Model {n}" for n in range(4)]
    assert "2 more were left out" in page(client, *models)
    assert "left out" not in page(client, *models[:4], query="compare=x&compare=y")


@pytest.mark.parametrize(
    "pks", ["compare=999999", "compare=x", "compare=-1", f"compare={'9' * 40}", "compare="]
)
def test_what_is_no_model_is_passed_over(client: Client, account: Account, pks: str) -> None:
    model = make_model(account, "Veo 3 T2V")

    assert compared(client, f"/catalog/compare/?{pks}&compare={model.pk}") == ["Veo 3 T2V"]
    assert "Nothing to compare yet" in client.get(f"/catalog/compare/?{pks}").content.decode()


def test_models_of_another_key_are_passed_over(client: Client, account: Account) -> None:
    theirs = make_model(Account.objects.create(fingerprint="another key"), "Elsewhere")

    assert "Elsewhere" not in page(client, theirs, make_model(account))


def test_a_retired_model_says_so(client: Client, account: Account) -> None:
    gone = make_model(account, retired_at=timezone.now())

    assert "has not offered it since" in page(client, gone, make_model(account))


def test_nothing_chosen_says_what_to_do(client: Client, account: Account) -> None:
    html = client.get("/catalog/compare/").content.decode()

    assert "Nothing to compare yet" in html
    assert 'href="/catalog/"' in html
    assert "<table" not in html


def test_one_model_alone_is_shown_whole_and_asks_for_another(client: Client, account: Account) -> None:
    html = page(client, make_model(account), query="only=differences")

    assert "One model stands alone" in html
    assert "Aspect ratios" in html
    assert "Only differences" not in html


def test_names_are_text_never_markup(client: Client, account: Account) -> None:
    assert "<script>alert" not in page(client, make_model(account, "<script>alert(1)</script>"))


# What differs


def test_facts_that_differ_are_told_from_those_that_do_not(account: Account) -> None:
    found = rows(make_model(account), make_model(account, resolutions=["1080p"]))

    assert found["Resolutions"]
    assert not found["Durations"]


def test_the_order_of_ratios_is_no_difference(account: Account) -> None:
    ratios = ["16:9", "9:16", "1:1"]
    models = [make_model(account, aspect_ratios=each) for each in (ratios, ratios[::-1])]

    assert not rows(*models)["Aspect ratios"]


def test_said_differs_from_not_stated(account: Account) -> None:
    assert rows(make_model(account, premium=None), make_model(account, premium=False))["Premium"]


def test_what_does_not_concern_a_model_is_a_dash(client: Client, account: Account) -> None:
    film, picture = make_model(account), make_model(account, type="image", durations=None)

    html = page(client, film, picture)

    assert '<td class="num">5, 10 s</td><td class="num"><span class="quiet">–</span></td>' in html
    assert '<td class="num"><span class="quiet">not stated</span></td>' in html, "of what concerns both"


def test_not_stated_is_no_difference_to_what_does_not_concern(account: Account) -> None:
    silent_on_lengths, picture = (
        make_model(account, type=kind, durations=None) for kind in ("video", "image")
    )

    assert not rows(silent_on_lengths, picture)["Longest"]


def test_inputs_nobody_states_are_not_said_to_be_none(
    client: Client, account: Account, hoox: Account
) -> None:
    html = page(client, make_model(account, requires_start_frame=True), make_model(hoox))

    frame = html.split('<th scope="row">Start frame ')[1].split("</tr>")[0]
    assert strip_tags(frame.split("</th>")[1]) == "requiredlimits not statednot stated"
    audio = [row for row in html.split("<tr") if '<th scope="row">Audio' in row]
    assert audio == []


def test_inputs_that_none_takes_have_no_row(account: Account) -> None:
    plain, framed = make_model(account), make_model(account, requires_start_frame=True)

    assert "Start frame" not in rows(plain, make_model(account))
    assert rows(plain, framed)["Start frame"]


def test_a_setting_that_only_one_has_differs(hoox: Account) -> None:
    assert rows(make_model(hoox, settings=[QUALITY]), make_model(hoox))["Quality"]


def test_a_difference_is_marked_by_a_sign_and_a_word(client: Client, account: Account) -> None:
    html = page(client, make_model(account), make_model(account, resolutions=["1080p"]))

    assert html.count('class="is-different"') == 1
    assert '<span aria-hidden="true">≠</span><span class="sr">differs</span>' in html


def test_only_the_differences_can_be_shown(client: Client, account: Account) -> None:
    pair = make_model(account), make_model(account, resolutions=["1080p"])

    html = page(client, *pair, query="only=differences&takes=2")

    assert list(rows(*pair, only=True)) == ["Resolutions"]
    assert "facts are the same for all and hidden" in html
    assert "7 cr/s" in html, "the price is always there"
    everything = f"/catalog/compare/?takes=2&amp;compare={pair[0].pk}&amp;compare={pair[1].pk}"
    assert f'href="{everything}" aria-current="true">Only differences' in html


# Money of two services


def test_credits_of_two_services_are_said_to_be_different_money(
    client: Client, account: Account, hoox: Account
) -> None:
    both = page(client, make_model(account), make_model(hoox))

    assert "The credits of Hedra and those of Hoox are different money" in both
    assert "different money" not in page(client, make_model(account), make_model(account))


def test_missing_prices_are_asked_for_and_looked_at_again(client: Client, hoox: Account) -> None:
    asked: dict[str, Any] = {"pricing": None, "base_cost": Decimal("7.5")}
    model = make_model(hoox, **asked)

    html = page(client, model)
    assert "From 7.5 cr" in html
    assert "every 3s" in html

    AskedPrice.objects.update(credits=Decimal("8.25"), answered_at=timezone.now())
    part = client.get(address(model), headers=HTMX).content.decode()
    assert "<b>8.25</b> cr" in part
    assert "every 3s" not in part
    assert "<html" not in part


def test_the_price_of_what_is_offered_no_more_is_not_asked_for(client: Client, hoox: Account) -> None:
    html = page(client, make_model(hoox, pricing=None, base_cost=Decimal(4), retired_at=timezone.now()))

    assert "every 3s" not in html
    assert not AskedPrice.objects.exists()


# Where its links lead


def test_each_can_be_taken_away(client: Client, account: Account) -> None:
    first, second = make_model(account, "Veo 3 T2V"), make_model(account, "Kling 2.6 Pro T2V")

    html = page(client, first, second, query="seconds=8&only=differences")

    assert f'href="/catalog/compare/?seconds=8&amp;compare={second.pk}&amp;only=differences"' in html
    assert "Remove Veo 3 T2V" in html


def test_the_way_back_keeps_the_selection_and_the_list(client: Client, account: Account) -> None:
    first, second = make_model(account), make_model(account)

    html = page(client, first, second, query="seconds=8&q=grok&compare=999999")

    assert f'href="/catalog/?seconds=8&amp;q=grok&amp;compare={first.pk}&amp;compare={second.pk}"' in html


def test_every_link_leads_on_to_the_very_list(client: Client, account: Account) -> None:
    first, second = make_model(account), make_model(account)
    listed = "seconds=8&q=grok&type=video&min_price=2&sort=-name"

    html = page(client, first, second, query=f"{listed}&page=3").replace("&amp;", "&")

    both = f"{listed}&compare={first.pk}&compare={second.pk}&page=3"
    assert f'href="/catalog/?{both}"' in html
    assert f'href="/catalog/models/{first.pk}/?{both}"' in html
    assert f'href="/catalog/compare/?{both}&only=differences"' in html
    assert f'href="/catalog/compare/?{listed}&compare={second.pk}&page=3"' in html, "to remove the first"


def test_a_ratio_filtered_by_is_that_of_the_shot(client: Client, account: Account) -> None:
    """As in the list, whose prices these are."""
    model = make_model(account, pricing=rate(7, aspect_ratio={"9:16": 2}))

    html = page(client, model, query="ratio=9:16")

    assert "<b>70</b> cr" in html
    assert f'href="/catalog/?ratio=9:16&amp;compare={model.pk}"' in html


@pytest.mark.parametrize("count", [1, 4])
def test_queries_of_the_page(
    client: Client, account: Account, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Owner, models; account and counts for the rail."""
    models = [make_model(account) for _ in range(count)]
    with django_assert_num_queries(4):
        page(client, *models)


def test_queries_where_a_service_is_asked(
    client: Client, hoox: Account, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """One more for all prices; the first look has noted those that are missing."""
    models = [make_model(hoox, pricing=None, base_cost=Decimal(4)) for _ in range(4)]
    page(client, *models)
    with django_assert_num_queries(5):
        page(client, *models)
