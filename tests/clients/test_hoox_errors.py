"""Both envelopes of Hoox's errors, and what never shows the key."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from clients.errors import (
    Invalid,
    MissingCredits,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    Unauthorized,
    Unavailable,
    Unreachable,
)
from clients.hoox import HooxClient
from clients.redaction import clean
from tests.clients.conftest import HOOX_KEY
from tests.clients.server import (
    Answer,
    ScriptedServer,
    cut,
    cut_body,
    json_answer,
    redirect,
    server_error,
    silence,
    text_answer,
)
from tests.clients.test_secrets import everything_shown


def refusal(status: int, code: str, text: str = "Words of the service") -> Answer:
    return json_answer({"error": text, "code": code}, status)


def detailed(status: int, code: str, field: str | None = None) -> Answer:
    row = {"code": code, "message": "Words of the service", "field": field}
    return json_answer({"error": "Validation failed", "details": [row]}, status)


@pytest.mark.parametrize("answer", [refusal, detailed])
@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (401, "invalid_api_key", Unauthorized, "does not accept the API key"),
        (403, "invalid_api_key", Unauthorized, "Check HOOX_API_KEY"),
        (402, "insufficient_credits", MissingCredits, "Top up"),
        (400, "INSUFFICIENT_CREDITS", MissingCredits, "Top up"),
        (500, "Insufficient_Credits", MissingCredits, "Top up"),
        (403, "plan_required", Unauthorized, "Enterprise"),
        (400, "INVALID_PLAN", Unauthorized, "Check the plan"),
        (401, "PLAN_REQUIRED", Unauthorized, "Check the plan"),
        (404, "PLAN_RESOLUTION_FAILED", Unauthorized, "Check the plan"),
        (403, "unauthorized_job", Unauthorized, "does not allow this"),
        (404, "job_not_found", NotFound, "does not know"),
        (400, "invalid_value", Invalid, "refused the request"),
        (429, "rate_limit_exceeded", RateLimited, "no more requests"),
        (500, "GENERATION_FAILED", Unavailable, "has trouble right now"),
        (500, "", Unavailable, "cost nothing"),
        (418, "teapot", Rejected, r"refused the request \(418\)"),
    ],
)
def test_a_code_or_status_becomes_our_error(
    server: ScriptedServer,
    hoox: HooxClient,
    answer: Callable[[int, str], Answer],
    status: int,
    code: str,
    kind: type[ServiceError],
    words: str,
) -> None:
    server.will(answer(status, code))

    with pytest.raises(ServiceError, match=words) as caught:
        hoox.price("veo-3.1")

    assert type(caught.value) is kind
    assert not caught.value.may_have_acted
    assert "Words of the service" not in str(caught.value)
    assert getattr(caught.value, "said", "Words of the service") == "Words of the service"


def test_the_second_envelope_names_fields(server: ScriptedServer, hoox: HooxClient) -> None:
    rows = [
        {"code": "invalid_value", "message": "Must be an integer", "field": "duration"},
        {"code": "invalid_format", "message": "Say more"},
        {"field": "silent"},
        None,
    ]
    server.will(json_answer({"error": "Validation failed", "details": rows}, 400))

    with pytest.raises(Invalid) as caught:
        hoox.price("veo-3.1")

    assert caught.value.said == "duration: Must be an integer; Say more"
    assert caught.value.fields == [("duration", "Must be an integer"), ("", "Say more")]
    assert caught.value.code == "INVALID_VALUE"


@pytest.mark.parametrize("details", [[], None, "odd", {}, [7]])
def test_a_second_envelope_without_details_still_speaks(
    server: ScriptedServer, hoox: HooxClient, details: Any
) -> None:
    server.will(json_answer({"error": "No such resolution", "details": details}, 400))

    with pytest.raises(Invalid) as caught:
        hoox.price("veo-3.1")

    assert caught.value.said == "No such resolution"


def test_a_moved_address_is_not_followed(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(redirect("https://elsewhere.example/"))

    with pytest.raises(Rejected, match="another address"):
        hoox.list_models()


def test_a_service_that_is_down() -> None:
    client = HooxClient("http://127.0.0.1:9", HOOX_KEY, connect_timeout=1)

    with pytest.raises(Unreachable, match="Hoox could not be reached"):
        client.price("veo-3.1")


# --- The key ----------------------------------------------------------------------------------

ECHO = {"error": f"Authorization: Bearer {HOOX_KEY} is bad", "code": "invalid_api_key"}
ANSWERS: list[Answer] = [
    json_answer(ECHO, 401),
    json_answer({"error": HOOX_KEY, "details": [{"message": HOOX_KEY, "field": HOOX_KEY}]}, 400),
    json_answer(ECHO, 500),
    json_answer({"odd": HOOX_KEY}, 404),
    json_answer({"name": [HOOX_KEY]}),
    text_answer(f"<h1>{HOOX_KEY}</h1>", 418),
    text_answer(HOOX_KEY),
    server_error(502),
    cut,
    silence,
    cut_body(HOOX_KEY.encode(), 999),
]
CALLS: dict[str, Callable[[HooxClient], Any]] = {
    "read": lambda client: client.model("veo-3.1"),
    "ask": lambda client: client.price("veo-3.1"),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_failures_show_no_key(
    server: ScriptedServer, hoox: HooxClient, caplog: pytest.LogCaptureFixture, name: str, answer: Answer
) -> None:
    caplog.set_level(logging.DEBUG)
    server.will(answer)

    with pytest.raises(ServiceError) as caught:
        CALLS[name](hoox)

    assert HOOX_KEY not in everything_shown(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert HOOX_KEY not in caplog.text


def test_an_echo_of_the_key_is_not_kept(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer({"name": "a", "description": f"for {HOOX_KEY}"}))

    model = hoox.model("a")

    assert (model.description, model.raw["description"]) == ("for [key]", "for [key]")


def test_reprs_hide_the_key(hoox: HooxClient) -> None:
    transport = hoox._transport
    parts = [hoox, transport, transport.connection, transport._reads.auth, transport._reads.headers]

    assert not any(HOOX_KEY in f"{part!r}{part!s}" for part in parts)


def test_any_key_of_this_kind_is_hidden() -> None:
    assert clean("key hx_live_0123abcd is old, hx_test_ab too") == "key [key] is old, [key] too"


@pytest.mark.parametrize("key", ["hx_live_a b", "hx_live_\n", "hx_live_ключ"])
def test_a_key_that_cannot_be_sent(server: ScriptedServer, key: str) -> None:
    with pytest.raises(Unauthorized, match="Copy it anew"):
        HooxClient(server.url, key).list_models()

    assert server.seen == []
