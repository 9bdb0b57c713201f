"""Writes results that are heard: MP3, or WAV where samples are asked for."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.filter import Graph

from sandbox.rendering.probe import AUDIO_FORMATS, VIDEO_FORMATS, open_media
from sandbox.rendering.speech import RATE as SPEECH_RATE
from sandbox.rendering.whole import Stopped, whole

RATE = 44_100
CODECS = {".mp3": ("mp3", "libmp3lame"), ".wav": ("wav", "pcm_s16le")}
READABLE = ",".join({**AUDIO_FORMATS, **VIDEO_FORMATS})
Filter = tuple[str, str]
COLOURS = ("white", "pink", "brown")
# What a voice needs, and little else. The equaliser, because PyAV's build leaves sound as it is in the
# simpler filters for low and high tones.
VOICE_BAND = (
    ("aresample", str(RATE)),
    ("firequalizer", "gain_entry='entry(0,-60);entry(120,-60);entry(220,0);entry(3400,0);entry(4200,-60)'"),
)
MIDDLE_PITCH = 165
STRONGEST_SHIFT = 1.6
FADE_S = 0.08


def never() -> bool:
    return False


def write_samples(samples: Iterable[bytes], path: Path, stopping: Callable[[], bool] = never) -> None:
    """Mono samples of 16 bits at the rate of speech."""
    write_frames(map(_frame, filter(None, samples)), path, SPEECH_RATE, "mono", stopping)


def _frame(samples: bytes) -> AudioFrame:
    frame = AudioFrame(format="s16", layout="mono", samples=len(samples) // 2)
    frame.planes[0].update(samples)
    frame.sample_rate = SPEECH_RATE
    return frame


def write_recording(
    source: Path,
    filters: Iterable[Filter],
    duration_ms: int,
    path: Path,
    stopping: Callable[[], bool] = never,
) -> None:
    """The sound of a file through FFmpeg's filters, exactly as long as asked for."""
    write_frames(_filtered(source, [*filters, *_exactly(duration_ms)]), path, RATE, "stereo", stopping)


def _exactly(duration_ms: int) -> list[Filter]:
    """Counted anew: a decoder may begin a little after 0, and a filter end a little late."""
    return [("asetpts", "N/SR/TB"), ("apad", ""), ("atrim", f"end={duration_ms / 1000}")]


def other_voice(pitch: int) -> list[Filter]:
    """Higher or lower for the voice's pitch, and as long as before."""
    shift = max(1 / STRONGEST_SHIFT, min(STRONGEST_SHIFT, pitch / MIDDLE_PITCH))
    return [
        ("aresample", str(RATE)),
        ("asetrate", str(round(RATE * shift))),
        ("aresample", str(RATE)),
        ("atempo", f"{1 / shift:.6f}"),
    ]


def write_sound(
    prompt: str, duration_ms: int, loop: bool, path: Path, stopping: Callable[[], bool] = never
) -> None:
    """A noise whose colour, band and swell come from the prompt; one to be looped begins and ends loud."""
    look, seconds = zlib.crc32(prompt.encode()), duration_ms / 1000
    noise = f"c={COLOURS[look % 3]}:seed={look}:r={RATE}:d={seconds}:a=0.6"
    top = 400 + look % 37 * 150
    filters = [
        ("firequalizer", f"gain_entry='entry({top},0);entry({top * 2},-40)'"),
        ("dynaudnorm", "f=100:g=5:p=0.6:m=100"),
        ("tremolo", f"f={0.5 + look % 11 * 0.5}:d=0.7"),
    ]
    if not loop:
        fade = min(FADE_S, seconds / 4)
        filters += [("afade", f"t=in:d={fade}"), ("afade", f"t=out:st={seconds - fade}:d={fade}")]
    graph = Graph()
    _finish(graph, graph.add("anoisesrc", noise), [*filters, *_exactly(duration_ms)])
    write_frames(_pulled(graph), path, RATE, "stereo", stopping)


def _filtered(source: Path, filters: Iterable[Filter]) -> Iterator[AudioFrame]:
    with open_media(source, READABLE) as container:
        stream = container.streams.audio[0]
        graph = Graph()
        buffer = graph.add_abuffer(template=stream)
        _finish(graph, buffer, filters)
        # The graph takes no more once it has all it was asked for.
        with contextlib.suppress(av.error.EOFError):
            for frame in chain(container.decode(stream), [None]):
                buffer.push(frame)
                yield from _pulled(graph)
        yield from _pulled(graph)


def _finish(graph: Graph, first: av.filter.context.FilterContext, filters: Iterable[Filter]) -> None:
    form = ("aformat", f"sample_fmts=fltp:sample_rates={RATE}:channel_layouts=stereo")
    for name, settings in [*filters, form, ("abuffersink", "")]:
        following = graph.add(name, settings or None)
        first.link_to(following)
        first = following
    graph.configure()


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    while True:
        try:
            yield cast(AudioFrame, graph.pull())
        except (BlockingIOError, av.error.EOFError):
            return


def write_frames(
    frames: Iterable[AudioFrame], path: Path, rate: int, layout: str, stopping: Callable[[], bool] = never
) -> None:
    """Replaces ``path`` only when whole. Raises Stopped."""
    form, codec = CODECS[path.suffix]
    with whole(path) as partial, av.open(str(partial), "w", format=form) as output:
        stream = cast(AudioStream, output.add_stream(codec, rate=rate, layout=layout))
        written = 0
        for frame in frames:
            if stopping():
                raise Stopped
            frame.pts, frame.time_base = written, Fraction(1, rate)
            written += frame.samples
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
