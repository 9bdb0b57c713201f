"""What a take has made goes into the next order without being sent again, over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.mirror import voices
from catalog.models import Account, Voice
from generations import history, reuse
from generations.models import Generation, Status, Upload
from tests.factories import remove_takes
from tests.generations.orders import Press, assert_paid_once
from tests.sandboxed import Studio

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

IMAGE, SPEECH, CLIP = "Nano Banana T2I", "ElevenLabs V3", "Grok Video T2V"


def done(studio: Studio, takes: list[Generation]) -> Generation:
    studio.work_until_idle()
    [take] = takes
    take.refresh_from_db()
    assert take.status == Status.COMPLETE, (take.error_code, take.error_message, take.note)
    assert take.charged == take.quoted
    return take


def a_voice(studio: Studio) -> str:
    voices.sync(Account.objects.current())
    return Voice.objects.values_list("remote_id", flat=True)[0]


def uploads_made(studio: Studio) -> int:
    """How many uploads really went out: those under ids that no take has."""
    results = Generation.objects.values("remote_asset_id")
    return Upload.objects.exclude(remote_id__in=results).filter(uploaded_at__isnull=False).count()


def test_an_image_starts_a_clip_by_its_id_there(studio: Studio, press: Press) -> None:
    image = done(studio, press(IMAGE))
    clip = done(studio, press("Grok Video I2V", start_frame=str(reuse.asset_of(image).pk)))
    order = studio.submissions()[-1]
    assert order["start_keyframe_id"] == str(image.remote_asset_id)
    assert uploads_made(studio) == 0
    assert (clip.made_from, clip.is_final) == (image, False)
    assert_paid_once(studio, image, clip)


def test_speech_drives_an_avatar_whose_picture_was_made_too(studio: Studio, press: Press) -> None:
    image = done(studio, press(IMAGE))
    speech = done(studio, press(SPEECH, voice=a_voice(studio)))
    inputs = {"start_frame": str(reuse.asset_of(image).pk), "audio": str(reuse.asset_of(speech).pk)}
    avatar = done(studio, press("Hedra Avatar", **inputs))
    order = studio.submissions()[-1]
    assert order["audio_id"] == str(speech.remote_asset_id)
    assert avatar.duration_ms == pytest.approx(speech.duration_ms, abs=150)
    assert uploads_made(studio) == 0


@pytest.mark.parametrize(
    ("model", "source", "role", "field"),
    [
        ("Image Upscale", IMAGE, "image", "image_id"),
        ("Nano Banana I2I", IMAGE, "reference_image", "reference_image_ids"),
        ("Video Upscale", CLIP, "video", "video_id"),
    ],
)
def test_each_kind_goes_on_from_the_take_by_its_id(
    studio: Studio, press: Press, model: str, source: str, role: str, field: str
) -> None:
    made = done(studio, press(source))
    take = done(studio, press(model, **{role: str(reuse.asset_of(made).pk)}))
    sent = studio.submissions()[-1][field]
    assert sent == ([str(made.remote_asset_id)] if field.endswith("ids") else str(made.remote_asset_id))
    assert uploads_made(studio) == 0
    assert take.result_kind == made.result_kind
    assert take.poster.size


def test_sound_is_changed_by_its_id(studio: Studio, press: Press) -> None:
    voice = a_voice(studio)
    speech = done(studio, press(SPEECH, voice=voice))
    changes = {"audio": str(reuse.asset_of(speech).pk), "voice": voice}
    changed = done(studio, press("ElevenLabs Speech to Speech", **changes))
    assert studio.submissions()[-1]["audio_id"] == str(speech.remote_asset_id)
    assert (changed.result_kind, uploads_made(studio)) == ("audio", 0)
    assert changed.duration_ms == pytest.approx(speech.duration_ms, abs=150)


def test_a_cloned_voice_speaks_at_once(studio: Studio, press: Press, client: Client) -> None:
    speech = done(studio, press(SPEECH, voice=a_voice(studio)))
    clone = done(studio, press("Voice Clone", audio=str(reuse.asset_of(speech).pk), name="Anna"))
    voice = Voice.objects.get(remote_id=str(clone.remote_asset_id))
    assert voice.name == "Anna"
    assert voice.remote_id in clone.voice_url
    spoken = done(studio, press(SPEECH, voice=voice.remote_id))
    assert studio.submissions()[-1]["voice_id"] == voice.remote_id
    assert spoken.result_kind == "audio"


def test_the_last_frame_is_sent_as_it_is_new(studio: Studio, press: Press) -> None:
    clip = done(studio, press(CLIP))
    still = reuse.still_of(clip, last=True)
    following = done(studio, press("Grok Video I2V", start_frame=str(still.pk)))
    assert following.made_from == clip
    assert studio.submissions()[-1]["start_keyframe_id"] == str(Upload.objects.get(asset=still).remote_id)
    assert uploads_made(studio) == 1


def test_a_result_that_the_service_has_lost_is_sent_from_here(studio: Studio, press: Press) -> None:
    image = done(studio, press(IMAGE))
    asset = reuse.asset_of(image)
    Upload.objects.get(asset=asset).forget()
    done(studio, press("Grok Video I2V", start_frame=str(asset.pk)))
    assert studio.submissions()[-1]["start_keyframe_id"] != str(image.remote_asset_id)
    assert uploads_made(studio) == 1


def test_imported_results_are_known_by_their_id_there(studio: Studio, press: Press, owner: User) -> None:
    history.import_history(Account.objects.current(), owner)
    clip = Generation.objects.filter(status=Status.DOWNLOADING, type="video").earliest("created")
    assert clip.remote_asset_id
    remove_takes(Generation.objects.exclude(pk=clip.pk))  # one clip is enough to bring home
    studio.work_until_idle()
    clip.refresh_from_db()
    done(studio, press("Video Upscale", video=str(reuse.asset_of(clip).pk)))
    assert studio.submissions()[-1]["video_id"] == str(clip.remote_asset_id)


def test_remix_of_an_imported_take_finds_what_is_here(
    studio: Studio, press: Press, owner: User, client: Client
) -> None:
    """The same order, seen by another person's studio: its inputs are results of takes that it has, too."""
    image = done(studio, press(IMAGE))
    clip = done(studio, press("Grok Video I2V", start_frame=str(reuse.asset_of(image).pk)))
    Generation.objects.filter(pk=clip.pk).update(remote_id=image.shot)  # forgotten here
    history.import_history(Account.objects.current(), owner)
    again = Generation.objects.get(imported=True, remote_asset_id=clip.remote_asset_id)
    response: Any = client.get(f"/gallery/{again.pk}/again/")
    assert f"start_frame={image.assets.get().pk}" in response["Location"]
    assert "missing" not in response["Location"]
