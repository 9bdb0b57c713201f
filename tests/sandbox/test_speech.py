"""Speech and sounds from a text."""

import io
from typing import Any
from uuid import uuid4

import av
import pytest

from sandbox.rendering.speech import RATE, length_ms, spoken
from tests.sandbox.conftest import Api, Json, image_bytes, sound_of, strength, video

DAVID = "e8e70cb7-97de-4571-9bab-3d33ce5fc8dc"
MIKA = "0a6b1f7e-2f0b-4a55-9d4e-5a1f0c1d7b04"
MODEL = "sandbox/elevenlabs-v3"
TEXT = "She sells sea shells by the sea shore."


def speech(text: str = TEXT, **changes: Any) -> Json:
    return {"type": "text_to_speech", "model_slug": MODEL, "voice_id": DAVID, "text": text, **changes}


def sound(text: str = "Rain on a roof", **changes: Any) -> Json:
    return {"type": "text_to_sound", "text": text, **changes}


def seconds(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as container:
        assert container.duration
        return container.duration / 1_000_000


@pytest.mark.parametrize("speed", [0.7, 1.0, 1.2])
def test_the_length_follows_the_text_and_the_speed(api: Api, speed: float) -> None:
    take = api.made(speech(speed=speed))
    expected = len(TEXT) / 15 / speed

    assert seconds(api.fetched(take["asset"]["asset"]["url"])) == pytest.approx(expected, abs=0.06)
    assert take["asset"]["asset"]["duration_ms"] == pytest.approx(expected * 1000, abs=1)


def test_speech_is_an_mp3_that_can_be_heard(api: Api) -> None:
    take = api.made(speech(name="Tongue twister"))
    answer = api.http.get(api.status(take["id"])["download_url"], timeout=30)

    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert "attachment" in answer.headers["Content-Disposition"]
    with av.open(io.BytesIO(answer.content)) as container:
        assert container.streams.audio[0].codec.name == "mp3float"
    assert max(sound_of(answer.content)) > 0.2
    assert take["type"] == take["asset"]["type"] == "audio"
    assert take["asset"]["name"] == "Tongue twister"


def test_words_are_parted_by_silence() -> None:
    samples = b"".join(spoken("Hello          there", 120, 1.0))
    middle = samples[round(RATE * 8 / 15) * 2 : round(RATE * 12 / 15) * 2]

    assert len(samples) == length_ms("Hello          there", 1.0) * RATE // 1000 * 2
    assert set(middle) == {0}
    assert set(samples) > {0}


@pytest.mark.parametrize("text", ["", "!", "a", "_", "日本語の文", "word " * 500])
def test_any_text_has_a_sound_of_its_length(text: str) -> None:
    assert len(b"".join(spoken(text, 200, 1.2))) == length_ms(text, 1.2) * RATE // 1000 * 2


def test_the_less_stable_the_further_the_melody_wanders() -> None:
    steady, free = (b"".join(spoken(TEXT, 120, 1.0, stability)) for stability in (0.0, 1.0))

    assert steady != free


def test_each_voice_has_its_pitch(api: Api) -> None:
    deep, high = (sound_of(api.result(speech("oooo" * 8, voice_id=voice))) for voice in (DAVID, MIKA))

    assert pitch(deep) < 150 < pitch(high)


def pitch(samples: list[float]) -> float:
    """The strongest of the tones a voice can have."""
    return max(range(80, 300, 4), key=lambda hertz: strength(samples, hertz))


@pytest.mark.parametrize(("letters", "credits"), [(1, 1), (66, 1), (67, 2), (1000, 15), (1001, 16)])
def test_the_price_is_by_the_character(own: Api, letters: int, credits: int) -> None:
    own.sandbox.fault("stuck", times=0)

    assert own.listed(own.generate(speech("x" * letters))["id"])["credit_cost"] == credits


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"voice_id": str(uuid4())}, "voice_id"),
        ({"text": " "}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"model_slug": "sandbox/grok-video-t2v"}, "model_slug"),
        ({"model_slug": "sandbox/nothing"}, "model_slug"),
        ({"model_id": str(uuid4())}, "model_id"),
    ],
)
def test_speech_that_is_refused(api: Api, changes: Json, where: str) -> None:
    assert set(api.refused(speech(**changes))) == {f"body.{where}"}


