from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def voices(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    raise Http404


def voice_preview(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    raise Http404
