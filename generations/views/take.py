"""One take: its page, its files, and what can be done to it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import reswap

from generations import remix, tasks, uses, verifying
from generations.gallery.neighbours import Neighbours
from generations.gallery.page import stack
from generations.gallery.poll import Poll
from generations.kin import Kin
from generations.media.probe import BadMedia
from generations.models import Generation
from generations.placing import try_again
from generations.promoting import Final
from generations.telling.sending import told
from generations.views.gallery import render_updates, same_rests
from generations.views.zipping import wants_clean
from hedra_studio.files import Sendable, serve
from hedra_studio.web import HtmxHttpRequest, back, recounted, wants_fragment

CONTENT_TYPES = {"poster": "image/webp", "preview": "video/mp4", "sprite": "image/webp"}


def own_take(request: HtmxHttpRequest, pk: int) -> Generation:
    """A stranger's take, and a deleted one, look absent."""
    return get_object_or_404(Generation.objects.owned_by(request.user).in_full(), pk=pk)


@require_safe
def take(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """The take's page, or what the sheet over the gallery shows of it. Opened, a finished take is seen."""
    take = own_take(request, pk)
    if wants_fragment(request) and request.GET.get("seen") == take.version and same_rests(request):
        return HttpResponse(status=204)
    is_first_sight = _is_looked_at(request) and take.see()
    return take_page(request, take, is_first_sight=is_first_sight)


def take_page(request: HtmxHttpRequest, take: Generation, status: int = 200, **more: Any) -> HttpResponse:
    beside = Neighbours(request.user, take, request.GET.get("in", ""))
    context = {
        "take": take,
        "receipt": take.read_receipt(),
        "tries": take.failed_tries.told(),
        "uses": uses.uses_of(take),
        "kin": Kin(take, request.user),
        "final": Final(take, request.GET),
        "beside": beside,
        **more,
    }
    in_sheet = wants_fragment(request) and request.htmx.target == "sheet-body"
    if in_sheet and more.get("is_first_sight"):
        context |= as_in(beside, request.user)
    template = "generations/take.html#view" if in_sheet else "generations/take.html"
    response = render(request, template, context | {"in_sheet": in_sheet}, status=status)
    # Page and sheet live at one address; going back must not show the one as the other.
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def as_in(beside: Neighbours, owner: User) -> dict[str, str]:
    """What the take's card needs besides the take to look as it does in that list."""
    if beside.filters.stacked:
        stack(owner, [beside.take])
    return {"within": beside.query}


def as_on_screen(request: HtmxHttpRequest, take: Generation) -> dict[str, str]:
    """The same, for the list that the page which asks shows, be it below an open sheet."""
    try:
        address = urlsplit(request.htmx.current_url or "")
    except ValueError:
        address = urlsplit("")
    is_list = address.path == reverse("gallery")
    query = address.query if is_list else dict(parse_qsl(address.query)).get("in", "")
    return as_in(Neighbours(request.user, take, query), request.user)


def _is_looked_at(request: HtmxHttpRequest) -> bool:
    """Not by a browser that only fetches ahead of a press, nor by whoever asks for the headers."""
    return request.method == "GET" and "prefetch" not in request.headers.get("Sec-Purpose", "")


@require_safe
def take_file(request: HtmxHttpRequest, pk: int, name: str) -> HttpResponseBase:
    # Those in the trash are told from each other by their posters.
    takes = Generation.objects
    mine = takes.at_hand(request.user) if name == "poster" else takes.owned_by(request.user)
    # A page of posters asks for many at once: one short query each. A story tells of the whole row.
    columns = ("result", "poster", "preview", "sprite", "content_type", "prompt")
    found = mine.select_related("account") if "download" in request.GET else mine.only(*columns)
    take = get_object_or_404(found, pk=pk)
    file = getattr(take, name)
    if not file:
        raise Http404(f"no {name}")
    content_type = CONTENT_TYPES.get(name) or take.content_type
    if "download" not in request.GET:
        return serve(request, file, content_type)
    download_as = f"{take.file_stem}{PurePosixPath(file.name).suffix}"
    # Asked for anew each time: with the story or without it, it is the same address.
    return serve(request, _as_asked(request, take, name), content_type, download_as, keep_s=0)


def _as_asked(request: HtmxHttpRequest, take: Generation, name: str) -> FieldFile | Sendable:
    """With the take's story in it, or clean: byte for byte as it came."""
    file: FieldFile = getattr(take, name)
    if name != "result" or wants_clean(request):
        return file
    try:
        return told(take)
    except OSError:  # it is missing, or the storage doesn't answer: said where it is sent
        return file


@require_POST
def take_use(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Make an input of the take, or of a part of it, and go where something is made of it."""
    take = own_take(request, pk)
    wanted = request.POST.get("as", "")
    use = next((use for use in uses.uses_of(take) if use.name == wanted), None)
    try:
        if use:
            return redirect(uses.create_url(use.at(request.POST.get("at_ms", ""), take), take))
        messages.error(request, "No model takes this at the moment. Nothing was made of it.")
    except BadMedia as error:
        messages.error(request, str(error))
    return redirect(take)


@require_safe
def take_again(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """The create page with everything that this take was made with."""
    return redirect(remix.create_url(own_take(request, pk)))


@require_POST
def take_favorite(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    take = own_take(request, pk)
    take.set_favorite(request.POST.get("favorite") == "1")
    if wants_fragment(request):
        is_open = request.htmx.target == f"favorite-{pk}-open"
        in_sheet = "in_sheet" in request.POST  # with its card below
        context = {"take": take, "counts": True, "is_open": is_open, "in_sheet": in_sheet}
        if in_sheet:
            context |= as_on_screen(request, take)
        return recounted(render(request, "generations/_take.html#favorite", context))
    return back(request, take.get_absolute_url())


@require_POST
def take_retry(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    take = own_take(request, pk)
    if request.POST.get("seen_price", take.retry_token) != take.retry_token:
        messages.warning(request, "The price has changed. Nothing was ordered; press again to accept it.")
    elif why := try_again(take):
        messages.warning(request, why)
    else:
        tasks.wake([take.pk])
    return _again(request, pk)


@require_POST
def take_fetch(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Bring the file of a finished take from the service again, after a check found it missing or damaged."""
    take = own_take(request, pk)
    messages.info(request, verifying.fetch_again(take))
    tasks.wake([take.pk])
    return _again(request, pk)


@require_POST
def take_delete(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    take = own_take(request, pk)
    if not take.delete_softly():
        if wants_fragment(request):  # it runs again, and the card on the screen was an old one
            return reswap(_again(request, pk), "none")
        messages.error(
            request, "A running take can't be cancelled at the service. Delete it when it is done."
        )
        return back(request, take.get_absolute_url())
    if wants_fragment(request):
        as_on_screen(request, take)  # its stack
        return recounted(render(request, "generations/_deleted.html", {"take": take, "counts": True}))
    messages.success(
        request, f"Deleted “{take.prompt[:60]}”. It stays in the trash for 30 days.", extra_tags=f"undo-{pk}"
    )
    own_page = request.POST.get("next", "").startswith(take.get_absolute_url())
    return redirect("gallery") if own_page else back(request, reverse("gallery"))


@require_POST
def take_restore(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Generation.objects.in_trash_of(request.user), pk=pk).restore()
    return recounted(_again(request, pk))


def _again(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """The card as it is now, read anew, with the page's poll widened to it."""
    take = own_take(request, pk)
    if not wants_fragment(request):
        return back(request, take.get_absolute_url())
    as_on_screen(request, take)  # its stack
    return render_updates(request, [take], Poll.of(request.POST))
