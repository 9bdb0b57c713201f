"""The library of inputs: every upload once, found and picked again, hidden and brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.models import AIModel
from generations import drafts
from generations.library import PAGE_SIZE
from generations.models import Asset, Draft, Generation, Input
from tests.factories import make_asset, make_model, make_take, png

pytestmark = pytest.mark.django_db


@pytest.fixture
def model(owner: User) -> AIModel:
    return make_model(requires_start_frame=True)


def shown(client: Client, query: str = "", **headers: str) -> str:
    response = client.get(f"/library/{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def finished(owner: User, **fields: object) -> Generation:
    content = png(320, 180, "#0369a1")
    name = default_storage.save("takes/still.png", ContentFile(content))
    still = {"type": "image", "result": name, "poster": name, "content_type": "image/png"}
    return make_take(owner, size=len(content), width=320, height=180, **still, **fields)


def test_it_shows_what_was_used_last_first(client: Client, owner: User) -> None:
    now = timezone.now()
    make_asset(owner, name="old.png", used=now - timedelta(days=1))
    make_asset(owner, name="new.png", used=now)
    page = shown(client)
    assert page.index("new.png") < page.index("old.png")
    assert "64 × 36" in page


def test_nobody_sees_what_others_uploaded(client: Client, stranger: User) -> None:
    asset = make_asset(stranger, name="theirs.png")
    assert "theirs.png" not in shown(client)
    for path in (f"/library/{asset.pk}/hide/", f"/library/{asset.pk}/show/", f"/assets/{asset.pk}/crop/"):
        assert client.post(path, {"ratio": "1:1"}).status_code == 404
    assert client.post("/library/pick/", {"asset": asset.pk, "answer": "json"}).status_code == 404


def test_never_used_differs_from_nothing_found(client: Client, owner: User) -> None:
    assert "Nothing uploaded yet" in shown(client)
    make_asset(owner)
    assert "Nothing found" in shown(client, "?q=unicorn")
    assert "Nothing found" in shown(client, "?kind=video")
    assert "Nothing is hidden" in shown(client, "?tab=hidden")
    assert "No finished takes" in shown(client, "?tab=takes")


def test_it_is_searched_by_name_and_kind(client: Client, owner: User) -> None:
    make_asset(owner, name="Red Fox.png")
    make_asset(owner, name="grey wolf.wav", kind="audio", content_type="audio/wav")
    for query in ("?q=fox", "?q=RED+png", "?kind=image"):
        assert ("Red Fox" in shown(client, query), "grey wolf" in shown(client, query)) == (True, False)
    sounds = shown(client, "?kind=audio")
    assert ("Red Fox" in sounds, "grey wolf" in sounds) == (False, True)


def test_a_search_with_a_nul_finds_nothing_and_breaks_nothing(client: Client, owner: User) -> None:
    make_asset(owner)
    assert "Nothing found" in shown(client, "?q=%00unicorn&before=9-9-9&kind=x&tab=y")


def test_it_tells_in_how_many_takes_an_input_was_used(client: Client, owner: User) -> None:
    asset = make_asset(owner)
    make_asset(owner)
    for role, takes in ((Input.Role.START_FRAME, 2), (Input.Role.END_FRAME, 1)):
        for _ in range(takes):
            Input.objects.create(generation=make_take(owner), asset=asset, role=role)
    both = Generation.objects.filter(input_set__role=Input.Role.END_FRAME).get()
    Input.objects.create(generation=both, asset=asset, role=Input.Role.START_FRAME)
    page = shown(client)
    assert "used in 3 takes" in page
    assert "not used yet" in page


def test_pages_follow_each_other_without_gap_or_repeat(client: Client, owner: User) -> None:
    moment = timezone.now()
    names = [
        make_asset(owner, name=f"frame-{number:03}.png", used=moment).name for number in range(PAGE_SIZE + 7)
    ]
    first = shown(client)
    more = first.split('class="library-more"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(more).content.decode()
    found = [(f">{name}<" in first, f">{name}<" in second) for name in names]
    assert sorted(found) == [(False, True)] * 7 + [(True, False)] * PAGE_SIZE


@pytest.mark.parametrize("tab", ["", "takes"])
def test_queries_do_not_grow_with_the_rows(
    client: Client, owner: User, tab: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            make_asset(owner)
            finished(owner)

    fill(1)
    with CaptureQueriesContext(connection) as of_one:
        shown(client, f"?tab={tab}")
    fill(20)
    with django_assert_num_queries(len(of_one)):
        shown(client, f"?tab={tab}")


def test_what_is_hidden_goes_and_comes_back(client: Client, owner: User) -> None:
    asset = make_asset(owner, name="secret.png")
    client.post(f"/library/{asset.pk}/hide/")
    assert ">secret.png<" not in shown(client)
    assert ">secret.png<" in shown(client, "?tab=hidden")
    client.post(f"/library/{asset.pk}/show/")
    assert ">secret.png<" in shown(client)


def test_hiding_leaves_a_way_to_undo_in_its_place(client: Client, owner: User) -> None:
    asset = make_asset(owner)
    response = client.post(f"/library/{asset.pk}/hide/", headers={"HX-Request": "true"})
    assert f"/library/{asset.pk}/show/" in response.content.decode()


def test_for_a_slot_only_its_kind_is_offered(client: Client, owner: User, model: AIModel) -> None:
    make_asset(owner, name="fox.png")
    make_asset(owner, name="voice.wav", kind="audio", content_type="audio/wav")
    page = shown(client, f"?for=start_frame&model={model.form_key}")
    assert (">fox.png<" in page, ">voice.wav<" in page) == (True, False)
    assert "data-pick" in page


def test_in_a_dialog_it_is_a_part_alone(client: Client, owner: User, model: AIModel) -> None:
    page = shown(client, f"?for=start_frame&model={model.form_key}", **{"HX-Request": "true"})
    assert "<html" not in page
    assert 'id="library"' in page


def test_a_slot_that_is_gone_is_said_to_be(client: Client, owner: User, model: AIModel) -> None:
    make_asset(owner)
    assert "no such input" in shown(client, f"?for=end_frame&model={model.form_key}")


def test_without_script_the_form_waits_as_a_draft_until_something_is_picked(
    client: Client, owner: User, model: AIModel
) -> None:
    asset = make_asset(owner, name="fox.png")
    sent = {"prompt": "A fox at dawn", "model": model.form_key, "aspect_ratio": "9:16", "for": "start_frame"}
    answer = client.post("/library/", sent)
    assert ">fox.png<" in client.get(answer.headers["Location"]).content.decode()
    picked = {"for": "start_frame", "model": model.form_key, "asset": str(asset.pk)}
    assert client.post("/library/pick/", picked).headers["Location"] == "/create/"
    kept = drafts.readable(Draft.objects.get(owner=owner).values)
    assert kept["start_frame"] == [str(asset.pk)]
    page = client.get("/create/").content.decode()
    assert "A fox at dawn" in page
    assert f'name="start_frame" value="{asset.pk}"' in page


def test_another_picture_has_other_faces(client: Client, owner: User, model: AIModel) -> None:
    first, second = make_asset(owner), make_asset(owner)
    values = {"model": [model.form_key], "start_frame": [str(first.pk)], "point": ["0.5,0.3"]}
    Draft.objects.create(owner=owner, values=values)
    pick = {"for": "start_frame", "model": model.form_key, "asset": second.pk}
    client.post("/library/pick/", pick)
    assert Draft.objects.get().values["start_frame"] == [str(second.pk)]
    assert "point" not in Draft.objects.get().values


def test_without_script_words_too_long_for_a_draft_stay_in_the_form(client: Client, model: AIModel) -> None:
    sent = {"model": model.form_key, "for": "start_frame", "prompt": "in the snow " * 9000}
    answer = client.post("/library/", sent)
    assert answer.status_code == 422
    assert "in the snow in the snow" in answer.content.decode()


def test_a_picture_sent_along_without_script_is_not_lost(client: Client, owner: User, model: AIModel) -> None:
    file = SimpleUploadedFile("kept.png", png(640, 360))
    client.post("/library/", {"model": model.form_key, "for": "start_frame", "start_frame_file": file})
    asset = Asset.objects.get(name="kept.png")
    assert drafts.readable(Draft.objects.get(owner=owner).values)["start_frame"] == [str(asset.pk)]


def test_what_a_take_has_made_can_be_picked(client: Client, owner: User, model: AIModel) -> None:
    take = finished(owner, prompt="A blue wall")
    make_take(owner, prompt="Of another kind")
    page = shown(client, f"?for=start_frame&model={model.form_key}&tab=takes")
    assert ("A blue wall" in page, "Of another kind" in page) == (True, False)
    answer = client.post("/library/pick/", {"take": take.pk, "answer": "json"}).json()
    assert Asset.objects.get(pk=answer["asset"]).take == take


def test_a_take_whose_file_has_gone_says_so(client: Client, owner: User) -> None:
    take = finished(owner)
    default_storage.delete(str(take.result.name))
    response = client.post("/library/pick/", {"take": take.pk, "answer": "json"})
    assert response.status_code == 422
    assert "not here any more" in response.json()["problem"]


@pytest.mark.parametrize("data", [{}, {"asset": "x"}, {"take": "9" * 30}, {"asset": "0"}])
def test_picking_nothing_is_not_found(client: Client, owner: User, data: dict[str, str]) -> None:
    assert client.post("/library/pick/", {**data, "answer": "json"}).status_code == 404


def test_a_hidden_upload_that_comes_again_is_shown_again(client: Client, owner: User, model: AIModel) -> None:
    def upload() -> Asset:
        file = SimpleUploadedFile("fox.png", png(640, 360))
        client.post("/assets/", {"file": file, "role": "start_frame", "model": model.form_key})
        return Asset.objects.get()

    client.post(f"/library/{upload().pk}/hide/")
    assert upload().hidden_at is None
