"""A model's page: everything known, what is not stated, its prices, and who may use it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import Account, AIModel, AskedPrice, Change, Pin
from catalog.pages.facts import sections
from catalog.prices.asked import parameters
from catalog.prices.quoting import Shot
from catalog.views.model import MOST_CHARTED
from tests.catalog.factories import make_model, rate

HTMX = {"HX-Request": "true"}
SEEN = datetime(2026, 11, 3, 12, tzinfo=ZoneInfo("UTC"))
FRAME = {
    "type": "image",
    "role": "start_frame",
    "required": True,
    "max_count": 1,
    "max_file_size_bytes": 10 * 1024 * 1024,
    "min_dimension_px": 300,
    "max_dimension_px": 4096,
}
AUDIO = {"type": "audio", "role": "audio_input", "min_duration_ms": 2000, "max_duration_ms": 120_000}
QUALITY = {
    "key": "quality",
    "type": "select",
    "label": "Quality",
    "default": "low",
    "options": ["low", "high"],
    "affects_cost": True,
}


def page(client: Client, model: AIModel, query: str = "") -> str:
    response = client.get(f"/catalog/models/{model.pk}/?{query}")
    assert response.status_code == 200
    return response.content.decode()


def text(html: str) -> str:
    """What people read, without markup."""
    return " ".join(strip_tags(html).split())


def note(model: AIModel, after: timedelta, kind: str, **fields: Any) -> Change:
    """An entry of the diary, so long after the model was first seen."""
    return Change.objects.create(
        account=model.account, model=model, at=model.first_seen + after, kind=kind, **fields
    )


def told(model: AIModel) -> dict[str, str]:
    """The facts that the page shows, by label."""
    facts = [fact for section in sections(model) for fact in section.facts if not fact.absent]
    return {fact.label: " · ".join(filter(None, [fact.words, fact.note])) for fact in facts}


@pytest.fixture
def hoox(db: None, settings: Settings) -> Account:
    settings.HOOX_KEY, settings.HOOX_URL = "hx_test", "http://127.0.0.1:9/nowhere"
    return Account.objects.current("hoox")


# Everything known


def test_everything_known_is_told_in_words_with_units(account: Account) -> None:
    model = make_model(
        account,
        inputs=[{"mode": "talking", "slots": [FRAME, AUDIO]}],
        aspect_ratios=["16:9", "9:16"],
        aspect_ratio_range=[0.4, 2.5],
        default_aspect_ratio="9:16",
        resolutions=["480p", "720p"],
        default_resolution="720p",
        custom_resolution=True,
        dimensions={"16:9": {"720p": {"width": 1280, "height": 720}}},
        default_duration="10",
        min_prompt_length=1,
        max_prompt_length=4096,
        has_audio=True,
        settings=[QUALITY],
        required_plans=["PRO"],
        premium=True,
        tags=["new"],
        eta_ms=40_000,
    )

    assert told(model) == {
        "Needs": "start frame",
        "Start frame": "required · up to 10 MB, 300 to 4,096 px a side",
        "Audio": "optional · 2 s to 2 min",
        "Prompt": "1 to 4,096 characters",
        "Kind": "Video",
        "Aspect ratios": "16:9, 9:16 (default) · any start image from 0.4:1 to 2.5:1",
        "Resolutions": "480p, 720p (default) · other sizes too",
        "Size in pixels": "16:9: 1280 × 720 (720p)",
        "Durations": "5, 10 s, 10 s by default",
        "Longest": "10 s",
        "Sound": "with sound",
        "Usual wait": "about 40 s",
        "Quality": "low (default), high · changes the price",
        "Plans": "PRO",
        "Premium": "yes",
        "Tags": "new",
    }


def test_what_the_service_says_nothing_of_is_not_guessed(hoox: Account) -> None:
    nothing = dict.fromkeys(["aspect_ratios", "resolutions", "durations", "pricing"])

    assert set(told(make_model(hoox, **nothing)).items()) >= {
        ("Needs", ""),
        ("Aspect ratios", ""),
        ("Resolutions", ""),
        ("Durations", ""),
        ("Longest", ""),
        ("Sound", ""),
        ("Prompt", ""),
        ("Plans", ""),
        ("Premium", ""),
    }


def test_nothing_known_reads_not_stated(client: Client, account: Account) -> None:
    assert page(client, make_model(account, premium=None, eta_ms=None)).count("not stated") >= 2


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({}, "limits not stated"),
        ({"max_count": 3, "max_file_size_bytes": 1_572_864}, "up to 3 images, up to 1.5 MB each"),
        ({"min_dimension_px": 300}, "at least 300 px a side"),
        ({"max_file_size_bytes": 900}, "up to 900 bytes"),
    ],
)
def test_an_inputs_limits_are_told(account: Account, limits: dict[str, int], words: str) -> None:
    slot = {"type": "image", "role": "start_frame", **limits}

    assert told(make_model(account, inputs=[{"mode": "any", "slots": [slot]}]))["Start frame"] == (
        f"optional · {words}"
    )


def test_the_page_names_the_model_its_maker_and_its_service(client: Client, account: Account) -> None:
    html = page(client, make_model(account, "Veo 3 T2V", description="Film <b>with</b> sound"))

    for words in ("Veo 3 T2V", "Google", "Hedra sandbox", "Film &lt;b&gt;with"):
        assert words in html


# Its prices


def test_the_shot_of_the_address_is_priced_and_marked(client: Client, account: Account) -> None:
    model = make_model(account, resolutions=["720p", "1080p"], pricing=rate(7, resolution={"1080p": 1.5}))

    html = page(client, model, "seconds=10&shot_resolution=1080p&takes=4")

    assert "<b>420</b> credits" in html
    assert "7 cr/s × 10 s × 1.5 (1080p) = 105, × 4 = 420" in html
    assert html.count("is-chosen") == 1
    assert f"/create/?model={model.pk}&amp;duration_ms=10000&amp;resolution=1080p&amp;variations=4" in html


def test_a_shot_that_cannot_be_made_has_a_reason_and_no_price(client: Client, account: Account) -> None:
    html = page(client, make_model(account), "seconds=60&shot_ratio=1:1&takes=2")

    assert "It can’t make your shot: longest 10 s, no 1:1." in text(html)
    assert "Nearest it makes: 2 takes of 10 s · 720p · 16:9, for 140 credits." in text(html)
    assert "for your shot" not in html
    assert "is-chosen" not in html


def test_the_nearest_that_a_silent_model_makes_has_no_sound(client: Client, account: Account) -> None:
    html = page(client, make_model(account, has_audio=False), "audio=on")

    assert "It can’t make your shot: no sound." in text(html)
    assert "Nearest it makes: 5 s · 720p · 16:9 · no sound, for 35 credits." in text(html)


def test_why_a_shot_cannot_be_made_is_said_without_a_price_too(client: Client, account: Account) -> None:
    html = page(client, make_model(account, pricing=None), "seconds=60")

    assert "It can’t make your shot: longest 10 s." in text(html)
    assert "Nearest it makes" not in html
    assert "The service gives no price." in html


def test_what_nobody_states_of_the_shot_is_said_beside_its_price(client: Client, account: Account) -> None:
    html = page(client, make_model(account, pricing=rate(7, audio={"on": 2})), "audio=on")

    assert "<b>70</b> credits" in html
    assert "Sound can&#x27;t be chosen in an order" in html


def test_what_nobody_states_is_said_without_a_price_too(client: Client, account: Account) -> None:
    html = page(client, make_model(account, pricing=None), "audio=on")

    assert "Sound not stated" in html


def test_a_model_without_a_price_says_so(client: Client, account: Account) -> None:
    html = page(client, make_model(account, pricing=None))

    assert "The service gives no price." in html
    assert "price-table" not in html


def test_missing_prices_are_asked_for_and_looked_at_again(client: Client, hoox: Account) -> None:
    model = make_model(hoox, pricing=None, base_cost=Decimal("7.5"))

    html = page(client, model)

    assert "from 7.5" in html
    assert "every 3s" in html
    assert AskedPrice.objects.count() == 2

    AskedPrice.objects.update(credits=Decimal("8.25"), answered_at=timezone.now())
    part = client.get(f"/catalog/models/{model.pk}/", headers=HTMX).content.decode()

    assert "8.25" in part
    assert "every 3s" not in part
    assert "<html" not in part


def test_a_refused_price_is_said_and_not_waited_for(client: Client, hoox: Account) -> None:
    model = make_model(hoox, pricing=None, base_cost=Decimal(4), durations=None, resolutions=None)
    asked = parameters(model, Shot(5000, aspect_ratio="16:9"))
    AskedPrice.objects.create(
        model=model, parameters=asked, wanted_at=timezone.now(), error="this plan may not"
    )

    html = page(client, model)

    assert "This plan may not." in html
    assert "every 3s" not in html


def test_a_key_that_is_not_in_use_asks_nothing(client: Client, account: Account) -> None:
    other = Account.objects.create(service="hoox", fingerprint="another key")
    html = page(client, make_model(other, pricing=None, base_cost=Decimal("7.5")))

    assert "every 3s" not in html
    assert not AskedPrice.objects.exists()


# Whether it can be used


def test_a_retired_model_keeps_its_page(client: Client, account: Account) -> None:
    html = page(client, make_model(account, retired_at=SEEN))

    assert "has not offered it since 3 Nov 2026" in html
    assert "/create/?model=" not in html


def test_a_model_of_another_key_keeps_its_page(client: Client, account: Account) -> None:
    html = page(client, make_model(Account.objects.create(fingerprint="another key")))

    assert "key that is not in use" in html
    assert "/create/?model=" not in html


def test_what_the_studio_cannot_ask_for_says_so(client: Client, account: Account) -> None:
    html = page(client, make_model(account, type="hologram"))

    assert "knows no request for" in html
    assert "/create/?model=" not in html


def test_a_model_of_which_too_little_is_known_says_so(client: Client, hoox: Account) -> None:
    assert "has not told yet what it needs" in page(client, make_model(hoox, detail_at=None))


def test_an_unknown_model_is_not_found(client: Client, account: Account) -> None:
    assert client.get("/catalog/models/999999/").status_code == 404


# What leads elsewhere


def test_the_way_back_and_to_the_comparison_keep_the_address(client: Client, account: Account) -> None:
    other, model = make_model(account), make_model(account)

    listed = "seconds=8&q=veo&type=video&max_price=99&sort=-name"

    html = page(client, model, f"{listed}&compare={other.pk}&page=2").replace("&amp;", "&")

    assert f'href="/catalog/?{listed}&compare={other.pk}&page=2"' in html
    assert f'href="/catalog/compare/?{listed}&compare={other.pk}&compare={model.pk}&page=2"' in html


def test_one_already_chosen_keeps_its_place_in_the_comparison(client: Client, account: Account) -> None:
    model, *others = (make_model(account) for _ in range(4))
    chosen = "&".join(f"compare={each.pk}" for each in (model, *others))

    html = page(client, model, chosen).replace("&amp;", "&")

    assert f'href="/catalog/compare/?{chosen}"' in html


def test_a_fifth_takes_the_last_place_in_the_comparison(client: Client, account: Account) -> None:
    *others, model = (make_model(account) for _ in range(5))

    html = page(client, model, "&".join(f"compare={each.pk}" for each in others)).replace("&amp;", "&")

    kept = "&".join(f"compare={each.pk}" for each in (*others[:3], model))
    assert f'href="/catalog/compare/?{kept}"' in html


def test_a_ratio_filtered_by_is_that_of_the_shot(client: Client, account: Account) -> None:
    """As in the list, whose price this is."""
    model = make_model(account, pricing=rate(7, aspect_ratio={"9:16": 2}))

    html = page(client, model, "ratio=9:16")

    assert "<b>70</b> credits" in html
    assert 'href="/catalog/?ratio=9:16"' in html


def test_the_takes_come_by_a_link_that_works_without_script(client: Client, account: Account) -> None:
    model = make_model(account)
    html = page(client, model)

    assert f'hx-get="/gallery/model/{model.pk}/"' in html
    assert f'href="/gallery/?model={model.pk}"' in html


@pytest.mark.parametrize("pinned", [True, False])
def test_the_pin_is_the_askers_own(client: Client, owner: User, account: Account, pinned: bool) -> None:
    model = make_model(account)
    Pin.objects.create(owner=owner if pinned else User.objects.create_user("other"), model=model)

    assert f'aria-pressed="{str(pinned).lower()}"' in page(client, model).split('class="pin"')[1]


# Its diary


def test_the_models_own_changes_are_told(client: Client, account: Account) -> None:
    model, other = make_model(account), make_model(account)
    for of in (model, other):
        Change.objects.create(account=account, model=of, at=SEEN, kind="retired")

    diary = page(client, model).split('class="diary"')[1].split("</ul>")[0]

    assert diary.count("<li>") == 1
    assert "3 Nov 2026" in diary


def test_a_retired_model_has_no_price_now(client: Client, account: Account) -> None:
    html = page(client, make_model(account, first_seen=SEEN - timedelta(days=9), retired_at=SEEN))

    assert "The price now is unknown; on 25 Oct 2026 it was 35 cr." in html


def test_what_tells_no_price_leaves_the_chart_whole(client: Client, account: Account) -> None:
    model = make_model(account, first_seen=SEEN)
    rates = {"credits_before": Decimal(50), "credits_after": Decimal(35)}
    note(model, timedelta(days=1), "price", **rates)
    for n in range(MOST_CHARTED + 1):
        note(model, timedelta(days=2, minutes=n), "ratios")

    assert "A usual shot costs 35 cr now; on 3 Nov 2026 it was 50 cr." in page(client, model)


def test_a_chart_that_is_cut_begins_at_the_oldest_price_read(client: Client, account: Account) -> None:
    model = make_model(account, first_seen=SEEN)
    for n in range(MOST_CHARTED + 1):
        prices = {"credits_before": Decimal(100 + n), "credits_after": Decimal(101 + n)}
        note(model, timedelta(days=1, minutes=n), "price", **prices)

    response = client.get(f"/catalog/models/{model.pk}/")

    first = response.context["chart"].stretches[0]
    assert (first.start, first.credits) == (SEEN + timedelta(days=1, minutes=1), 102)
    assert "100 cr" not in response.content.decode().split('class="diary"')[0]


def test_a_quiet_diary_says_since_when(client: Client, account: Account) -> None:
    assert "Nothing has changed since 3 Nov 2026" in page(client, make_model(account, first_seen=SEEN))


@pytest.mark.parametrize("changes", [0, 30])
def test_queries_of_the_page(
    client: Client, account: Account, changes: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Owner, model, pin, changes, prices of the chart; account and counts for the rail."""
    model = make_model(account)
    for n in range(changes):
        at = timezone.now() - timedelta(days=n)
        Change.objects.create(account=account, model=model, at=at, kind="returned")
    with django_assert_num_queries(7):
        page(client, model)


def test_queries_where_the_service_is_asked(
    client: Client, hoox: Account, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """One more for the prices; the first look notes them too."""
    model = make_model(hoox, pricing=None, base_cost=Decimal(4))
    page(client, model)
    with django_assert_max_num_queries(8):
        page(client, model)
