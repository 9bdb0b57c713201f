"""The paid call: what it makes of answers, and that nothing unclear passes for clear."""

from typing import Any

import pytest

from clients.errors import (
    AlreadyExists,
    Invalid,
    MissingCredits,
    Moderated,
    RateLimited,
    Rejected,
    Unauthorized,
    Unclear,
    Unreachable,
)
from clients.hedra import HedraClient
from tests.clients.server import (
    Answer,
    ScriptedServer,
    cut,
    cut_body,
    json_answer,
    rate_limited,
    redirect,
    server_error,
    silence,
    text_answer,
)

BODY = {"type": "video", "model_slug": "a/b", "generated_video_inputs": {"text_prompt": "a fox"}}


def item(number: int, **changes: Any) -> dict[str, Any]:
    row = {"id": f"g{number}", "asset_id": f"a{number}", "status": "queued", "progress": 0.0, "eta_sec": 75}
    return {**row, "created_at": "2026-08-22T10:00:00Z", "error": None, **changes}


def test_submit(server: ScriptedServer, client: HedraClient) -> None:
    server.will(json_answer({**BODY, **item(1), "batch_generation_id": None, "batch_results": [item(1)]}))

    answer = client.submit(BODY)

    (seen,) = server.seen
    assert (seen.method, seen.path, seen.json) == ("POST", "/web-app/public/generations", BODY)
    assert (answer.generation_id, answer.asset_id, answer.status, answer.eta_s) == ("g1", "a1", "queued", 75)
    assert [one.id for one in answer.items] == ["g1"]


def test_an_old_server_names_two_ids_only(server: ScriptedServer, client: HedraClient) -> None:
    server.will(json_answer({**BODY, "id": "g1", "asset_id": "a1"}))

    (one,) = client.submit(BODY).items

    assert (one.id, one.asset_id, one.status, one.progress, one.eta_s) == ("g1", "a1", "queued", 0.0, None)


def test_a_half_failed_batch(server: ScriptedServer, client: HedraClient) -> None:
    failed = item(1, id=None, status="error", error={"type": "MODERATION_FAILED", "message": "Not this."})
    server.will(json_answer({**item(2), "batch_generation_id": "b", "batch_results": [failed, item(2)]}))

    answer = client.submit(BODY)

    assert (answer.generation_id, answer.batch_generation_id) == ("g2", "b")
    first, second = answer.items
    assert (first.id, first.asset_id, first.status) == (None, "a1", "error")
    assert first.error is not None
    assert first.error.code == "MODERATION_FAILED"
    assert (second.id, second.error) == ("g2", None)


def test_a_wholly_failed_batch(server: ScriptedServer, client: HedraClient) -> None:
    failed = item(1, id=None, asset_id=None, status="error", error="no")
    server.will(json_answer({"batch_results": [failed]}))

    assert client.submit(BODY).generation_id is None


@pytest.mark.parametrize(
    "answer",
    [
        cut,
        silence,
        server_error(500),
        server_error(502),
        json_answer({"detail": "later"}, 503, Retry_After="7"),
        server_error(504),
        text_answer("<html>"),
        text_answer(""),
        json_answer([]),
        json_answer({"status": "queued"}),
        cut_body(b'{"id": "g1"', 500),
        text_answer("not gzip", Content_Encoding="gzip"),
    ],
)
def test_what_may_have_acted_is_unclear_and_sent_once(
    server: ScriptedServer, client: HedraClient, answer: Answer
) -> None:
    server.will(answer)

    with pytest.raises(Unclear, match="may have started and been charged") as caught:
        client.submit(BODY)

    assert caught.value.may_have_acted
    assert len(server.seen) == 1


def test_an_unclear_answer_says_how_long_to_wait(server: ScriptedServer, client: HedraClient) -> None:
    server.will(json_answer({"detail": "later"}, 503, Retry_After="7"))

    with pytest.raises(Unclear) as caught:
        client.submit(BODY)

    assert caught.value.retry_after == 7


