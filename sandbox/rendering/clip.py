"""Writes the files of a result: the clip itself, its poster, thumbnail and animated preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image

from sandbox.rendering.caption import Caption
from sandbox.rendering.compositor import Compositor, Layer
from sandbox.rendering.insets import insets
from sandbox.rendering.scenes import (
    FadeScene,
    LightScene,
    RestyledScene,
    Scene,
    StillScene,
    VideoScene,
    last_picture,
    open_still,
)
from sandbox.rendering.sound import Soundtrack
from sandbox.rendering.spec import ClipSpec, Part
from sandbox.rendering.whole import Stopped, whole

POSTER_AT = 0.35
PREVIEW_FRAMES = 12
PREVIEW_WIDTH = 320
# One thread and a fast preset: the sandbox shares the machine with the studio it serves.
ENCODER = {"preset": "ultrafast", "crf": "21", "threads": "1"}
# What FFmpeg's RGB to YUV conversion yields; untagged, players guess by size and shift the colours.
COLOURS = {
    "colorspace": "smpte170m",
    "color_primaries": "smpte170m",
    "color_trc": "smpte170m",
    "color_range": "tv",
}


class Film:
    """The frames of a clip: the scenes of its parts with their foregrounds and captions."""

    def __init__(self, spec: ClipSpec) -> None:
        self._spec = spec
        self._size = (spec.width, spec.height)
        parts = spec.parts or (Part(spec.prompt, spec.duration_ms),)
        self._scenes: list[tuple[float, float, Scene]] = []
        self._layers: list[Layer] = list(insets(spec.insets, self._size))
        begin_s = 0.0
        for index, part in enumerate(parts):
            end_s = begin_s + part.duration_ms / 1000
            scene = _scene(spec, part.prompt, index, self._size)
            self._scenes.append((begin_s, end_s, scene))
            self._layers += _front(scene, begin_s, end_s)
            if spec.captioned:
                caption = Caption(part.prompt, spec.label, self._size, firm=spec.over_caption)
                self._layers.append(Layer(caption.image, caption.top, begin_s=begin_s, end_s=end_s))
            begin_s = end_s

    def frames(self, indexes: Iterable[int]) -> Iterator[av.VideoFrame]:
        """The frames with these numbers, which must rise."""
        picture_size = self._scenes[0][2].size
        compositor = Compositor(picture_size, self._size, self._spec.fps, self._layers)
        return compositor.frames((index, self._picture(index / self._spec.fps)) for index in indexes)

    def images(self, *shares: float) -> list[Image.Image]:
        """Single pictures at these shares of the length, which must rise."""
        last = self._spec.frames - 1
        frames = self.frames(round(share * last) for share in shares)
        return [frame.to_image() for frame in frames]  # type: ignore[no-untyped-call]

    def _picture(self, time_s: float) -> Image.Image:
        scenes = self._scenes
        begin_s, end_s, scene = next((entry for entry in scenes if time_s < entry[1]), scenes[-1])
        return scene.picture(min(1.0, (time_s - begin_s) / (end_s - begin_s)))


def _front(scene: Scene, begin_s: float, end_s: float) -> list[Layer]:
    return [
        Layer(piece.image, piece.top, piece.left, piece.left_at_end, begin_s, end_s)
        for piece in scene.foreground
    ]


def _scene(spec: ClipSpec, prompt: str, index: int, size: tuple[int, int]) -> Scene:
    seed = spec.seed + index
    if spec.video:
        film = VideoScene(spec.video, spec.duration_ms, size)
        return RestyledScene(film, prompt) if spec.restyled else film
    if spec.extends:
        return StillScene(last_picture(spec.extends), seed, size)
    if not spec.start:
        return LightScene(prompt, seed, size)
    still = StillScene(open_still(spec.start), seed, size)
    if not spec.end:
        return still
    return FadeScene(still, StillScene(open_still(spec.end), seed, size, inward=False))


def write_clip(spec: ClipSpec, path: Path, stopping: Callable[[], bool] = lambda: False) -> None:
    """An H.264 MP4 with its index in front; replaces ``path`` only when whole. Raises Stopped."""
    with (
        whole(path) as partial,
        av.open(str(partial), "w", format="mp4", options={"movflags": "faststart"}) as output,
    ):
        stream = _video_stream(output, spec)
        sound = Soundtrack(output, spec.audio, spec.audio_start_ms, spec.duration_ms) if spec.audio else None
        for index, frame in enumerate(Film(spec).frames(range(spec.frames))):
            if stopping():
                raise Stopped
            output.mux(stream.encode(frame))
            if sound:
                sound.write_until(index / spec.fps)
        output.mux(stream.encode(None))
        if sound:
            sound.finish()


def _video_stream(output: OutputContainer, spec: ClipSpec) -> VideoStream:
    stream = output.add_stream("libx264", rate=spec.fps, options=ENCODER | COLOURS)
    stream.width, stream.height, stream.pix_fmt = spec.width, spec.height, "yuv420p"
    stream.codec_context.thread_count = 1
    stream.codec_context.gop_size = spec.fps * 2
    return stream


def write_poster(spec: ClipSpec, path: Path, max_width: int | None = None) -> None:
    (picture,) = Film(spec).images(POSTER_AT)
    if max_width and picture.width > max_width:
        picture = picture.resize((max_width, max(1, round(picture.height * max_width / picture.width))))
    _save(path, lambda partial: picture.save(partial, "JPEG", quality=86))


def write_preview(spec: ClipSpec, path: Path) -> None:
    """A small animated WebP."""
    height = max(2, round(PREVIEW_WIDTH * spec.height / spec.width))
    shares = [index / PREVIEW_FRAMES for index in range(PREVIEW_FRAMES)]
    pictures = [picture.resize((PREVIEW_WIDTH, height)) for picture in Film(spec).images(*shares)]
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
    with whole(path) as partial:
        write(partial)
