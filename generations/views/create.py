"""The create page: the form, its parts that follow the model and the price, and the press of the button."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import replace_url

from catalog.models import AIModel
from generations import tasks
from generations.forms import ShotForm, price_token
from generations.models import Generation
from generations.pages import Poll
from hedra_studio.web import HtmxHttpRequest, wants_fragment

PAGE = "generations/create.html"
LATEST = 6


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HtmxHttpRequest) -> HttpResponse:
    models = usable_models()
    if request.method != "POST":
        form = ShotForm.shown(request.GET, owner=request.user, model=chosen(models, request.GET))
        return render(request, PAGE, _context(request, form, models))
    form = ShotForm(request.POST, request.FILES, owner=request.user, model=chosen(models, request.POST))
    takes = form.save() if form.is_valid() else []
    if not takes:
        template = f"{PAGE}#form" if wants_fragment(request) else PAGE
        return render(request, template, _context(request, form, models), status=422)
    tasks.wake([take.pk for take in takes])
    return _accepted(request, form, models)


def _accepted(request: HtmxHttpRequest, form: ShotForm, models: list[AIModel]) -> HttpResponse:
    """The same shot under a new id, with its takes on top of the latest; without script, the gallery."""
    if not wants_fragment(request):
        messages.success(request, "On its way. The card below follows it to the end.")
        return redirect("gallery")
    again = QueryDict(mutable=True)
    again.update(request.POST)
    again.update({slot.role: str(slot.asset.pk) for slot in form.slots if slot.asset})
    fresh = ShotForm.shown(again.dict(), owner=request.user, model=form.ai_model)
    return render(request, f"{PAGE}#accepted", _context(request, fresh, models))


@require_safe
def create_panel(request: HtmxHttpRequest) -> HttpResponse:
    """All that depends on the model, keeping every value that still applies."""
    models = usable_models()
    form = ShotForm.shown(request.GET, owner=request.user, model=chosen(models, request.GET))
    return _here(request, render(request, f"{PAGE}#panel", _context(request, form, models)))


@require_safe
def create_price(request: HtmxHttpRequest) -> HttpResponse:
    """The price of the shot as it stands, with its arithmetic."""
    form = ShotForm.shown(request.GET, owner=request.user, model=chosen(usable_models(), request.GET))
    return _here(request, render(request, f"{PAGE}#price", _price_context(form)))


def _here(request: HtmxHttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the address hold the choices, so that a reload and the way back find them. The prompt, which may be
    long and private, stays in the browser."""
    left_out = {"prompt", "seen_price", "shot", "csrfmiddlewaretoken"}
    chosen = {name: value for name, value in request.GET.items() if value and name not in left_out}
    return replace_url(response, f"{reverse('create')}?{urlencode(chosen)}")


def usable_models() -> list[AIModel]:
    models: QuerySet[AIModel] = AIModel.objects.current().in_service_order()
    return [model for model in models.select_related("account").defer("raw") if model.can_create]


def chosen(models: list[AIModel], query: Any) -> AIModel | None:
    """The model that the query names, else the first of the list."""
    wanted = query.get("model", "")
    return next(
        (model for model in models if str(model.pk) == wanted), models[0] if models and not wanted else None
    )


def _context(request: HtmxHttpRequest, form: ShotForm, models: list[AIModel]) -> dict[str, Any]:
    takes = list(Generation.objects.owned_by(request.user).newest_first().for_cards()[:LATEST])
    return _price_context(form) | {
        "slots": form.slots,
        "models_grouped": _grouped(models),
        "takes": takes,
        "running_count": Generation.objects.owned_by(request.user).running().count(),
        "poll": Poll(takes),
    }


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


def _grouped(models: list[AIModel]) -> list[tuple[str, list[AIModel]]]:
    """By what they need, since that decides what has to be at hand."""
    groups: dict[str, list[AIModel]] = {}
    for model in models:
        groups.setdefault(f"From {' + '.join(model.needs)}", []).append(model)
    return sorted(groups.items(), key=lambda group: len(group[0]))
