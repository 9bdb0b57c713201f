"""Inputs that the service fetches: by signed links of ours, or, where it made them itself, by its own ids."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from generations.models import Asset, Generation, Status
from generations.orders import hoox, links
from tests.factories import make_asset, make_take
from tests.generations.hoox.orders import VIDEO, HooxStudio

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

PUBLIC = "https://studio.example.com"


def sources(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in (hoox.REFERENCES, *hoox.SLOTS)}


def test_the_service_fetches_a_picture_from_the_studio(
    at_hoox: HooxStudio, settings: Settings, live_server: LiveServer, owner: User
) -> None:
    settings.LOCAL_URL = live_server.url
    picture = make_asset(owner)
    take = at_hoox.order(
        "kling-pro", [("start_frame", 0, picture), ("end_frame", 0, picture)], duration_ms=5000
    )
    at_hoox.work_until_idle()
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, take.error_message
    [body] = at_hoox.orders()
    assert sources(body).keys() == {"start_image", "end_image"}
    assert body["start_image"]["url"].startswith(f"{live_server.url}/shared/")
    at_hoox.assert_paid_once(take)


def test_references_keep_their_order(at_hoox: HooxStudio, owner: User) -> None:
    pictures = [make_asset(owner) for _ in range(3)]
    clip = make_asset(owner, kind="video", content_type="video/mp4")
    held = [("reference_image", place, picture) for place, picture in enumerate(pictures)]
    take = at_hoox.order("seedance-2.0", [("reference_video", 0, clip), *held])
    at_hoox.work_until(lambda: bool(at_hoox.orders()))
    [body] = at_hoox.orders()
    take.refresh_from_db()
    assert take.service_id
    shared = [links.shared_asset(urlsplit(one["url"]).path.split("/")[2]) for one in body["references"]]
    assert shared == [*pictures, clip]


@pytest.mark.parametrize(
    ("slug", "held", "fields"),
    [
        ("veo-3.1-flf", ["start_frame", "end_frame"], {"first_frame", "last_frame"}),
        ("kling-v3-motion-pro", ["start_frame", "video"], {"start_image", "motion_video"}),
        ("kling-o3-edit-standard", ["video"], {"source_video"}),
        (VIDEO, ["reference_image"], {"references"}),
    ],
)
def test_each_model_has_names_of_its_own(
    at_hoox: HooxStudio, owner: User, slug: str, held: list[str], fields: set[str]
) -> None:
    kinds = {"video": "video"}
    assets = [(role, 0, make_asset(owner, kind=kinds.get(role, "image"))) for role in held]
    take = at_hoox.order(slug, assets)
    at_hoox.work_until(lambda: bool(at_hoox.orders()))
    [body] = at_hoox.orders()
    assert sources(body).keys() == fields
    take.refresh_from_db()
    assert take.service_id, take.error_message


def test_what_was_made_there_is_named_by_its_id(at_hoox: HooxStudio, settings: Settings, owner: User) -> None:
    first = at_hoox.order(VIDEO, duration_ms=1000, resolution="480p")
    at_hoox.work_until_idle()
    first.refresh_from_db()
    settings.LOCAL_URL = ""  # nothing could be fetched from here, and nothing has to be
    clip = make_asset(owner, kind="video", take=first)
    at_hoox.order("grok-imagine-video-edit", [("video", 0, clip)], resolution="480p")
    assert hoox.refusal(first.account, [clip]) == ""
    at_hoox.work_until(lambda: len(at_hoox.orders()) == 2)
    assert at_hoox.orders()[1]["source_video"] == {"asset_id": first.service_id}


def test_a_take_of_another_account_is_no_asset_there(
    at_hoox: HooxStudio, settings: Settings, owner: User
) -> None:
    picture = make_asset(owner, take=make_take(owner, service_id="6912f0a1b2c3"))
    assert hoox.refusal(at_hoox.account, [picture]) == ""
    settings.LOCAL_URL = ""
    assert "PUBLIC_URL" in hoox.refusal(at_hoox.account, [picture])


def test_without_an_address_nothing_is_ordered(at_hoox: HooxStudio, settings: Settings, owner: User) -> None:
    take = at_hoox.order(VIDEO, [("reference_image", 0, make_asset(owner))])
    settings.LOCAL_URL = ""
    assert not hoox.can_send_inputs()
    [held] = Generation.objects.claim(at_hoox.account, 1)
    hoox.prepare(held)
    take.refresh_from_db()
    assert (take.status, take.error_code, take.charged) == (Status.ERROR, "NO_ADDRESS", 0)
    assert "PUBLIC_URL" in take.error_message
    assert take.charge_words == "Nothing was charged."
    assert at_hoox.orders() == []


def test_without_an_address_no_news_is_asked_for(
    at_hoox: HooxStudio, settings: Settings, owner: User
) -> None:
    take = at_hoox.order()
    settings.LOCAL_URL = ""
    assert "webhook_url" not in hoox._complete(take)
    settings.PUBLIC_URL = PUBLIC
    assert hoox.can_send_inputs()
    assert hoox._complete(take)["webhook_url"].startswith(f"{PUBLIC}/hooks/hoox/")
    assert links.input_url(make_asset(owner)).startswith(f"{PUBLIC}/shared/")


# The links


@pytest.fixture
def picture(owner: User, settings: Settings) -> Asset:
    settings.PUBLIC_URL, settings.LOCAL_URL, settings.SOLO = PUBLIC, "", False
    return make_asset(owner)


def path_of(asset: Asset) -> str:
    return urlsplit(links.input_url(asset)).path


def test_a_link_needs_no_signing_in(picture: Asset) -> None:
    answer = Client().get(path_of(picture))
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == picture.file.read()  # type: ignore[attr-defined]
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Robots-Tag"] == "noindex"
    assert path_of(picture).endswith("/input.png")


def test_a_link_can_be_read_in_parts(picture: Asset) -> None:
    answer = Client().get(path_of(picture), headers={"Range": "bytes=1-3"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"PNG")  # type: ignore[attr-defined]


def test_a_link_ends(picture: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    link = path_of(picture)
    monkeypatch.setattr(links, "VALID_FOR", timedelta(seconds=-1))
    assert Client().get(link).status_code == 404


@pytest.mark.parametrize("change", [("/shared/", "/shared/9"), ("/input.png", "x/input.png"), (":", "-")])
def test_a_changed_link_leads_nowhere(picture: Asset, change: tuple[str, str]) -> None:
    assert Client().get(path_of(picture).replace(*change)).status_code == 404


def test_a_link_to_what_is_gone_leads_nowhere(picture: Asset) -> None:
    link = path_of(picture)
    picture.file.storage.delete(picture.file.name or "")
    assert Client().get(link).status_code == 404
    picture.delete()
    assert Client().get(link).status_code == 404


def test_a_link_takes_nothing_in(picture: Asset) -> None:
    assert Client().post(path_of(picture)).status_code == 405


def test_a_link_is_no_token_of_another_kind(picture: Asset, owner: User) -> None:
    token = links.hook_url(make_take(owner)).split("/")[-2]
    assert Client().get(f"/shared/{token}/input.png").status_code == 404
