"""The library: a page of its own, and a part of the create page for picking into a slot."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from generations import choosing, drafts, reuse
from generations.forms import ShotForm
from generations.keeping import forget
from generations.library import LibraryFilters, LibraryPage, hide
from generations.media.probe import BadMedia
from generations.models import Asset, Draft, Generation, Status
from generations.slots import Slot
from generations.views.create import draw_page, keep_with_files
from hedra_studio.web import HtmxHttpRequest, number, render_page, wants_fragment

PAGE = "generations/library.html"


@require_http_methods(["GET", "HEAD", "POST"])
def library(request: HtmxHttpRequest) -> HttpResponse:
    """The inputs of a person; `for` a slot they are there to be picked. Posted, it is the form of the shot,
    sent without script: what it says is kept until something was picked."""
    if request.method == "POST":
        return _kept(request)
    asked = request.GET.dict()
    filters = LibraryFilters.of(asked)
    slot = _slot(request.user, filters.role, filters.model, request.GET)
    if slot:
        filters = LibraryFilters.of(asked | {"kind": slot.kind})
    page = LibraryPage(request.user, filters, request.GET.get("before", ""))
    context = {"filters": filters, "page": page, "slot": slot, "in_dialog": wants_fragment(request)}
    partial = "cards" if request.GET.get("before") else "body"
    return render_page(request, PAGE, context, partial=partial)


def _kept(request: HtmxHttpRequest) -> HttpResponse:
    try:
        keep_with_files(request, request.POST)
    except drafts.NotKept as error:
        messages.error(request, str(error))
        return draw_page(request, status=422)
    filters = LibraryFilters.of({"for": request.POST.get("for", ""), "model": request.POST.get("model", "")})
    return redirect(filters.url())


def _slot(owner: User, role: str, model: str, values: QueryDict) -> Slot | None:
    """The slot that is picked for, with what it holds."""
    if not role:
        return None
    chosen = choosing.chosen(choosing.usable_models(), {"model": model}) if model else None
    form = ShotForm.shown(values, owner=owner, model=chosen)
    return next((slot for slot in form.slots if slot.field_name == role), None)


@require_POST
def library_pick(request: HtmxHttpRequest) -> HttpResponse:
    """Put an asset, or what a take has made, into a slot. To scripts its number; without one the draft gets
    it, and the form opens with it."""
    try:
        asset = _asset(request)
    except BadMedia as error:
        return _refused(request, str(error))
    if request.POST.get("answer") == "json":
        return JsonResponse({"asset": asset.pk, "name": asset.name})
    filters = LibraryFilters.of(request.POST.dict())
    draft = Draft.objects.filter(owner=request.user).first()
    values = drafts.readable(draft.values) if draft else {}
    held = QueryDict(mutable=True)
    held.setlist(filters.role, values.get(filters.role, []))
    slot = _slot(request.user, filters.role, filters.model, held)
    if slot is None:
        raise Http404("no such slot")
    before = slot.assets
    slot.add(asset)
    forget(values, slot.role.value, before, slot.assets)
    pks = {slot.field_name: [str(one.pk) for one in slot.assets], "model": [filters.model]}
    drafts.put(request.user, values | pks)
    return redirect("create")


def _asset(request: HtmxHttpRequest) -> Asset:
    """The one that is named, or that of a take. Raises BadMedia when the take's file has gone."""
    if take := request.POST.get("take", ""):
        done = Generation.objects.owned_by(request.user).filter(status=Status.COMPLETE)
        return reuse.asset_of(get_object_or_404(done, pk=_number(take)))
    return get_object_or_404(Asset.objects.owned_by(request.user), pk=_number(request.POST.get("asset", "")))


def _number(text: str) -> int:
    if (pk := number(text)) is None:
        raise Http404("no such row")
    return pk


def _refused(request: HtmxHttpRequest, problem: str) -> HttpResponse:
    if request.POST.get("answer") == "json":
        return JsonResponse({"problem": problem}, status=422)
    messages.error(request, problem)
    return redirect(LibraryFilters.of(request.POST.dict()).url())


@require_POST
def asset_hide(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    return _moved(request, pk, hidden=True)


@require_POST
def asset_show(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    return _moved(request, pk, hidden=False)


def _moved(request: HtmxHttpRequest, pk: int, *, hidden: bool) -> HttpResponse:
    asset = get_object_or_404(Asset.objects.owned_by(request.user), pk=pk)
    hide(asset, timezone.now() if hidden else None)
    if wants_fragment(request):
        return render(request, f"{PAGE}#card", {"asset": asset, "moved": True})
    words = "is hidden. It waits under Hidden" if hidden else "is in the library again"
    messages.success(request, f"“{asset.name[:60]}” {words}.")
    return redirect(reverse("library") + ("" if hidden else "?tab=hidden"))
