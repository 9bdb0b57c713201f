"""What a share link shows to whoever has it: a collection's finished takes, and nothing else of anybody."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TypeVar

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generations import collections
from generations.collections import SharedPage
from generations.models import Collection, Generation
from generations.telling.sending import TELL_THEMSELVES, CannotSilence, silent
from generations.views.take import CONTENT_TYPES
from hedra_studio.files import serve
from hedra_studio.web import number


@login_not_required
@require_safe
def share(request: HttpRequest, token: str) -> HttpResponse:
    """Anything wrong with the link looks alike: whether it ever opened something is not told."""
    found = collections.shared(token)
    if found is None:
        return _opens_nothing(request)
    page = SharedPage(found, number(request.GET.get("after", "")))
    context = {"collection": found, "page": page, "token": token, "not_shown": TELL_THEMSELVES}
    return _discreet(render(request, "generations/share.html", context))


@login_not_required
@require_safe
def share_file(request: HttpRequest, token: str, pk: int, name: str) -> HttpResponseBase:
    """Without what the file tells of itself; never under a name of ours, which holds ids."""
    found = collections.shared(token)
    if found is None:
        return _opens_nothing(request)
    place = collections.shareable(found).filter(take=pk).select_related("take").first()
    file = getattr(place.take, name) if place else None
    if not place or not file:
        return _opens_nothing(request)
    try:
        sent = silent(file)
    except CannotSilence:
        words = "This file can't be shared: it may tell more than its picture and sound."
        return _discreet(HttpResponse(words, status=404, content_type="text/plain"))
    except FileNotFoundError as error:
        raise Http404("The file is not in the storage.") from error
    except OSError:
        return HttpResponse("The storage doesn't answer. Try again in a minute.", status=503)
    content_type = CONTENT_TYPES.get(name) or place.take.content_type
    # Asked for anew each time: a link that was withdrawn opens nothing, not even what a browser has.
    response = serve(request, sent, content_type, keep_s=0)
    response["Content-Disposition"] = _disposition(request, found, place.take, file.name)
    return _discreet(response)


def _opens_nothing(request: HttpRequest) -> HttpResponse:
    return _discreet(render(request, "generations/share.html", status=404))


def _disposition(request: HttpRequest, found: Collection, take: Generation, name: str) -> str:
    stem = "take" if found.hides_prompts else take.file_stem.rpartition("-")[0]
    kind = "attachment" if "download" in request.GET else "inline"
    return f'{kind}; filename="{stem}{PurePosixPath(name).suffix}"'


Answer = TypeVar("Answer", bound=HttpResponseBase)


def _discreet(response: Answer) -> Answer:
    """Other sites don't learn the link, and search engines don't keep it."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
