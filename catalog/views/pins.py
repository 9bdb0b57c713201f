from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def pin(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    raise Http404
