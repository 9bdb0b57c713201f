"""A person's pins: the AI models they keep at hand."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from catalog.models import AIModel, Pin
from hedra_studio.web import HtmxHttpRequest, wants_fragment


@require_POST
def pin(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """The form says what is wanted, so that pressing twice, or in two tabs, changes nothing."""
    model = get_object_or_404(AIModel.objects.only("name"), pk=pk)
    pinned = request.POST.get("pinned") == "1"
    if pinned:
        Pin.objects.get_or_create(owner=request.user, model=model)
    else:
        Pin.objects.filter(owner=request.user, model=model).delete()
    if wants_fragment(request):
        return render(request, "catalog/_pin.html", {"model": model, "pinned": pinned})
    return redirect(_next(request) or reverse("model", args=[pk]))


def _next(request: HtmxHttpRequest) -> str:
    """The page that the button was on, if that is one of ours, else ""."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe and target.startswith("/") else ""
