"""All filters of the gallery, and the searches that are kept under a name."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from generations.gallery import saved
from generations.gallery.filters import GalleryFilters
from generations.gallery.options import Options
from generations.models import SavedSearch
from hedra_studio.web import HtmxHttpRequest, render_page

PAGE = "generations/filters.html"


@require_safe
def gallery_filters(request: HtmxHttpRequest) -> HttpResponse:
    """A page; in the gallery a sheet, which is asked for when it is opened."""
    return _page(request, GalleryFilters(request.GET.dict()))


@require_POST
def search_save(request: HtmxHttpRequest) -> HttpResponse:
    filters = GalleryFilters(QueryDict(request.POST.get("asked", "")[:4000]).dict())
    try:
        search = saved.save(request.user, request.POST.get("search_name", ""), filters)
    except saved.BadName as error:
        return _page(request, filters, typed=request.POST.get("search_name", "")[:200], error=str(error))
    messages.success(request, f"Saved the search “{search.name}”.")
    return redirect(search)


@require_POST
def search_rename(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    search = _own(request, pk)
    try:
        saved.rename(search, request.POST.get("search_name", ""))
    except saved.BadName as error:
        messages.error(request, str(error))
    return redirect("gallery_filters")


@require_POST
def search_delete(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    search = _own(request, pk)
    search.delete()
    messages.success(request, f"Deleted the search “{search.name}”. No take is touched.")
    return redirect("gallery_filters")


def _own(request: HtmxHttpRequest, pk: int) -> SavedSearch:
    return get_object_or_404(SavedSearch, owner=request.user, pk=pk)


def _page(
    request: HtmxHttpRequest, filters: GalleryFilters, typed: str = "", error: str = ""
) -> HttpResponse:
    context = {"options": Options(request.user, filters), "filters": filters, "typed": typed, "error": error}
    context["most"] = saved.MOST
    return render_page(request, PAGE, context, partial="sheet", status=422 if error else 200)
