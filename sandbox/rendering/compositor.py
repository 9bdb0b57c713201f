"""Lays captions and foregrounds over the pictures of a scene and brings them to the clip's size.

FFmpeg's filters do this several times faster than Pillow: scenes may be small, layers are blended as YUV.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame
from PIL import Image

Size = tuple[int, int]


@dataclass(frozen=True)
class Layer:
    """An RGBA image that slides from one x to another while it is shown; times in seconds of the clip."""

    image: Image.Image
    top: int
    left: float = 0
    left_at_end: float = 0
    begin_s: float = 0
    end_s: float = 1e6

    @property
    def settings(self) -> str:
        share = f"(t-{self.begin_s})/{self.end_s - self.begin_s}"
        x = f"{self.left}+({self.left_at_end - self.left})*{share}"
        shown = f"between(t,{self.begin_s},{self.end_s})"
        return f"x='{x}':y={self.top - self.top % 2}:enable='{shown}':eof_action=repeat"


class Compositor:
    def __init__(self, picture_size: Size, size: Size, fps: int, layers: Iterable[Layer]) -> None:
        self._fps = fps
        self._graph = graph = Graph()
        self._buffer = self._source(picture_size)
        scale = f"{size[0]}:{size[1]}:flags=bicubic"
        last = self._chain(self._buffer, ("scale", scale), ("format", "yuv420p"))
        stills = []
        for layer in layers:
            last, still = self._over(last, layer)
            stills.append((still, layer.image))
        self._sink = graph.add("buffersink")
        last.link_to(self._sink)
        graph.configure()
        for still, image in stills:
            still.push(_frame(image, 0, fps))
            still.push(None)

    def _source(self, size: Size) -> FilterContext:
        form = av.VideoFormat("rgba")
        return self._graph.add_buffer(None, *size, form, time_base=Fraction(1, self._fps))

    def _chain(self, first: FilterContext, *filters: tuple[str, str]) -> FilterContext:
        for name, settings in filters:
            following = self._graph.add(name, settings)
            first.link_to(following)
            first = following
        return first

    def _over(self, under: FilterContext, layer: Layer) -> tuple[FilterContext, FilterContext]:
        still = self._source(layer.image.size)
        overlay = self._graph.add("overlay", layer.settings)
        under.link_to(overlay, 0, 0)
        self._chain(still, ("format", "yuva420p")).link_to(overlay, 0, 1)
        return overlay, still

    def frames(self, pictures: Iterable[tuple[int, Image.Image]]) -> Iterator[VideoFrame]:
        """Finished frames of the numbered pictures, in order."""
        for index, picture in pictures:
            self._buffer.push(_frame(picture, index, self._fps))
            yield from self._ready()
        self._buffer.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[VideoFrame]:
        while True:
            try:
                frame = self._sink.pull()
            except (BlockingIOError, av.error.EOFError):
                return
            yield cast(VideoFrame, frame)


def _frame(image: Image.Image, index: int, fps: int) -> VideoFrame:
    # RGBX is how Pillow keeps RGB: no repacking of every pixel.
    data = image.tobytes("raw", "RGBX") if image.mode == "RGB" else image.tobytes()
    frame = VideoFrame.from_bytes(data, image.width, image.height)
    frame.pts, frame.time_base = index, Fraction(1, fps)
    return frame
