"""Uploads: taking one in for a slot, cutting one to shape, and showing it again to its owner."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from generations import choosing, drafts, reuse, uploads
from generations.forms import ShotForm
from generations.keeping import forget
from generations.media.cropping import shape_of
from generations.media.probe import BadMedia
from generations.models import Asset
from generations.slots import Slot
from generations.views.create import draw_page, keep_with_files
from hedra_studio.files import serve
from hedra_studio.web import HtmxHttpRequest

MIDDLE = 0.5


@require_POST
def asset_upload(request: HtmxHttpRequest) -> HttpResponse:
    """Take a file in for one slot of a model; the answer is that slot with what it holds now, or 422 with
    what is wrong. What was in it before comes along under the slot's name, like all of the form."""
    form, slot = _slot_of(request)
    try:
        asset = uploads.store(request.user, request.FILES.get("file"), slot.kind)
        problem = _problem(slot, asset)
    except BadMedia as error:
        problem = str(error)
    if problem:
        slot.errors = [problem]
    else:
        slot.add(asset)
        slot.read(request.POST)
    response = _answer(request, form, slot, status=422 if problem else 200)
    if not problem:
        response["X-Asset"] = str(asset.pk)
    return response


@require_POST
def create_slot(request: HtmxHttpRequest) -> HttpResponse:
    """A slot with what the form says that it holds, after something was picked, cropped or removed."""
    form, slot = _slot_of(request)
    slot.errors = [text for asset in slot.assets if (text := slot.problem(asset))]
    return _answer(request, form, slot)


@require_POST
def asset_crop(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """An image cut to a ratio, as an asset of its own. To scripts its number; without one the button belongs
    to the form of the shot, which comes back with the new image in the old one's place."""
    asset = get_object_or_404(Asset.objects.owned_by(request.user), pk=pk, kind="image")
    ratio = request.POST.get("ratio") or request.POST.get("aspect_ratio", "")
    if shape_of(ratio) is None:
        if "crop" not in request.POST:
            raise Http404("no such shape")
        return _refused(request, "Choose an aspect ratio first: this one has no shape to crop to.")
    try:
        cropped = _cropped(asset, ratio, _share(request.POST.get("at", "")))
    except BadMedia as error:
        return _refused(request, str(error))
    if "crop" not in request.POST:
        return JsonResponse({"asset": cropped.pk, "name": cropped.name})
    return _exchanged(request, request.POST["crop"], asset, cropped)


def _cropped(asset: Asset, ratio: str, at: float) -> Asset:
    with reuse.on_disk(asset.file) as path:
        return uploads.keep_crop(asset, path, ratio, at)


def _exchanged(request: HtmxHttpRequest, role: str, old: Asset, new: Asset) -> HttpResponse:
    values = request.POST.copy()
    pks = [str(new.pk) if pk == str(old.pk) else pk for pk in values.getlist(role)]
    forget(values, role, values.getlist(role), pks)
    values.setlist(role, pks)
    return _kept(request, values)


def _refused(request: HtmxHttpRequest, problem: str) -> HttpResponse:
    if "crop" not in request.POST:
        return JsonResponse({"problem": problem}, status=422)
    messages.error(request, problem)
    return _kept(request, request.POST)


def _kept(request: HtmxHttpRequest, values: QueryDict) -> HttpResponse:
    """The draft carries the form to the page that shows it anew."""
    try:
        keep_with_files(request, values)
    except drafts.NotKept as error:
        messages.error(request, str(error))
        return draw_page(request, status=422)
    return redirect("create")


def _share(text: str) -> float:
    """A place from 0 to 1; the middle for anything else."""
    try:
        share = float(text)
    except ValueError:
        return MIDDLE
    return share if 0 <= share <= 1 else MIDDLE


def _slot_of(request: HtmxHttpRequest) -> tuple[ShotForm, Slot]:
    model = choosing.chosen(choosing.usable_models(), request.POST) if request.POST.get("model") else None
    form = ShotForm.shown(request.POST, owner=request.user, model=model)
    slot = next((slot for slot in form.slots if slot.field_name == request.POST.get("role")), None)
    if slot is None:
        raise Http404("no such slot")
    return form, slot


def _problem(slot: Slot, asset: Asset) -> str:
    """Sound of which a part can be taken may be too long: the part is chosen once it is here."""
    alone = slot.takes_part and not slot.assets
    return "" if alone and asset.kind == slot.kind and asset.size <= slot.max_bytes else slot.problem(asset)


def _answer(request: HttpRequest, form: ShotForm, slot: Slot, status: int = 200) -> HttpResponse:
    context = {"form": form, "slot": slot, "model": form.ai_model}
    return render(request, "generations/_slot_answer.html", context, status=status)


@require_safe
def asset_file(request: HtmxHttpRequest, pk: int, name: str) -> HttpResponseBase:
    asset = get_object_or_404(Asset.objects.owned_by(request.user), pk=pk)
    file = getattr(asset, name)
    if not file:
        raise Http404(f"no {name}")
    return serve(request, file, "image/webp" if name == "thumbnail" else asset.content_type)
