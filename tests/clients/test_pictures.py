"""Pictures that a service points at: over https, never out of a private network, and never too large."""

import pytest

from clients.errors import LinkExpired, Rejected, TooLarge, Unavailable
from clients.pictures import LARGEST_PICTURE_BYTES, Pictures
from tests.clients.server import (
    Answer,
    Handler,
    ScriptedServer,
    cut,
    cut_body,
    file_answer,
    redirect,
    server_error,
    text_answer,
)
from tests.factories import png

SERVICE = "https://api.service.example/public"


@pytest.fixture
def pictures(server: ScriptedServer) -> Pictures:
    """Of a service on loopback."""
    return Pictures("Hedra", server.url)


def test_a_picture_comes_whole_and_nobody_is_told_who_asks(
    server: ScriptedServer, pictures: Pictures
) -> None:
    server.will(
        lambda handler: handler.send(200, b"", {"Set-Cookie": "a=b", "Content-Type": "image/png"}),
        file_answer(png(), "image/png"),
    )

    pictures.fetch(f"{server.url}/first.png")
    assert pictures.fetch(f"{server.url}/second.png") == png()

    for seen in server.seen:
        assert not {"cookie", "authorization", "x-api-key", "referer"} & set(seen.headers)


@pytest.mark.parametrize(
    "url",
    [
        "http://pictures.example/logo.svg",
        "file:///etc/passwd",
        "data:image/svg+xml,<svg/>",
        "ftp://pictures.example/logo.svg",
        "//pictures.example/logo.svg",
        "logo.svg",
        "https://[",
        "",
    ],
)
def test_only_https_addresses_are_opened(pictures: Pictures, url: str) -> None:
    with pytest.raises(Rejected, match="not an https address"):
        pictures.fetch(url)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "192.168.1.1", "169.254.169.254", "[fd00::1]", "127.0.0.1", "localhost", "0.0.0.0"]
)
def test_private_networks_are_out_of_reach(host: str) -> None:
    with pytest.raises(Rejected, match="doesn't follow"):
        Pictures("Hedra", SERVICE).fetch(f"https://{host}/logo.svg")


def test_this_machine_is_open_only_to_a_service_that_is_here(server: ScriptedServer) -> None:
    with pytest.raises(Rejected):
        Pictures("Hedra", SERVICE).fetch(f"{server.url}/logo.svg")
    assert not server.seen


@pytest.mark.parametrize(
    "target", ["https://10.0.0.1/", "http://169.254.169.254/latest/", "file:///etc/passwd"]
)
def test_redirects_are_checked_too(server: ScriptedServer, pictures: Pictures, target: str) -> None:
    server.will(redirect(target))
    with pytest.raises(Rejected):
        pictures.fetch(f"{server.url}/logo.svg")


def test_a_redirect_is_followed(server: ScriptedServer, pictures: Pictures) -> None:
    server.will(redirect("/elsewhere.png"), file_answer(png(), "image/png"))
    assert pictures.fetch(f"{server.url}/logo.png") == png()


def test_circles_are_left(server: ScriptedServer, pictures: Pictures) -> None:
    server.will(*[redirect("/logo.svg")] * 10)
    with pytest.raises(Rejected):
        pictures.fetch(f"{server.url}/logo.svg")


def endless(handler: Handler) -> None:
    """A body of no announced length, larger than is taken."""
    handler.send_response(200)
    handler.send_header("Content-Type", "image/png")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(bytes(LARGEST_PICTURE_BYTES + 1))
    handler.close_connection = True


@pytest.mark.parametrize("answer", [file_answer(bytes(LARGEST_PICTURE_BYTES + 1), "image/png"), endless])
def test_a_large_file_is_refused(server: ScriptedServer, pictures: Pictures, answer: Answer) -> None:
    server.will(answer)
    with pytest.raises(TooLarge, match="512 KB"):
        pictures.fetch(f"{server.url}/logo.png")


@pytest.mark.parametrize("answer", [text_answer("", 404), text_answer("<html>", content_type="text/html")])
def test_a_missing_picture_is_said_to_be_missing(
    server: ScriptedServer, pictures: Pictures, answer: Answer
) -> None:
    server.will(answer)
    with pytest.raises(LinkExpired, match="no picture"):
        pictures.fetch(f"{server.url}/logo.svg")


@pytest.mark.parametrize("answer", [server_error(503), cut, cut_body(b"half", 1000)])
def test_a_passing_trouble_is_told_from_a_lasting_one(
    server: ScriptedServer, pictures: Pictures, answer: Answer
) -> None:
    server.will(answer)
    with pytest.raises(Unavailable, match="can't be reached"):
        pictures.fetch(f"{server.url}/logo.svg")
