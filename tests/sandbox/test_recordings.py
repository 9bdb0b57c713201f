"""What is made of a recording: the voice alone, another voice, a voice of one's own."""

import io
from typing import Any
from uuid import uuid4

import av
import pytest

from sandbox.server import Handle
from tests.sandbox.conftest import Api, image_bytes, sines_bytes, sound_of, strength, tone_bytes
from tests.sandbox.test_speech import DAVID, MIKA, pitch, speech

RATE = 16_000


def recording(kind: str, audio_id: str, **changes: Any) -> dict[str, Any]:
    return {"type": kind, "audio_id": audio_id, **changes}


def length_s(data: bytes) -> float:
    with av.open(io.BytesIO(data)) as container:
        assert container.duration
        return container.duration / 1_000_000


def test_isolation_keeps_the_voice_and_leaves_the_rest(api: Api) -> None:
    given = sines_bytes(50, 1000, 7000, rate=RATE)
    take = api.made(recording("audio_isolation", api.upload("audio", given)))
    made = sound_of(api.fetched(take["asset"]["asset"]["url"]), RATE)
    before = sound_of(given, RATE)

    def kept(hertz: float) -> float:
        return strength(made, hertz, RATE) / strength(before, hertz, RATE)

    assert kept(50) < 0.1
    assert kept(1000) > 0.6
    assert kept(7000) < 0.2


def test_another_voice_is_as_long_and_higher_or_lower(api: Api) -> None:
    given = api.made(speech("oooo" * 8))
    changed = {
        voice: api.result(recording("speech_to_speech", given["asset"]["id"], voice_id=voice))
        for voice in (DAVID, MIKA)
    }
    before = pitch(sound_of(api.fetched(given["asset"]["asset"]["url"])))

    assert pitch(sound_of(changed[DAVID])) < before < pitch(sound_of(changed[MIKA]))
    for data in changed.values():
        assert length_s(data) == pytest.approx(32 / 15, abs=0.01)


@pytest.mark.parametrize(
    ("kind", "changes", "credits"),
    [
        ("audio_isolation", {}, 2),  # 1 credit for 2 s
        ("speech_to_speech", {"voice_id": DAVID}, 4),  # 3 credits for 2 s
        ("voice_clone", {"name": "Me"}, 50),
    ],
)
def test_the_price_is_by_the_length_of_the_recording(
    api: Api, kind: str, changes: dict[str, Any], credits: int
) -> None:
    given = api.upload("audio", tone_bytes(2.5))
    take = api.made(recording(kind, given, **changes))

    assert take["credit_cost"] == credits
    assert api.balance == 12_480 - credits


def test_the_last_millisecond_counts(own: Api) -> None:
    own.sandbox.fault("stuck", times=0)
    lengths = (2, 2.0025, 4, 4.01)
    orders = [recording("audio_isolation", own.upload("audio", tone_bytes(length))) for length in lengths]

    assert [own.listed(own.generate(order)["id"])["credit_cost"] for order in orders] == [1, 2, 2, 3]


def test_a_cloned_voice_joins_the_account_s_voices(api: Api, shared: Handle) -> None:
    given = api.upload("audio", tone_bytes(2))
    take = api.made(recording("voice_clone", given, name="My own"))
    *library, voice = api.get("/voices").json()

    assert len(library) == 16
    assert (voice["id"], voice["type"], voice["name"]) == (take["asset"]["id"], "voice", "My own")
    assert (voice["asset"]["source"], take["type"]) == ("clone", "voice")
    assert length_s(api.fetched(voice["asset"]["preview_url"])) == pytest.approx(2, abs=0.01)
    assert api.get("/assets", type="voice", ids=voice["id"]).json()[0]["name"] == "My own"
    assert len(Api(shared, f"sk_sandbox_{uuid4().hex}").get("/voices").json()) == 16


def test_the_status_of_a_voice_has_no_link(api: Api) -> None:
    take = api.made(recording("voice_clone", api.upload("audio", tone_bytes(1)), name="My own"))
    state = api.status(take["id"])

    assert (state["type"], state["url"], state["asset_id"]) == ("voice", None, take["asset"]["id"])


def test_a_cloned_voice_speaks(api: Api, shared: Handle) -> None:
    given = api.upload("audio", tone_bytes(1))
    voice = api.made(recording("voice_clone", given, name="My own"))["asset"]["id"]
    take = api.made(speech(voice_id=voice))

    assert take["asset"]["asset"]["generated_audio_inputs"]["voice_name"] == "My own"
    stranger = Api(shared, f"sk_sandbox_{uuid4().hex}")
    assert "no such voice" in stranger.refused(speech(voice_id=voice))["body.voice_id"]["msg"]


def test_a_voice_that_is_not_ready_cannot_speak(own: Api) -> None:
    own.sandbox.fault("stuck")
    order = own.generate(recording("voice_clone", own.upload("audio", tone_bytes(1)), name="My own"))

    assert "body.voice_id" in own.refused(speech(voice_id=order["asset_id"]))
    assert len(own.get("/voices").json()) == 16


def test_what_is_refused(api: Api) -> None:
    audio, image = api.upload("audio", tone_bytes(1)), api.upload("image", image_bytes())
    voice = api.made(recording("voice_clone", audio, name="My own"))["asset"]["id"]

    assert "type image" in api.refused(recording("audio_isolation", image))["body.audio_id"]["msg"]
    assert "type voice" in api.refused(recording("audio_isolation", voice))["body.audio_id"]["msg"]
    assert "body.audio_id" in api.refused(recording("voice_clone", str(uuid4()), name="Me"))
    assert "body.name" in api.refused(recording("voice_clone", audio, name=" "))
    unknown = recording("speech_to_speech", audio, voice_id=str(uuid4()))
    assert "body.voice_id" in api.refused(unknown)


def test_a_recording_longer_than_the_model_takes_is_refused(api: Api) -> None:
    long = api.upload("audio", tone_bytes(301))
    problems = api.refused(recording("speech_to_speech", long, voice_id=DAVID))

    assert "at most 300000 ms" in problems["body.audio_id"]["msg"]
