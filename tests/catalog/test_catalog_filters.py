"""Filtering and sorting the catalog by its address."""

from collections.abc import Iterator

import pytest
from django.test import Client

from catalog.models import Account
from catalog.pages.facets import Option
from catalog.pages.filters import CatalogFilters
from tests.catalog.factories import make_model, rate

pytestmark = pytest.mark.any_database

PAGE = "/catalog/"
START = {"type": "image", "role": "start_frame", "required": True}
END = {"type": "image", "role": "end_frame", "required": True}


@pytest.fixture(autouse=True)
def offer(account: Account) -> None:
    """Five models, cheapest first: Grok, Kling, Avatar, Veo, and Edit without a price."""
    wide = ["16:9"]
    every = ["16:9", "9:16", "1:1"]
    modes = [{"mode": "i2v", "slots": [START]}, {"mode": "flf", "slots": [START, END]}]
    audio = {"requires_start_frame": True, "requires_audio_input": True, "durations": ["auto"]}
    make_model(account, "Veo 3 T2V", pricing=rate(55), aspect_ratios=wide, eta_ms=90_000, display_order=1)
    make_model(account, "Grok T2V", pricing=rate(7), aspect_ratios=every, eta_ms=20_000, display_order=4)
    make_model(account, "Kling I2V", pricing=rate(18), aspect_ratios=every, inputs=modes, display_order=2)
    make_model(account, "Hedra Avatar", pricing=rate(20), aspect_ratios=every, eta_ms=30_000, **audio)
    make_model(account, "Edit V2V", pricing=None, aspect_ratios=["auto"], requires_input_video=True)


def shown(client: Client, query: str) -> list[str]:
    response = client.get(f"{PAGE}?{query}")
    assert response.status_code == 200
    return [line.model.name.split()[0] for line in response.context["filters"].lines]


def filters(client: Client, query: str = "") -> CatalogFilters:
    found: CatalogFilters = client.get(f"{PAGE}?{query}").context["filters"]
    return found


def offered(found: CatalogFilters, name: str) -> list[Option]:
    """A filter's options."""
    return next((options for facet, options in found.facets if facet.name == name), [])


def named(options: list[Option], value: str) -> Option:
    return next(option for option in options if option.value == value)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Grok", "Kling", "Hedra", "Veo", "Edit"]),
        ("type=video", ["Grok", "Kling", "Veo"]),
        ("type=avatar", ["Hedra"]),
        ("type=avatar&type=video", ["Grok", "Kling", "Hedra", "Veo"]),
        ("type=image", []),
        ("ratio=9:16", ["Grok", "Kling", "Hedra"]),
        ("ratio=16:9&ratio=9:16", ["Grok", "Kling", "Hedra"]),
        ("ratio=auto", ["Edit"]),
        ("ratio=9:21", []),
        ("needs=text", ["Grok", "Veo"]),
        ("needs=start_frame", ["Kling", "Hedra"]),
        ("needs=end_frame", ["Kling"]),
        ("needs=audio_input", ["Hedra"]),
        ("needs=start_frame&needs=audio_input", ["Hedra"]),
        ("needs=input_video", ["Edit"]),
        ("max_price=90", ["Grok", "Kling"]),
        ("max_price=89.99", ["Grok"]),
        ("max_price=90&seconds=10", ["Grok"]),
        ("max_price=0", []),
        ("q=veo", ["Veo"]),
        ("q=GOOGLE", ["Veo"]),
        ("q=avatar hedra", ["Hedra"]),
        ("q=avatar+veo", []),
        ("ratio=9:16&needs=text&max_price=100&type=video&q=grok", ["Grok"]),
    ],
)
def test_filters(client: Client, query: str, names: list[str]) -> None:
    assert shown(client, query) == names


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("price", ["Grok", "Kling", "Hedra", "Veo", "Edit"]),
        ("-price", ["Veo", "Hedra", "Kling", "Grok", "Edit"]),
        ("name", ["Grok", "Hedra", "Kling", "Veo", "Edit"]),
        ("-name", ["Veo", "Kling", "Hedra", "Grok", "Edit"]),
        ("eta", ["Grok", "Hedra", "Veo", "Kling", "Edit"]),
        ("-eta", ["Veo", "Hedra", "Grok", "Kling", "Edit"]),
        ("order", ["Veo", "Kling", "Grok", "Hedra", "Edit"]),
        ("-order", ["Grok", "Kling", "Veo", "Hedra", "Edit"]),
    ],
)
def test_sorts_keep_the_unknown_last(client: Client, sort: str, names: list[str]) -> None:
    assert shown(client, f"sort={sort}") == names


def test_equal_prices_stay_in_the_services_order(client: Client, account: Account) -> None:
    make_model(account, "Zebra", pricing=rate(7), display_order=3)

    assert shown(client, "sort=price")[:2] == shown(client, "sort=-price")[-3:-1] == ["Zebra", "Grok"]


