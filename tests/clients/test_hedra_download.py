"""Results: whole, continued, cut, expired, and never out of a private network."""

import pytest

from clients.errors import (
    LinkExpired,
    RateLimited,
    Rejected,
    ServiceError,
    TooLarge,
    Truncated,
    Unavailable,
    Unreachable,
)
from clients.failures import Call
from clients.hedra import HedraClient
from clients.links import Download, next_hop
from tests.clients.server import (
    Answer,
    Handler,
    ScriptedServer,
    cut,
    cut_body,
    file_answer,
    rate_limited,
    redirect,
    server_error,
    silence,
    text_answer,
    trickle,
)

CLIP = bytes(range(256)) * 4000


def fetch(client: HedraClient, url: str, offset: int = 0) -> tuple[int, int | None, bytes]:
    """Offset, total and bytes of a download."""
    with client.download(url, offset) as download:
        return download.offset, download.total, b"".join(download.chunks())


def test_download(server: ScriptedServer, client: HedraClient) -> None:
    server.will(file_answer(CLIP))

    with client.download(f"{server.url}/clip?sig=s3cr3t") as download:
        assert (download.status, download.total, download.offset) == (200, len(CLIP), 0)
        assert download.content_type == "video/mp4"
        assert b"".join(download.chunks()) == CLIP

    (seen,) = server.seen
    assert seen.query == {"sig": ["s3cr3t"]}
    assert "x-api-key" not in seen.headers
    assert "authorization" not in seen.headers
    assert "range" not in seen.headers


def test_the_rest_of_a_download(server: ScriptedServer, client: HedraClient) -> None:
    server.will(file_answer(CLIP))

    assert fetch(client, f"{server.url}/clip", 1000) == (1000, len(CLIP), CLIP[1000:])
    assert server.seen[0].headers["range"] == "bytes=1000-"


def test_a_server_without_ranges_begins_anew(server: ScriptedServer, client: HedraClient) -> None:
    server.will(text_answer("the whole clip", content_type="video/mp4"))

    assert fetch(client, f"{server.url}/clip", 5) == (0, 14, b"the whole clip")


def test_nothing_is_left_to_fetch(server: ScriptedServer, client: HedraClient) -> None:
    server.will(file_answer(CLIP))

    assert fetch(client, f"{server.url}/clip", len(CLIP)) == (len(CLIP), len(CLIP), b"")


def wrong_part(handler: Handler) -> None:
    handler.send(206, b"x", {"Content-Range": "bytes 7-7/8", "Content-Type": "video/mp4"})


def no_such_part(handler: Handler) -> None:
    handler.send(416, b"", {})


@pytest.mark.parametrize("answer", [wrong_part, no_such_part, file_answer(b"short")])
def test_a_part_that_does_not_fit_begins_anew(
    server: ScriptedServer, client: HedraClient, answer: Answer
) -> None:
    server.will(answer, file_answer(CLIP))

    assert fetch(client, f"{server.url}/clip", 1000) == (0, len(CLIP), CLIP)


