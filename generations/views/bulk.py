"""What the bar of the gallery does to all selected takes."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from generations import bulk
from generations.gallery.filters import GalleryFilters
from generations.gallery.neighbours import within
from generations.gallery.page import stack
from generations.gallery.poll import Poll
from generations.models import Collection, Generation
from hedra_studio.web import HtmxHttpRequest, recounted, wants_fragment

REDRAWN, NAMES = 500, 200
SIZES = ("small", "medium", "large")
YEAR_S = 31_536_000


@require_POST
def takes_bulk(request: HtmxHttpRequest) -> HttpResponse:
    """`do` something to the takes named by `take`, or with `everything` to all that the query asks for."""
    form = request.GET.copy()
    form.update(request.POST)
    selection = bulk.Selection(request.user, request.GET.dict(), request.POST)
    try:
        done = bulk.do(form.get("do", ""), selection, form)
    except bulk.CannotDo as error:
        return _refused(request, selection, str(error))
    if wants_fragment(request):
        return _redrawn(request, selection, done)
    if done.question:
        return render(request, "generations/bulk.html", {"done": done, "selection": selection})
    tags = f"stamp-{done.undo}" if done.undo else ""
    messages.success(request, done.sentences, extra_tags=tags)
    return redirect(selection.filters.url())


def _refused(request: HtmxHttpRequest, selection: bulk.Selection, why: str) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "generations/_bulk_said.html", {"refused": why}, status=422)
    messages.error(request, why)
    return redirect(selection.filters.url())


def _redrawn(request: HtmxHttpRequest, selection: bulk.Selection, done: bulk.Done) -> HttpResponse:
    """The cards that were named, as they are now: those are the ones on the screen."""
    named = Generation.objects.filter(owner=request.user, pk__in=selection.named[:REDRAWN])
    cards = [] if done.question else named.drawn()
    takes = [take for take in cards if not take.deleted_at]
    if selection.filters.stacked:
        stack(request.user, cards)
    context = {
        "done": done,
        "selection": selection,
        "filters": selection.filters,
        "within": within(selection.filters),
        "takes": takes,
        "deleted": [take for take in cards if take.deleted_at],
        "poll": Poll.of(request.POST).after(takes),
        "running_count": Generation.objects.owned_by(request.user).running().count(),
    }
    return recounted(render(request, "generations/_bulk_done.html", context))


@require_safe
def takes_count(request: HtmxHttpRequest) -> HttpResponse:
    """How many fit the filters, for the bar: asked once something is selected."""
    selection = bulk.Selection(request.user, request.GET.dict(), QueryDict())
    return HttpResponse(selection.count_words, content_type="text/plain")


@require_safe
def collection_names(request: HtmxHttpRequest) -> HttpResponse:
    """The person's collections, the latest first, as choices of a field."""
    names = Collection.objects.filter(owner=request.user).order_by("-updated").values_list("name", flat=True)
    return render(request, "generations/_collection_names.html", {"names": names[:NAMES]})


@require_POST
def tile_size(request: HtmxHttpRequest) -> HttpResponse:
    """Remember how large tiles are, where no script does."""
    response = redirect(GalleryFilters(request.GET.dict()).url())
    if (size := request.POST.get("size")) in SIZES:
        response.set_cookie("hedra_studio_tiles", size, max_age=YEAR_S, samesite="Lax")
    return response
