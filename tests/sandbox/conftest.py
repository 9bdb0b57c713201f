"""A sandbox whose work takes no time, and a small client with an account of its own for each test."""

from __future__ import annotations

import array
import io
import math
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from uuid import uuid4

import av
import pytest
import requests
from PIL import Image

from sandbox.rendering import spec
from sandbox.server import Handle, start

PATIENCE_S = 30
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's own tests look at its clips as people get them."""
    monkeypatch.setattr(spec, "FPS", 24)


class Api:
    """Calls the sandbox as a client would, over a real socket."""

    def __init__(self, sandbox: Handle, key: str) -> None:
        self.sandbox, self.key = sandbox, key
        self.http = requests.Session()
        self.http.headers["X-API-Key"] = key

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.http.get(self.sandbox.api_url + path, params=query, timeout=PATIENCE_S)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.http.post(self.sandbox.api_url + path, json=body, timeout=PATIENCE_S, **options)

    def generate(self, body: Json) -> Json:
        """A request that must be accepted."""
        answer = self.post("/generations", body)
        assert answer.status_code == 200, answer.text
        result: Json = answer.json()
        return result

    def refused(self, body: Any, path: str = "/generations") -> dict[str, Json]:
        """The problems of a request that must be refused with 422, by where they are."""
        answer = self.post(path, body)
        assert answer.status_code == 422, answer.text
        return {".".join(map(str, problem["loc"])): problem for problem in answer.json()["detail"]}

    def upload(self, kind: str, data: bytes, name: str = "file") -> str:
        """An uploaded asset's id."""
        asset_id: str = self.post("/assets", {"name": name, "type": kind}).json()["id"]
        answer = self.post(f"/assets/{asset_id}/upload", files={"file": (name, data)})
        assert answer.status_code == 200, answer.text
        return asset_id

    def status(self, generation_id: str) -> Json:
        result: Json = self.get(f"/generations/{generation_id}/status").json()
        return result

    def listed(self, generation_id: str) -> Json:
        (row,) = self.get("/generations", ids=generation_id).json()["data"]
        result: Json = row
        return result

    def finished(self, generation_id: str) -> Json:
        """The generation as listed once it has ended."""
        end, pause = monotonic() + PATIENCE_S, Event()
        while self.status(generation_id)["status"] not in ("complete", "error"):
            assert monotonic() < end, self.status(generation_id)
            pause.wait(0.02)
        return self.listed(generation_id)

    def made(self, body: Json) -> Json:
        """The generation of a request that must be accepted and must work, as listed in the end."""
        take = self.finished(self.generate(body)["id"])
        assert take["status"] == "complete", (take["error"], take["error_message"])
        return take

    def result(self, body: Json) -> bytes:
        """The file that such a request makes."""
        return self.fetched(self.made(body)["asset"]["asset"]["url"])

    def fetched(self, link: str) -> bytes:
        answer = self.http.get(link, timeout=PATIENCE_S)
        assert answer.status_code == 200, answer.text
        return answer.content

    @property
    def balance(self) -> int:
        remaining: int = self.get("/billing/credits").json()["remaining"]
        return remaining

    @property
    def entries(self) -> list[Json]:
        """The ledger of this account."""
        entries: list[Json] = self.sandbox.ledger(self.key)["entries"]
        return entries


def video(prompt: str = "Waves at dawn", model: str = "grok-video-t2v", **changes: Any) -> Json:
    """A request that costs little to render; None leaves an input out."""
    inputs: Json = {"text_prompt": prompt, "duration_ms": 5000, "resolution": "480p", "aspect_ratio": "1:1"}
    inputs |= changes.pop("inputs", {})
    inputs = {name: value for name, value in inputs.items() if value is not None}
    return {"type": "video", "model_slug": f"sandbox/{model}", "generated_video_inputs": inputs, **changes}


def image_bytes(size: tuple[int, int] = (320, 240), colour: str = "red", form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, form)
    return buffer.getvalue()


def sound_of(data: bytes, rate: int = 8000) -> list[float]:
    """The samples of any file with sound, in mono, -1 to 1."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    samples = array.array("h")
    with av.open(io.BytesIO(data)) as container:
        for frame in (*container.decode(audio=0), None):
            for part in resampler.resample(frame):
                samples.frombytes(bytes(part.planes[0])[: part.samples * 2])
    return [sample / 32768 for sample in samples]


def strength(samples: list[float], hertz: float, rate: int = 8000) -> float:
    """How loud one tone is in a sound."""
    turn = math.tau * hertz / rate
    real = sum(sample * math.cos(turn * n) for n, sample in enumerate(samples))
    imaginary = sum(sample * math.sin(turn * n) for n, sample in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / len(samples)


def sines_bytes(*hertz: float, seconds: float = 2, rate: int = 8000) -> bytes:
    """Pure tones at once, as WAV."""
    share = 20_000 / len(hertz)
    samples = array.array("h")
    for n in range(round(seconds * rate)):
        samples.append(round(sum(share * math.sin(math.tau * one * n / rate) for one in hertz)))
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as output:
        output.setnchannels(1)
        output.setsampwidth(2)
        output.setframerate(rate)
        output.writeframes(samples.tobytes())
    return buffer.getvalue()


def tone_bytes(seconds: float = 3, rate: int = 8000) -> bytes:
    """A loud square wave as WAV."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as output:
        output.setnchannels(1)
        output.setsampwidth(2)
        output.setframerate(rate)
        output.writeframes((b"\x00\x40" * 10 + b"\x00\xc0" * 10) * round(seconds * rate / 20))
    return buffer.getvalue()


def video_bytes(folder: Path, seconds: int = 3) -> bytes:
    """A small MP4 that turns from red to blue."""
    path = folder / "input.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for index in range(seconds * 10):
            colour = "red" if index < seconds * 5 else "blue"
            frame = av.VideoFrame.from_image(Image.new("RGB", (320, 180), colour))
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path.read_bytes()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Handle]:
    """For tests that change nothing but their own account."""
    with start(state_dir=tmp_path_factory.mktemp("sandbox"), speed=10_000) as handle:
        yield handle


@pytest.fixture
def api(shared: Handle) -> Api:
    return Api(shared, f"sk_sandbox_{uuid4().hex}")


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Api]:
    """For tests with faults, settings or a slow clock: a sandbox that nobody else uses."""
    with start(state_dir=tmp_path / "state", speed=10_000) as handle:
        yield Api(handle, "sandbox")


@pytest.fixture
def restarted(tmp_path: Path) -> Iterator[Callable[[], Api]]:
    """Ends the sandbox of the call before and starts it again on the same state."""
    running: list[Handle] = []

    def begin() -> Api:
        for handle in running:
            handle.stop()
        running[:] = [start(state_dir=tmp_path / "state", speed=10_000)]
        return Api(running[0], "sandbox")

    yield begin
    for handle in running:
        handle.stop()
