"""What was spent: the page, its table for a spreadsheet, and the caps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Account
from generations.learning import Keepers
from generations.spending.caps_form import CapsForm
from generations.spending.export import csv_lines
from generations.spending.figures import AccountSpending, Spending, entries_for, sees_all
from generations.spending.periods import Period
from generations.spending.reckoning import Reckoning, reckon
from hedra_studio.web import HtmxHttpRequest, render_page, wants_fragment

PAGE = "generations/spend.html"


@dataclass(frozen=True)
class Section:
    """An account on the page. What is the whole studio's is None for those who see only their own."""

    spending: AccountSpending
    caps: CapsForm
    reckoning: Reckoning | str | None


@require_safe
def spend(request: HtmxHttpRequest) -> HttpResponse:
    return _page(request, Period.of(request.GET.get("period", "")))


@require_safe
def spend_keepers(request: HtmxHttpRequest) -> HttpResponse:
    """One's own takes: what is worth keeping is each person's own judgement."""
    keepers = Keepers(request.user, request.GET.get("sort", ""))
    return render(request, "generations/keepers.html", {"keepers": keepers, "sections": keepers.sections})


@require_safe
def spend_csv(request: HtmxHttpRequest) -> StreamingHttpResponse:
    period = Period.of(request.GET.get("period", ""))
    response = StreamingHttpResponse(csv_lines(entries_for(request.user, period)), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="hedra-studio-spend-{period.key}.csv"'
    return response


@require_POST
def spend_caps(request: HtmxHttpRequest, pk: int) -> HttpResponse:
    """Choose the caps of an account in use; only for those whose business the whole studio's spending is."""
    account = get_object_or_404(Account, pk=pk)
    if not (sees_all(request.user) and account.is_current):
        raise Http404("no such caps")
    form = CapsForm(request.POST, account=account)
    if not form.is_valid():
        return _refused(request, form)
    form.save()
    if wants_fragment(request):
        return render(request, f"{PAGE}#caps", _caps(CapsForm(account=account), saved=True))
    messages.success(request, "Saved. The caps hold from the next press on.")
    return redirect("spend")


def _refused(request: HtmxHttpRequest, form: CapsForm) -> HttpResponse:
    if wants_fragment(request):
        return render(request, f"{PAGE}#caps", _caps(form), status=422)
    return _page(request, Period.of(""), refused=form, status=422)


def _caps(form: CapsForm, *, saved: bool = False) -> dict[str, Any]:
    return {"caps": form, "saved": saved, "sees_all": True}


def _page(
    request: HtmxHttpRequest, period: Period, refused: CapsForm | None = None, status: int = 200
) -> HttpResponse:
    spending = Spending(request.user, period)
    context = {
        "period": period,
        "periods": Period.choices(),
        "sections": [_section(request.user, each, period, refused) for each in spending.accounts],
        "sees_all": sees_all(request.user),
    }
    return render_page(request, PAGE, context, partial="spend", status=status)


def _section(user: User, found: AccountSpending, period: Period, refused: CapsForm | None) -> Section:
    is_refused = refused and refused.account == found.account
    caps = refused if refused and is_refused else CapsForm(account=found.account)
    return Section(found, caps, reckon(found.account, period) if sees_all(user) else None)
