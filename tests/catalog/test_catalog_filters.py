"""Filtering and sorting the catalog by its address."""

from collections.abc import Iterator

import pytest
from django.test import Client

from catalog.filters import CatalogFilters, Option
from catalog.models import Account
from tests.catalog.factories import make_model, rate

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
    return [model.name.split()[0] for model in response.context["models"]]


def filters(client: Client, query: str = "") -> CatalogFilters:
    found: CatalogFilters = client.get(f"{PAGE}?{query}").context["filters"]
    return found


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
        ("name", ["Edit", "Grok", "Hedra", "Kling", "Veo"]),
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
        "type=banana",
        "type=",
        "ratio=wide",
        "ratio=9:0",
        "ratio=%00",
        "needs=money",
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
        "page=7&utm_source=x",
        "%FF=%FE&q",
        "type[]=1&=&&",
    ],
)
def test_what_nobody_could_mean_is_ignored(client: Client, query: str) -> None:
    assert shown(client, query) == shown(client, "")
    assert filters(client, query).querystring == ""


@pytest.mark.parametrize(
    "query", ["q=%00veo", "q=%ED%A0%80", "q=" + "x" * 3000, "ratio=9:16&" * 500, "max_price=1e-999999"]
)
def test_strange_values_never_break_the_page(client: Client, query: str) -> None:
    response = client.get(f"{PAGE}?{query}")

    assert response.status_code == 200
    assert len(response.content) < 200_000


@pytest.mark.parametrize("price", ["12480", "12,480", "12_480", " 12480.00 "])
def test_a_price_may_be_written_as_we_show_it(client: Client, price: str) -> None:
    assert filters(client, f"max_price={price}").max_price == "12480"


@pytest.mark.parametrize(
    ("price", "read"),
    [("12,5", "12.5"), ("100 cr", "100"), ("100credits", "100"), ("1 Credit", "1"), ("12,480 cr.", "12480")],
)
def test_a_price_may_be_written_as_people_do(client: Client, price: str, read: str) -> None:
    found = filters(client, f"max_price={price}")
    assert (found.max_price, found.unread_price) == (read, "")


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

    assert [(option.label, option.count) for option in found.types] == [
        ("Video", 3),
        ("Avatar", 1),
        ("Video to video", 1),
    ]
    assert [(option.label, option.count) for option in found.ratios] == [
        ("16:9", 4),
        ("9:16", 3),
        ("1:1", 3),
        ("auto", 1),
    ]
    assert [(option.label, option.count) for option in found.needs] == [
        ("Text only", 2),
        ("Start frame", 2),
        ("End frame", 1),
        ("Audio", 1),
        ("Video", 1),
    ]


def test_counts_heed_the_other_filters(client: Client) -> None:
    found = filters(client, "type=video&ratio=9:16")

    assert [(option.value, option.count) for option in found.types] == [
        ("video", 2),
        ("avatar", 1),
        ("video_to_video", 0),
    ]
    assert named(found.needs, "start_frame").count == 1
    assert named(found.ratios, "16:9").count == 2


def every_link(found: CatalogFilters) -> Iterator[Option]:
    yield from [*found.types, *found.ratios, *found.needs, *found.lengths, *found.sorts, *found.active]


@pytest.mark.parametrize(
    "query", ["", "type=video&ratio=9:16&needs=text&max_price=100&q=t2v&seconds=8&sort=-eta"]
)
def test_every_link_works_and_keeps_its_promise(client: Client, query: str) -> None:
    for option in every_link(filters(client, query)):
        response = client.get(option.url)
        assert response.status_code == 200
        if option.name in ("ratio", "needs") and not option.active:
            assert response.context["shown"] == option.count


def test_links_switch_one_thing_and_keep_the_rest(client: Client) -> None:
    found = filters(client, "ratio=9:16&sort=name&seconds=8&q=t2v")

    assert named(found.ratios, "9:16").url == "/catalog/?q=t2v&seconds=8&sort=name"
    assert named(found.ratios, "1:1").url == "/catalog/?q=t2v&ratio=9:16&ratio=1:1&seconds=8&sort=name"
    assert named(found.lengths, "5").url == "/catalog/?q=t2v&ratio=9:16&sort=name"
    assert named(found.sorts, "price").url == "/catalog/?q=t2v&ratio=9:16&seconds=8"
    assert named(found.sorts, "name").url == "/catalog/?q=t2v&ratio=9:16&seconds=8&sort=-name"
    assert found.clear_url == "/catalog/?seconds=8&sort=name"


def test_the_active_sort_tells_its_direction(client: Client) -> None:
    def directions(query: str) -> dict[str, str]:
        return {option.value: option.direction for option in filters(client, query).sorts}

    assert directions("") == {"price": "ascending", "name": "", "eta": "", "order": ""}
    assert directions("sort=-name")["name"] == "descending"


def test_what_narrows_the_list_can_be_taken_away_piece_by_piece(client: Client) -> None:
    found = filters(client, "type=video&ratio=9:16&needs=text&max_price=1000&q=grok")

    assert {option.label: option.url for option in found.active} == {
        "Video": "/catalog/?q=grok&ratio=9:16&needs=text&max_price=1000",
        "9:16": "/catalog/?q=grok&type=video&needs=text&max_price=1000",
        "Text only": "/catalog/?q=grok&type=video&ratio=9:16&max_price=1000",
        "“grok”": "/catalog/?type=video&ratio=9:16&needs=text&max_price=1000",
        "up to 1,000 cr": "/catalog/?q=grok&type=video&ratio=9:16&needs=text",
    }


def test_a_price_limit_says_how_many_unknown_prices_it_hides(client: Client) -> None:
    assert filters(client, "max_price=1000").unpriced == 1
    assert filters(client, "max_price=1000&ratio=9:16").unpriced == 0
    assert filters(client).unpriced == 0


def test_the_length_asked_for_is_among_the_choices(client: Client) -> None:
    found = filters(client, "seconds=7.5")

    assert named(found.lengths, "7.5").active
    assert [option.label for option in found.lengths if option.active] == ["7.5 s"]


def test_the_page_works_as_a_form_and_as_links(client: Client) -> None:
    """Without script: a form for what is typed, links for the rest, both keeping the whole state."""
    page = client.get(f"{PAGE}?ratio=9:16&sort=name").content.decode()

    assert "<form" in page
    for field in ('name="q"', 'name="seconds"', 'name="max_price"', 'name="ratio" value="9:16"'):
        assert field in page
    assert 'href="/catalog/?ratio=9:16&amp;needs=text&amp;sort=name"' in page


def test_the_same_state_has_one_address(client: Client) -> None:
    query = "sort=price&seconds=5&max_price=&q=&ratio=9:16&ratio=9:16&type="

    assert filters(client, query).querystring == "ratio=9:16"


def test_a_model_that_tells_nothing_is_listed_all_the_same(client: Client, account: Account) -> None:
    nothing = {"pricing": None, "aspect_ratios": None, "durations": None, "resolutions": None, "type": ""}
    make_model(account, "Bare", **nothing)

    assert "Bare" in shown(client, "")
    assert named(filters(client).types, "").label == "Other"
