"""Whatever JSON comes, good rows stay, no price is made up, and nothing but Unreadable is raised."""

import json
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients import hoox_answers
from clients.hoox_answers import model_list, remote_price
from clients.parsing import Unreadable, loads
from tests.fuzzing import COUNT

FIELDS = [
    *("name", "label", "type", "provider", "tags", "base_cost", "has_audio", "required_plans", "models"),
    *("capabilities", "max_images", "min_images", "supported_aspect_ratios", "supported_durations", "key"),
    *("default_duration", "default_resolution", "settings", "default_value", "options", "affects_cost"),
    *("input_schema", "required", "properties", "references", "minItems", "maxItems", "start_image", "enum"),
    *("duration", "aspect_ratio", "default", "cost_per_generation", "total_cost", "normalized", "currency"),
    *("generation_count", "model_settings", "duration_in_seconds"),
]
WORDS = ["video", "boolean", "select", "credits", "5s", "8", "auto", "prompt", "start_image", "\0", "\ud800"]

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**31)
    | st.floats()
    | st.text()
    | st.sampled_from(WORDS)
)
json_values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=8)
    ),
    max_leaves=40,
)
rows = st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=12)

READERS: list[Callable[[Any], Any]] = [
    hoox_answers.model_list,
    partial(hoox_answers.one_model, name="veo"),
    lambda answer: remote_price(answer, 2, 2500),
]
GOOD = {"name": "veo-3.1", "type": "video", "base_cost": 32, "capabilities": {"supported_durations": [8]}}


@pytest.mark.parametrize("read", READERS)
@given(value=json_values | rows)
def test_any_json_is_read_or_unreadable(read: Callable[[Any], Any], value: Any) -> None:
    for answer in (value, {"models": [value]}, {"models": value}, {**GOOD, "input_schema": value}):
        try:
            result = read(through_the_wire(answer))
        except Unreadable:
            continue
        as_stored(result)


@settings(max_examples=min(500, COUNT // 4))
@given(bad=st.lists(json_values | rows, max_size=3), place=st.integers(0, 3), root=rows)
def test_good_rows_survive_any_company(bad: list[Any], place: int, root: dict[str, Any]) -> None:
    sent = [*bad[:place], GOOD, *bad[place:]]

    answer = model_list(through_the_wire({**root, "models": sent}))

    good = [model for model in answer.models if model.raw.get("base_cost") == 32 and model.key == "veo-3.1"]
    assert good
    assert (good[0].durations, good[0].base_cost, good[0].type) == (["8"], 32, "video")
    assert (answer.raw_count, answer.skipped) == (len(sent), len(sent) - len(answer.models))
    assert all(model.key for model in answer.models)


@given(each=json_values, total=json_values, count=json_values)
def test_a_price_is_never_negative_and_never_made_up(each: Any, total: Any, count: Any) -> None:
    asked = {"cost_per_generation": each, "total_cost": total, "generation_count": count}
    try:
        price = remote_price(through_the_wire(asked), 2)
    except Unreadable:
        return

    assert price.cost_per_generation == pytest.approx(Decimal(str(each)), abs=Decimal("0.0001"))
    assert price.total >= 0
    assert price.count > 0


@given(cents=st.integers(0, 10**6), count=st.integers(1, 4))
def test_credits_come_through_exactly(cents: int, count: int) -> None:
    """As a service that counts in floats sends them."""
    each = cents / 100
    sent = {"cost_per_generation": each, "total_cost": each * count, "generation_count": count}

    price = remote_price(through_the_wire(sent), count)

    assert price.cost_per_generation == Decimal(cents) / 100
    assert price.total == Decimal(cents * count) / 100


def through_the_wire(answer: Any) -> Any:
    return loads(json.dumps(answer).encode())


def as_stored(result: Any) -> None:
    """JSON without NaN, text that encodes and has no NUL: what every database takes."""
    text = json.dumps(asdict(result), allow_nan=False, default=str, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode()