SAID = ("Creator plan needed", "bad combination", "first", "I am a teapot")


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (json_answer({"detail": "invalid api key"}, 401), Unauthorized, "HEDRA_API_KEY"),
        (json_answer({"detail": "Creator plan needed"}, 403), Unauthorized, "Creator plan needed"),
        (json_answer({"detail": "insufficient credits"}, 402), MissingCredits, "Top up"),
        (
            json_answer({"error": {"type": "MISSING_CREDITS", "message": "none"}}, 400),
            MissingCredits,
            "Top up",
        ),
        (json_answer({"code": "MISSING_CREDITS"}, 500), MissingCredits, "Top up"),
        (json_answer({"detail": "taken"}, 409), AlreadyExists, "second time"),
        (json_answer({"error": {"code": "ALREADY_IN_PROGRESS"}}, 422), AlreadyExists, "second time"),
        (json_answer({"detail": {"type": "ALREADY_EXISTS"}}, 400), AlreadyExists, "second time"),
        (json_answer({"error": {"type": "MODERATION_FAILED"}}, 400), Moderated, "content rules"),
        (json_answer({"message": "bad combination"}, 400), Invalid, "bad combination"),
        (json_answer({"messages": ["first", "second"]}, 415), Invalid, "first"),
        (text_answer("I am a teapot", 418), Rejected, "I am a teapot"),
        (redirect("https://elsewhere.example/"), Rejected, "address"),
    ],
)
def test_refusals_are_final_and_cost_nothing(
    server: ScriptedServer, client: HedraClient, answer: Answer, kind: type[Rejected], words: str
) -> None:
    server.will(answer)

    with pytest.raises(Rejected) as caught:
        client.submit(BODY)

    assert type(caught.value) is kind
    assert words in (caught.value.said if words in SAID else str(caught.value))
    assert not any(each in str(caught.value) for each in SAID), "the service's words are not for people"
    assert not caught.value.may_have_acted
    assert len(server.seen) == 1


def test_a_validation_answer_names_fields_and_hides_the_echo(
    server: ScriptedServer, client: HedraClient
) -> None:
    where = ["body", "generated_video_inputs", "duration_ms"]
    echo = {
        "type": "missing",
        "loc": where,
        "msg": "Field required",
        "input": {"text_prompt": "a secret fox"},
    }
    server.will(json_answer({"detail": [echo]}, 422))

    with pytest.raises(Invalid, match=r"refused the request\. Nothing was charged") as caught:
        client.submit(BODY)

    assert caught.value.said == "generated_video_inputs.duration_ms: Field required"

    assert caught.value.fields == [("generated_video_inputs.duration_ms", "Field required")]
    assert "secret fox" not in str(caught.value) + caught.value.detail + caught.value.said
    assert caught.value.status == 422


def test_a_rate_limit_is_not_acted_on(server: ScriptedServer, client: HedraClient) -> None:
    server.will(rate_limited("12"))

    with pytest.raises(RateLimited, match="in 12 s") as caught:
        client.submit(BODY)

    assert (caught.value.retry_after, caught.value.may_have_acted) == (12.0, False)
    assert len(server.seen) == 1


@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "http://host.invalid", "https://127.0.0.1:9"])
def test_what_was_never_sent_has_not_acted(base: str) -> None:
    with pytest.raises(Unreachable, match="nothing was sent or charged") as caught:
        HedraClient(base, "sk_hedra_x", connect_timeout=1).submit(BODY)

    assert not caught.value.may_have_acted


@pytest.mark.parametrize(
    "base", ["ftp://x", "nonsense", "http://", "http://" + "a" * 70 + ".x", "http://[::1"]
)
def test_an_address_that_is_none(base: str) -> None:
    with pytest.raises(Rejected, match="address"):
        HedraClient(base, "sk_hedra_x").submit(BODY)


@pytest.mark.parametrize("key", ["sk_hedra_a b", "sk_hedra_\n", "sk_hedra_ключ"])
def test_a_key_that_cannot_be_sent(server: ScriptedServer, key: str) -> None:
    with pytest.raises(Unauthorized, match="Copy it anew"):
        HedraClient(server.url, key).submit(BODY)

    assert server.seen == []
