"""A price is what the service says, or unknown."""

import json
from decimal import Decimal
from typing import Any

import pytest

from clients.answers import RemotePrice
from clients.errors import ServiceError, Unavailable, Unclear
from clients.hoox import HooxClient
from tests.clients.server import (
    Answer,
    ScriptedServer,
    cut,
    cut_body,
    json_answer,
    server_error,
    silence,
    text_answer,
)

PRICE = {
    "model": "veo-3.1",
    "cost_per_generation": 34.05,
    "total_cost": 68.1,
    "currency": "credits",
    "generation_count": 2,
}


def test_a_price(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer(PRICE))

    price = hoox.price("veo-3.1", duration_ms=8000, count=2)

    assert price == RemotePrice(Decimal("34.05"), Decimal("68.1"), 2, None, {})


def test_all_that_decides_a_price_is_asked(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer(PRICE))

    hoox.price(
        "veo-3.1",
        duration_ms=8000,
        resolution="4K",
        settings={"generateAudio": False},
        image_count=3,
        count=2,
    )

    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/api/public/v1/asset/pricing")
    assert seen.headers["content-type"] == "application/json"
    assert seen.json == {
        "model": "veo-3.1",
        "duration": 8,
        "resolution": "4K",
        "model_settings": {"generateAudio": False},
        "image_count": 3,
        "generation_count": 2,
    }


def test_what_is_not_chosen_is_not_sent(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer(PRICE))

    hoox.price("reve")

    assert server.seen[0].json == {"model": "reve", "generation_count": 1}


def test_a_missing_total_is_the_cost_of_all(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer({"cost_per_generation": 0.1}))

    price = hoox.price("z-image-turbo", count=3)

    assert (price.cost_per_generation, price.total, price.count) == (Decimal("0.1"), Decimal("0.3"), 3)


def test_the_noise_of_floats_is_dropped(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer({"cost_per_generation": 0.1, "total_cost": 0.1 * 3, "generation_count": 3}))

    assert hoox.price("z-image-turbo", count=3).total == Decimal("0.3")


@pytest.mark.parametrize(
    ("normalized", "duration_ms", "words"),
    [
        ({"duration": "6s", "duration_in_seconds": 6}, 6000, {"duration": "6 s"}),
        ({"duration": "6s"}, 6000, {"duration": "6 s"}),
        ({"duration": 8}, 8000, {"duration": "8 s"}),
        ({"duration": 6.0}, 6000, {"duration": "6 s"}),
        ({"duration": " 10 S "}, 10000, {"duration": "10 s"}),
        ({"duration_in_seconds": 2.5}, 2500, {"duration": "2.5 s"}),
        ({"duration": "short", "duration_in_seconds": 6}, 6000, {"duration": "6 s"}),
        ({"duration": "auto"}, None, {"duration": "auto"}),
        ({"duration": "5s", "duration_in_seconds": 5}, None, {}),
        ({"resolution": "720p"}, None, {"resolution": "720p"}),
        ({"resolution": None, "image_count": 1}, None, {"resolution": "none", "image_count": "1"}),
        (
            {"model_settings": {"generateAudio": True, "quality": "high"}},
            None,
            {"generateAudio": "on", "quality": "high"},
        ),
        ({"model_settings": "odd"}, None, {"model_settings": "odd"}),
        ({"resolution": ["720p"]}, None, {"resolution": "another value"}),
        ({}, None, {}),
        (None, None, {}),
        ("6s", None, {"request": "another value"}),
    ],
)
def test_what_was_priced_instead(
    server: ScriptedServer, hoox: HooxClient, normalized: Any, duration_ms: int | None, words: dict[str, str]
) -> None:
    server.will(json_answer({**PRICE, "normalized": normalized}))

    price = hoox.price("veo-3.1", duration_ms=5000)

    assert (price.duration_ms, price.normalized) == (duration_ms, words)


def test_a_length_in_between_is_priced_as_the_next_whole_second(
    server: ScriptedServer, hoox: HooxClient
) -> None:
    server.will(json_answer(PRICE), json_answer({**PRICE, "normalized": {"duration": "4s"}}))

    prices = [hoox.price("veo-3.1", duration_ms=2500) for _ in range(2)]

    assert [seen.json["duration"] for seen in server.seen] == [3, 3]
    assert [(price.duration_ms, price.normalized) for price in prices] == [
        (3000, {"duration": "3 s"}),
        (4000, {"duration": "4 s"}),
    ]


def bad_prices() -> list[Answer]:
    wrong = [None, -1, "", "much", [], {}, True, 1e300, 10**400, 2**40]
    bodies: list[Any] = [{**PRICE, "cost_per_generation": cost} for cost in wrong]
    bodies += [{**PRICE, "total_cost": cost} for cost in wrong if cost is not None]
    bodies += [{}, [], None, 7, {"total_cost": 5}, {**PRICE, "currency": "EUR"}]
    return [json_answer(body) for body in bodies] + [
        text_answer(json.dumps(PRICE).replace("34.05", "NaN")),
        text_answer("<html>"),
        text_answer(""),
    ]


@pytest.mark.parametrize("answer", bad_prices())
def test_an_amount_that_cannot_be_true_is_no_price(
    server: ScriptedServer, hoox: HooxClient, answer: Answer
) -> None:
    server.will(answer)

    with pytest.raises(Unavailable, match="form that cannot be read: could not price the shot"):
        hoox.price("veo-3.1", duration_ms=8000)


@pytest.mark.parametrize("answer", [cut, silence, cut_body(b"{", 99), server_error(500), text_answer("{")])
def test_a_lost_price_leaves_nothing_unclear(
    server: ScriptedServer, hoox: HooxClient, answer: Answer
) -> None:
    server.will(*[answer] * 3)

    with pytest.raises(Unavailable, match="cost nothing; try again") as caught:
        hoox.price("veo-3.1", duration_ms=8000)

    assert not isinstance(caught.value, Unclear)
    assert not caught.value.may_have_acted
    assert len(server.seen) == 1


def test_a_conflict_over_a_price_is_no_earlier_success(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer({"error": "Busy"}, 409))

    with pytest.raises(ServiceError, match=r"refused the request \(409\)\. Nothing was started"):
        hoox.price("veo-3.1")


def test_a_stated_price_of_nothing_is_one(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer({"cost_per_generation": 0, "total_cost": 0}))

    assert hoox.price("free").total == 0
