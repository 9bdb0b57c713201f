"""Uploads: taking one in for a slot, and showing it again to its owner."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from generations import choosing, uploads
from generations.forms import ShotForm
from generations.media.probe import BadMedia
from generations.models import Asset
from hedra_studio.files import serve
from hedra_studio.web import HtmxHttpRequest


@require_POST
def asset_upload(request: HtmxHttpRequest) -> HttpResponse:
    """Take a file in for one slot of a model; the answer is that slot with what it holds now, or 422 with
    what is wrong. What was in it before comes along under the slot's name."""
    model = choosing.chosen(choosing.usable_models(), request.POST) if request.POST.get("model") else None
    form = ShotForm.shown(request.POST, owner=request.user, model=model)
    slot = next((slot for slot in form.slots if slot.field_name == request.POST.get("role")), None)
    if slot is None:
        raise Http404("no such slot")
    try:
        asset = uploads.store(request.user, request.FILES.get("file"), slot.kind)
        problem = slot.problem(asset)
    except BadMedia as error:
        problem = str(error)
    if problem:
        slot.errors = [problem]
    else:
        slot.add(asset)
    context = {"slot": slot, "model": model}
    return render(request, "generations/_slot.html", context, status=422 if problem else 200)


@require_safe
def asset_file(request: HtmxHttpRequest, pk: int, name: str) -> HttpResponseBase:
    asset = get_object_or_404(Asset.objects.owned_by(request.user), pk=pk)
    file = getattr(asset, name)
    if not file or not file.storage.exists(file.name):
        raise Http404(f"no {name}")
    return serve(request, file, "image/webp" if name == "thumbnail" else asset.content_type)