def test_the_cheapest_model_that_can_be_used_comes_first(client: Client, account: Account) -> None:
    make_model(account, "Restyle", pricing=rate(1), requires_input_video=True)

    assert shown(client, "sort=price")[0] == "Grok"
    assert "Restyle" in shown(client, "sort=price")[-2:]


def test_the_address_holds_only_what_differs_from_a_first_visit(client: Client) -> None:
    response = client.get(
        f"{PAGE}?seconds=5&q=&max_price=&sort=price&ratio=9:16", headers={"HX-Request": "true"}
    )
    assert response["HX-Push-Url"].endswith("/catalog/?ratio=9:16")


def test_the_same_view_again_is_no_step_to_go_back_to(client: Client) -> None:
    here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/catalog/?ratio=9:16&max_price=90"}
    same = client.get(f"{PAGE}?max_price=90&ratio=9:16&q=&seconds=5", headers=here)
    other = client.get(f"{PAGE}?max_price=91&ratio=9:16", headers=here)
    assert same["HX-Push-Url"] == "false"
    assert other["HX-Push-Url"] == "/catalog/?ratio=9:16&max_price=91"


def test_a_range_of_ratios_counts_as_offering(client: Client, account: Account) -> None:
    make_model(account, "Ranger", aspect_ratios=["16:9"], aspect_ratio_range=[0.4, 2.5])

    assert "Ranger" in shown(client, "ratio=9:16")
    assert "Ranger" not in shown(client, "ratio=auto")
    assert "any start image from 0.4:1 to 2.5:1" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "type=",
        "ratio=%00",
        "max_price=cheap",
        "max_price=-5",
        "max_price=nan",
        "max_price=Infinity",
        "max_price=1e999999",
        "max_price=" + "9" * 5000,
        "seconds=0",
        "seconds=-1",
        "seconds=long",
        "seconds=1e-999999",
        "seconds=99999",
        "sort=random",
        "sort=-",
        "sort=--price",
        "q=",
        "q=%20%20",
        "page=0&utm_source=x",
        "%FF=%FE&q",
        "type[]=1&=&&",
    ],
)
def test_what_nobody_could_mean_is_ignored(client: Client, query: str) -> None:
    assert shown(client, query) == shown(client, "")
    assert filters(client, query).criteria.querystring == ""


@pytest.mark.parametrize(
    "query", ["q=%00veo", "q=%ED%A0%80", "q=" + "x" * 3000, "ratio=9:16&" * 500, "max_price=1e-999999"]
)
def test_strange_values_never_break_the_page(client: Client, query: str) -> None:
    response = client.get(f"{PAGE}?{query}")

    assert response.status_code == 200
    assert len(response.content) < 200_000


@pytest.mark.parametrize("price", ["12480", "12,480", "12_480", " 12480.00 "])
def test_a_price_may_be_written_as_we_show_it(client: Client, price: str) -> None:
    assert filters(client, f"max_price={price}").criteria.most.shown == "12480"


@pytest.mark.parametrize(
    ("price", "read"),
    [("12,5", "12.5"), ("100 cr", "100"), ("100credits", "100"), ("1 Credit", "1"), ("12,480 cr.", "12480")],
)
def test_a_price_may_be_written_as_people_do(client: Client, price: str, read: str) -> None:
    limit = filters(client, f"max_price={price}").criteria.most
    assert (limit.shown, limit.unread) == (read, "")


@pytest.mark.parametrize("price", ["cheap", "-5", "nan", "1,2,3", "cr", "9" * 30])
def test_what_is_no_price_stays_in_its_box_with_a_word_about_it(client: Client, price: str) -> None:
    page = client.get(PAGE, {"max_price": price}).content.decode()
    assert f'value="{price}"' in page
    assert 'aria-invalid="true"' in page
    assert "Not a number of credits" in page
    assert "Not a number of credits" not in client.get(PAGE).content.decode()


# What the page offers


def test_facets_count_what_they_would_show(client: Client) -> None:
    found = filters(client)

    assert [(option.label, option.count) for option in offered(found, "type")] == [
        ("Video", 3),
        ("Avatar", 1),
        ("Video to video", 1),
    ]
    assert [(option.label, option.count) for option in offered(found, "ratio")] == [
        ("16:9", 4),
        ("9:16", 3),
        ("1:1", 3),
        ("auto", 1),
    ]
    assert [(option.label, option.count) for option in offered(found, "needs")] == [
        ("Text only", 2),
        ("Start frame", 2),
        ("End frame", 1),
        ("Audio", 1),
        ("Video", 1),
    ]


def test_counts_heed_the_other_filters(client: Client) -> None:
    found = filters(client, "type=video&ratio=9:16")

    assert [(option.value, option.count) for option in offered(found, "type")] == [
        ("video", 2),
        ("avatar", 1),
    ]
    assert named(offered(found, "needs"), "start_frame").count == 1
    assert named(offered(found, "ratio"), "16:9").count == 2


def every_link(found: CatalogFilters) -> Iterator[Option]:
    yield from [option for _, options in found.facets for option in options]
    yield from found.sorts


