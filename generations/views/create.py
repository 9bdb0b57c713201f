"""The create page: the form, its parts that follow the model and the price, and the press of the button."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import replace_url

from catalog.models import AIModel
from generations import buying, choosing, drafts, presets, promoting, tasks
from generations.candidates import shown_again
from generations.forms import ShotForm, price_token
from generations.gallery.poll import Poll
from generations.keeping import missing_words
from generations.models import Generation
from generations.placing import place
from generations.purse import PurseForm
from generations.views.buying import offers
from hedra_studio.web import HtmxHttpRequest, wants_fragment

PAGE = "generations/create.html"
LATEST = 6
DRAFT_KEPT = "Draft-Kept"
"""Header by which the page's script learns that what it sent is stored."""


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HtmxHttpRequest) -> HttpResponse:
    models = choosing.usable_models()
    if request.method != "POST":
        opened = drafts.opened(request.GET, request.user)
        form = _shown(request, models, opened.values)
        form.kept.dropped += missing_words(request.GET)
        context = _context(request, form, models)
        return render(request, PAGE, context | {"opened": opened, "draft_page": opened.page})
    model = choosing.chosen(models, request.POST)
    form = ShotForm(request.POST, request.FILES, owner=request.user, model=model)
    takes = place(form) if form.is_valid() else []
    _keep(request, form)
    if not takes:
        template = f"{PAGE}#form" if wants_fragment(request) else PAGE
        return render(request, template, _context(request, form, models), status=422)
    tasks.wake([take.pk for take in takes])
    return accepted(request, form.query, form)


def _shown(request: HtmxHttpRequest, models: list[AIModel], values: QueryDict) -> ShotForm:
    return ShotForm.shown(values, owner=request.user, model=choosing.chosen(models, values))


def accepted(request: HtmxHttpRequest, values: QueryDict, form: ShotForm) -> HttpResponse:
    """The same shot under a new id, with its takes on top of the latest; without script, the gallery."""
    if not wants_fragment(request):
        messages.success(request, "On its way. Its card stands below.")
        return redirect("gallery")
    fresh = shown_again(form, values)
    context = _context(request, fresh, choosing.usable_models()) | {"is_on_its_way": True}
    return render(request, f"{PAGE}#accepted", context)


def draw_refused(request: HtmxHttpRequest, values: QueryDict, **context: Any) -> HttpResponse:
    """The shot as it was sent, with what was refused about something made of it."""
    models = choosing.usable_models()
    context |= _context(request, _shown(request, models, values), models)
    return render(request, f"{PAGE}#form" if wants_fragment(request) else PAGE, context, status=422)


@require_POST
def create_panel(request: HtmxHttpRequest) -> HttpResponse:
    """All that depends on the model, keeping every value that still applies; the whole form for another
    outcome, which has other models."""
    models = choosing.usable_models()
    form = _shown(request, models, request.POST)
    part = "form" if "make" in request.POST else "panel"
    return _here(request, form, render(request, f"{PAGE}#{part}", _context(request, form, models)))


@require_POST
def create_price(request: HtmxHttpRequest) -> HttpResponse:
    """The price of the shot as it stands, with its arithmetic."""
    form = _shown(request, choosing.usable_models(), request.POST)
    form.question = buying.still_asked(form, request.POST)
    return _here(request, form, render(request, f"{PAGE}#price", _price_context(form)))


def _here(request: HtmxHttpRequest, form: ShotForm, response: HttpResponse) -> HttpResponse:
    """The draft holds the choices now, so that a reload and the way back find them; no address has to."""
    if stored := _keep(request, form):
        replace_url(response, reverse("create"))
        response.headers[DRAFT_KEPT] = kept_words(stored)
    return response


def _keep(request: HtmxHttpRequest, form: ShotForm) -> drafts.Stored | None:
    sent = (form.query if form.is_bound else request.POST).copy()
    if form.ai_model:  # chosen here, where an outcome was asked for
        sent["model"] = str(form.ai_model.form_key)
    try:
        return drafts.keep(request.user, sent, form.slots if form.is_bound else ())
    except drafts.NotKept:
        return None


def keep_with_files(request: HtmxHttpRequest, values: QueryDict) -> drafts.Stored:
    """Store a form sent without script as the draft, with the files that came along; what was wrong with one
    is said when it is chosen again. Raises NotKept."""
    if not request.FILES:
        return drafts.keep(request.user, values)
    model = choosing.chosen(choosing.usable_models(), values)
    form = ShotForm(values, request.FILES, owner=request.user, model=model)
    form.full_clean()
    return drafts.keep(request.user, form.query, form.slots)


def now_ms() -> int:
    """Since 1970, for browsers to tell by how much their clock, or a page they have kept, is late."""
    return int(timezone.now().timestamp() * 1000)


def kept_words(stored: drafts.Stored) -> str:
    words = ["new" if stored.changed else "same", "aside" if stored.set_aside else ""]
    return " ".join(filter(None, words))


def draw_form(request: HtmxHttpRequest, values: QueryDict, note: str = "") -> HttpResponse:
    """The whole form, with these values instead of those that were sent."""
    models = choosing.usable_models()
    form = _shown(request, models, values)
    form.kept.dropped[:0] = [note] if note else []
    return render(request, f"{PAGE}#form", _context(request, form, models))


def draw_page(request: HtmxHttpRequest, *, status: int, **context: Any) -> HttpResponse:
    """The page with all that was sent, for whoever sent it without script."""
    models = choosing.usable_models()
    form = _shown(request, models, request.POST)
    return render(request, PAGE, _context(request, form, models) | context, status=status)


def _context(request: HtmxHttpRequest, form: ShotForm, models: list[AIModel]) -> dict[str, Any]:
    takes = Generation.objects.owned_by(request.user).newest_first()[:LATEST].drawn()
    outcome = choosing.outcome_of(form.ai_model)
    return _price_context(form) | {
        "slots": form.slots,
        "outcome": outcome,
        "outcomes": _offered_outcomes(models),
        "models_grouped": choosing.grouped(models, outcome),
        "takes": takes,
        "running_count": Generation.objects.owned_by(request.user).running().count(),
        "poll": Poll(takes),
        "purse": PurseForm(owner=request.user),
        "draft_page": request.POST.get("draft_page", ""),
        "now_ms": now_ms(),
        "presets": presets.lines_of(request.user, models),
    }


def _offered_outcomes(models: list[AIModel]) -> list[choosing.Outcome]:
    kinds = {model.kind for model in models}
    return [outcome for outcome in choosing.OUTCOMES if kinds.intersection(outcome.kinds)]


def _price_context(form: ShotForm) -> dict[str, Any]:
    balance, total, missing = form.balance, form.total, form.missing
    leaves = None if balance is None or total.credits is None or missing else balance - total.credits
    return {
        "form": form,
        "file_fields": ",".join(slot.file_field for slot in form.slots) or "-",
        "model": form.ai_model,
        "total": total,
        "price_token": price_token(total),
        "balance": balance,
        "missing": missing,
        "offers": offers(form),
        "leaves": leaves,
        "draft": _draft(form, balance),
    }


def _draft(form: ShotForm, balance: int | None) -> promoting.Draft | None:
    """The cheaper draft of the shot, if it can be paid."""
    draft = promoting.draft_of(form)
    return None if draft and buying.missing(draft.total, balance) else draft
