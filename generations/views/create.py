"""The create page: the form, its parts that follow the model and the price, and the press of the button."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import replace_url

from catalog.models import AIModel
from generations import choosing, tasks
from generations.forms import ShotForm, price_token
from generations.models import Generation
from generations.pages import Poll
from generations.placing import place
from hedra_studio.web import HtmxHttpRequest, wants_fragment

PAGE = "generations/create.html"
LATEST = 6
_PRIVATE = {"prompt", "speech_text", "shot_prompt", "name"}
_OWN = {"make", "seen_price", "shot", "csrfmiddlewaretoken"}
"""These and those are never in an address: they may be long or private, or belong to one form alone."""


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HtmxHttpRequest) -> HttpResponse:
    models = choosing.usable_models()
    if request.method != "POST":
        return render(request, PAGE, _context(request, _shown(request, models, request.GET), models))
    model = choosing.chosen(models, request.POST)
    form = ShotForm(request.POST, request.FILES, owner=request.user, model=model)
    takes = place(form) if form.is_valid() else []
    if not takes:
        template = f"{PAGE}#form" if wants_fragment(request) else PAGE
        return render(request, template, _context(request, form, models), status=422)
    tasks.wake([take.pk for take in takes])
    return _accepted(request, form, models)


def _shown(request: HtmxHttpRequest, models: list[AIModel], values: QueryDict) -> ShotForm:
    return ShotForm.shown(values, owner=request.user, model=choosing.chosen(models, values))


def _accepted(request: HtmxHttpRequest, form: ShotForm, models: list[AIModel]) -> HttpResponse:
    """The same shot under a new id, with its takes on top of the latest; without script, the gallery."""
    if not wants_fragment(request):
        messages.success(request, "On its way. The card below follows it to the end.")
        return redirect("gallery")
    again = request.POST.copy()
    for slot in form.slots:
        again.setlist(slot.field_name, [str(asset.pk) for asset in slot.assets])
    fresh = ShotForm.shown(again, owner=request.user, model=form.ai_model)
    return render(request, f"{PAGE}#accepted", _context(request, fresh, models))


@require_POST
def create_panel(request: HtmxHttpRequest) -> HttpResponse:
    """All that depends on the model, keeping every value that still applies; the whole form for another
    outcome, which has other models."""
    models = choosing.usable_models()
    form = _shown(request, models, request.POST)
    part = "form" if "make" in request.POST else "panel"
    return _here(request, render(request, f"{PAGE}#{part}", _context(request, form, models)))


@require_POST
def create_price(request: HtmxHttpRequest) -> HttpResponse:
    """The price of the shot as it stands, with its arithmetic."""
    form = _shown(request, choosing.usable_models(), request.POST)
    return _here(request, render(request, f"{PAGE}#price", _price_context(form)))


def _here(request: HtmxHttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the address hold the choices, so that a reload and the way back find them."""
    public = ((name, values) for name, values in request.POST.lists() if name not in _PRIVATE | _OWN)
    chosen = [(name, value) for name, values in public for value in values if value]
    return replace_url(response, f"{reverse('create')}?{urlencode(chosen)}")


def _context(request: HtmxHttpRequest, form: ShotForm, models: list[AIModel]) -> dict[str, Any]:
    takes = list(Generation.objects.owned_by(request.user).newest_first().for_cards()[:LATEST])
    outcome = choosing.outcome_of(form.ai_model)
    return _price_context(form) | {
        "slots": form.slots,
        "file_fields": ",".join(slot.file_field for slot in form.slots) or "-",
        "outcome": outcome,
        "outcomes": _offered_outcomes(models),
        "models_grouped": choosing.grouped(models, outcome),
        "takes": takes,
        "running_count": Generation.objects.owned_by(request.user).running().count(),
        "poll": Poll(takes),
    }


def _offered_outcomes(models: list[AIModel]) -> list[choosing.Outcome]:
    kinds = {model.kind for model in models}
    return [outcome for outcome in choosing.OUTCOMES if kinds.intersection(outcome.kinds)]


def _price_context(form: ShotForm) -> dict[str, Any]:
    balance, total, missing = form.balance, form.total, form.missing
    leaves = None if balance is None or total.credits is None or missing else balance - total.credits
    return {
        "form": form,
        "model": form.ai_model,
        "quote": form.quote,
        "total": total,
        "price_token": price_token(total),
        "balance": balance,
        "missing": missing,
        "leaves": leaves,
    }
