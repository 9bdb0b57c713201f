"""Avatars whose speech is written, and several speakers."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.sandbox.conftest import Api, Json, image_bytes, tone_bytes, video
from tests.sandbox.test_clips import loudness
from tests.sandbox.test_speech import DAVID

TEXT = "She sells sea shells."
LENGTH_MS = 1400


def avatar(api: Api, model: str = "hedra-avatar", **changes: object) -> Json:
    return video(
        model=model,
        start_keyframe_id=api.upload("image", image_bytes()),
        inputs={"resolution": "540p", "duration_ms": None, **changes.pop("inputs", {})},  # type: ignore[dict-item]
        **changes,
    )


def speech(text: str = TEXT, **changes: object) -> Json:
    return {"voice_id": DAVID, "text": text, **changes}


def test_the_speech_gives_the_length_and_is_paid_too(api: Api) -> None:
    take = api.made(avatar(api, audio_generation=speech()))

    assert take["asset"]["asset"]["duration_ms"] == LENGTH_MS
    # 7 × 1.4 s × 0.5, rounded up, and 21 characters at 15 for 1000
    assert take["credit_cost"] == 5 + 1
    assert take["input"]["audio_generation"]["text"] == TEXT


def test_the_speech_is_heard(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(api.result(avatar(api, audio_generation=speech("oooo oooo oooo"))))

    assert max(loudness(path)) > 0.1


def test_faster_speech_is_a_shorter_clip(api: Api) -> None:
    take = api.made(avatar(api, audio_generation=speech(speed=1.2)))

    assert take["asset"]["asset"]["duration_ms"] == pytest.approx(LENGTH_MS / 1.2, abs=1)


def test_a_recording_wins_over_a_text(api: Api) -> None:
    order = avatar(api, audio_generation=speech(), audio_id=api.upload("audio", tone_bytes(2)))
    take = api.made(order)

    assert take["asset"]["asset"]["duration_ms"] == 2000
    assert take["credit_cost"] == 7


@pytest.mark.parametrize(
    ("model", "changes", "where"),
    [
        ("hedra-avatar", speech(voice_id=str(uuid4())), "audio_generation.voice_id"),
        ("hedra-avatar", speech(" "), "audio_generation.text"),
        ("hedra-avatar", speech(speed=3), "audio_generation.speed"),
        ("hedra-avatar", speech(model_slug="sandbox/hedra-avatar"), "audio_generation.model_slug"),
        ("hedra-omnia", speech("x" * 121), "audio_generation.text"),
    ],
)
def test_speech_that_is_refused(api: Api, model: str, changes: Json, where: str) -> None:
    assert set(api.refused(avatar(api, model, audio_generation=changes))) == {f"body.{where}"}


def test_a_model_that_takes_no_audio_takes_no_speech(api: Api) -> None:
    assert "takes no audio" in api.refused(video(audio_generation=speech()))["body.audio_generation"]["msg"]


def test_with_several_speakers_the_longest_gives_the_length(api: Api) -> None:
    tracks = [api.upload("audio", tone_bytes(seconds)) for seconds in (1, 2.5)]
    points = [[0.2, 0.4], [0.8, 0.4]]
    take = api.made(avatar(api, audio_id=tracks, inputs={"bounding_box_target": points}))

    assert take["asset"]["asset"]["duration_ms"] == 2500
    assert take["input"]["generated_video_inputs"]["bounding_box_target"] == points


def test_each_speaker_has_a_point(api: Api) -> None:
    track = api.upload("audio", tone_bytes(1))
    order = avatar(api, audio_id=[track, track], inputs={"bounding_box_target": [[0.5, 0.5]]})

    assert set(api.refused(order)) == {"body.generated_video_inputs.bounding_box_target"}