def unannounced(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it")
    handler.close_connection = True


def test_a_download_of_unknown_length(server: ScriptedServer, client: HedraClient) -> None:
    server.will(unannounced)

    assert fetch(client, f"{server.url}/clip") == (0, None, b"all of it")


def stalled(handler: Handler) -> None:
    handler.send(200, CLIP[:1000], {"Content-Length": str(len(CLIP)), "Content-Type": "video/mp4"})
    silence(handler)


def half_a_chunk(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf")
    handler.close_connection = True


@pytest.mark.parametrize("answer", [cut_body(CLIP[:300_000], len(CLIP)), stalled, half_a_chunk])
def test_a_download_that_breaks_off(server: ScriptedServer, client: HedraClient, answer: Answer) -> None:
    server.will(answer)

    with pytest.raises(Truncated, match="continue where it stopped") as caught:
        fetch(client, f"{server.url}/clip?sig=s3cr3t")

    assert "s3cr3t" not in caught.value.detail


def keep(download: Download, into: bytearray) -> None:
    for chunk in download.chunks():
        into += chunk


def test_what_came_before_the_break_is_kept(server: ScriptedServer, client: HedraClient) -> None:
    server.will(cut_body(CLIP[:300_000], len(CLIP)), file_answer(CLIP))
    kept = bytearray()

    with client.download(f"{server.url}/clip") as download, pytest.raises(Truncated):
        keep(download, kept)
    assert 0 < len(kept) <= 300_000
    kept += fetch(client, f"{server.url}/clip", len(kept))[2]

    assert kept == CLIP


def test_a_trickle_is_not_waited_for(
    server: ScriptedServer, client: HedraClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clients.links.PACE_WINDOW_S", 0.2)
    server.will(trickle("video/mp4"))
    kept = bytearray()

    with (
        client.download(f"{server.url}/clip") as download,
        pytest.raises(Truncated, match="continue where it stopped"),
    ):
        keep(download, kept)

    assert kept == b" " * len(kept)
    assert 0 < len(kept) < 1000


def test_a_result_that_is_announced_too_large(server: ScriptedServer, client: HedraClient) -> None:
    server.will(file_answer(CLIP))

    with (
        pytest.raises(TooLarge, match="larger than"),
        client.download(f"{server.url}/clip", most_bytes=len(CLIP) - 1),
    ):
        pytest.fail("its bytes must not be asked for")


def test_a_result_that_becomes_too_large(server: ScriptedServer, client: HedraClient) -> None:
    server.will(unannounced)
    kept = bytearray()

    with (
        client.download(f"{server.url}/clip", most_bytes=8) as download,
        pytest.raises(TooLarge, match="larger than"),
    ):
        keep(download, kept)

    assert len(kept) <= 8


@pytest.mark.parametrize(
    "answer",
    [
        *(text_answer("<Error>", status) for status in (400, 401, 403, 404, 410)),
        text_answer("<html>This link has expired", content_type="text/html; charset=utf-8"),
        text_answer("{}", content_type="application/json"),
    ],
)
def test_an_expired_link(server: ScriptedServer, client: HedraClient, answer: Answer) -> None:
    server.will(answer)

    with pytest.raises(LinkExpired, match="no longer valid") as caught:
        fetch(client, f"{server.url}/clip?sig=s3cr3t")

    assert "s3cr3t" not in f"{caught.value}{caught.value.detail}"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (rate_limited("4"), RateLimited),
        (server_error(500), Unavailable),
        (cut, Unavailable),
        (silence, Unavailable),
    ],
)
def test_passing_trouble(
    server: ScriptedServer, client: HedraClient, answer: Answer, kind: type[Unavailable]
) -> None:
    server.will(answer)

    with pytest.raises(kind) as caught:
        fetch(client, f"{server.url}/clip?sig=s3cr3t")

    assert not caught.value.may_have_acted
    assert "s3cr3t" not in f"{caught.value}{caught.value.detail}"


def test_redirects_are_followed(server: ScriptedServer, client: HedraClient) -> None:
    server.will(redirect("/next?sig=2"), redirect(f"{server.url}/last"), file_answer(CLIP))

    assert fetch(client, f"{server.url}/clip", 1000) == (1000, len(CLIP), CLIP[1000:])
    assert [seen.path for seen in server.seen] == ["/clip", "/next", "/last"]


def test_redirects_end(server: ScriptedServer, client: HedraClient) -> None:
    server.will(*[redirect("/again")] * 9)

    with pytest.raises(Rejected, match="circles"):
        fetch(client, f"{server.url}/clip")

    assert len(server.seen) == 6


def test_a_redirect_does_not_lead_to_private_networks(server: ScriptedServer, client: HedraClient) -> None:
    server.will(redirect("http://169.254.169.254/latest/meta-data/"))

    with pytest.raises(Rejected, match="private network"):
        fetch(client, f"{server.url}/clip")


def test_a_redirect_does_not_lead_down_to_http() -> None:
    call = Call("GET", "https://cdn.example/clip", "Hedra", "download the result")

    with pytest.raises(Rejected, match="unprotected"):
        next_hop("https://cdn.example/clip", "http://cdn.example/clip", call)
    assert next_hop("https://cdn.example/clip", "//other.example/c", call) == "https://other.example/c"


PRIVATE = ["127.0.0.1:1", "localhost:1", "[::1]:1", "0.0.0.0:1", "10.1.2.3", "192.168.0.1", "169.254.169.254"]


@pytest.mark.parametrize("host", PRIVATE)
def test_a_remote_service_cannot_point_us_into_our_own_network(host: str) -> None:
    client = HedraClient("https://api.example/web-app/public", "sk_hedra_x", connect_timeout=1)

    with pytest.raises(Rejected, match="private network"):
        fetch(client, f"http://{host}/clip")


@pytest.mark.parametrize("host", PRIVATE[3:])
def test_a_service_on_loopback_opens_loopback_only(client: HedraClient, host: str) -> None:
    with pytest.raises(Rejected, match="private network"):
        fetch(client, f"http://{host}/clip")


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "ftp://x/y", "", "clip.mp4", "http://", "http://[::1"]
)
def test_a_link_that_is_none(client: HedraClient, link: str) -> None:
    with pytest.raises(ServiceError):
        fetch(client, link)


def test_a_media_host_that_is_down(client: HedraClient) -> None:
    with pytest.raises(Unreachable):
        fetch(client, "http://127.0.0.1:9/clip")
