"""Whatever JSON comes, reading it either works or raises Unreadable, and the outcome can be stored."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients import hedra_answers
from clients.failures import read_refusal
from clients.parsing import Row, Unreadable, as_moment, as_number, loads

FIELDS = [
    *("id", "slug", "name", "type", "asset", "status", "progress", "error", "error_message", "input", "data"),
    *("page_info", "limit", "labels", "inputs", "slots", "pricing", "modifiers", "credits_per_second"),
    *("durations", "aspect_ratio_range", "dimensions", "created_at", "credit_cost", "batch_results"),
    *("remaining", "workspace_credit_pool", "detail", "loc", "msg", "message", "messages", "code", "url"),
]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["2026-01-01", "5s", "x"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS) | st.text(), inner, max_size=6)
    ),
    max_leaves=30,
)

READERS: list[Callable[[Any], Any]] = [
    hedra_answers.model_list,
    hedra_answers.assets,
    hedra_answers.created_asset,
    hedra_answers.generation_page,
    hedra_answers.submission,
    hedra_answers.generation_state,
    hedra_answers.credit_balance,
]


@pytest.mark.parametrize("read", READERS)
@given(value=json_values)
def test_any_json_is_read_or_unreadable(read: Callable[[Any], Any], value: Any) -> None:
    for answer in (value, [value], {"data": [value]}):
        try:
            result = read(loads(json.dumps(answer).encode()))
        except Unreadable:
            continue
        as_stored(result)


def as_stored(result: Any) -> None:
    """JSON without NaN, text that encodes and has no NUL: what every database takes."""
    plain = asdict(result) if hasattr(result, "__dataclass_fields__") else [asdict(one) for one in result]
    text = json.dumps(plain, allow_nan=False, default=str, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode()


@given(value=json_values | st.text())
def test_any_error_body_is_read(value: Any) -> None:
    read_refusal(json.dumps(value).encode())


@given(body=st.binary())
def test_any_bytes_are_read_or_unreadable(body: bytes) -> None:
    read_refusal(body)
    try:
        loads(body)
    except Unreadable:
        return


@pytest.mark.parametrize("body", [b"[" * 100_000, b"9" * 5000, b'{"a": ' * 5000, b"\xff\xfe", b""])
def test_hostile_bodies_are_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        loads(body)


def test_what_cannot_be_stored_is_cleaned() -> None:
    assert loads(rb'{"a\u0000": "x\u0000y\ud800", "n": [NaN, 1e999, -Infinity]}') == {
        "a": "xy?",
        "n": [None, None, None],
    }


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (35, Decimal(35)),
        (0.1, Decimal("0.1")),
        ("2.50", Decimal("2.50")),
        (True, None),
        (-1, None),
        ("NaN", None),
        ("1e99", None),
        ("many", None),
        ([], None),
    ],
)
def test_numbers_are_exact(value: Any, number: Decimal | None) -> None:
    assert as_number(value) == number


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-08-22T10:00:00Z", datetime(2026, 8, 22, 10, tzinfo=UTC)),
        ("2026-08-22T10:00:00.123456", datetime(2026, 8, 22, 10, 0, 0, 123456, tzinfo=UTC)),
        (" 2026-08-22T12:00:00+02:00 ", datetime(2026, 8, 22, 10, tzinfo=UTC)),
        ("0001-01-01T00:00:00+05:00", None),
        ("yesterday", None),
        (1_760_000_000, None),
        (None, None),
    ],
)
def test_times_are_aware(value: Any, moment: datetime | None) -> None:
    assert as_moment(value) == moment


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"detail": [{"loc": ["query", "ids"], "msg": "too long"}], "message": "other"},
            "query.ids: too long",
        ),
        ({"detail": "words", "message": "other"}, "words"),
        ({"message": "words", "messages": ["other"]}, "words"),
        ({"messages": ["words"], "error": "other"}, "words"),
        ({"error": {"message": "words"}}, "words"),
        ({"error": "words"}, "words"),
        ({"detail": [], "error": "words"}, "words"),
        ({"odd": "words"}, ""),
        ("words", "words"),
        (["words"], ""),
    ],
)
def test_the_words_of_an_error_body(body: Any, text: str) -> None:
    assert read_refusal(json.dumps(body).encode()).text == text


def test_a_row_reads_the_first_text() -> None:
    assert Row({"a": None, "b": " x ", "c": "y"}).text("a", "b", "c") == "x"
