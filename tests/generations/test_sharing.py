"""A share link: shows what was shared, for as long as it was, and nothing else of anybody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django.fixtures import Settings

from generations import collections
from generations.models import Collection, Generation, Status
from tests.factories import make_model, make_take, mp4, png

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

SECRETS = ("Secret model", "sha-of-it", "777", "service-id-9", "owner")


@pytest.fixture(autouse=True)
def open_studio(settings: Settings) -> None:
    """Open to others, so that whoever has only the link is nobody."""
    settings.SOLO = False


@pytest.fixture
def anybody() -> Client:
    return Client()


def filed(name: str, content: bytes) -> str:
    return default_storage.save(f"takes/secret-folder/{name}", ContentFile(content))


def make_shown(owner: User, **fields: Any) -> Generation:
    return make_take(
        owner,
        **{
            "prompt": "A fox in the snow",
            "result": filed("fox.mp4", mp4()),
            "poster": filed("fox.png", png()),
            "content_type": "video/mp4",
            "model_name": "Secret model",
            "charged": 777,
            "quoted": 777,
            "sha256": "sha-of-it",
            "service_id": f"service-id-9{fields.get('prompt', '')}",
            "duration_ms": 1000,
        }
        | fields,
    )


def make_shared(owner: User, *takes: Generation, days: str = "7", hides: bool = False) -> Collection:
    pks = [take.pk for take in takes]
    collections.collect(owner, "For the client", Generation.objects.filter(pk__in=pks).order_by("pk"))
    found = Collection.objects.get(owner=owner)
    collections.share(found, days, hides_prompts=hides)
    return found


def url(found: Collection, take: Generation | None = None, name: str = "result") -> str:
    return f"/share/{found.share_token}/" + (f"{take.pk}/{name}" if take else "")


def test_whoever_has_the_link_sees_the_finished_takes(anybody: Client, owner: User) -> None:
    take = make_shown(owner)
    found = make_shared(owner, take)
    response = anybody.get(url(found))
    page = response.content.decode()
    assert "For the client" in page
    assert "A fox in the snow" in page
    assert url(found, take) in page
    assert url(found, take, "poster") in page
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    clip = anybody.get(url(found, take))
    assert len(b"".join(clip)) == int(clip["Content-Length"])
    assert clip["Referrer-Policy"] == "no-referrer"
    assert anybody.get(url(found, take), headers={"Range": "bytes=0-9"}).status_code == 206
    assert anybody.get(url(found, take, "preview")).status_code == 404  # it has none


def test_nothing_else_of_the_take_or_its_owner_is_told(anybody: Client, owner: User) -> None:
    take = make_shown(owner)
    found = make_shared(owner, take)
    page = anybody.get(url(found))
    clip = anybody.get(url(found, take) + "?download=1")
    told = page.content.decode() + str(page.headers) + str(clip.headers)
    for secret in (*SECRETS, str(take.remote_id), str(take.remote_asset_id), "secret-folder"):
        assert secret not in told
    assert b"Secret" not in b"".join(clip)
    assert 'filename="a-fox-in-the-snow.mp4"' in clip["Content-Disposition"]
    links = set(re.findall(r'(?:href|src|poster|action)="([^"]+)"', page.content.decode()))
    assert all(link.startswith(("/static/", url(found))) for link in links), links
    assert "<form" not in page.content.decode()


def test_prompts_can_be_hidden_everywhere(anybody: Client, owner: User) -> None:
    told_inside = b"\x00\x00\x00\x1fudta" + b"a fox in the snow told by it"[:23]
    clip = make_shown(owner, result=filed("fox2.mp4", mp4() + told_inside))
    still = make_shown(owner, type="image", content_type="image/png", prompt="A fox indoors")
    found = make_shared(owner, clip, still, hides=True)
    page = anybody.get(url(found))
    assert "fox" not in page.content.decode().lower()
    for take in (clip, still):
        for query in ("", "?download=1"):
            file = anybody.get(url(found, take) + query)
            assert "fox" not in str(file.headers).lower()
            assert b"fox" not in b"".join(file).lower()


def test_what_can_not_be_silenced_is_not_sent_and_that_is_said(anybody: Client, owner: User) -> None:
    sound = filed("fox.ogg", b"OggS" + b"told inside" * 9)
    take = make_shown(owner, type="audio", result=sound, content_type="audio/ogg", poster="")
    found = make_shared(owner, take)
    page = anybody.get(url(found)).content.decode()
    assert "This file can't be shown here" in page
    assert url(found, take) not in page
    answer = anybody.get(url(found, take))
    assert answer.status_code == 404
    assert "can't be shared" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("days", ["1", "7", "30"])
def test_it_opens_nothing_after_its_time(anybody: Client, owner: User, days: str) -> None:
    take = make_shown(owner)
    found = make_shared(owner, take, days=days)
    left = found.shared_until - timezone.now()  # type: ignore[operator]
    assert timedelta(days=int(days), minutes=-1) < left <= timedelta(days=int(days))
    Collection.objects.update(shared_until=timezone.now())
    for address in (url(found), url(found, take), url(found, take, "poster")):
        assert anybody.get(address).status_code == 404
    over, unknown = anybody.get(url(found)), anybody.get(f"/share/{'x' * 43}/")
    assert "This link opens nothing" in over.content.decode()
    assert over.content == unknown.content == anybody.get(url(found, take)).content
    assert over["X-Robots-Tag"] == "noindex, nofollow"


def test_a_withdrawn_link_opens_nothing_and_a_new_one_is_another(
    client: Client, anybody: Client, owner: User
) -> None:
    take = make_shown(owner)
    found = make_shared(owner, take)
    client.force_login(owner)
    client.post(f"/collections/{found.pk}/withdraw/")
    for address in (url(found), url(found, take), url(found, take, "poster")):
        assert anybody.get(address).status_code == 404
    sent = {"days": "1", "hides_prompts": "1"}
    page = client.post(f"/collections/{found.pk}/share/", sent, follow=True).content.decode()
    renewed = Collection.objects.get()
    panel = page.split('<details id="share"')[1].split("</details>")[0]
    assert panel.split(">")[0].endswith(" open"), "the link is seen as soon as it is made"
    assert url(renewed) in panel
    assert renewed.hides_prompts
    assert len(renewed.share_token) == 43  # 256 bits
    assert renewed.share_token != found.share_token
    assert anybody.get(url(renewed)).status_code == 200
    assert anybody.get(url(found)).status_code == 404


@pytest.mark.parametrize("days", ["", "365", "x", "-1"])
def test_how_long_is_one_of_three(client: Client, owner: User, days: str) -> None:
    found = make_shared(owner, make_shown(owner))
    collections.withdraw(found)
    client.force_login(owner)
    page = client.post(f"/collections/{found.pk}/share/", {"days": days}, follow=True)
    assert "It was not shared." in page.content.decode()
    assert Collection.objects.get().share_token == ""


def test_what_is_not_shared_is_not_there(anybody: Client, owner: User, stranger: User) -> None:
    shown = make_shown(owner)
    found = make_shared(
        owner,
        shown,
        make_shown(owner, prompt="Deleted", deleted_at=timezone.now()),
        running := make_shown(owner, prompt="Running", status=Status.PROCESSING),
        failed := make_shown(owner, prompt="Failed", status=Status.ERROR),
        empty := make_shown(owner, prompt="Without a file", result=""),
    )
    beside, theirs = make_shown(owner, prompt="Beside it"), make_shown(stranger, prompt="Another person's")
    page = anybody.get(url(found)).content.decode()
    for other in (running, failed, empty, beside, theirs):
        assert other.prompt not in page
        for name in ("result", "poster", "preview"):
            assert anybody.get(url(found, other, name)).status_code == 404
    shown.delete_softly()
    assert "fox" not in anybody.get(url(found)).content.decode()
    assert anybody.get(url(found, shown)).status_code == 404


def test_nobody_who_may_not_sign_in_any_more_shares(anybody: Client, owner: User) -> None:
    found = make_shared(owner, make_shown(owner))
    owner.is_active = False
    owner.save()
    assert anybody.get(url(found)).status_code == 404


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 42, "../", "%00" * 43])
def test_guessed_links_open_nothing(anybody: Client, owner: User, token: str) -> None:
    collections.create(owner, "Not shared")
    response = anybody.get(f"/share/{token}/")
    assert response.status_code in (302, 404)
    assert "Not shared" not in response.content.decode()


def addresses(found: Collection, take: Generation) -> list[str]:
    """Every address of the studio, as far as numbers and names can be filled in, and each behind the link."""
    fill = {"pk": str(take.pk), "take": str(take.pk), "name": "result", "token": "x" * 43, "signed": "x"}
    paths = [f"/{path}" for path in _paths(get_resolver().url_patterns, "", fill)]
    link = f"/share/{found.share_token}"
    return (
        paths
        + [link + path for path in paths if path != "/"]
        + [f"{link}/{take.pk}/{name}" for name in ("sprite", "", "x")]
    )


def _paths(patterns: list[Any], prefix: str, fill: dict[str, str]) -> list[str]:
    found = []
    for each in patterns:
        if isinstance(each, URLResolver):
            found += _paths(each.url_patterns, prefix, fill)
        elif isinstance(each, URLPattern):
            text = str(each.pattern).strip("^$")
            text = re.sub(
                r"\(\?P<(\w+)>(?:\[[^]]*\]|[^()\[])*\)", lambda match: fill.get(match[1], "0" * 40), text
            )
            found.append(re.sub(r"<(?:\w+:)?(\w+)>", lambda match: fill.get(match[1], "0" * 40), text))
    return found


def test_the_link_opens_no_other_address(anybody: Client, owner: User) -> None:
    """Whoever has it, and nothing else, sees no page, no file and changes nothing anywhere else."""
    make_model()
    take = make_shown(owner)
    found = make_shared(owner, take)
    anybody.get(url(found))  # whatever it may have set
    before = list(Generation.objects.values()), list(Collection.objects.values())
    open_to_all = {"/login/", "/logout/", "/healthz", "/readyz"}
    asked = [path for path in addresses(found, take) if path not in open_to_all]
    assert len(asked) > 100
    for path in asked:
        for method in ("get", "post", "put", "delete"):
            response = getattr(anybody, method)(path)
            assert response.status_code in (302, 403, 404, 405), (method, path)
            if response.status_code == 302:
                assert response["Location"].startswith("/login/"), (method, path)
    assert (list(Generation.objects.values()), list(Collection.objects.values())) == before


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_link_is_for_reading(anybody: Client, owner: User, method: str) -> None:
    take = make_shown(owner)
    found = make_shared(owner, take)
    for address in (url(found), url(found, take)):
        assert getattr(anybody, method)(address).status_code == 405


def test_a_large_collection_comes_page_by_page(
    anybody: Client, owner: User, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(collections, "PAGE_SIZE", 2)
    takes = [make_shown(owner, prompt=f"Number {n}") for n in range(3)]
    found = make_shared(owner, *takes)
    with django_assert_max_num_queries(2):
        page = anybody.get(url(found)).content.decode()
    assert "Number 2" not in page
    assert "Number 2" in anybody.get(f"{url(found)}?after={takes[1].pk}").content.decode()
    assert anybody.get(f"{url(found)}?after=x").status_code == 200


def test_the_owner_finds_the_link_on_the_page(client: Client, owner: User, settings: Settings) -> None:
    found = make_shared(owner, make_shown(owner))
    client.force_login(owner)
    assert f"http://testserver{url(found)}" in client.get(f"/collections/{found.pk}/").content.decode()
    settings.PUBLIC_URL = "https://studio.example"
    assert f"https://studio.example{url(found)}" in client.get(f"/collections/{found.pk}/").content.decode()
