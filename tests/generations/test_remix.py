"""Everything of a take comes back into the form; what no longer exists is named."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import Account, AIModel
from generations import remix, requests
from generations.forms import ShotForm
from generations.models import Generation, Input, Upload
from tests.factories import make_asset, make_model, make_take
from tests.generations.test_reuse import made

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

Role = Input.Role


def query(take: Generation) -> dict[str, list[str]]:
    return parse_qs(urlsplit(remix.create_url(take)).query)


def ordered(
    owner: User, model: AIModel | None, type: str, values: dict[str, Any], **fields: Any
) -> Generation:
    """A take whose body was written as the form writes it."""
    named = model.payload_key() if model else {}
    prompt = fields.pop("prompt", values.get("prompt", ""))
    body = requests.body(type, named, values)
    return make_take(owner, type=type, ai_model=model, body=body, prompt=prompt, **fields)


def test_model_words_and_settings_come_back(owner: User) -> None:
    model = make_model()
    values = {"prompt": "Rain", "aspect_ratio": "9:16", "resolution": "480p", "duration_ms": 7000}
    found = query(ordered(owner, model, "video", values))
    assert found == {
        "model": [model.form_key],
        "prompt": ["Rain"],
        "aspect_ratio": ["9:16"],
        "resolution": ["480p"],
        "duration_ms": ["7000"],
    }


def test_the_form_that_it_fills_writes_the_same_request(owner: User) -> None:
    model = make_model(tags=["multi-shot"])
    shots = [{"prompt": "A fox", "duration_ms": 4000}, {"prompt": "An owl", "duration_ms": 6000}]
    values = {"prompt": "A fox / An owl", "aspect_ratio": "1:1", "resolution": "480p", "duration_ms": 10_000}
    take = ordered(owner, model, "video", values | {"shots": shots})
    form = ShotForm.shown(query(take), owner=owner, model=model)
    assert form.body() == take.body


def test_speech_and_its_settings_come_back(owner: User) -> None:
    make_model()
    values = {"prompt": "Hello", "voice": "v-1", "stability": 0.5, "speed": 1.1, "language": "English"}
    found = query(ordered(owner, None, "text_to_speech", values))
    assert found == {
        "kind": ["text_to_speech"],
        "prompt": ["Hello"],
        "voice": ["v-1"],
        "stability": ["0.5"],
        "speed": ["1.1"],
        "language": ["English"],
    }


@pytest.mark.parametrize(("kept", "text"), [(True, "1"), (False, "0")])
def test_a_switch_comes_back_as_it_stood(owner: User, kept: bool, text: str) -> None:
    model = make_model(requires_input_video=True)
    take = ordered(owner, model, "video_to_video", {"prompt": "Paint it", "keep_audio": kept})
    assert query(take)["keep_audio"] == [text]


def test_long_speeches_and_shots_come_back_without_standing_in_the_address(
    client: Client, owner: User
) -> None:
    """Servers take addresses of 8,000 bytes."""
    avatar = make_model(durations=["auto"], requires_start_frame=True, requires_audio_input=True)
    spoken = {"type": "text_to_speech", "voice_id": "v-1", "text": "Good evening. " * 350}
    take = ordered(owner, avatar, "video", {"prompt": "A host", "speech": spoken, "duration_ms": 0})
    url = remix.create_url(take)
    assert len(url) < 500
    page = client.get(url).content.decode()
    assert ("Good evening. " * 350).strip() in page
    assert "A host</textarea>" in page

    words = [f"{animal} {'runs ' * 150}".strip() for animal in ("A fox", "A cat")]
    shots = [{"prompt": text, "duration_ms": 5000} for text in words]
    filmed = make_model(name="Kling V3", settings=None)
    take = ordered(owner, filmed, "video", {"prompt": "", "shots": shots}, prompt="A fox / A cat")
    assert len(remix.create_url(take)) < 500
    assert remix.values(take).getlist("shot_prompt") == words
    assert remix.values(take).getlist("shot_seconds") == ["5", "5"]


def test_what_an_avatar_says_and_where_it_looks_come_back(owner: User) -> None:
    model = make_model(durations=["auto"], requires_start_frame=True, requires_audio_input=True)
    spoken = {"type": "text_to_speech", "voice_id": "v-1", "text": "Good evening"}
    found = query(ordered(owner, model, "video", {"speech": spoken, "points": [0.25, 0.5], "duration_ms": 0}))
    assert (found["speech_text"], found["speech_voice"]) == (["Good evening"], ["v-1"])
    assert found["point"] == ["0.25,0.5"]
    several = {"points": [[0.2, 0.5], [0.8, 0.5]], "audio_start_ms": 500, "duration_ms": 4000}
    found = query(ordered(owner, model, "video", several))
    assert found["point"] == ["0.2,0.5", "0.8,0.5"]
    assert (found["audio_start_ms"], found["audio_ms"]) == (["500"], ["4000"])
    assert "duration_ms" not in found


def test_inputs_come_back_by_role_and_order(owner: User) -> None:
    take = ordered(owner, make_model(), "video", {"prompt": "x"})
    given = [(Role.REFERENCE_IMAGE, 1), (Role.REFERENCE_IMAGE, 0), (Role.START_FRAME, 0)]
    given += [(Role.ELEMENT, 20), (Role.ELEMENT, 11), (Role.ELEMENT, 10)]
    pks = {}
    for role, position in given:
        asset = make_asset(owner)
        Input.objects.create(generation=take, asset=asset, role=role, position=position)
        pks[role, position] = str(asset.pk)
    found = query(take)
    assert found["reference_image"] == [pks[Role.REFERENCE_IMAGE, 0], pks[Role.REFERENCE_IMAGE, 1]]
    assert found["start_frame"] == [pks[Role.START_FRAME, 0]]
    assert found["element_1"] == [pks[Role.ELEMENT, 10], pks[Role.ELEMENT, 11]]
    assert found["element_2"] == [pks[Role.ELEMENT, 20]]


def test_a_model_that_is_gone_is_said_to_be_gone(owner: User) -> None:
    make_model()
    gone = make_model(name="Old avatar", requires_audio_input=True, retired_at=timezone.now())
    found = query(ordered(owner, gone, "video", {"prompt": "x"}))
    assert (found["kind"], found["missing"]) == (["avatar"], ["model"])
    assert "model" not in found


def test_a_type_without_a_model_misses_none(owner: User) -> None:
    make_model()
    assert "missing" not in query(ordered(owner, None, "audio_isolation", {}))


def test_settings_of_hoox_come_back_under_their_own_names(owner: User) -> None:
    elsewhere = Account.objects.create(service="hoox", fingerprint="x")
    body = {
        "type": "video",
        "duration": 6,
        "aspect_ratio": "9:16",
        "model_settings": {"generateAudio": False},
    }
    found = query(make_take(owner, account=elsewhere, body=body))
    assert (found["duration_ms"], found["aspect_ratio"]) == (["6000"], ["9:16"])
    assert found["setting_generateAudio"] == ["0"]


# Imported takes


def imported(owner: User, **ids: Any) -> Generation:
    body = {"type": "video", "generated_video_inputs": {"text_prompt": "x"}, **ids}
    return make_take(owner, imported=True, ai_model=make_model(), body=body, prompt="x")


def test_inputs_of_an_imported_take_are_found_by_their_id_there(owner: User) -> None:
    asset = make_asset(owner)
    upload = Upload.objects.create(asset=asset, account=Account.objects.current(), uploaded_at=timezone.now())
    found = query(imported(owner, start_keyframe_id=str(upload.remote_id)))
    assert found["start_frame"] == [str(asset.pk)]
    assert "missing" not in found


def test_an_input_that_another_take_has_made_is_found(owner: User) -> None:
    still = made(owner, "image")
    found = query(imported(owner, start_keyframe_id=str(still.remote_asset_id)))
    assert found["start_frame"] == [str(still.assets.get().pk)]


def test_inputs_that_are_not_here_are_named(owner: User, stranger: User) -> None:
    theirs = Upload.objects.create(
        asset=make_asset(stranger), account=Account.objects.current(), uploaded_at=timezone.now()
    )
    elements = [{"frontal_image_asset_id": str(uuid4())}]
    found = query(
        imported(
            owner,
            start_keyframe_id=str(theirs.remote_id),
            audio_id=[str(uuid4()), "no id"],
            reference_image_ids=[str(uuid4())],
            elements=elements,
        )
    )
    assert found["missing"] == ["start frame", "audio", "audio", "reference image", "element"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": 5},
        {"type": "video", "generated_video_inputs": "text", "elements": "x"},
        {"type": "video", "generated_video_inputs": {"multi_prompt": ["x"], "bounding_box_target": {"x": 1}}},
        {"type": "video_to_video", "elements": [{"x": 1}, "y"], "video_id": {"a": 1}},
        {"type": "video", "audio_generation": "text"},
        {"type": "video", "generated_video_inputs": {"bounding_box_target": [0.5, [0.1, "y"], [0.2]]}},
    ],
)
def test_a_strange_body_of_the_service_breaks_nothing(
    client: Client, owner: User, body: dict[str, Any]
) -> None:
    take = make_take(owner, imported=True, ai_model=make_model(), body=body)
    assert client.get(f"/gallery/{take.pk}/again/").status_code == 302


def test_the_button_leads_there(client: Client, owner: User) -> None:
    take = ordered(owner, make_model(), "video", {"prompt": "Rain"})
    assert f'href="/gallery/{take.pk}/again/"' in client.get(take.get_absolute_url()).content.decode()
    page = client.get(f"/gallery/{take.pk}/again/", follow=True)
    assert page.status_code == 200
    assert "Rain" in page.content.decode()
