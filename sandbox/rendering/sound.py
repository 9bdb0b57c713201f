"""The clip's sound: the uploaded tracks, shifted, mixed, padded and encoded as AAC."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from av.filter import Graph
from av.filter.context import FilterContext

from sandbox.rendering.probe import AUDIO_FORMATS, VIDEO_FORMATS, open_media

RATE = 44_100
SAMPLES = 1024


class Soundtrack:
    """Adds an AAC stream to a clip and fills it step by step beside the picture."""

    def __init__(
        self, output: OutputContainer, tracks: tuple[Path, ...], start_ms: int, duration_ms: int
    ) -> None:
        self._output = output
        self._stream = output.add_stream("aac", rate=RATE, options={"b": "128k"})
        self._stream.codec_context.layout = "stereo"
        self._frames = _mixed(tracks, start_ms)
        self._total = duration_ms * RATE // 1000
        self._written = 0

    def write_until(self, seconds: float) -> None:
        """Encode sound up to this time of the clip."""
        until = min(self._total, round(seconds * RATE))
        while self._written < until:
            frame = _cut(next(self._frames), self._total - self._written)
            frame.pts = self._written
            frame.time_base = Fraction(1, RATE)
            self._written += frame.samples
            self._output.mux(self._stream.encode(frame))

    def finish(self) -> None:
        self.write_until(self._total / RATE)
        self._output.mux(self._stream.encode(None))


def _cut(frame: AudioFrame, most: int) -> AudioFrame:
    """No more samples than the clip has left: a longer track would make a longer clip."""
    if frame.samples <= most:
        return frame
    short = AudioFrame(format="fltp", layout="stereo", samples=most)
    for plane, whole in zip(short.planes, frame.planes, strict=True):
        plane.update(bytes(whole)[: plane.buffer_size])
    short.sample_rate = RATE
    return short


def has_sound(path: Path) -> bool:
    with open_media(path, ",".join({**AUDIO_FORMATS, **VIDEO_FORMATS})) as container:
        return bool(container.streams.audio)


def _mixed(tracks: tuple[Path, ...], start_ms: int) -> Iterator[AudioFrame]:
    """Endless stereo frames: all tracks at once, silence after the last."""
    graph = Graph()
    sources = [_source(graph, path, start_ms) for path in tracks]
    mix = graph.add("amix", f"inputs={len(sources)}:duration=longest")
    pad = graph.add("apad")
    form = graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts=stereo")
    size = graph.add("asetnsamples", f"n={SAMPLES}:p=1")
    sink = graph.add("abuffersink")
    for index, (_, _, last) in enumerate(sources):
        last.link_to(mix, 0, index)
    for before, after in ((mix, pad), (pad, form), (form, size), (size, sink)):
        before.link_to(after)
    graph.configure()
    feeds = [(buffer, _decoded(path)) for (buffer, path, _) in sources]
    while True:
        try:
            yield cast(AudioFrame, sink.pull())
        except (BlockingIOError, av.error.EOFError):
            feeds = [feed for feed in feeds if _push(*feed)]


def _source(graph: Graph, path: Path, start_ms: int) -> tuple[FilterContext, Path, FilterContext]:
    with open_media(path, ",".join({**AUDIO_FORMATS, **VIDEO_FORMATS})) as container:
        stream = container.streams.audio[0]
        buffer = graph.add_abuffer(template=stream)
    if start_ms > 0:
        shift = graph.add("atrim", f"start={start_ms / 1000}")
        reset = graph.add("asetpts", "PTS-STARTPTS")
        shift.link_to(reset)
    else:
        shift = reset = graph.add("adelay", f"{-start_ms}:all=1")
    buffer.link_to(shift)
    return buffer, path, reset


def _decoded(path: Path) -> Iterator[AudioFrame]:
    with open_media(path, ",".join({**AUDIO_FORMATS, **VIDEO_FORMATS})) as container:
        yield from container.decode(container.streams.audio[0])


def _push(buffer: FilterContext, frames: Iterator[AudioFrame]) -> bool:
    """Feed one frame; False after the end has been announced."""
    frame = next(frames, None)
    buffer.push(frame)
    return frame is not None
