"""Presets: saved from the form or the draft, laid over either, renamed and deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from generations import choosing, drafts
from generations import presets as named
from generations.models import Preset
from generations.views.create import draw_form
from hedra_studio.web import HtmxHttpRequest, wants_fragment

PAGE = "generations/presets.html"
GONE = "The model of this preset is not offered any more; its other settings are laid over your model."


@require_http_methods(["GET", "HEAD", "POST"])
def presets(request: HtmxHttpRequest) -> HttpResponse:
    """All of them; a POST saves the settings that were sent, or else those of the draft, under a name."""
    if request.method != "POST":
        return _page(request)
    name, sent = _name(request), "model" in request.POST
    try:
        saved = named.save(
            request.user,
            name,
            request.POST if sent else _draft(request),
            overwrite=request.POST.get("overwrite") == "1",
        )
    except named.BadName as error:
        problem = {"error": str(error), "typed": name, "is_taken": isinstance(error, named.Taken)}
        return _page(request, status=422, **problem)
    if wants_fragment(request):
        return _page(request, saved=saved)
    messages.success(request, f"Saved “{saved.name}”.")
    return redirect("presets")


@require_POST
def preset_use(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Lay it over the form; without script, over the draft."""
    preset, models = _own(request, pk), choosing.usable_models()
    sent = request.POST if "model" in request.POST else _draft(request)
    mixed = named.laid_over(preset, sent, models)
    mixed["draft_changed"] = ""  # whatever was changed on the page before, this is a change
    is_gone = named.model_of(preset) not in {str(model.form_key) for model in models}
    try:
        drafts.keep(request.user, mixed)
    except drafts.NotKept as error:
        messages.error(request, str(error))
    if wants_fragment(request):
        return draw_form(request, mixed, GONE if is_gone else "")
    messages.success(request, GONE if is_gone else f"“{preset.name}” is laid over your shot.")
    return redirect("create")


@require_POST
def preset_rename(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    preset, name = _own(request, pk), _name(request)
    try:
        named.rename(preset, name)
    except named.BadName as error:
        return _page(request, status=422, renamed=pk, rename_error=str(error), typed_name=name)
    return redirect("presets")


@require_POST
def preset_delete(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    preset = _own(request, pk)
    preset.delete()
    messages.success(request, f"Deleted the preset “{preset.name}”.")
    return redirect("presets")


def _own(request: HtmxHttpRequest, pk: int) -> Preset:
    return get_object_or_404(Preset, owner=request.user, pk=pk)


def _name(request: HtmxHttpRequest) -> str:
    return request.POST.get("preset_name", "").replace("\0", "")


def _draft(request: HtmxHttpRequest) -> QueryDict:
    return drafts.opened(QueryDict(), request.user).values


def _page(request: HtmxHttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    lines = named.lines_of(request.user, choosing.usable_models())
    template = "generations/_presets.html" if wants_fragment(request) else PAGE
    context |= {"presets": lines, "most": named.MOST, "has_draft": bool(_draft(request).get("model"))}
    return render(request, template, context, status=status)
