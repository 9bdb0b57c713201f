"""The variables that the studio reads, so that tests can shut out those of this machine and its `.env`."""

NAMES = (
    "HEDRA_API_KEY",
    "HEDRA_BASE_URL",
    "HOOX_API_KEY",
    "HOOX_BASE_URL",
    "STUDIO_HOST",
    "STUDIO_PORT",
    "STUDIO_DATA_DIR",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "PUBLIC_URL",
    "DATABASE_URL",
    "QUEUE_URL",
    "MEDIA_S3_BUCKET",
    "MEDIA_S3_ENDPOINT",
    "MEDIA_S3_REGION",
    "MEDIA_S3_ACCESS_KEY",
    "MEDIA_S3_SECRET_KEY",
    "SECRET_KEY",
    "SANDBOX_PORT",
    "SANDBOX_SPEED",
    "DEBUG",
    "LOG_FORMAT",
)
# Set, though empty: what is set wins over the file, and empty counts as absent.
BLANK = dict.fromkeys(NAMES, "")
# Tests watch many clips being made, and none for its looks.
BLANK["SANDBOX_FPS"] = "8"
