"""Links: signed, expiring, with ranges so that a player can seek."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.sandbox.conftest import Api, image_bytes, video


@pytest.fixture
def link(api: Api) -> str:
    url: str = api.finished(api.generate(video())["id"])["asset"]["asset"]["url"]
    return url


def test_links_need_no_key_and_carry_their_end(link: str) -> None:
    answer = requests.get(link, timeout=5)
    query = parse_qs(urlsplit(link).query)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "video/mp4"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    assert len(query["exp"][0]) == 10
    assert len(query["sig"][0]) == 64


@pytest.mark.parametrize(
    "change", [("sig=", "sig=0"), ("exp=1", "exp=2"), (".mp4", "x.mp4"), ("?exp", "?no")]
)
def test_changed_links_are_refused(link: str, change: tuple[str, str]) -> None:
    assert requests.get(link.replace(*change), timeout=5).status_code == 403


def test_links_expire_and_are_renewed(own: Api) -> None:
    asset_id = own.upload("image", image_bytes())
    own.sandbox.settings(link_ttl_s=-1)
    (old,) = own.get("/assets", type="image", ids=asset_id).json()
    own.sandbox.settings(link_ttl_s=60)
    (new,) = own.get("/assets", type="image", ids=asset_id).json()

    assert requests.get(old["asset"]["url"], timeout=5).status_code == 403
    assert requests.get(new["asset"]["url"], timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=10-99999999", 10, None),
    ],
)
def test_ranges(link: str, wanted: str, first: int, last: int | None) -> None:
    whole = requests.get(link, timeout=5).content
    part = requests.get(link, headers={"Range": wanted}, timeout=5)
    expected = whole[first : None if last is None else last + 1]
    start = first % len(whole)

    assert part.status_code == 206
    assert part.content == expected
    assert part.headers["Content-Range"] == f"bytes {start}-{start + len(expected) - 1}/{len(whole)}"


def test_a_range_past_the_end(link: str) -> None:
    answer = requests.get(link, headers={"Range": "bytes=99999999-"}, timeout=5)

    assert answer.status_code == 416
    assert answer.headers["Content-Range"].startswith("bytes */")


def test_a_range_of_another_version_gives_the_whole(link: str) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"other"'}

    assert requests.get(link, headers=headers, timeout=5).status_code == 200


def test_head_and_download(link: str) -> None:
    head = requests.head(link, timeout=5)
    download = requests.get(link + "&download=1", timeout=5)

    assert int(head.headers["Content-Length"]) == len(download.content)
    assert head.content == b""
    assert download.headers["Content-Disposition"].startswith("attachment")
