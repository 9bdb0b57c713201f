"""The chunk list of WAV and WebP files, checked before a decoder believes it.

FFmpeg does not hold a WAV to its stated length, and takes minutes and gigabytes for a chunk that claims
to be larger than the file.
"""

from pathlib import Path

from generations.media.errors import CUT, DAMAGED, BadMedia

UNKNOWN_LENGTH = 0xFFFFFFFF
"""Written by programs that stream: they cannot know it yet."""
MOST_CHUNKS = 1000


def refuse_false_lengths(path: Path, head: bytes, size: int) -> None:
    """Raises BadMedia when a chunk reaches beyond the file. Files of other formats pass."""
    if not head.startswith(b"RIFF") or head[8:12] not in (b"WAVE", b"WEBP"):
        return
    stated = int.from_bytes(head[4:8], "little")
    if stated != UNKNOWN_LENGTH and stated > size:
        raise BadMedia(CUT)
    with path.open("rb") as file:
        at = 12
        for _ in range(MOST_CHUNKS):
            file.seek(at)
            header = file.read(8)
            if len(header) < 8 or header.startswith(b"data"):
                return
            at += 8 + int.from_bytes(header[4:], "little")
            if at > size:
                raise BadMedia(DAMAGED)
            at += at % 2
    raise BadMedia(DAMAGED)
