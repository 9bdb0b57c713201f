"""``text_to_speech`` and ``text_to_sound``: something to hear from a text."""

from __future__ import annotations

import re

from sandbox.catalog import Model
from sandbox.contract import Loc
from sandbox.orders.order import Order, Supplies
from sandbox.orders.reader import Reader
from sandbox.rendering.speech import length_ms
from sandbox.wire import Json

USUAL_SOUND_S = 5
OUTPUT = re.compile(r"(mp3|pcm|wav)(_\d+)*")


def read_speech(body: Json, model: Model, supplies: Supplies) -> Order:
    return SpeechReader(body, model, supplies).order()


def read_sound(body: Json, model: Model, supplies: Supplies) -> Order:
    return _SoundReader(body, model, supplies).order()


class SpeechReader(Reader):
    """Also for the speech inside a video's request, which is found at ``loc``."""

    def __init__(self, body: Json, model: Model, supplies: Supplies, loc: Loc = ("body",)) -> None:
        super().__init__(body, model, supplies)
        self._loc = loc

    def order(self) -> Order:
        text = self.body["text"]
        self.prompt(text, (*self._loc, "text"))
        speaker = self.speaker(self.body["voice_id"], (*self._loc, "voice_id"))
        self.refuse_misfits()
        return Order(
            self.model,
            makes="audio",
            recipe="speech",
            credits=self.model.credits(characters=len(text)),
            prompt=text,
            ending="mp3",
            duration_ms=length_ms(text, self.body["speed"]),
            details={
                "text": text,
                "speed": self.body["speed"],
                "stability": self.body["stability"],
                "pitch": speaker.pitch,
                "voice": speaker.name,
            },
        )


class _SoundReader(Reader):
    def order(self) -> Order:
        self.prompt(self.body["text"], ("body", "text"))
        ending = self._ending()
        self.refuse_misfits()
        duration_ms = round(self.body.get("duration_seconds", USUAL_SOUND_S) * 1000)
        return Order(
            self.model,
            makes="audio",
            recipe="sound",
            credits=self.model.credits(duration_ms),
            prompt=self.body["text"],
            ending=ending,
            duration_ms=duration_ms,
            details={"loop": bool(self.body.get("loop"))},
        )

    def _ending(self) -> str:
        """WAV where bare samples are asked for, else MP3."""
        wanted = self.body.get("output_format") or "mp3"
        if not OUTPUT.fullmatch(wanted):
            msg = "The sandbox writes MP3 and WAV only: mp3_…, pcm_… or wav_…"
            self.fault("value_error", ("body", "output_format"), msg, wanted)
        return "mp3" if wanted.startswith("mp3") else "wav"
