"""What every page may ask of the installation."""

from django.conf import settings
from django.http import HttpRequest


def studio(request: HttpRequest) -> dict[str, dict[str, bool]]:
    return {"studio": {"sandbox": settings.SANDBOX, "solo": settings.SOLO}}
