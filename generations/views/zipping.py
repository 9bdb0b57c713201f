"""Takes as an archive."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from generations.gallery.filters import GalleryFilters
from generations.models import Generation, GenerationQuerySet, Status
from generations.zipping import MOST_TAKES, Zipping
from hedra_studio.web import HtmxHttpRequest, back, number, wants_fragment

CLEAN_COOKIE = "hedra_studio_clean"
_YEAR_S = 365 * 24 * 3600


@require_POST
def takes_zip(request: HtmxHttpRequest) -> HttpResponseBase:
    """Those that are named by `take`, or with `everything` all that the filters of the address
    leave."""
    ready = _asked(request).filter(status=Status.COMPLETE).exclude(result="")
    pks = list(ready.values_list("pk", flat=True)[: MOST_TAKES + 1])
    if refused := why_not(pks):
        messages.error(request, refused)
        return back(request, "gallery")
    return answer(Zipping(request.user, pks, wants_clean(request)), f"takes-{timezone.now():%Y-%m-%d}")


def why_not(pks: list[int]) -> str:
    if not pks:
        return "There is no file to download: only finished takes have one."
    if len(pks) > MOST_TAKES:
        return f"An archive holds up to {MOST_TAKES:,} takes. Narrow the filters and download in parts."
    return ""


def answer(zipping: Zipping, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(zipping.stream(), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, f"{name}.zip") or "attachment"
    return response


def wants_clean(request: HtmxHttpRequest) -> bool:
    """Files as they came: as this form or address says, else as chosen beside the last download."""
    said = request.POST.get("clean") or request.GET.get("clean") or request.COOKIES.get(CLEAN_COOKIE)
    return said == "1"


@require_POST
def download_choice(request: HtmxHttpRequest) -> HttpResponse:
    """Whether files are sent with their story or clean, from now on in this browser."""
    choice = "1" if request.POST.get("clean") == "1" else "0"
    response: HttpResponse = back(request, "gallery")
    if wants_fragment(request) and (pk := number(request.POST.get("take", ""))):
        take = get_object_or_404(Generation.objects.owned_by(request.user), pk=pk)
        response = render(request, "generations/_download.html", {"take": take, "choice": choice})
    response.set_cookie(CLEAN_COOKIE, choice, max_age=_YEAR_S, httponly=True, samesite="Lax")
    return response


def _asked(request: HtmxHttpRequest) -> GenerationQuerySet:
    mine = Generation.objects.owned_by(request.user).newest_first()
    if request.POST.get("everything") != "1":
        named = [pk for text in request.POST.getlist("take") if (pk := number(text))]
        return mine.filter(pk__in=named[: MOST_TAKES + 1])
    filters = GalleryFilters(request.GET.dict())
    return mine.none() if filters.state == "trash" else filters.apply(mine)
