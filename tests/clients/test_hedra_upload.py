"""Uploads: both ways, with a length, without loading the file."""

import hashlib
import io
import os
import subprocess
import sys
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest

from clients.answers import CreatedAsset
from clients.errors import Invalid, RateLimited, ServiceError, Unavailable, Unclear, Unreachable
from clients.hedra import HedraClient
from tests.clients.server import (
    Answer,
    ScriptedServer,
    Seen,
    cut,
    json_answer,
    rate_limited,
    server_error,
    text_answer,
)

BYTES = bytes(range(256)) * 200
MEGABYTE = 1024 * 1024


def form_file(seen: Seen) -> tuple[str | None, str, bytes]:
    """File name, type and content of the one part of a multipart body."""
    head = f"Content-Type: {seen.headers['content-type']}\r\n\r\n".encode()
    (part,) = BytesParser(policy=default).parsebytes(head + seen.body).iter_parts()
    assert part.get_param("name", header="content-disposition") == "file"
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return part.get_filename(), part.get_content_type(), content


def test_create_asset(server: ScriptedServer, client: HedraClient) -> None:
    server.will(json_answer({"id": "a1", "name": "fox.png", "type": "image", "upload_url": None}))

    created = client.create_asset("fox.png", "image", reserved_asset_id="a1")

    assert server.seen[0].json == {"name": "fox.png", "type": "image", "reserved_asset_id": "a1"}
    assert created == CreatedAsset("a1", None)


def test_an_asset_without_an_id_is_unclear(server: ScriptedServer, client: HedraClient) -> None:
    server.will(json_answer({"name": "fox.png"}))

    with pytest.raises(Unclear, match="could not prepare the upload"):
        client.create_asset("fox.png", "image")


def test_the_form_way(server: ScriptedServer, client: HedraClient) -> None:
    server.will(text_answer("", 204))
    sent: list[int] = []

    client.upload_asset(CreatedAsset("a/1"), io.BytesIO(BYTES), "fox.png", "image/png", sent.append)

    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/web-app/public/assets/a%2F1/upload")
    assert int(seen.headers["content-length"]) == seen.body_size
    assert form_file(seen) == ("fox.png", "image/png", BYTES)
    assert sent == sorted(sent)
    assert sent[-1] == len(BYTES)


@pytest.mark.parametrize(
    "name", ['a"b.png', "a\r\nX-Evil: 1.png", "Füchse 🦊.png", "x" * 400, "", "../../etc/passwd"]
)
def test_odd_names_stay_inside_their_part(server: ScriptedServer, client: HedraClient, name: str) -> None:
    server.will(json_answer({}))

    client.upload_asset(CreatedAsset("a1"), io.BytesIO(b"content"), name, "image/png")

    head, _, rest = server.seen[0].body.partition(b"\r\n\r\n")
    assert len(head.split(b"\r\n")) == 3
    assert rest.startswith(b"content\r\n--")


def test_the_presigned_way_sends_bare_bytes_and_no_key(server: ScriptedServer, client: HedraClient) -> None:
    server.will(text_answer(""))
    sent: list[int] = []
    created = CreatedAsset("a1", f"{server.url}/bucket/a1?X-Amz-Signature=s3cr3t")

    client.upload_asset(created, io.BytesIO(BYTES), "clip.mp4", "video/mp4", sent.append)

    (seen,) = server.seen
    assert (seen.method, seen.path, seen.body) == ("PUT", "/bucket/a1", BYTES)
    assert seen.query == {"X-Amz-Signature": ["s3cr3t"]}
    assert int(seen.headers["content-length"]) == len(BYTES)
    assert "transfer-encoding" not in seen.headers
    assert "x-api-key" not in seen.headers
    assert sent[-1] == len(BYTES)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (text_answer("<Error>Request has expired</Error>", 403), Unavailable),
        (rate_limited("9"), RateLimited),
        (server_error(503), Unclear),
        (cut, Unclear),
    ],
)
def test_a_refused_presigned_upload(
    server: ScriptedServer, client: HedraClient, answer: Answer, kind: type[ServiceError]
) -> None:
    server.will(answer)

    with pytest.raises(kind) as caught:
        client.upload_asset(
            CreatedAsset("a1", f"{server.url}/b?sig=s3cr3t"), io.BytesIO(BYTES), "c", "video/mp4"
        )

    assert "s3cr3t" not in f"{caught.value}{caught.value.detail}"


