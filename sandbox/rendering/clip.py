"""Writes the files of a result: the clip itself, its poster, thumbnail and animated preview."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image

from sandbox.rendering.caption import Caption
from sandbox.rendering.scenes import FadeScene, LightScene, Scene, StillScene, VideoScene
from sandbox.rendering.sound import Soundtrack
from sandbox.rendering.spec import ClipSpec, Part

POSTER_AT = 0.35
PREVIEW_FRAMES = 12
PREVIEW_WIDTH = 320
# One thread and a fast preset: the sandbox shares the machine with the studio it serves.
ENCODER = {"preset": "ultrafast", "crf": "21", "threads": "1", "colorprim": "bt709"}


class Film:
    """The pictures of a clip, in order: scenes of its parts with their captions."""

    def __init__(self, spec: ClipSpec) -> None:
        self._spec = spec
        size = (spec.width, spec.height)
        parts = spec.parts or (Part(spec.prompt, spec.duration_ms),)
        total = sum(part.duration_ms for part in parts)
        self._parts: list[tuple[float, float, Scene, Caption]] = []
        begin = 0.0
        for index, part in enumerate(parts):
            end = begin + part.duration_ms / total
            scene = _scene(spec, part.prompt, index, size)
            self._parts.append((begin, end, scene, Caption(part.prompt, spec.label, size)))
            begin = end

    def picture(self, share: float) -> Image.Image:
        begin, end, scene, caption = next((part for part in self._parts if share < part[1]), self._parts[-1])
        picture = scene.picture(min(1.0, (share - begin) / (end - begin)))
        caption.draw(picture)
        return picture

    def pictures(self) -> Iterator[Image.Image]:
        last = max(1, self._spec.frames - 1)
        for index in range(self._spec.frames):
            yield self.picture(index / last)


def _scene(spec: ClipSpec, prompt: str, index: int, size: tuple[int, int]) -> Scene:
    seed = spec.seed + index
    if spec.video:
        return VideoScene(spec.video, spec.duration_ms, size)
    if not spec.start:
        return LightScene(prompt, seed, size)
    still = StillScene(spec.start, seed, size)
    return FadeScene(still, StillScene(spec.end, seed, size, inward=False)) if spec.end else still


def write_clip(spec: ClipSpec, path: Path) -> None:
    """An H.264 MP4 with its index in front; replaces ``path`` only when whole."""
    with (
        _whole(path) as partial,
        av.open(str(partial), "w", format="mp4", options={"movflags": "faststart"}) as output,
    ):
        stream = _video_stream(output, spec)
        sound = Soundtrack(output, spec.audio, spec.audio_start_ms, spec.duration_ms) if spec.audio else None
        for index, picture in enumerate(Film(spec).pictures()):
            rgb = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            frame = rgb.reformat(format="yuv420p")
            frame.pts = index
            frame.time_base = Fraction(1, spec.fps)
            output.mux(stream.encode(frame))
            if sound:
                sound.write_until(index / spec.fps)
        output.mux(stream.encode(None))
        if sound:
            sound.finish()


def _video_stream(output: OutputContainer, spec: ClipSpec) -> VideoStream:
    stream = output.add_stream("libx264", rate=spec.fps, options=ENCODER)
    stream.width, stream.height, stream.pix_fmt = spec.width, spec.height, "yuv420p"
    stream.codec_context.thread_count = 1
    stream.codec_context.gop_size = spec.fps * 2
    return stream


def write_poster(spec: ClipSpec, path: Path, max_width: int | None = None) -> None:
    picture = Film(spec).picture(POSTER_AT)
    if max_width and picture.width > max_width:
        picture = picture.resize((max_width, max(1, round(picture.height * max_width / picture.width))))
    _save(path, lambda partial: picture.save(partial, "JPEG", quality=86))


def write_preview(spec: ClipSpec, path: Path) -> None:
    """A small animated WebP."""
    film = Film(spec)
    height = max(2, round(PREVIEW_WIDTH * spec.height / spec.width))
    pictures = [
        film.picture(index / PREVIEW_FRAMES).resize((PREVIEW_WIDTH, height))
        for index in range(PREVIEW_FRAMES)
    ]
    _save(
        path,
        lambda partial: pictures[0].save(
            partial, "WEBP", save_all=True, append_images=pictures[1:], duration=160, loop=0, method=0
        ),
    )


def write_thumbnail(source: Path, path: Path, width: int = 320) -> None:
    """A small JPEG of an image file."""
    with Image.open(source) as image:
        small = image.convert("RGB")
        small.thumbnail((width, width * 4))
    _save(path, lambda partial: small.save(partial, "JPEG", quality=82))


def _save(path: Path, write: Callable[[Path], None]) -> None:
    with _whole(path) as partial:
        write(partial)


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A partial file beside ``path`` that takes its place on success and vanishes on failure."""
    partial = path.with_name(f".{uuid.uuid4().hex}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
