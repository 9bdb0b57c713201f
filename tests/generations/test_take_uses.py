"""What is offered on a take's page, and the create page that it leads to with the file in its place."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client

from catalog.models import Account, AIModel
from generations.models import Asset, Generation, Status, Upload
from generations.uses import uses_of
from tests.factories import make_model, make_take
from tests.generations.test_extracts import film_with_sound
from tests.generations.test_reuse import made

pytestmark = pytest.mark.django_db


def slot(role: str, type: str = "image", *, required: bool = False) -> dict[str, object]:
    return {"type": type, "role": role, "required": required, "max_count": 4}


def takes(*slots: dict[str, object], mode: str = "some") -> list[dict[str, object]]:
    return [{"mode": mode, "slots": list(slots)}]


@pytest.fixture
def models(owner: User) -> dict[str, AIModel]:
    """One for each thing that can be made of a take."""
    return {
        "avatar": make_model(
            name="Avatar", requires_start_frame=True, requires_audio_input=True, durations=["auto"]
        ),
        "both": make_model(name="From both ends", requires_start_frame=True, requires_end_frame=True),
        "i2v": make_model(name="Kling I2V", requires_start_frame=True, inputs=None),
        "reference": make_model(
            name="Seedance",
            inputs=takes(slot("reference"), slot("reference", "video"), mode="reference_to_video"),
        ),
        "extend": make_model(
            name="Veo Extend",
            inputs=takes(slot("input_video", "video", required=True), mode="video_extension"),
        ),
        "restyle": make_model(name="Kling Edit", requires_input_video=True),
        "edit": make_model(name="Flux I2I", type="image", inputs=takes(slot("reference", required=True))),
    }


def labels(take: Generation) -> set[str]:
    return {use.label for use in uses_of(take)}


def used(client: Client, take: Generation, name: str) -> dict[str, list[str]]:
    """The query of the create page that the action leads to."""
    response = client.post(f"/gallery/{take.pk}/use/", {"as": name})
    assert response.status_code == 302
    address = urlsplit(response["Location"])
    assert address.path == "/create/"
    assert client.get(response["Location"]).status_code == 200
    return parse_qs(address.query)


def test_a_clip_can_go_on_in_many_ways(owner: User, models: dict[str, AIModel], tmp_path: Path) -> None:
    take = made(owner, content=film_with_sound(tmp_path / "film", "aac").read_bytes())
    assert labels(take) == {
        "Upscale",
        "Extend",
        "Restyle",
        "Use as reference",
        "Use last frame as start",
        "Use first frame as start",
        "Use this frame as start",
        "Isolate voice",
    }


def test_an_image_can_become_many_things(owner: User, models: dict[str, AIModel]) -> None:
    assert labels(made(owner, "image")) == {
        "Upscale",
        "Edit",
        "Use as start frame",
        "Use as end frame",
        "Use as reference",
    }


def test_sound_can_be_changed_cloned_and_spoken(owner: User, models: dict[str, AIModel]) -> None:
    assert labels(made(owner, "text_to_speech")) == {
        "Isolate voice",
        "Change voice",
        "Clone voice",
        "Use as audio",
    }


def test_a_mute_clip_has_no_voice_to_isolate(owner: User, models: dict[str, AIModel]) -> None:
    assert "Isolate voice" not in labels(made(owner))


def test_what_no_model_does_is_not_offered_but_what_needs_no_model_is(owner: User) -> None:
    make_model()  # text to video only
    assert labels(made(owner)) == {"Upscale"}
    assert labels(made(owner, "image")) == {"Upscale"}
    assert labels(made(owner, "text_to_speech")) == {"Isolate voice", "Change voice", "Clone voice"}


def test_without_a_file_nothing_is_offered(owner: User, models: dict[str, AIModel]) -> None:
    assert labels(make_take(owner)) == set()
    assert labels(make_take(owner, status=Status.PROCESSING)) == set()


@pytest.mark.parametrize(
    ("type", "name", "make", "kind", "role", "model"),
    [
        ("video", "upscale", "video", "video_upscale", "video", None),
        ("video", "extend", "video", "extend", "video", "extend"),
        ("video", "restyle", "video", "video_to_video", "video", "restyle"),
        ("video", "reference", "video", "video", "reference_video", "reference"),
        ("image", "upscale", "image", "image_upscale", "image", None),
        ("image", "edit", "image", "image_to_image", "reference_image", "edit"),
        ("image", "start", "video", "video", "start_frame", "i2v"),
        ("image", "end", "video", "video", "end_frame", "both"),
        ("image", "reference", "video", "video", "reference_image", "reference"),
        ("text_to_speech", "isolate", "sound", "audio_isolation", "audio", None),
        ("text_to_speech", "change", "speech", "speech_to_speech", "audio", None),
        ("text_to_speech", "clone", "voice", "voice_clone", "audio", None),
        ("text_to_speech", "speak", "avatar", "avatar", "audio", "avatar"),
    ],
)
def test_each_action_leads_to_its_model_with_the_file_in_place(
    client: Client,
    owner: User,
    models: dict[str, AIModel],
    type: str,
    name: str,
    make: str,
    kind: str,
    role: str,
    model: str | None,
) -> None:
    take = made(owner, type)
    query = used(client, take, name)
    asset = Asset.objects.get(take=take)
    assert (query["make"], query["kind"], query["from"]) == ([make], [kind], [str(take.pk)])
    assert query[role] == [str(asset.pk)]
    assert query["model"] == [models[model].form_key if model else f"any-{kind}"]


@pytest.mark.parametrize("name", ["first-frame", "last-frame"])
def test_a_frame_of_the_clip_starts_the_next_shot(
    client: Client, owner: User, models: dict[str, AIModel], name: str
) -> None:
    query = used(client, made(owner), name)
    assert Asset.objects.get(pk=query["start_frame"][0]).content_type == "image/png"
    assert query["prompt"] == ["A fox in the snow"]


def test_any_frame_starts_the_next_shot(client: Client, owner: User, models: dict[str, AIModel]) -> None:
    take = made(owner)
    response = client.post(f"/gallery/{take.pk}/use/", {"as": "frame", "at_ms": "500"})
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    asset = Asset.objects.get(pk=query["start_frame"][0])
    assert (asset.content_type, asset.name.endswith("frame-500.png")) == ("image/png", True)


@pytest.mark.parametrize("at_ms", ["", "-1", "1e3", "1500", "9" * 20, "\0"])
def test_a_frame_outside_of_the_clip_is_refused(
    client: Client, owner: User, models: dict[str, AIModel], at_ms: str
) -> None:
    take = made(owner)
    Generation.objects.filter(pk=take.pk).update(duration_ms=1000)
    response = client.post(f"/gallery/{take.pk}/use/", {"as": "frame", "at_ms": at_ms}, follow=True)
    page = response.content.decode()
    assert "That frame is behind it." in page or "Which frame is meant" in page
    assert not Asset.objects.exists()


def test_the_takes_own_model_is_taken_where_it_can(
    client: Client, owner: User, models: dict[str, AIModel]
) -> None:
    own = make_model(name="Another I2V", requires_start_frame=True)
    take = made(owner)
    take.ai_model = own
    take.save()
    assert used(client, take, "last-frame")["model"] == [own.form_key]


def test_the_sound_of_a_clip_is_isolated(
    client: Client, owner: User, models: dict[str, AIModel], tmp_path: Path
) -> None:
    take = made(owner, content=film_with_sound(tmp_path / "film", "aac").read_bytes())
    query = used(client, take, "isolate")
    assert Asset.objects.get(pk=query["audio"][0]).kind == "audio"


def test_the_service_that_made_it_is_not_sent_it_again(
    client: Client, owner: User, models: dict[str, AIModel]
) -> None:
    take = made(owner, "image")
    used(client, take, "start")
    upload = Upload.objects.get(asset__take=take, account=Account.objects.current())
    assert (upload.remote_id, bool(upload.uploaded_at)) == (take.remote_asset_id, True)


@pytest.mark.parametrize("name", ["extend", "nonsense", ""])
def test_what_is_not_offered_says_so_and_makes_nothing(client: Client, owner: User, name: str) -> None:
    make_model()
    page = client.post(f"/gallery/{made(owner).pk}/use/", {"as": name}, follow=True).content.decode()
    assert "No model takes this at the moment. Nothing was made of it." in page
    assert not Asset.objects.exists()


def test_a_file_that_has_gone_is_said_to_be_gone(
    client: Client, owner: User, models: dict[str, AIModel]
) -> None:
    take = made(owner, "image")
    default_storage.delete(str(take.result.name))
    page = client.post(f"/gallery/{take.pk}/use/", {"as": "start"}, follow=True).content.decode()
    assert "The file of this take is not here any more" in page


def test_a_strangers_take_can_not_be_used(client: Client, stranger: User) -> None:
    take = made(stranger, "image")
    assert client.post(f"/gallery/{take.pk}/use/", {"as": "start"}).status_code == 404
    assert client.get(f"/gallery/{take.pk}/use/").status_code == 405
    assert client.get(f"/gallery/{take.pk}/again/").status_code == 404


def test_the_actions_are_on_the_page(client: Client, owner: User, models: dict[str, AIModel]) -> None:
    page = client.get(made(owner, "image").get_absolute_url()).content.decode()
    for label in ("Upscale", "Use as start frame", "Use as reference"):
        assert label in page