@pytest.mark.parametrize(("status", "words"), [(413, "too large"), (415, "refused the request")])
def test_a_refused_form_upload(server: ScriptedServer, client: HedraClient, status: int, words: str) -> None:
    server.will(json_answer({"detail": "no MOV"}, status))

    with pytest.raises(Invalid, match=words):
        client.upload_asset(CreatedAsset("a1"), io.BytesIO(BYTES), "clip.mov", "video/quicktime")


@pytest.mark.parametrize(
    "link", ["http://10.0.0.1/x", "http://169.254.169.254/x", "http://[::ffff:10.0.0.1]/x"]
)
def test_no_upload_into_private_networks(client: HedraClient, link: str) -> None:
    with pytest.raises(ServiceError, match="private network"):
        client.upload_asset(CreatedAsset("a1", link), io.BytesIO(BYTES), "c", "video/mp4")


def test_an_empty_file_is_not_sent(server: ScriptedServer, client: HedraClient) -> None:
    with pytest.raises(Invalid, match="empty"):
        client.upload_asset(CreatedAsset("a1"), io.BytesIO(), "c", "video/mp4")

    assert server.seen == []


@pytest.mark.parametrize("link", [None, "/b"])
def test_a_file_that_shrinks_meanwhile(
    server: ScriptedServer, client: HedraClient, tmp_path: Path, link: str
) -> None:
    path = tmp_path / "shrinking"
    path.write_bytes(b"x" * 4 * MEGABYTE)
    server.will(text_answer(""))
    created = CreatedAsset("a1", link and server.url + link)

    with path.open("r+b") as file, pytest.raises(ServiceError, match="changed or went away"):
        client.upload_asset(created, file, "c", "video/mp4", lambda _: os.truncate(path, 0))


def test_a_service_that_is_down(tmp_path: Path) -> None:
    client = HedraClient("http://127.0.0.1:9", "sandbox", connect_timeout=1)

    with pytest.raises(Unreachable):
        client.upload_asset(CreatedAsset("a1"), io.BytesIO(BYTES), "c", "video/mp4")


MEASURED_UPLOAD = """
import resource, sys
from clients.answers import CreatedAsset
from clients.hedra import HedraClient

base, link, path = sys.argv[1:]
client = HedraClient(base, "sandbox")

def peak_after_upload(path):
    with open(path, "rb") as file:
        client.upload_asset(CreatedAsset("a1", link or None), file, "c.mp4", "video/mp4")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

small = peak_after_upload(__file__)
print(peak_after_upload(path) - small)
"""


@pytest.mark.parametrize("link", ["", "/bucket/a1"])
def test_a_large_upload_stays_small_in_memory(server: ScriptedServer, tmp_path: Path, link: str) -> None:
    size = 300 * MEGABYTE
    path, script = tmp_path / "large.mp4", tmp_path / "upload.py"
    with path.open("wb") as file:
        file.truncate(size)
    script.write_text(MEASURED_UPLOAD)
    server.will(text_answer(""), text_answer(""))

    command = [sys.executable, str(script), server.url, link and server.url + link, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": "."})

    assert int(done.stdout) < 32 * 1024, "kilobytes more than before"
    assert server.seen[1].body_size >= size
    if link:
        assert server.seen[1].body_sha256 == hashlib.file_digest(path.open("rb"), "sha256").hexdigest()
