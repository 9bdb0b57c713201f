"""Media made in code: small, real files to probe and to render."""

import io
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageDraw

AUDIO_RATE = 48_000
Painter = Callable[[float], Image.Image]
"""From the moment in seconds to the picture."""


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right, so that turning it shows."""
    image = Image.new("RGB", size, "blue")
    ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2 - 1, size[1]), fill="red")
    return image.convert(mode)


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def clip(
    path: Path,
    *,
    seconds: float = 2,
    size: tuple[int, int] = (64, 48),
    fps: int = 24,
    codec: str = "libx264",
    format: str = "mp4",
    pixels: str = "yuv420p",
    paint: Painter | None = None,
    faststart: bool = True,
) -> Path:
    """A silent film; by default of a still picture."""
    still = picture(size)
    options = {"movflags": "+faststart"} if faststart and format in ("mp4", "mov") else {}
    with av.open(str(path), "w", format=format, options=options) as box:
        stream: Any = box.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.codec_context.thread_count = 1
        for number in range(round(seconds * fps)):
            image = paint(number / fps) if paint else still
            frame: Any = av.VideoFrame.from_image(image)  # type: ignore[no-untyped-call]
            box.mux(stream.encode(frame))
        box.mux(stream.encode())
    return path


def film_with_gap(path: Path, *, gap_s: int) -> Path:
    """Two frames and a long nothing between them: the header states the whole length."""
    with av.open(str(path), "w", format="mp4") as box:
        stream: Any = box.add_stream("libx264", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for moment in (0, gap_s):
            frame: Any = av.VideoFrame.from_image(picture())  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = moment, Fraction(1, 1)
            box.mux(stream.encode(frame))
        box.mux(stream.encode())
    return path


def film_without_frames(path: Path) -> Path:
    with av.open(str(path), "w", format="mp4") as box:
        stream: Any = box.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        box.start_encoding()
    return path


def sound(
    path: Path,
    *,
    seconds: float = 2,
    codec: str = "mp3",
    format: str = "mp3",
    cover: bool = False,
    **tags: str,
) -> Path:
    """A soft noise; with `cover` a picture of the album beside it."""
    with av.open(str(path), "w", format=format) as box:
        stream: Any = box.add_stream(codec, rate=AUDIO_RATE, layout="mono")
        box.metadata.update(tags)
        art: Any = add_cover(box) if cover else None
        if art:
            box.mux(art)
        for block in range(round(seconds * AUDIO_RATE / 960)):
            box.mux(stream.encode(noise(block * 960, 960, stream.format.name)))
        box.mux(stream.encode(None))
    return path


def noise(start: int, samples: int, format: str) -> Any:
    """One block of audio, in the sample format that an encoder takes."""
    frame: Any = av.AudioFrame(format="s16", layout="mono", samples=samples)
    values = [(start + n) % 200 * 50 for n in range(samples)]
    frame.planes[0].update(struct.pack(f"<{samples}h", *values))
    frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, start, Fraction(1, AUDIO_RATE)
    (converted,) = av.AudioResampler(format=format, layout="mono", rate=AUDIO_RATE).resample(frame)
    return converted


def add_cover(box: Any) -> Any:
    """The packet of a cover picture, as music files carry it."""
    stream = box.add_stream("mjpeg", rate=1)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    frame: Any = av.VideoFrame.from_image(picture())  # type: ignore[no-untyped-call]
    return next(iter([*stream.encode(frame.reformat(format="yuvj420p")), *stream.encode()]))


def sideways(path: Path) -> Path:
    """Turn a film by a quarter, as phones do: by the matrix in its track header."""
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 4 + 4 + 8 + 4 + 4 + 4 + 8 + 8
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


def png_chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png_of_claimed_size(width: int, height: int, content: bytes = b"") -> bytes:
    """A PNG in one-bit grey whose header says so, with any content."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    data = zlib.compress(content)
    chunks = ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)
