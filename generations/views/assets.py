"""Uploads: taking one in for a slot, and showing it again to its owner."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from catalog.models import AIModel
from generations import uploads
from generations.forms import ShotForm
from generations.media.probe import BadMedia
from generations.models import Asset
from hedra_studio.files import serve
from hedra_studio.web import HtmxHttpRequest


@require_POST
def asset_upload(request: HtmxHttpRequest) -> HttpResponse:
    """Take a file in for one slot of a model; the answer is that slot, filled, or 422 with what is wrong."""
    pk = request.POST.get("model", "")
    model = get_object_or_404(AIModel.objects.current(), pk=pk if pk.isdecimal() and len(pk) < 19 else 0)
    form = ShotForm.shown({}, owner=request.user, model=model)
    slot = next((slot for slot in form.slots if slot.role == request.POST.get("role")), None)
    if slot is None:
        raise Http404("no such slot")
    try:
        asset = uploads.store(request.user, request.FILES.get("file"), slot.kind)
        problem = slot.problem(asset)
    except BadMedia as error:
        asset, problem = None, str(error)
    slot.asset, slot.errors = (None, [problem]) if problem else (asset, [])
    return render(
        request, "generations/_slot.html", {"slot": slot, "model": model}, status=422 if problem else 200
    )


@require_safe
def asset_file(request: HtmxHttpRequest, pk: int, name: str) -> HttpResponseBase:
    asset = get_object_or_404(Asset.objects.owned_by(request.user), pk=pk)
    file = getattr(asset, name)
    if not file or not file.storage.exists(file.name):
        raise Http404(f"no {name}")
    return serve(request, file, "image/webp" if name == "thumbnail" else asset.content_type)
