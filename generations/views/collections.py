"""Collections: the list, one with its takes in order, and all that can be done to them."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations import collections
from generations.collections import CollectionPage, Goal, NotKept
from generations.gallery.poll import Poll
from generations.models import Collected, Collection, Generation
from generations.views.zipping import answer, wants_clean, why_not
from generations.zipping import MOST_TAKES, Zipping
from hedra_studio.web import HtmxHttpRequest, back, number, render_page, wants_fragment

PAGE = "generations/collection.html"


def own_collection(request: HtmxHttpRequest, pk: int) -> Collection:
    """A stranger's looks absent."""
    return get_object_or_404(Collection, owner=request.user, pk=pk)


def _place(request: HtmxHttpRequest, pk: int, take: int) -> Collected:
    mine = Collected.objects.filter(collection__owner=request.user, take__deleted_at=None)
    return get_object_or_404(mine.select_related("collection"), collection=pk, take=take)


@require_http_methods(["GET", "HEAD", "POST"])
def collection_list(request: HtmxHttpRequest) -> HttpResponse:
    """POST makes a new, empty one."""
    name, problem = request.POST.get("name", ""), ""
    if request.method == "POST":
        try:
            return redirect("collection", collections.create(request.user, name).pk)
        except NotKept as error:
            problem = str(error)
    found = collections.listed(request.user, number(request.GET.get("before", "")))
    context = {
        "collections": found[: collections.LISTED],
        "more": found[collections.LISTED - 1].pk if len(found) > collections.LISTED else None,
        "is_first": not request.GET.get("before"),
        "now": timezone.now(),
        "name": name[: collections.NAME_LENGTH],
        "problem": problem,
    }
    return render(request, "generations/collections.html", context, status=422 if problem else 200)


@require_safe
def collection(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    found = own_collection(request, pk)
    page = CollectionPage(found, number(request.GET.get("after", "")))
    return _shown(request, found, page)


def _shown(request: HtmxHttpRequest, found: Collection, page: CollectionPage, **more: str) -> HttpResponse:
    context = {
        "collection": found,
        "page": page,
        "poll": Poll(page.takes),
        "lasts": collections.LASTS,
        "shared": collections.is_shared(found),
        "share_url": _share_url(request, found),
        **more,
    }
    status = 422 if more.get("problem") else 200
    return render_page(request, PAGE, context, partial="page", status=status)


def _share_url(request: HtmxHttpRequest, found: Collection) -> str:
    if not found.share_token:
        return ""
    path = reverse("share", args=[found.share_token])
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


@require_POST
def collection_rename(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    found, name = own_collection(request, pk), request.POST.get("name", "")
    try:
        collections.rename(found, name)
    except NotKept as error:
        typed = name[: collections.NAME_LENGTH]
        return _shown(request, found, CollectionPage(found), typed=typed, problem=str(error))
    return redirect("collection", pk)


@require_POST
def collection_delete(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    found = own_collection(request, pk)
    found.delete()
    messages.success(request, f"Deleted the collection “{found.name}”. Its takes are still in the gallery.")
    return redirect("collections")


@require_POST
def collection_move(request: HtmxHttpRequest, pk: int, take: int) -> HttpResponse:
    """Before or after another take, or at a place; sent twice it is there once."""
    place = _place(request, pk, take)
    wanted = {name: number(request.POST.get(name, "")) for name in ("before", "after", "place")}
    moved = any(wanted.values()) and collections.move(place.collection, take, Goal(**wanted))
    if wants_fragment(request):
        return HttpResponse(status=204 if moved else 409)
    if not moved:
        messages.error(request, "The order has changed meanwhile. Nothing was moved; look again.")
    return back(request, _url(pk))


@require_POST
def collection_remove(request: HtmxHttpRequest, pk: int, take: int) -> HttpResponse:
    place = _place(request, pk, take)
    collections.remove(place.collection, take)
    messages.success(request, f"Taken out of “{place.collection.name}”. The take itself stays.")
    return back(request, _url(pk))


@require_POST
def collection_cover(request: HtmxHttpRequest, pk: int, take: int) -> HttpResponse:
    place = _place(request, pk, take)
    collections.set_cover(place.collection, take)
    messages.success(request, "This take is the cover now.")
    return back(request, _url(pk))


@require_POST
def collection_share(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    found = own_collection(request, pk)
    try:
        hides_prompts = request.POST.get("hides_prompts") == "1"
        collections.share(found, request.POST.get("days", ""), hides_prompts=hides_prompts)
    except NotKept as error:
        messages.error(request, str(error))
        return redirect(f"{_url(pk)}#share")
    messages.success(request, "The link is made.")
    return redirect(f"{_url(pk)}?made=1#share")


@require_POST
def collection_withdraw(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    collections.withdraw(own_collection(request, pk))
    messages.success(request, "The link opens nothing any more.")
    return redirect("collection", pk)


@require_POST
def collection_zip(request: HtmxHttpRequest, pk: int) -> HttpResponseBase:
    """All its finished takes; their names begin with their place."""
    found = own_collection(request, pk)
    ready = collections.shareable(found).values_list("take_id", flat=True)
    pks = list(ready[: MOST_TAKES + 1])
    if refused := why_not(pks):
        messages.error(request, refused)
        return back(request, _url(pk))
    zipping = Zipping(request.user, pks, wants_clean(request), numbered=True)
    return answer(zipping, slugify(found.name) or f"collection-{pk}")


@require_POST
def take_collect(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Put a take into the collection of this name; a new one is made."""
    take = get_object_or_404(Generation.objects.owned_by(request.user), pk=pk)
    name = collections.clean_name(request.POST.get("name", ""))
    problem = _not_collected(request, take, name)
    if wants_fragment(request):
        context = {"take": take, "problem": problem, "typed": name if problem else ""}
        return render(request, "generations/_collect.html", context, status=422 if problem else 200)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, f"Put into “{name}”.")
    return back(request, take.get_absolute_url())


def _not_collected(request: HtmxHttpRequest, take: Generation, name: str) -> str:
    """Collects it, or says why not."""
    if not name:
        return "Name the collection first."
    try:
        if collections.collect(request.user, name, Generation.objects.filter(pk=take.pk)):
            return ""
    except NotKept as error:
        return str(error)
    if Collected.objects.filter(take=take, collection__name=name).exists():
        return f"It is in “{name}” already."
    return f"“{name}” holds {collections.MOST_TAKES:,} takes, the most there can be."


def _url(pk: int) -> str:
    return reverse("collection", args=[pk])
