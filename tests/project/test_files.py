"""Serving media in byte ranges."""

import pytest
from django.core.files.base import ContentFile
from django.http import Http404, HttpResponseBase
from django.test import RequestFactory

from generations.models import Generation
from hedra_studio.files import serve

BYTES = bytes(range(256)) * 4


@pytest.fixture
def take() -> Generation:
    take = Generation(pk=1)
    take.result.save("takes/1.mp4", ContentFile(BYTES), save=False)
    return take


def ask(take: Generation, **headers: str) -> HttpResponseBase:
    return serve(RequestFactory().get("/", headers=headers), take.result, "video/mp4")


def content(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_the_whole_file_without_a_range(take: Generation) -> None:
    response = ask(take)
    assert (response.status_code, content(response)) == (200, BYTES)
    assert (response["Content-Type"], response["Accept-Ranges"]) == ("video/mp4", "bytes")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=1000-", 1000, 1023),
        ("bytes=-24", 1000, 1023),
        ("bytes=500-99999", 500, 1023),
        ("bytes=-99999", 0, 1023),
    ],
)
def test_a_part(take: Generation, asked: str, first: int, last: int) -> None:
    response = ask(take, range=asked)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/1024"
    assert content(response) == BYTES[first : last + 1]
    assert int(response["Content-Length"]) == last - first + 1


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=9-3", "bytes=-0"])
def test_a_part_that_does_not_exist(take: Generation, asked: str) -> None:
    response = ask(take, range=asked)
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */1024")


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=-",
        "lines=1-2",
        "nonsense",
        "bytes=a-b",
        f"bytes={'9' * 5000}-",
        f"bytes=-{'9' * 5000}",
    ],
)
def test_what_is_not_one_range_is_answered_whole(take: Generation, asked: str) -> None:
    assert ask(take, range=asked).status_code == 200


def test_a_part_of_a_file_that_has_changed_is_answered_whole(take: Generation) -> None:
    assert ask(take, range="bytes=0-9", **{"If-Range": '"another"'}).status_code == 200
    assert ask(take, range="bytes=0-9", **{"If-Range": ask(take)["ETag"]}).status_code == 206


def test_what_the_browser_has_is_not_sent_again(take: Generation) -> None:
    assert ask(take, **{"If-None-Match": ask(take)["ETag"]}).status_code == 304


def test_a_file_that_has_gone_is_not_found(take: Generation) -> None:
    take.result.storage.delete(take.result.name)
    with pytest.raises(Http404):
        ask(take)


def test_it_is_saved_under_its_own_name_or_the_one_that_is_given(take: Generation) -> None:
    assert ask(take)["Content-Disposition"] == 'inline; filename="1.mp4"'
    given = serve(RequestFactory().get("/"), take.result, "video/mp4", "a fox – 1.mp4")
    assert given["Content-Disposition"].startswith("attachment; filename*=utf-8''a%20fox%20")
