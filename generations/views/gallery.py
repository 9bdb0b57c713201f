"""The gallery: a page of cards, and what has changed on it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Account, Rest
from catalog.models.rest import value_of
from clients.errors import ServiceError
from generations.gallery.filters import GalleryFilters
from generations.gallery.made_with import MadeWith
from generations.gallery.neighbours import within
from generations.gallery.page import GalleryPage
from generations.gallery.poll import Poll
from generations.history import import_history
from generations.models import Generation, Worker
from hedra_studio.web import HtmxHttpRequest, recounted, render_page, wants_fragment


@require_safe
def gallery(request: HtmxHttpRequest) -> HttpResponse:
    """A page of takes; to htmx only the cards, or with `newer` those to be put on top of what it shows."""
    filters = GalleryFilters(request.GET.dict())
    newer = request.GET.get("newer", "") if wants_fragment(request) else ""
    page = GalleryPage(request.user, filters, request.GET.get("before", ""), newer)
    if newer:
        poll = Poll.of(request.GET).on_top(page)
        context = {"page": page, "poll": poll, "within": within(filters)}
        return recounted(render(request, "generations/_newer.html", context))
    poll = Poll.of(request.GET).after(page.takes)
    if not wants_fragment(request):
        poll.newest, poll.asked = page.newest, filters.query
    context = {
        "filters": filters,
        "within": within(filters),
        "page": page,
        "poll": poll,
        "may_import": may_import(request.user),
        "query": "".join(filters.url().partition("?")[1:]),
    }
    return render_page(request, "generations/gallery.html", context, partial="grid")


@require_safe
def gallery_count(request: HtmxHttpRequest) -> HttpResponse:
    """The heading's figure, for a page on which takes came or went. By itself it leads to the gallery."""
    filters = GalleryFilters(request.GET.dict())
    if not wants_fragment(request):
        return redirect(filters.url())
    context = {"page": GalleryPage(request.user, filters), "filters": filters}
    return render(request, "generations/gallery.html#count", context)


@require_safe
def model_takes(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """A part of the model's page: the asker's latest takes with it. By itself it leads to the gallery."""
    filters = GalleryFilters({"model": str(pk)})
    if not filters.model:
        raise Http404("no such model")
    if not wants_fragment(request):
        return redirect(filters.url())
    context = {"made": MadeWith(request.user, filters), "filters": filters}
    return render(request, "generations/_model_takes.html", context)


@require_safe
def gallery_updates(request: HtmxHttpRequest) -> HttpResponse:
    """What changed since it was drawn: cards, and whether a service rests; 204 when nothing has, and the page
    knows whether anybody works on those that wait."""
    poll = Poll.of(request.GET)
    changed = poll.changed(request.user)
    knows = "no_worker" in request.GET or not Worker.objects.are_missing(waited_for=poll.waits_long)
    same = not changed and not poll.gone and poll.fresh == poll.told and knows
    if same and poll.pauses_right and same_rests(request, some=poll.may_rest):
        return HttpResponse(status=204)
    return render_updates(request, changed, poll)


def same_rests(request: HtmxHttpRequest, *, some: bool = True) -> bool:
    """Whether the page that asks says of the services what is true now; `some`: whether any may rest."""
    return request.GET.get("rests", "") == (value_of(Rest.objects.told()) if some else "")


def render_updates(request: HtmxHttpRequest, takes: list[Generation], poll: Poll) -> HttpResponse:
    """These cards as they are now, and the page's poll with them."""
    running = Generation.objects.owned_by(request.user).running().count()
    deleted = Generation.objects.deleted_by(request.user).filter(pk__in=poll.gone) if poll.gone else []
    cards = {"takes": takes, "deleted": deleted, "again": poll.again}
    context = {**cards, "poll": poll.after(takes), "running_count": running}
    if poll.asked:
        context["within"] = within(poll.filters)
    response = render(request, "generations/_updates.html", context)
    ended = any(not take.is_running for take in takes)
    return recounted(response) if poll.gone or ended else response


@require_safe
def shortage(request: HtmxHttpRequest) -> HttpResponse:
    """What the banner of every page asks for while the disk has no room, until it has."""
    if not wants_fragment(request):
        return redirect("gallery")
    return render(request, "generations/_shortage.html")


def may_import(user: User) -> bool:
    """The history is the account's, whoever made what: in a team one person would take what others made."""
    return settings.SOLO or user.is_staff or user.is_superuser


@require_POST
def history_import(request: HtmxHttpRequest) -> HttpResponse:
    if not may_import(request.user):
        messages.error(request, "Only an administrator can bring in the history.")
        return redirect("gallery")
    try:
        adopted = import_history(Account.objects.current(), request.user)
    except ServiceError as error:
        messages.error(request, f"The history could not be read. {error}")
    else:
        found = (
            f"{adopted} past take{'s' if adopted != 1 else ''} brought in."
            if adopted
            else "Nothing new in the history."
        )
        messages.success(request, found)
    return redirect("gallery")
