"""A part of a sound, and whose face speaks: what the form says reaches the order, and the price follows."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client

from catalog.models import AIModel
from generations import uploads
from generations.forms import ShotForm
from generations.media.outline import outline
from generations.models import Asset
from generations.trimming import Trim
from tests.factories import make_asset, make_avatar, make_model, wav

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def avatar(owner: User) -> AIModel:
    return make_avatar()


@pytest.fixture
def voice(owner: User) -> Asset:
    return uploads.store(owner, SimpleUploadedFile("anna.wav", wav(8)), "audio")


def form(owner: User, model: AIModel, query: str) -> ShotForm:
    return ShotForm.shown(QueryDict(query), owner=owner, model=model)


@pytest.mark.parametrize(
    ("given", "start", "end", "words"),
    [
        ({}, 0, 8000, "All 8.0 s"),
        ({"audio_start_ms": "2000"}, 2000, 8000, "6.0 s · from 2.0 s to 8.0 s"),
        ({"audio_start_ms": "1000", "audio_ms": "3500"}, 1000, 4500, "3.5 s · from 1.0 s to 4.5 s"),
        ({"audio_ms": "99999"}, 0, 8000, "All 8.0 s"),
        ({"audio_start_ms": "99999"}, 7900, 8000, "0.1 s · from 7.9 s to 8.0 s"),
        ({"audio_start_ms": "-5", "audio_ms": "²"}, 0, 8000, "All 8.0 s"),
    ],
)
def test_a_part_lies_within_the_sound(
    owner: User, given: dict[str, str], start: int, end: int, words: str
) -> None:
    part = Trim.of(make_asset(owner, kind="audio", duration_ms=8000, peaks=[50] * 200), given)
    assert (part.start_ms, part.end_ms, part.words) == (start, end, words)


def test_a_wave_goes_there_and_back() -> None:
    assert outline([0, 100]) == "0.0,50 200.0,0 200.0,100 0.0,50"
    assert outline([]) == ""


def test_the_part_is_ordered_and_priced(owner: User, avatar: AIModel, voice: Asset) -> None:
    frame = make_asset(owner)
    shot = form(owner, avatar, f"start_frame={frame.pk}&audio={voice.pk}&audio_start_ms=1000&audio_ms=5000")
    assert shot.body()["audio_start_ms"] == 1000
    assert shot.body()["generated_video_inputs"]["duration_ms"] == 5000
    assert shot.quote.credits == 35


def test_a_sound_that_is_too_long_may_be_used_in_part(owner: User, voice: Asset) -> None:
    short = make_model(durations=["5000"], type="video", requires_start_frame=True, requires_audio_input=True)
    whole, part = (form(owner, short, f"audio={voice.pk}{more}") for more in ("", "&audio_ms=4000"))
    slots = [next(slot for slot in shot.slots if slot.role == "audio") for shot in (whole, part)]
    assert "Choose a part of it." in slots[0].problem(voice)
    assert slots[1].problem(voice) == ""


def test_several_voices_have_no_part(owner: User, avatar: AIModel, voice: Asset) -> None:
    other = uploads.store(owner, SimpleUploadedFile("ben.wav", wav(3)), "audio")
    shot = form(owner, avatar, f"audio={voice.pk}&audio={other.pk}")
    assert next(slot for slot in shot.slots if slot.role == "audio").trim is None


def test_the_page_draws_the_wave(client: Client, owner: User, avatar: AIModel, voice: Asset) -> None:
    page = client.get(f"/create/?from=1&model={avatar.form_key}&audio={voice.pk}").content.decode()
    assert voice.wave
    assert f'points="{voice.wave}"' in page


def test_a_face_is_asked_for_once_there_is_a_voice(owner: User, avatar: AIModel, voice: Asset) -> None:
    frame = make_asset(owner)
    assert form(owner, avatar, f"start_frame={frame.pk}").faces is None
    assert form(owner, avatar, f"audio={voice.pk}").faces is None
    faces = form(owner, avatar, f"start_frame={frame.pk}&audio={voice.pk}&point=0.5,0.25").faces
    assert faces
    assert ([(one.name, one.point) for one in faces.voices], faces.is_required) == (
        [("anna.wav", "0.5,0.25")],
        False,
    )


def test_two_speakers_have_two_points(owner: User, avatar: AIModel, voice: Asset) -> None:
    frame = make_asset(owner)
    other = uploads.store(owner, SimpleUploadedFile("ben.wav", wav(3)), "audio")
    inputs = f"start_frame={frame.pk}&audio={voice.pk}&audio={other.pk}"
    faces = form(owner, avatar, inputs).faces
    assert faces
    assert faces.is_required
    body = form(owner, avatar, f"{inputs}&point=0.25,0.5&point=0.75, 0.5").body()
    assert body["generated_video_inputs"]["bounding_box_target"] == [[0.25, 0.5], [0.75, 0.5]]


def test_a_text_model_asks_for_no_face(owner: User) -> None:
    model = make_model(requires_start_frame=True)
    assert form(owner, model, f"start_frame={make_asset(owner).pk}").faces is None


def test_without_script_faces_are_typed(client: Client, owner: User, avatar: AIModel, voice: Asset) -> None:
    query = f"from=1&model={avatar.form_key}&start_frame={make_asset(owner).pk}&audio={voice.pk}"
    page = client.get(f"/create/?{query}").content.decode()
    assert 'name="point"' in page
    assert "Where the face is" in page


def test_the_part_that_is_shown_is_the_part_that_is_ordered(
    owner: User, avatar: AIModel, voice: Asset
) -> None:
    frame = make_asset(owner)
    shot = form(owner, avatar, f"start_frame={frame.pk}&audio={voice.pk}&audio_start_ms=90000")
    assert shot.body()["audio_start_ms"] == 7900
    assert shot.body()["generated_video_inputs"]["duration_ms"] == 100


def test_a_part_of_one_voice_is_none_of_several(owner: User, avatar: AIModel, voice: Asset) -> None:
    """Without script a second voice comes with the fields of the first one's part."""
    data = QueryDict(
        f"shot=0b5d4f2e-5b7f-4c8a-9d7c-3c4f4a3d2e1f&audio={voice.pk}&audio_start_ms=2000&audio_ms=3000"
    )
    other = SimpleUploadedFile("ben.wav", wav(9))
    shot = ShotForm(data, {"audio_file": other}, owner=owner, model=avatar)
    shot.full_clean()
    slot = next(slot for slot in shot.slots if slot.role == "audio")
    assert (len(slot.assets), slot.trim) == (2, None)
    assert "audio_start_ms" not in shot.body()
    assert shot.body()["generated_video_inputs"]["duration_ms"] == 9000
