"""Taking out what a file tells of its maker: place, time, device, covers. What is seen and heard stays.

The same file always gives the same bytes. Sound and films are cleaned in place, so they cost no copy.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

import av
from PIL import ImageOps

from generations.media import boxes, tags
from generations.media.containers import (
    FLAC,
    HEAD_BYTES,
    MOV,
    MP3,
    MP4,
    OGG,
    WAV,
    WEBM,
    Container,
    container_of,
    is_cover,
    open_media,
)
from generations.media.errors import DAMAGED, BadMedia
from generations.media.images import ORIENTATION_TAG, image_format, open_image

UPRIGHT = 1
QUALITY = 95
"""Of a picture that has to be written anew, as it lay on its side."""
KEPT_PNG = frozenset(
    {
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"),
        *(b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD", b"pHYs"),
    }
)
KEPT_WEBP = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"})
WEBP_TELLS = 0x08 | 0x04
"""The flags by which a WebP announces EXIF and XMP."""
PLACE = re.compile(r"gps|geo|loc|coord|xmp|exif|picture", re.IGNORECASE)
_SCAN_END = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_APPS = {0xE0: (b"JFIF",), 0xE2: (b"ICC_PROFILE",), 0xEE: (b"Adobe",)}
"""Application segments that say how colours are meant."""


def cleaned(path: Path, folder: Path) -> Path:
    """The file without what it tells: `path` itself, changed in place, or a new one in `folder`.

    For files that a probe has found good. Raises BadMedia."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    try:
        if format := image_format(head):
            return clean_image(path, folder, format)
        return clean_media(path, folder, container_of(head))
    except (struct.error, IndexError, av.FFmpegError):
        raise BadMedia(DAMAGED) from None


# Images


def clean_image(path: Path, folder: Path, format: str) -> Path:
    upright = stand_up(path, folder, format)
    data = upright.read_bytes()
    plain = b"".join(_PARTS[format](data))
    if format == "WEBP":
        plain = b"RIFF" + struct.pack("<I", len(plain) + 4) + b"WEBP" + plain
    if plain == data:
        return upright
    out = folder / "clean"
    out.write_bytes(plain)
    return out


def stand_up(path: Path, folder: Path, format: str) -> Path:
    """Upright without its EXIF saying so; written anew only when it lay on its side."""
    with open_image(path, format) as image:
        if image.getexif().get(ORIENTATION_TAG, UPRIGHT) not in range(2, 9):
            return path
        out, colours = folder / "upright", image.info.get("icc_profile")
        turned = ImageOps.exif_transpose(image)
        options = {"subsampling": 0} if format == "JPEG" else {}
        turned.save(out, format, quality=QUALITY, icc_profile=colours, **options)
        return out


def jpeg_parts(data: bytes) -> Iterator[bytes]:
    """What shows the picture. Ends with it: phones hang further pictures and films behind."""
    yield data[:2]
    at = 2
    while at < len(data) - 1:
        marker = data[at + 1]
        if marker == 0xFF:  # fill
            at += 1
            continue
        end = at + 2
        if marker != 0xD9 and marker not in range(0xD0, 0xD8):
            end += struct.unpack_from(">H", data, at + 2)[0]
        if marker == 0xDA and (found := _SCAN_END.search(data, end)):
            end = found.start()
        elif marker == 0xDA:
            end = len(data)
        if tells_nothing(marker, data[at + 4 : at + 16]):
            yield data[at:end]
        if marker == 0xD9:
            return
        at = end


def tells_nothing(marker: int, begin: bytes) -> bool:
    if marker in _APPS:
        return begin.startswith(_APPS[marker])
    return marker not in range(0xE0, 0xF0) and marker != 0xFE


def png_parts(data: bytes) -> Iterator[bytes]:
    yield data[:8]
    at, kind = 8, b""
    while at + 8 <= len(data) and kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind in KEPT_PNG:
            yield data[at : at + 12 + length]
        at += 12 + length


def webp_parts(data: bytes) -> Iterator[bytes]:
    """The chunks behind the header, whose length depends on them."""
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        end = at + 8 + length + length % 2
        if kind == b"VP8X":
            yield data[at : at + 8] + bytes([data[at + 8] & ~WEBP_TELLS]) + data[at + 9 : end]
        elif kind in KEPT_WEBP:
            yield data[at:end]
        at = end


_PARTS = {"JPEG": jpeg_parts, "PNG": png_parts, "WEBP": webp_parts}


# Sound and films


def clean_media(path: Path, folder: Path, container: Container | None) -> Path:
    if container in (MP4, MOV):
        if boxes.has_other_tracks(path):
            path = remuxed(path, folder, container)
        boxes.blank_told(path)
    elif container == WEBM:
        boxes.blank_tags(path)
    elif container == OGG and tells_a_place(path):
        path = remuxed(path, folder, container)
    elif container in _TAGS:
        _TAGS[container](path)
    return path


_TAGS = {MP3: tags.blank_id3, WAV: tags.blank_riff, FLAC: tags.blank_flac}


def tells_a_place(path: Path) -> bool:
    with open_media(path, OGG) as opened:
        names = [*opened.metadata, *(name for stream in opened.streams for name in stream.metadata)]
    return any(map(PLACE.search, names))


def remuxed(path: Path, folder: Path, container: Container) -> Path:
    """Pictures and sound alone, copied as they are: action cameras keep their path in a track of its own."""
    out = folder / "remuxed"
    format = "mov" if container == MOV else "mp4" if container == MP4 else "ogg"
    options = {"fflags": "+bitexact"}
    with open_media(path, container) as opened, av.open(str(out), "w", format=format, options=options) as box:
        wanted = [stream for stream in (*opened.streams.video, *opened.streams.audio) if not is_cover(stream)]
        copies = {stream.index: box.add_stream_from_template(stream) for stream in wanted}
        for copy in copies.values():
            copy.metadata.clear()
        for packet in opened.demux(wanted):
            if packet.dts is not None:
                packet.stream = copies[packet.stream.index]
                box.mux(packet)
    return out
