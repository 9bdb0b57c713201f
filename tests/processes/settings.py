"""The studio's own settings for processes that tests kill: only shorter pauses, so that tests don't wait."""

from hedra_studio.settings import *  # noqa: F403

LEASE_S = 2
LOOK_UP_FOR_S = 2
# Found in place: no collectstatic before a server starts.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # noqa: F405
