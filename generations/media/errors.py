"""Why a file cannot be used."""

ACCEPTED = "Use a PNG, JPEG or WebP image, MP3, WAV, M4A, OGG or FLAC audio, or an MP4, MOV or WebM video."
CUT = "This file was cut off: its end is missing. Save or copy it again, then add it anew."
DAMAGED = (
    "This file is damaged or incomplete: its content cannot be played."
    " Save or copy it again, then add it anew."
)

TOO_MUCH_WORK = (
    "This file takes too long to be looked at. Save it anew, shorter or in a more usual format, then add it."
)


class BadMedia(ValueError):
    """The file can't be used; str(error) names the problem, for people."""
