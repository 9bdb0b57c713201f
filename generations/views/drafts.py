"""The draft as it is typed, the one that was set aside, and the words of earlier shots."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from generations import drafts
from generations.prompts import PromptPage
from generations.views.create import DRAFT_KEPT, draw_page, keep_with_files, kept_words, now_ms
from hedra_studio.web import HtmxHttpRequest, render_page

NEXT = ("create", "new", "back", "prompts", "presets")


@require_POST
def draft_keep(request: HtmxHttpRequest) -> HttpResponse:
    """Store what is typed: 204, 409 when newer words are stored, 422 with the reason. A person without
    script goes on to the page that the button names."""
    without_script = "make" in request.POST or request.POST.get("then") in NEXT
    try:
        stored = keep_with_files(request, request.POST)
    except drafts.NotKept as error:
        if without_script:
            messages.error(request, str(error))
            return draw_page(request, status=422)
        status = 409 if isinstance(error, drafts.Older) else 422
        told = {"Draft-Now": str(now_ms())}
        return HttpResponse(str(error), status=status, headers=told, content_type="text/plain; charset=utf-8")
    if without_script:
        return _gone_on(request)
    return HttpResponse(status=204, headers={DRAFT_KEPT: kept_words(stored)})


def _gone_on(request: HtmxHttpRequest) -> HttpResponse:
    make, then = request.POST.get("make"), request.POST.get("then", "")
    if make:
        return redirect(f"{reverse('create')}?{urlencode({'make': make})}")
    if then == "back":
        return draft_back(request)
    return redirect(f"{reverse('create')}?{drafts.NEW}=1" if then == "new" else then or "create")


@require_POST
def draft_back(request: HtmxHttpRequest) -> HttpResponse:
    """Exchange the draft for the one that it set aside."""
    if not drafts.swap(request.user):
        messages.info(request, "No other draft is kept.")
    return redirect("create")


@require_safe
def prompts(request: HtmxHttpRequest) -> HttpResponse:
    page = PromptPage(request.user, request.GET.get("q", ""), request.GET.get("before", ""))
    return render_page(request, "generations/prompts.html", {"page": page}, partial="list")