@pytest.mark.parametrize(
    "query", ["", "type=video&ratio=9:16&needs=text&max_price=100&q=t2v&seconds=8&sort=-eta"]
)
def test_every_link_works_and_keeps_its_promise(client: Client, query: str) -> None:
    for option in every_link(filters(client, query)):
        response = client.get(option.url)
        assert response.status_code == 200
        if option.name in ("ratio", "needs", "resolution", "length") and not option.active:
            assert response.context["filters"].shown == option.count


def test_links_switch_one_thing_and_keep_the_rest(client: Client) -> None:
    found = filters(client, "ratio=9:16&sort=name&seconds=8&q=t2v&page=1")

    assert named(offered(found, "ratio"), "9:16").url == "/catalog/?seconds=8&q=t2v&sort=name"
    assert named(offered(found, "ratio"), "1:1").url == (
        "/catalog/?seconds=8&q=t2v&ratio=9:16&ratio=1:1&sort=name"
    )
    assert named(found.sorts, "price").url == "/catalog/?seconds=8&q=t2v&ratio=9:16"
    assert named(found.sorts, "name").url == "/catalog/?seconds=8&q=t2v&ratio=9:16&sort=-name"
    assert found.criteria.everything.url == "/catalog/?seconds=8&sort=name"


def test_the_active_sort_tells_its_direction(client: Client) -> None:
    def directions(query: str) -> dict[str, str]:
        return {option.value: option.direction for option in filters(client, query).sorts}

    assert directions("") == {
        "price": "ascending",
        "name": "",
        "eta": "",
        "newest": "",
        "keeper": "",
        "order": "",
    }
    assert directions("sort=-name")["name"] == "descending"


def test_a_price_limit_says_how_many_unknown_prices_it_hides(client: Client, account: Account) -> None:
    make_model(account, "Secret", pricing=None, aspect_ratios=["1:1"])
    assert filters(client, "max_price=1000").unpriced == 1
    assert filters(client, "max_price=1000&ratio=9:16").unpriced == 0
    assert filters(client).unpriced == 0


def test_a_value_that_no_model_has_leaves_nothing_and_can_be_taken_away(client: Client) -> None:
    found = filters(client, "type=banana")

    assert found.shown == 0
    assert [(option.label, option.url) for option in offered(found, "type") if option.active] == [
        ("Banana", "/catalog/")
    ]


def test_a_price_range_has_two_ends(client: Client) -> None:
    assert shown(client, "min_price=36&max_price=100") == ["Kling", "Hedra"]


@pytest.mark.parametrize(
    ("fields", "query", "others"),
    [
        ({"tags": ["cinematic", "new"]}, "tag=new", []),
        ({"premium": True}, "premium=yes", []),
        ({"required_plans": ["PRO"]}, "premium=yes", []),
        ({"premium": False}, "premium=no", []),
        ({"maker": "Pixelworks"}, "maker=Pixelworks", []),
        ({"resolutions": ["4k"]}, "resolution=4K", []),
        ({"durations": ["12000"]}, "length=12", []),
        ({"description": "Paints in oil"}, "q=oil", []),
        ({"requires_audio_input": True, "max_duration_ms": 30_000, "durations": None}, "length=30", []),
    ],
)
def test_further_filters(
    client: Client, account: Account, fields: dict[str, object], query: str, others: list[str]
) -> None:
    make_model(account, "Special", **fields)

    assert shown(client, query) == ["Special", *others]


def test_makers_are_alternatives(client: Client) -> None:
    assert shown(client, "maker=xAI&maker=Google") == ["Grok", "Veo"]


def test_a_filter_that_tells_nothing_apart_is_not_offered(client: Client) -> None:
    names = [facet.name for facet, _ in filters(client).facets]

    assert "service" not in names, "there is one service"
    assert "pinned" not in names, "nothing is pinned"
    assert "maker" in names


def test_the_page_works_as_a_form_and_as_links(client: Client) -> None:
    """Without script: a form for what is typed, links for the rest, both keeping the whole state."""
    page = client.get(f"{PAGE}?ratio=9:16&sort=name").content.decode()

    assert "<form" in page
    fields = ("q", "seconds", "shot_ratio", "have", "max_price")
    for field in [*(f'name="{name}"' for name in fields), 'name="ratio" value="9:16"']:
        assert field in page
    assert 'href="/catalog/?needs=text&amp;ratio=9:16&amp;sort=name"' in page


def test_the_same_state_has_one_address(client: Client) -> None:
    query = "sort=price&seconds=5&max_price=&q=&ratio=9:16&ratio=9:16&type="

    assert filters(client, query).criteria.querystring == "ratio=9:16"


def test_a_model_that_tells_nothing_is_listed_all_the_same(client: Client, account: Account) -> None:
    nothing = {"pricing": None, "aspect_ratios": None, "durations": None, "resolutions": None, "type": ""}
    make_model(account, "Bare", **nothing)

    assert "Bare" in shown(client, "")
    assert named(offered(filters(client), "type"), "other").label == "Other"
    assert shown(client, "type=other") == ["Bare"]
