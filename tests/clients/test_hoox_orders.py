"""Orders at a service that takes no ids from us: sent once, and unclear whenever the answer is."""

from decimal import Decimal
from typing import Any

import pytest

from clients.answers import RemoteError, Started
from clients.errors import (
    AlreadyExists,
    Invalid,
    LinkExpired,
    MissingCredits,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    Unauthorized,
    Unavailable,
    Unclear,
    Unreachable,
)
from clients.hoox import HooxClient
from tests.clients.conftest import HOOX_KEY
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

BODY = {"type": "image", "model": "reve", "prompt": "A fox", "generation_count": 1}
ASSET = "6912f0a1b2c3d4e5f6a7b8c9"
ANSWER = {
    "asset_ids": [ASSET],
    "status": "generating",
    "count": 1,
    "cost_per_generation": 34.05,
    "total_cost": 34.05,
}
RUNNING = {"asset_id": ASSET, "status": "generating", "type": "video", "generation_params": {"model": "reve"}}


def test_an_order_is_sent_as_it_is(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer(ANSWER, 201))

    assert hoox.start(BODY) == Started([ASSET], Decimal("34.05"))
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.json) == ("POST", "/api/public/v1/asset/start", BODY)
    assert seen.headers["authorization"] == f"Bearer {HOOX_KEY}"


@pytest.mark.parametrize(
    "answer",
    [
        server_error(),
        silence,
        cut,
        cut_body(b'{"asset_ids": [', 200),
        text_answer("<html>"),
        json_answer({"status": "generating"}, 201),
        json_answer({**ANSWER, "asset_ids": []}, 201),
        json_answer({**ANSWER, "asset_ids": ["x" * 101]}, 201),
        json_answer({"error": "timeout"}, 408),
    ],
    ids=["500", "silence", "cut", "cut body", "html", "no ids", "empty ids", "no such id", "408"],
)
def test_a_lost_answer_is_unclear_and_nothing_is_sent_again(
    server: ScriptedServer, hoox: HooxClient, answer: Answer
) -> None:
    server.will(answer)

    with pytest.raises(Unclear, match="may have started and been charged") as error:
        hoox.start(BODY)
    assert error.value.may_have_acted
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "invalid_value", Invalid),
        (400, "INVALID_PLAN", Unauthorized),
        (401, "invalid_api_key", Unauthorized),
        (402, "insufficient_credits", MissingCredits),
        (403, "plan_required", Unauthorized),
        (409, "", Rejected),
        (429, "rate_limit_exceeded", RateLimited),
    ],
)
def test_a_refused_order_was_not_acted_on(
    server: ScriptedServer, hoox: HooxClient, status: int, code: str, kind: type[ServiceError]
) -> None:
    server.will(json_answer({"error": "no", **({"code": code} if code else {})}, status))

    with pytest.raises(kind) as error:
        hoox.start(BODY)
    assert not error.value.may_have_acted
    assert len(server.seen) == 1


def test_a_conflict_is_no_earlier_try_of_ours(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer({"error": "conflict"}, 409))

    with pytest.raises(Rejected, match="Nothing was started") as error:
        hoox.start(BODY)
    assert not isinstance(error.value, AlreadyExists)


def test_an_order_that_could_not_leave_is_not_unclear() -> None:
    with pytest.raises(Unreachable):
        HooxClient("http://127.0.0.1:9/api/public/v1", HOOX_KEY, connect_timeout=1).start(BODY)


def test_a_running_asset_says_little(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer(RUNNING))

    state = hoox.status(ASSET)

    assert (state.id, state.status, state.media_url, state.credit_cost) == (ASSET, "processing", None, None)
    assert state.model == "reve"
    assert server.seen[0].path == f"/api/public/v1/asset/status/{ASSET}"


@pytest.mark.parametrize(
    ("word", "means"), [("pending", "queued"), ("generating", "processing"), ("resting", "processing")]
)
def test_the_service_has_words_of_its_own(
    server: ScriptedServer, hoox: HooxClient, word: str, means: str
) -> None:
    server.will(json_answer({**RUNNING, "status": word}))

    assert hoox.status(ASSET).status == means


def test_a_finished_asset_tells_its_link_and_its_cost(server: ScriptedServer, hoox: HooxClient) -> None:
    done = {"status": "completed", "url": "https://cdn.hoox.video/a.mp4", "cost": 2.6}
    server.will(json_answer(RUNNING | done))

    state = hoox.status(ASSET)

    assert (state.status, state.media_url) == ("complete", done["url"])
    assert state.credit_cost == Decimal("2.6")


@pytest.mark.parametrize(
    ("error", "read"),
    [
        (
            {"code": "generation_failed", "message": "The model broke"},
            ("GENERATION_FAILED", "The model broke"),
        ),
        ("The model broke", ("UNKNOWN", "The model broke")),
    ],
)
def test_a_failed_asset_says_why(
    server: ScriptedServer, hoox: HooxClient, error: Any, read: tuple[str, str]
) -> None:
    server.will(json_answer({**RUNNING, "status": "failed", "error": error}))

    state = hoox.status(ASSET)

    assert state.status == "error"
    assert state.error == RemoteError(*read)


@pytest.mark.parametrize("answer", [{**RUNNING, "asset_id": "another"}, {"asset_id": ASSET}, []])
def test_an_answer_about_nothing_that_was_asked_is_unreadable(
    server: ScriptedServer, hoox: HooxClient, answer: Any
) -> None:
    server.will(json_answer(answer))

    with pytest.raises(Unavailable):
        hoox.status(ASSET)


def test_an_unknown_asset(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(json_answer({"error": "none", "code": "asset_not_found"}, 404))

    with pytest.raises(NotFound):
        hoox.status(ASSET)


def test_a_result_is_fetched_without_the_key(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(text_answer("clip", content_type="video/mp4"))

    with hoox.download(f"{server.url}/a.mp4") as download:
        assert b"".join(download.chunks()) == b"clip"
    assert "authorization" not in server.seen[0].headers


def test_an_old_link_is_said_to_be_one(server: ScriptedServer, hoox: HooxClient) -> None:
    server.will(text_answer("gone", 403))

    with pytest.raises(LinkExpired), hoox.download(f"{server.url}/a.mp4"):
        pass