def test_a_voice_without_a_preview_speaks_all_the_same(api: Api) -> None:
    (silent,) = (voice for voice in api.get("/voices").json() if not voice["asset"]["preview_url"])

    assert api.made(speech(voice_id=silent["id"]))["status"] == "complete"


def test_speech_is_found_by_its_asset_and_its_type(api: Api) -> None:
    take = api.made(speech(speed=1.1, language="English"))
    (asset,) = api.get("/assets", type="audio", ids=take["asset"]["id"]).json()
    told = asset["asset"]["generated_audio_inputs"]

    assert told["voice_name"] == "David"
    assert (told["text_prompt"], told["speed"], told["language"]) == (TEXT, 1.1, "English")
    for kind in ("audio", "text_to_speech"):
        assert [row["id"] for row in api.get("/generations", type=kind).json()["data"]] == [take["id"]]
    assert take["id"] not in [row["id"] for row in api.get("/generations", type="video").json()["data"]]


def test_speech_can_drive_an_avatar(api: Api) -> None:
    take = api.made(speech())
    order = video(
        model="hedra-avatar",
        start_keyframe_id=api.upload("image", image_bytes()),
        audio_id=take["asset"]["id"],
        inputs={"resolution": "540p", "duration_ms": None},
    )
    clip = api.made(order)["asset"]["asset"]

    assert clip["duration_ms"] == pytest.approx(take["asset"]["asset"]["duration_ms"], abs=60)


@pytest.mark.parametrize(
    ("asked", "length_s", "credits"), [(0.5, 0.5, 1), (3.25, 3.25, 7), (30, 30, 60), (None, 5, 10)]
)
def test_a_sound_is_as_long_as_asked_for(
    api: Api, asked: float | None, length_s: float, credits: int
) -> None:
    take = api.made(sound(duration_seconds=asked))

    assert seconds(api.fetched(take["asset"]["asset"]["url"])) == pytest.approx(length_s, abs=0.06)
    assert take["asset"]["asset"]["duration_ms"] == length_s * 1000
    assert take["credit_cost"] == credits


@pytest.mark.parametrize("text", ["Rain", "Thunder", "Birds", "A crowd", "Wind in the trees"])
def test_a_sound_can_be_heard(api: Api, text: str) -> None:
    assert 0.1 < max(sound_of(api.result(sound(text, duration_seconds=2)))) <= 1


def test_sounds_differ_by_their_text(api: Api) -> None:
    assert api.result(sound("Rain")) != api.result(sound("Thunder"))


def test_a_sound_to_be_looped_does_not_fade(api: Api) -> None:
    once, round_and_round = (
        sound_of(api.result(sound(duration_seconds=1, loop=loop, output_format="wav")))
        for loop in (False, True)
    )

    assert max(map(abs, once[:40])) < 0.3 * max(map(abs, round_and_round[:40]))


@pytest.mark.parametrize(
    ("form", "content_type"),
    [
        (None, "audio/mpeg"),
        ("mp3_22050_32", "audio/mpeg"),
        ("pcm_44100", "audio/wav"),
        ("wav", "audio/wav"),
    ],
)
def test_samples_are_sent_as_wav(api: Api, form: str | None, content_type: str) -> None:
    take = api.made(sound(duration_seconds=0.5, output_format=form))

    answer = api.http.get(take["asset"]["asset"]["url"], timeout=30)
    assert answer.headers["Content-Type"] == content_type
    assert sound_of(answer.content)


def test_a_sound_that_is_refused(api: Api) -> None:
    assert "body.output_format" in api.refused(sound(output_format="opus_48000"))
    assert "body.text" in api.refused(sound("x" * 451))
