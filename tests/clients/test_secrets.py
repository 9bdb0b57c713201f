"""The key and the queries of signed links appear nowhere but on the wire."""

import io
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from clients.answers import CreatedAsset
from clients.errors import ServiceError
from clients.hedra import HedraClient
from clients.redaction import bare_link, clean
from tests.clients.conftest import KEY
from tests.clients.server import (
    Answer,
    ScriptedServer,
    cut,
    cut_body,
    json_answer,
    rate_limited,
    server_error,
    silence,
    text_answer,
)

SIGNATURE = "5f2c0bd1deadbeef"
SECRETS = (KEY, SIGNATURE)

ECHO = {"detail": f"key {KEY} is bad, see https://x.example/y?sig={SIGNATURE}"}
ANSWERS: list[Answer] = [
    json_answer(ECHO, 401),
    json_answer({"detail": [{"loc": ["header", KEY], "msg": KEY, "input": KEY}]}, 422),
    json_answer({"error": {"message": f"X-API-Key: {KEY}", "type": "INTERNAL"}}, 400),
    text_answer(f"<h1>{KEY}</h1> https://x.example/y?sig={SIGNATURE}", 418),
    json_answer(ECHO, 500),
    json_answer({"odd": KEY}, 404),
    text_answer(KEY),
    rate_limited("0"),
    server_error(502),
    cut,
    silence,
    cut_body(KEY.encode(), 999),
]

CALLS: dict[str, Callable[[HedraClient, str], Any]] = {
    "read": lambda client, _: client.credits(),
    "submit": lambda client, _: client.submit({"type": "video"}),
    "upload": lambda client, _: client.upload_asset(CreatedAsset("a"), io.BytesIO(b"x"), "f", "image/png"),
    "put": lambda client, link: client.upload_asset(
        CreatedAsset("a", link), io.BytesIO(b"x"), "f", "image/png"
    ),
    "download": lambda client, link: list(client.download(link).__enter__().chunks()),
}


def everything_shown(error: BaseException) -> str:
    """All that a log, a debug page or an error tracker could print, locals of our frames included."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    parts = ["".join(shown.format()), repr(error), repr(vars(error))]
    hidden = error.__cause__ or error.__context__
    return "\n".join(parts) + (everything_shown(hidden) if hidden else "")


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_failures_show_no_secret(
    server: ScriptedServer, client: HedraClient, caplog: pytest.LogCaptureFixture, name: str, answer: Answer
) -> None:
    caplog.set_level(logging.DEBUG)
    server.will(*[answer] * 3)
    link = f"{server.url}/clip?X-Amz-Signature={SIGNATURE}"

    error = failure_of(CALLS[name], client, link)

    if error:
        assert not any(secret in f"{error} {error.detail}" for secret in SECRETS)
        assert KEY not in everything_shown(error)
        assert (error.__cause__, error.__context__) == (None, None)
    assert not any(secret in caplog.text for secret in SECRETS)


def failure_of(
    call: Callable[[HedraClient, str], Any], client: HedraClient, link: str
) -> ServiceError | None:
    """Some pairs of call and answer are no failure: an upload takes any 2xx, a download any bytes."""
    try:
        call(client, link)
    except ServiceError as error:
        return error
    return None


@pytest.mark.parametrize("base", ["http://127.0.0.1:9", "http://host.invalid", "nonsense"])
def test_a_broken_wire_shows_no_secret(base: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = HedraClient(base, KEY, connect_timeout=1)

    for call in (CALLS["read"], CALLS["submit"]):
        with pytest.raises(ServiceError) as caught:
            call(client, "")
        assert KEY not in everything_shown(caught.value)
    with pytest.raises(ServiceError) as caught:
        CALLS["download"](client, f"http://host.invalid/c?sig={SIGNATURE}")
    assert SIGNATURE not in f"{caught.value}{caught.value.detail}"
    assert not any(secret in caplog.text for secret in SECRETS)


def test_reprs_hide_the_key(client: HedraClient) -> None:
    inner = [client._transport, client._transport.connection, client._transport._reads.auth, client._links]

    assert not any(KEY in f"{part!r}{part!s}" for part in [client, *inner])
    assert KEY not in repr(client._transport._reads.headers)


def test_links_are_not_in_the_reprs_of_answers(server: ScriptedServer, client: HedraClient) -> None:
    link = f"https://x.example/y?sig={SIGNATURE}"
    server.will(json_answer({"id": "g", "status": "complete", "url": link, "download_url": link}))

    state = client.status("g")

    assert state.media_url == link
    assert SIGNATURE not in repr(state)


def test_a_short_key_is_a_word() -> None:
    assert clean("the sandbox is empty", "sandbox") == "the sandbox is empty"


def test_cleaning_a_foreign_text() -> None:
    assert clean("key sk_hedra_abc\n\x00 at https://x/y?sig=1 end") == "key [key] at https://x/y?[…] end"
    assert len(clean("x" * 1000)) == 300


@pytest.mark.parametrize("link", ["https://u:p@x.example:8/y?sig=1#f", "https://x.example/y"])
def test_a_link_for_the_log(link: str) -> None:
    assert bare_link(link) == "https://x.example/y"


def test_errors_survive_pickling() -> None:
    error = ServiceError("Words.", detail="d", may_have_acted=True)

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (str(again), again.detail, again.may_have_acted) == ("Words.", "d", True)
