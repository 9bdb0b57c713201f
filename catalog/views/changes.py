from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def changes(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    raise Http404
