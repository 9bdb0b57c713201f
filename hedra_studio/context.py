"""What every page may ask of the installation."""

from django.conf import settings
from django.http import HttpRequest

from hedra_studio import keys


def studio(request: HttpRequest) -> dict[str, dict[str, object]]:
    return {"studio": {"sandbox": settings.SANDBOX, "solo": settings.SOLO, "keys": keys.GROUPS}}
