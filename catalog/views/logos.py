"""Logos of AI models, from our own storage: no page leads a browser to where they come from."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from catalog.mirror.logos import fetch_anew
from catalog.models import Logo
from hedra_studio.files import serve

KEEP_S = int(timedelta(days=30).total_seconds())
"""How long browsers keep one: another picture comes under another address (see Logo.src)."""


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponseBase:
    found = get_object_or_404(Logo, digest=digest)
    if not found.file:
        raise Http404("no picture")
    try:
        return serve(request, found.file, "image/png", keep_s=KEEP_S)
    except Http404:
        fetch_anew(found)
        raise
