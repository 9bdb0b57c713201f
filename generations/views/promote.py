"""Cheap first, good later: order the draft of the shot on the create page, or the final of a draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from generations import choosing, promoting, tasks
from generations.forms import ShotForm, price_token
from generations.keeping import last_of
from generations.models import Generation
from generations.placing import place
from generations.promoting import Final
from generations.views.create import accepted, draw_refused
from generations.views.fan_out import keep_draft, shot_of, with_files
from generations.views.take import own_take
from hedra_studio.web import HtmxHttpRequest, render_page, wants_fragment

PAGE = "generations/final.html"
ANSWERS = {"seen_price": "seen_price", "again": "again", "sure": "sure"}
"""What a press says besides the shot: the price that was seen, and yes to what was asked."""
DRAFT_ANSWERS = {"seen_price": "seen_draft", "again": "draft_again", "sure": "draft_sure"}
"""Under other names: the form holds the answers to its own order too."""
_NO_DRAFT = "There is no cheaper draft of this shot any more. Nothing was ordered."


@require_POST
def draft_take(request: HtmxHttpRequest) -> HttpResponse:
    """The second button of the create page: the same shot at its cheapest; the form keeps its settings."""
    model = choosing.chosen(choosing.usable_models(), request.POST)
    values, errors = with_files(request, request.POST, model)
    keep_draft(request, values)
    base = ShotForm.shown(values, owner=request.user, model=model)
    draft = None if errors else promoting.draft_of(base)
    if draft is None:
        return draw_refused(request, values, draft_errors=errors or [_NO_DRAFT])
    form = draft.order_form(shot_of(request), **_answers(request.POST, DRAFT_ANSWERS))
    takes = place(form) if form.is_valid() else []
    if not takes:
        errors = [str(text) for texts in form.errors.values() for text in texts]
        return draw_refused(request, values, draft_form=form, draft_errors=errors)
    tasks.wake([take.pk for take in takes])
    return accepted(request, values, base)


@require_http_methods(["GET", "HEAD", "POST"])
def take_final(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """What the final of this take would be, and the press of its button."""
    take = own_take(request, pk)
    final = Final(take, request.POST if request.method == "POST" else request.GET)
    if not take.is_complete or final.source is None:
        raise Http404("nothing to make a final of yet")
    if request.method != "POST" or "show" in request.POST:
        return _show(request, final, final.form)
    if final.made:
        return _go(request, final.made)
    form = final.order_form(**_answers(request.POST, ANSWERS))
    takes = place(form) if not final.stops and form.is_valid() else []
    if not takes:
        return _show(request, final, form, status=422)
    tasks.wake([take.pk for take in takes])
    return _go(request, takes[0])


def _answers(data: QueryDict, names: Mapping[str, str]) -> dict[str, str]:
    return {name: given for name, sent in names.items() if (given := last_of(data, sent))}


def _show(request: HtmxHttpRequest, final: Final, form: ShotForm, status: int = 200) -> HttpResponse:
    errors = [final.stops] if final.stops else [text for texts in form.errors.values() for text in texts]
    context: dict[str, Any] = {
        "take": final.take,
        "final": final,
        "form": form,
        "errors": dict.fromkeys(errors),
        "total": form.total,
        "price_token": price_token(form.total),
        "balance": form.balance,
        "missing": form.missing,
    }
    return render_page(request, PAGE, context, partial="region", status=status)


def _go(request: HtmxHttpRequest, take: Generation) -> HttpResponse:
    if wants_fragment(request):
        return HttpResponseClientRedirect(take.get_absolute_url())
    return redirect(take)
