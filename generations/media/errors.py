"""Why a file cannot be used."""

ACCEPTED = "Use a PNG, JPEG or WebP image, MP3, WAV, M4A, OGG or FLAC audio, or an MP4, MOV or WebM video."


class BadMedia(ValueError):
    """The file can't be used; str(error) names the problem, for people."""
